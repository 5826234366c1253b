"""Mean fringe of every pixel from rays within it: few for smooth paint, many where a mark is finer than a ray."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis
from samples.paintwork import Panel
from samples.placement import hit, plane_points, reflect, to_local
from samples.stations import Station
from samples.surface import Mark
from samples.transfer import Transfer

Floats = NDArray[np.float64]
Complex = NDArray[np.complex64]

#: Rays that a mark's width (extent at 10 %) must span: about three to its standard deviation; a wall is finer.
_RAYS_PER_WIDTH, _RAYS_PER_RIMMED_WIDTH = 12.0, 24.0
_MOST_RAYS = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Fine:
    """Pixels around a fine mark, and the screen places their rays see: (pixels, rays)."""

    row: NDArray[np.intp]
    column: NDArray[np.intp]
    place: dict[Axis, Floats]
    side: int


class Rays:
    """The rays of one panel in one station."""

    def __init__(self, panel: Panel, station: Station) -> None:
        self._panel, self._station = panel, station
        self._fine = [f for mark in panel.marks if (f := self._around(mark)) is not None]

    def _around(self, mark: Mark) -> _Fine | None:
        station, pitch = self._station, self._station.mm_per_px
        needed = _RAYS_PER_RIMMED_WIDTH if mark.rim_um else _RAYS_PER_WIDTH
        side = min(_MOST_RAYS, ceil(needed * pitch / min(mark.width_mm, mark.length_mm)))
        if side <= station.subsamples:
            return None
        column, row = np.meshgrid(np.arange(station.width_px, dtype=float), np.arange(station.height_px, dtype=float))
        lx, ly = to_local(self._panel, *plane_points(station.true_geometry(), column, row))
        a = np.radians(mark.angle_deg)
        dx, dy = lx - mark.x_mm, ly - mark.y_mm
        along, across = dx * np.cos(a) - dy * np.sin(a), dx * np.sin(a) + dy * np.cos(a)
        # A curved panel is seen a little beside the place that the plane names: one pixel more.
        wide = 1.2 + 0.5 * bool(mark.rim_um)
        reach = [wide * size / 2 + 2 * pitch for size in (mark.length_mm * (1.15 if mark.groove else 1), mark.width_mm)]
        rows, cols = np.nonzero((np.abs(along) < reach[0]) & (np.abs(across) < reach[1]))
        if len(rows) == 0:
            return None
        inner = (np.arange(side) + 0.5) / side - 0.5
        ic, ir = (v.ravel() for v in np.meshgrid(inner, inner))
        return _Fine(rows, cols, _seen(self._panel, station, cols[:, None] + ic, rows[:, None] + ir), side)

    def strip(self, row: NDArray[np.intp]) -> Seen:
        """The rays of some adjoining rows."""
        s = self._station.subsamples
        inner = (np.arange(s) + 0.5) / s - 0.5
        columns = (np.arange(self._station.width_px)[:, None] + inner).ravel()
        rows = (row[:, None] + inner).ravel()
        fine = []
        for one in self._fine:
            here = (one.row >= row[0]) & (one.row <= row[-1])
            if here.any():
                place = {axis: values[here] for axis, values in one.place.items()}
                fine.append(_Fine(one.row[here] - row[0], one.column[here], place, one.side))
        return Seen(_seen(self._panel, self._station, *np.meshgrid(columns, rows)), s, tuple(fine))


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Screen places seen by the rays of a strip."""

    place: dict[Axis, Floats]
    side: int
    fine: tuple[_Fine, ...]

    def fringe(self, kept: Transfer, axis: Axis, period_mm: float) -> Complex:
        """Mean of ``exp(2πi·place/period)`` over each pixel, the cell of one ray included."""
        s = self.side
        wave = _phasor(self.place[axis], period_mm)
        rows, cols = wave.shape[0] // s, wave.shape[1] // s
        if s > 1:
            wave = wave.reshape(rows, s, cols, s).mean(axis=(1, 3))
        wave = wave * kept.cell(axis, period_mm, s).astype(np.float32)
        for one in self.fine:
            cell = kept.cell(axis, period_mm, one.side)[one.row, one.column]
            wave[one.row, one.column] = _phasor(one.place[axis], period_mm).mean(axis=1) * cell.astype(np.float32)
        return wave


def _seen(panel: Panel, station: Station, columns: Floats, rows: Floats) -> dict[Axis, Floats]:
    geometry = station.true_geometry()
    seen = reflect(hit(panel, geometry, columns, rows), geometry.camera.position_mm, geometry.screen)
    return {"x": seen.u_mm, "y": seen.v_mm}


def _phasor(place_mm: Floats, period_mm: float) -> Complex:
    turns = place_mm / period_mm
    turns -= np.round(turns)
    angle = np.nan_to_num((2 * np.pi * turns).astype(np.float32))
    wave = np.empty(angle.shape, np.complex64)
    np.cos(angle, out=wave.real)
    np.sin(angle, out=wave.imag)
    return wave
