"""Light of furrows far narrower than a pixel: arcs of swirls and holograms, torn ground of scratches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis
from samples.optics import roughness_transfer
from samples.paintwork import Panel
from samples.placement import pixels_of, surface, to_station_many
from samples.polish import polish_trail
from samples.scuffs import Trail, furrow, trail
from samples.stations import Station
from samples.transfer import Transfer

Floats = NDArray[np.float64]

#: Micro-slopes of a scratch's torn ground.
TORN_ALONG, TORN_ACROSS = 0.008, 0.2
#: A pixel is never all furrow.
_MOST = 0.9


class Furrows:
    """Every furrow of a panel as points in camera pixels, each with its own direction and share of the pixel.

    Sums over points are exact for furrows that cross within a pixel: no mean direction is taken.
    """

    def __init__(self, panel: Panel, station: Station) -> None:
        parts = [(trail(s), s.alpha_along, s.alpha_across) for s in panel.scuffs]
        parts += [(polish_trail(p), p.alpha_along, p.alpha_across) for p in panel.polish]
        parts += [
            (
                furrow(m.x_mm, m.y_mm, m.length_mm, m.scatters * m.width_mm, m.angle_deg),
                TORN_ALONG,
                TORN_ACROSS,
            )
            for m in panel.marks
            if m.scatters
        ]
        self._cols = station.width_px
        pieces = [self._seen(panel, station, *part) for part in parts]
        index, *rest = (np.concatenate(column) for column in zip(*pieces, strict=True)) if pieces else (
            np.zeros(0, int), *(np.zeros(0),) * 5
        )  # fmt: skip
        order = np.argsort(index, kind="stable")
        self._index = index[order]
        self._share, self.tangent_x, self.tangent_y, self.alpha_along, self.alpha_across = (r[order] for r in rest)
        full = np.bincount(self._index, self._share, station.width_px * station.height_px)
        self._share = self._share / np.maximum(full / _MOST, 1.0)[self._index]

    def _seen(
        self, panel: Panel, station: Station, points: Trail, along: float, across: float
    ) -> tuple[NDArray[np.intp], Floats, Floats, Floats, Floats, Floats]:
        x, y = to_station_many(panel, points.x_mm, points.y_mm)
        column, row = _pixels(panel, station, x, y)
        delta = 0.01
        c1, r1 = _pixels(panel, station, x + delta, y)
        c2, r2 = _pixels(panel, station, x, y + delta)
        px_per_mm2 = np.abs((c1 - column) * (r2 - row) - (c2 - column) * (r1 - row)) / delta**2
        ci, ri = np.round(column).astype(np.intp), np.round(row).astype(np.intp)
        kept = (ci >= 0) & (ci < station.width_px) & (ri >= 0) & (ri < station.height_px)
        a = np.radians(panel.pose.rotation_deg)
        tx = points.along_x * np.cos(a) + points.along_y * np.sin(a)
        ty = points.along_x * np.sin(a) - points.along_y * np.cos(a)
        ones = np.ones(int(kept.sum()))
        return (
            ri[kept] * station.width_px + ci[kept],
            (points.area_mm2 * px_per_mm2)[kept],
            tx[kept],
            ty[kept],
            ones * along,
            ones * across,
        )

    def within(self, row: NDArray[np.intp]) -> Strip:
        """The furrows in some adjoining rows."""
        first, last = np.searchsorted(self._index, (row[0] * self._cols, (row[-1] + 1) * self._cols))
        return Strip(self, slice(int(first), int(last)), int(row[0]), len(row))


class Strip:
    """Furrows in a strip of rows: point values in, pixel sums out."""

    def __init__(self, furrows: Furrows, points: slice, top: int, rows: int) -> None:
        self._at = furrows._index[points] - top * furrows._cols
        self._share = furrows._share[points]
        self._shape = rows, furrows._cols
        self.tx, self.ty = furrows.tangent_x[points], furrows.tangent_y[points]
        self.along, self.across = furrows.alpha_along[points], furrows.alpha_across[points]

    def __bool__(self) -> bool:
        return len(self._at) > 0

    def of(self, pixels: Floats) -> Floats:
        """Value of a map of the strip at every point."""
        return np.asarray(pixels.ravel()[self._at])

    def sum(self, values: Floats | float = 1.0) -> Floats:
        """Values per point, weighted by the share of the pixel that it takes; (rows, cols)."""
        total = np.bincount(self._at, self._share * values, self._shape[0] * self._shape[1])
        return np.asarray(total, dtype=np.float64).reshape(self._shape)

    def slope_split(self, sx: Floats, sy: Floats) -> tuple[Floats, Floats]:
        """Components of a vector (x, y up) along and across each point's furrow."""
        return sx * self.tx + sy * self.ty, sx * self.ty - sy * self.tx

    def roughness(self, kept: Transfer, axis: Axis, period_mm: float) -> Floats:
        """Modulation that the fan of each point keeps."""
        gx, gy = kept.slope_runs(axis)
        along, across = self.slope_split(self.of(gx), self.of(gy))
        width = np.hypot(self.along * along, self.across * across)
        return roughness_transfer(width, np.asarray(2 * np.pi / period_mm))

    def on_screen(self, kept: Transfer) -> Floats:
        """Share of the fan of each point that comes from the screen: the fan as a line across the furrow."""
        low, high = np.full(len(self._at), -np.inf), np.full(len(self._at), np.inf)
        for place, half, run_x, run_y in kept.edges():
            run = self.of(run_x) * self.ty - self.of(run_y) * self.tx
            run = np.where(np.abs(run) < 1e-9, 1e-9, run)
            ends = (-half - self.of(place)) / run, (half - self.of(place)) / run
            low, high = np.maximum(low, np.minimum(*ends)), np.minimum(high, np.maximum(*ends))

        def below(s: Floats) -> Floats:
            # Of a line through a GGX lobe: density ∝ (α² + s²)^(-3/2).
            return np.asarray(0.5 + 0.5 * s / np.hypot(s, self.across))

        return np.nan_to_num(np.maximum(below(high) - below(low), 0.0))


def _pixels(panel: Panel, station: Station, x: Floats, y_up: Floats) -> tuple[Floats, Floats]:
    """Column and row at which the camera sees places of the panel (its form counts)."""
    geometry = station.true_geometry()
    cx, cy, cz = geometry.camera.position_mm
    if panel.form.radius_mm is not None:
        away = cz / (cz - surface(panel, x, y_up, texture=False).height_mm)
        x, y_up = cx + (x - cx) * away, cy + (y_up - cy) * away
    return pixels_of(geometry, x, y_up)
