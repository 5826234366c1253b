"""The screen as a lamp: what a white diffuser in the panel's place sends to the camera."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis
from samples.paintwork import Panel
from samples.placement import hit
from samples.stations import Station

Floats = NDArray[np.float64]

#: Points of the panel along each side where the sum is made; it is smooth in between.
_COARSE: Final = 9
#: Patches of the screen, across and down.
_PATCHES: Final = (96, 64)


class Glow:
    """Irradiance from the screen over π, per unit of its light.

    ``∫ cosθ dΩ / π`` is summed over patches of the screen at a coarse grid of places on the panel,
    for a uniform screen and for fringe patterns, and interpolated. A coarse pattern does not quite
    average out over a finite screen: its glow breathes with the phase step.
    """

    def __init__(self, station: Station, panel: Panel) -> None:
        geometry = station.true_geometry()
        screen = geometry.screen
        nu, nv = _PATCHES
        self._du, self._dv = screen.width_mm / nu, screen.height_mm / nv
        across = (np.arange(nu) + 0.5) * self._du - screen.width_mm / 2
        down = (np.arange(nv) + 0.5) * self._dv - screen.height_mm / 2
        self._u, self._v = np.meshgrid(across, down)
        axes = self._u[..., None] * np.array(screen.u_axis) + self._v[..., None] * np.array(screen.v_axis)
        self._rows, self._cols = station.shape
        self._r = np.linspace(0, station.height_px - 1, _COARSE)
        self._c = np.linspace(0, station.width_px - 1, _COARSE)
        points = hit(panel, geometry, *np.meshgrid(self._c, self._r), texture=False)
        at = np.stack([points.x, points.y, points.z], axis=-1)
        to = np.array(screen.centre_mm) + axes - at[:, :, None, None]
        distance = np.sqrt(np.sum(to * to, axis=-1))
        emitted = np.maximum(to @ np.cross(screen.u_axis, screen.v_axis), 0) / distance
        received = np.maximum(to[..., 2], 0) / distance
        patch = self._du * self._dv / np.pi
        self._weight = received * emitted ** (1 + station.emission_exponent) / distance**2 * patch

    def uniform(self, row: NDArray[np.intp]) -> Floats:
        """Of a uniform screen, (rows asked for, cols)."""
        return self._spread(self._weight.sum(axis=(2, 3)), row)

    def fringe(self, axis: Axis, period_mm: float, row: NDArray[np.intp]) -> NDArray[np.complex128]:
        """Of ``exp(2πi·s/period)``, (rows asked for, cols)."""
        sums = self._fringe_sums(axis, period_mm)
        return self._spread(sums.real, row) + 1j * self._spread(sums.imag, row)

    def of_picture(self, light: NDArray[np.float32]) -> Floats:
        """Of any picture on the screen (rows along v, columns along u), (rows, cols) of the sensor."""
        patches = cv2.resize(light, _PATCHES, interpolation=cv2.INTER_AREA)
        return self._spread(np.tensordot(self._weight, patches, axes=2), np.arange(self._rows))

    def _fringe_sums(self, axis: Axis, period_mm: float) -> NDArray[np.complex128]:
        place, width = (self._u, self._du) if axis == "x" else (self._v, self._dv)
        wave = np.exp(2j * np.pi * place / period_mm) * np.sinc(width / period_mm)
        return np.asarray(np.tensordot(self._weight, wave, axes=2))

    def _spread(self, coarse: Floats, row: NDArray[np.intp]) -> Floats:
        """Bilinear interpolation to every pixel of some rows."""
        across = np.stack([np.interp(np.arange(self._cols), self._c, line) for line in coarse])
        upper = np.clip(np.searchsorted(self._r, row, side="right") - 1, 0, _COARSE - 2)
        part = ((row - self._r[upper]) / (self._r[upper + 1] - self._r[upper]))[:, None]
        return np.asarray((1 - part) * across[upper] + part * across[upper + 1])
