"""Cut-outs of the maps around one mark, on places in mm."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Candidate
from inspection.filters import block_means
from inspection.frames import Camera
from inspection.optics import pixel_px

AnyFloat = TypeVar("AnyFloat", bound=np.floating[Any])
Floats = NDArray[np.float64]
Places = NDArray[np.intp]

#: Surroundings taken in beside the box, in boxes and at least in pixels.
MARGIN_BOXES, LEAST_MARGIN_PX = 0.6, 8
#: A cut-out longer than this is binned: what is large is smooth.
MOST_PX = 56
#: Of many more bins than this a fit to all of the window takes a part.
MOST_BINS = 8000
#: Bins beside the footprint that tell what is around it: of twice as many every second, of thrice every third, …
MOST_AROUND = 8000
#: Bins that its width must keep.
LEAST_ACROSS = 6.0
#: Points along each side of a strip: between them a lens that bends the picture leaves it straight.
STRIP_POINTS = 9


@dataclass(frozen=True, eq=False)
class Window:
    """A cut-out of the picture around one mark.

    Attributes
    ----------
    rows, cols : slice
        Camera pixels, without those that a whole number of bins leaves over.
    step : int
        Camera pixels per bin along each side.
    bin_mm : along x and y
    pixel_mm : along x and y
        Of the camera there.
    inside : bool (rows, cols) of the bins
        The footprint.
    camera : Camera
    stride : int
        Of the bins only every so many-th along each side is there.
    """

    rows: slice
    cols: slice
    step: int
    bin_mm: tuple[float, float]
    pixel_mm: tuple[float, float]
    inside: NDArray[np.bool_]
    camera: Camera
    stride: int = 1
    _cuts: dict[int, tuple[Any, NDArray[np.float32]]] = field(default_factory=dict, init=False, repr=False)
    _wide: dict[int, Floats] = field(default_factory=dict, init=False, repr=False)
    _known: dict[tuple[int, bool], Floats] = field(default_factory=dict, init=False, repr=False)

    def cut(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """A map's cut-out (rows, cols) or (rows, cols, channels); NaN where nothing is known.

        Kept, for every look at a mark asks for the same few maps: not to be written to.
        """
        known = self._cuts.get(id(values))
        if known is None:
            part = values[self.rows, self.cols]
            part = block_means(part, self.step, self.step)[0] if self.step > 1 else part
            part = np.ascontiguousarray(part[:: self.stride, :: self.stride])
            known = self._cuts[id(values)] = values, part
        return known[1]

    def of(self, values: NDArray[np.float32]) -> Floats:
        """The same in float64."""
        known = self._wide.get(id(values))
        if known is None:
            known = self._wide[id(values)] = np.asarray(self.cut(values), float)
        return known

    def at(self, values: NDArray[np.float32], where: Places) -> Floats:
        """The same at flat places only, (places,) or (places, channels)."""
        cut = self.cut(values)
        return np.asarray(cut.reshape(-1, *cut.shape[2:])[where], float)

    def inner(self, values: NDArray[np.float32]) -> Floats:
        """What is known of a map in the footprint, as `known_of`."""
        return self._known_at(values, inner=True)

    def beside(self, values: NDArray[np.float32]) -> Floats:
        """What is known of a map around the footprint, as `known_of`."""
        return self._known_at(values, inner=False)

    def _known_at(self, values: NDArray[np.float32], *, inner: bool) -> Floats:
        known = self._known.get((id(values), inner))
        if known is None:
            known = known_of(self.cut(values), self.footprint if inner else self.around).astype(float)
            self._known[id(values), inner] = known
        return known

    @cached_property
    def footprint(self) -> Places:
        """Flat places of the bins inside."""
        return np.flatnonzero(self.inside)

    @cached_property
    def around(self) -> Places:
        """Flat places of the bins that tell what is around the footprint, fewer than twice `MOST_AROUND`."""
        beside = np.flatnonzero(~self.inside)
        return beside[:: max(1, len(beside) // MOST_AROUND)]

    @cached_property
    def x_mm(self) -> Floats:
        """Places of the bins' centres in the panel's frame, along x, (rows, cols)."""
        return self._places[0]

    @cached_property
    def y_mm(self) -> Floats:
        """The same along y (down)."""
        return self._places[1]

    @cached_property
    def _places(self) -> tuple[Floats, Floats]:
        row, col = self._pixels
        return place(self.camera, col[None, :], row[:, None])

    @cached_property
    def _pixels(self) -> tuple[Floats, Floats]:
        """Rows and columns of the camera's pixels in the middle of the bins."""
        half = (self.step - 1) / 2
        apart = self.step * self.stride
        row, col = (np.arange(n.start, n.stop, apart, dtype=float) + half for n in (self.rows, self.cols))
        return row, col

    def places_mm(self, where: Places) -> tuple[Floats, Floats]:
        """Centres of the bins at flat places in the panel's frame."""
        row, col = self._pixels
        down, across = np.divmod(where, len(col))
        return place(self.camera, col[across], row[down])

    def strip(self, x_mm: float, y_mm: float, angle: float, half_mm: float, reach_mm: float) -> Places:
        """Flat places of the bins in a straight strip, and of some just beside it.

        Parameters
        ----------
        x_mm, y_mm : float
            Its middle.
        angle : float
            Its direction, radians, counter-clockwise from +x as seen.
        half_mm, reach_mm : float
            Half its length and its width.
        """
        beyond = max(self.bin_mm)
        there = np.linspace(-half_mm - beyond, half_mm + beyond, STRIP_POINTS)
        along = np.concatenate([there, there[::-1]])
        across = np.repeat([-reach_mm - beyond, reach_mm + beyond], STRIP_POINTS)
        cos, sin = np.cos(angle), np.sin(angle)
        x, y = x_mm + along * cos + across * sin, y_mm - along * sin + across * cos
        seen = pixel_px(self.camera.pixel_to_panel_mm, self.camera.lens, x, y)
        row, col = self._pixels
        corners = np.stack([(seen[0] - col[0]) / self.step, (seen[1] - row[0]) / self.step], axis=1)
        filled = np.zeros(self.inside.shape, np.uint8)
        cv2.fillPoly(filled, [np.rint(corners).astype(np.int32)], 1)
        return np.flatnonzero(filled)

    def thinned(self) -> Window:
        """Of many bins some, spread evenly: where what is fitted is as smooth as the window is large."""
        stride = max(1, int(math.sqrt(self.inside.size / MOST_BINS)))
        return replace(self, inside=self.inside[::stride, ::stride], stride=stride) if stride > 1 else self

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
    pixel = pixel_mm(camera, (rows.start + rows.stop) / 2, (cols.start + cols.stop) / 2)
    footprint = inside >= 0.5 if step == 1 else inside > 0.25
    return Window(rows, cols, step, (step * pixel[0], step * pixel[1]), pixel, footprint, camera)


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


def known_of(values: NDArray[AnyFloat], at: Places) -> NDArray[AnyFloat]:
    """What is known of a map at flat places: (places,) or (places, channels), without NaN (of the first channel)."""
    taken = values.reshape(-1, *values.shape[2:])[at]
    known = np.isfinite(taken if taken.ndim == 1 else taken[:, 0])
    return taken if known.all() else taken[known]


def median(values: NDArray[np.floating]) -> float:
    """Median of a flat array without NaN, as numpy's but for its costs, which are most of it where numbers are few."""
    return quantile(values, 0.5)


def medians(values: Floats) -> Floats:
    """The same of each column."""
    columns = np.ascontiguousarray(values.T)
    half, odd = divmod(columns.shape[1], 2)
    columns.partition(half, axis=1)
    upper = columns[:, half]
    return np.asarray(upper if odd else (columns[:, :half].max(1) + upper) / 2)


def quantile(values: NDArray[np.floating], share: float) -> float:
    """Quantile of a flat array without NaN, linear between numbers; the array must not be empty."""
    at = share * (len(values) - 1)
    low = int(at)
    part = np.partition(values, low)
    if at == low:
        return float(part[low])
    return float(part[low] + (at - low) * (part[low + 1 :].min() - part[low]))
