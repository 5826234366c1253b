"""Cut-outs of the maps around one mark, on places in mm."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Candidate
from inspection.filters import block_means
from inspection.frames import Camera

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: Surroundings taken in beside the box, in boxes and at least in pixels.
MARGIN_BOXES, LEAST_MARGIN_PX = 0.6, 8
#: A cut-out longer than this is binned: what is large is smooth.
MOST_PX = 56
#: Bins beside the footprint that tell what is around it: of twice as many every second, of thrice every third, …
MOST_AROUND = 8000
#: Bins that its width must keep.
LEAST_ACROSS = 6.0


@dataclass(frozen=True, eq=False)
class Window:
    """A cut-out of the picture around one mark.

    Attributes
    ----------
    rows, cols : slice
        Camera pixels, without those that a whole number of bins leaves over.
    step : int
        Camera pixels per bin along each side.
    x_mm, y_mm : float64 (rows, cols) of the bins
        Places of the bins' centres in the panel's frame.
    bin_mm : along x and y
    pixel_mm : along x and y
        Of the camera there.
    inside : bool (rows, cols) of the bins
        The footprint.
    """

    rows: slice
    cols: slice
    step: int
    x_mm: Floats
    y_mm: Floats
    bin_mm: tuple[float, float]
    pixel_mm: tuple[float, float]
    inside: NDArray[np.bool_]
    _cuts: dict[int, tuple[Any, Floats]] = field(default_factory=dict, init=False, repr=False)

    def of(self, values: NDArray[np.float32]) -> Floats:
        """A map's cut-out (rows, cols) or (rows, cols, channels), float64; NaN where nothing is known.

        Kept, for every look at a mark asks for the same few maps: not to be written to.
        """
        known = self._cuts.get(id(values))
        if known is None:
            cut = values[self.rows, self.cols]
            if self.step > 1:
                cut = block_means(cut, self.step, self.step)[0]
            known = self._cuts[id(values)] = values, np.asarray(cut, float)
        return known[1]

    @cached_property
    def footprint(self) -> Places:
        """Flat places of the bins inside."""
        return np.flatnonzero(self.inside)

    @cached_property
    def around(self) -> Places:
        """Flat places of the bins that tell what is around the footprint, fewer than twice `MOST_AROUND`."""
        beside = np.flatnonzero(~self.inside)
        return beside[:: max(1, len(beside) // MOST_AROUND)]

    @property
    def bin_mm2(self) -> float:
        return self.bin_mm[0] * self.bin_mm[1]


def window_of(candidate: Candidate, shape: tuple[int, ...], camera: Camera) -> Window:
    """The window of a candidate in a picture of this shape.

    The footprint and its surroundings: `MARGIN_BOXES` of its box, clipped at the border.
    """
    sides = (candidate.rows.stop - candidate.rows.start, candidate.cols.stop - candidate.cols.start)
    margin = max(LEAST_MARGIN_PX, round(MARGIN_BOXES * max(sides)))
    # As coarse as its size allows and as fine as its width asks for: a scratch is long and narrow.
    width = float(candidate.inside.sum()) / max(sides)
    step = max(1, min(-(-(max(sides) + 2 * margin) // MOST_PX), int(width / LEAST_ACROSS)))
    spans = []
    for side, size in zip((candidate.rows, candidate.cols), shape[:2], strict=True):
        low, high = max(0, side.start - margin), min(size, side.stop + margin)
        spans.append(slice(low, low + (high - low) // step * step))
    rows, cols = spans
    inside = np.zeros((rows.stop - rows.start, cols.stop - cols.start), np.float32)
    at = (max(0, candidate.rows.start - rows.start), max(0, candidate.cols.start - cols.start))
    part = inside[at[0] : at[0] + sides[0], at[1] : at[1] + sides[1]]
    part[...] = candidate.inside[: part.shape[0], : part.shape[1]]
    if step > 1:
        inside = cv2.resize(inside, (inside.shape[1] // step, inside.shape[0] // step), interpolation=cv2.INTER_AREA)
    half = (step - 1) / 2
    row = np.arange(rows.start, rows.stop, step, dtype=float)[:, None] + half
    col = np.arange(cols.start, cols.stop, step, dtype=float)[None, :] + half
    x, y = place(camera, col, row)
    pixel = pixel_mm(camera, (rows.start + rows.stop) / 2, (cols.start + cols.stop) / 2)
    return Window(
        rows, cols, step, x, y, (step * pixel[0], step * pixel[1]), pixel, inside >= 0.5 if step == 1 else inside > 0.25
    )


def place(camera: Camera, col: Any, row: Any) -> tuple[Floats, Floats]:
    """Where pixels fall on the panel, mm."""
    if camera.lens is not None:
        x, y = np.broadcast_arrays(*camera.lens.places_mm(col, row))
        return np.asarray(x, float), np.asarray(y, float)
    (a, b, c), (d, e, f), (g, h, i) = camera.pixel_to_panel_mm
    w = g * col + h * row + i
    x, y = np.broadcast_arrays((a * col + b * row + c) / w, (d * col + e * row + f) / w)
    return np.asarray(x, float), np.asarray(y, float)


def pixel_mm(camera: Camera, row: float, col: float) -> tuple[float, float]:
    """Size of a pixel at a place of the picture, along its columns and its rows."""
    cols, rows = np.array([col, col + 1, col]), np.array([row, row, row + 1])
    x, y = place(camera, cols, rows)
    return float(np.hypot(x[1] - x[0], y[1] - y[0])), float(np.hypot(x[2] - x[0], y[2] - y[0]))


def known_of(values: Floats, at: Places) -> Floats:
    """What is known of a map at flat places: (places,) or (places, channels), without NaN (of the first channel)."""
    taken = values.reshape(-1, *values.shape[2:])[at]
    known = np.isfinite(taken if taken.ndim == 1 else taken[:, 0])
    return taken if known.all() else taken[known]


def median(values: NDArray[np.floating]) -> float:
    """Median of a flat array without NaN, as numpy's but for its costs, which are most of it where numbers are few."""
    return quantile(values, 0.5)


def quantile(values: NDArray[np.floating], share: float) -> float:
    """Quantile of a flat array without NaN, linear between numbers; the array must not be empty."""
    at = share * (len(values) - 1)
    low = int(at)
    part = np.partition(values, low)
    if at == low:
        return float(part[low])
    return float(part[low] + (at - low) * (part[low + 1 :].min() - part[low]))
