"""What roughness, pupil and pixel leave of a fringe, from how the seen screen place runs with each of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspection.frames import AXES, Axis
from samples.optics import disk_transfer, roughness_transfer, screen_share
from samples.paintwork import Panel
from samples.placement import Points, hit, reflect
from samples.stations import Station

Floats = NDArray[np.float64]


class Transfer:
    """Transfer of one panel's mirror image; the runs are first differences at the centre ray of each pixel."""

    def __init__(self, panel: Panel, station: Station, row: NDArray[np.intp]) -> None:
        geometry = station.true_geometry()
        column, row_px = np.meshgrid(np.arange(station.width_px, dtype=float), row.astype(float))
        self.points = points = hit(panel, geometry, column, row_px, texture=False)
        cx, cy, cz = camera = geometry.camera.position_mm
        self.seen = seen = reflect(points, camera, geometry.screen)

        def change(moved: Points, position: tuple[float, float, float], by: float) -> dict[Axis, Floats]:
            there = reflect(moved, position, geometry.screen)
            return {"x": (there.u_mm - seen.u_mm) / by, "y": (there.v_mm - seen.v_mm) / by}

        step, move, shift = 1e-4, 0.1, 0.1  # slope, mm of the pupil, pixels
        up = geometry.camera.up or (0.0, 1.0, 0.0)  # a shifted sensor has its pupil parallel to the panel
        self._slope = (
            change(replace(points, slope_x=points.slope_x + step), camera, step),
            change(replace(points, slope_y_up=points.slope_y_up + step), camera, step),
        )
        self._pupil = (
            change(points, (cx + move, cy, cz), move),
            change(points, (cx + move * up[0], cy + move * up[1], cz + move * up[2]), move),
        )
        self._pixel = (
            change(hit(panel, geometry, column + shift, row_px, texture=False), camera, shift),
            change(hit(panel, geometry, column, row_px + shift, texture=False), camera, shift),
        )
        self._screen = geometry.screen
        self.aperture_mm = station.aperture_mm

    def roughness(self, alpha: Floats, axis: Axis, period_mm: float) -> Floats:
        """Modulation left by a rough surface."""
        run = np.hypot(self._slope[0][axis], self._slope[1][axis])
        return roughness_transfer(alpha, 2 * np.pi / period_mm * run)

    def slope_runs(self, axis: Axis) -> tuple[Floats, Floats]:
        """Change of the screen place (mm) per unit of slope along x and along y (up)."""
        return self._slope[0][axis], self._slope[1][axis]

    def median_runs(self) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
        """Run of the seen place along u and v, the field's median: per unit of slope, per mm of the pupil, per pixel.

        Each is that of the direction which moves the place most.
        """
        slope, pupil, pixel = (
            tuple(float(np.nanmedian(np.maximum(np.abs(one[axis]), np.abs(two[axis])))) for axis in AXES)
            for one, two in (self._slope, self._pupil, self._pixel)
        )
        return (slope[0], slope[1]), (pupil[0], pupil[1]), (pixel[0], pixel[1])

    def edges(self) -> tuple[tuple[Floats, float, Floats, Floats], ...]:
        """For u and v: the place seen, half the screen's size, and the place's runs with the two slopes."""
        w, h = self._screen.width_mm / 2, self._screen.height_mm / 2
        return (self.seen.u_mm, w, *self.slope_runs("x")), (self.seen.v_mm, h, *self.slope_runs("y"))

    def pupil(self, axis: Axis, period_mm: float) -> Floats:
        """Modulation left by the camera's pupil."""
        turn = 2 * np.pi / period_mm * np.hypot(self._pupil[0][axis], self._pupil[1][axis])
        return disk_transfer(turn, self.aperture_mm)

    def cell(self, axis: Axis, period_mm: float, side: int) -> Floats:
        """Modulation left by the cell of one of side × side rays within the pixel."""
        return np.asarray(np.prod([np.sinc(run[axis] / (side * period_mm)) for run in self._pixel], axis=0))

    def on_screen(self, alpha: Floats) -> Floats:
        """Share of the lobe that comes from the screen and not from beside it."""
        du, dv = np.abs(self._slope[0]["x"]), np.abs(self._slope[1]["y"])
        w, h, seen = self._screen.width_mm / 2, self._screen.height_mm / 2, self.seen
        edges = (-w - seen.u_mm) / du, (w - seen.u_mm) / du, (-h - seen.v_mm) / dv, (h - seen.v_mm) / dv
        return np.nan_to_num(screen_share(alpha, *edges))
