"""Noise-free light on the sensor: the mirrored screen, the screen's diffuse light, and the lamps.

The sensor sees ``A + Re(Z·exp(i·shift))`` of each sinusoidal pattern, so a whole fringe series is
described by one complex map `Z`; light is in full scales per ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import AXES, Axis
from samples.appearance import appearance
from samples.colour import lab_to_linear_srgb
from samples.furrows import Furrows
from samples.glow import Glow
from samples.optics import fresnel
from samples.paintwork import Panel
from samples.placement import plane_points
from samples.rays import Rays
from samples.stations import Station
from samples.transfer import Transfer

Floats = NDArray[np.float64]
Complex = NDArray[np.complex64]
#: Axis, period in mm, order of the harmonic.
Series = tuple[Axis, float, int]

#: Response of the camera's three channels to the screen's white and to the lamps; white balance is the tile's job.
CHANNEL_RESPONSE: Final[tuple[float, float, float]] = (0.82, 1.0, 0.7)
#: Harmonics of a pattern that a wrong screen gamma adds are followed up to this one.
_HARMONICS: Final = 4
_STRIP_POINTS: Final = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class ScreenLight:
    """What the sensor gets from the screen, per unit of screen light.

    Attributes
    ----------
    mirrored, diffuse : (rows, cols)
        Light from a uniform screen, by way of the mirror image and of the base coat.
    fringe : dict of (axis, period_mm) to complex (rows, cols)
        Mirrored part of ``cos(2π·s/period)``: its argument is the phase, its size the modulation.
    harmonic : dict of (axis, period_mm, order) to complex (rows, cols)
        The same with the diffuse part, for each harmonic that the screen emits.
    """

    mirrored: Floats
    diffuse: Floats
    fringe: dict[tuple[Axis, float], Complex]
    harmonic: dict[Series, Complex]


def waveform(gamma: float) -> tuple[float, ...]:
    """Fourier cosine coefficients of ``(0.5 + 0.5·cos ψ)^gamma``: (0.5, 0.5) for a perfect screen."""
    if gamma == 1.0:
        return (0.5, 0.5)
    psi = np.arange(256) * (2 * np.pi / 256)
    wave = (0.5 + 0.5 * np.cos(psi)) ** gamma
    return (float(wave.mean()), *(float(2 * np.mean(wave * np.cos(n * psi))) for n in range(1, _HARMONICS + 1)))


def camera_reflectance(lab: Floats, matrix: Floats) -> Floats:
    """Reflectance factor in the camera's own balanced RGB (…, 3)."""
    return np.asarray(np.maximum(lab_to_linear_srgb(lab) @ np.linalg.inv(matrix).T, 0.0))


def lamp_light(station: Station) -> Floats:
    """Light of a perfect white diffuser under the 45° lamps, (rows, cols, 3): brighter near the bars' middle."""
    geometry = station.geometry()
    columns, rows = np.meshgrid(np.arange(station.width_px, dtype=float), np.arange(station.height_px, dtype=float))
    x, y = plane_points(geometry, columns, rows)
    a, b = 2 * x / geometry.field_mm[0], 2 * y / geometry.field_mm[1]
    shape = 1.0 - 0.12 * a**2 - 0.06 * b**2 + 0.03 * a - 0.02 * a * b
    return np.asarray(station.lamp_per_ms * shape[..., None] * np.array(CHANNEL_RESPONSE))


def lens(station: Station, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blur of the lens, in light, before the sensor counts it."""
    if station.lens_blur_px == 0.0:
        return image
    sigma = station.lens_blur_px
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), dtype=np.float32)


def screen_light(panel: Panel, station: Station, n_mirror: float) -> ScreenLight:
    """Trace the screen by way of the panel to the sensor.

    Parameters
    ----------
    panel, station
    n_mirror : float
        Refractive index of the mirroring layer (the true one, where the station's is uncertain).
    """
    rows, cols = station.shape
    orders = range(1, len(waveform(station.screen_gamma)))
    series: list[Series] = [(a, p, n) for a in AXES for p in station.periods_mm for n in orders]
    glow, rays, furrows = Glow(station, panel), Rays(panel, station), Furrows(panel, station)
    uniform = np.empty((2, rows, cols), np.float32)
    fringe = {(a, p): np.empty((rows, cols), np.complex64) for a, p, n in series if n == 1}
    harmonic = {key: np.empty((rows, cols), np.complex64) for key in series}
    strip = max(1, _STRIP_POINTS // (cols * station.subsamples**2))
    for top in range(0, rows, strip):
        row = np.arange(top, min(rows, top + strip))
        _trace(panel, station, n_mirror, row, glow, rays, furrows, uniform, fringe, harmonic)
    mirrored, diffuse = (lens(station, part).astype(np.float64) for part in uniform)
    return ScreenLight(
        mirrored,
        diffuse,
        {key: _lens_complex(station, z) for key, z in fringe.items()},
        {key: _lens_complex(station, z) for key, z in harmonic.items()},
    )


def _trace(
    panel: Panel,
    station: Station,
    n_mirror: float,
    row: NDArray[np.intp],
    glow: Glow,
    rays: Rays,
    furrows: Furrows,
    uniform: NDArray[np.float32],
    fringe: dict[tuple[Axis, float], Complex],
    harmonic: dict[Series, Complex],
) -> None:
    """Fill some rows of the maps of `screen_light`."""
    strip = slice(row[0], row[-1] + 1)
    kept = Transfer(panel, station, row)
    look = appearance(panel, kept.points.x, kept.points.y, station.mm_per_px)
    alpha, wide_alpha = look.alpha, np.full_like(look.alpha, panel.haze_alpha)
    strength = fresnel(n_mirror, kept.seen.cos_incidence) * (1 - look.hidden)
    strength *= kept.seen.cos_emission**station.emission_exponent * station.full_scale_per_ms
    has_haze = bool(look.haze.any())
    torn = furrows.within(row)
    bare = strength * (1 - torn.sum()) if torn else strength
    sharp = bare * (1 - look.haze) * kept.on_screen(alpha)
    wide = bare * look.haze * kept.on_screen(wide_alpha) if has_haze else np.zeros_like(sharp)
    fan = torn.on_screen(kept)
    grey = camera_reflectance(look.lab, station.true_colour_matrix()) @ np.array(CHANNEL_RESPONSE)
    grey *= station.full_scale_per_ms / sum(CHANNEL_RESPONSE)
    uniform[0, strip] = sharp + wide + strength * torn.sum(fan)
    uniform[1, strip] = grey * glow.uniform(row)

    seen = rays.strip(row)
    for axis, period, order in harmonic:
        p = period / order
        transfer = sharp * kept.roughness(alpha, axis, p)
        if has_haze:
            transfer += wide * kept.roughness(wide_alpha, axis, p)
        if torn:
            transfer += strength * torn.sum(fan * torn.roughness(kept, axis, p))
        mirrored = (transfer * kept.pupil(axis, p)) * seen.fringe(kept, axis, p)
        if order == 1:
            fringe[axis, period][strip] = mirrored
        harmonic[axis, period, order][strip] = mirrored + grey * glow.fringe(axis, p, row)


def _lens_complex(station: Station, image: NDArray[np.complexfloating]) -> Complex:
    real, imag = (lens(station, np.ascontiguousarray(part, dtype=np.float32)) for part in (image.real, image.imag))
    return (real + 1j * imag).astype(np.complex64)
