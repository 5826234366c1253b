"""Absolute order of the coarsest fringe: its period may repeat over the field.

At the field's centre the order follows from the geometry, from there outwards from continuity
(contracts.md §1).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.restoration import unwrap_phase

from inspection.frames import Axis, Geometry
from inspection.optics import mirrored_mm, panel_mm

FloatMap = NDArray[np.float32]

#: The phase is made continuous on a grid of about this many cells along the longer side.
GRID_CELLS = 96


@dataclass(frozen=True, slots=True)
class Grid:
    """Every `stride`-th pixel of a picture along both sides, from pixel `start` on."""

    shape: tuple[int, int]
    start: int
    stride: int

    @classmethod
    def over(cls, shape: tuple[int, int]) -> Grid:
        """The grid of a picture of this shape (rows, columns)."""
        stride = max(1, min(max(shape) // GRID_CELLS, min(shape) // 2))
        return cls(shape, stride // 2, stride)

    def pixels(self) -> tuple[slice, slice]:
        """Index of the grid's pixels."""
        return slice(self.start, None, self.stride), slice(self.start, None, self.stride)

    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Row and column of each of the grid's pixels."""
        row, col = np.mgrid[self.start : self.shape[0] : self.stride, self.start : self.shape[1] : self.stride]
        return row.astype(np.float64), col.astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """Values of a grid, ready to be interpolated at every pixel: bilinear; beyond the grid's edge they go on.

    Attributes
    ----------
    wide : (grid rows + 2, columns)
        The grid's rows at every column of the picture, the first and the last twice.
    rises : (grid rows + 1, columns)
        From each of them to the next.
    """

    grid: Grid
    wide: FloatMap
    rises: FloatMap

    @classmethod
    def of(cls, grid: Grid, values: FloatMap) -> Smooth:
        """From values at the grid's pixels."""
        to_grid = np.array([[1 / grid.stride, 0, -grid.start / grid.stride], [0, 1, -1]])
        size = (grid.shape[1], values.shape[0] + 2)
        mode = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        spread = cv2.warpAffine(values, to_grid, size, flags=mode, borderMode=cv2.BORDER_REPLICATE)
        wide = np.asarray(spread, np.float32)
        return cls(grid, wide, np.diff(wide, axis=0))

    def at_grid(self) -> FloatMap:
        """The values at the grid's own pixels."""
        return self.wide[1:-1, self.grid.pixels()[1]]

    def at(self, rows: slice, out: FloatMap | None = None) -> FloatMap:
        """The values at every pixel of some rows."""
        start, stride = self.grid.start, self.grid.stride
        found = np.empty((rows.stop - rows.start, self.grid.shape[1]), np.float32) if out is None else out
        for cell in range((rows.start - start) // stride + 1, (rows.stop - 1 - start) // stride + 2):
            first = start + (cell - 1) * stride
            inner = range(max(rows.start, first), min(rows.stop, first + stride))
            share = (np.arange(inner.start, inner.stop, dtype=np.float32) - np.float32(first)) / np.float32(stride)
            part = found[inner.start - rows.start : inner.stop - rows.start]
            np.multiply(share[:, None], self.rises[cell], out=part)
            part += self.wide[cell]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CoarsePosition:
    """Position predicted on a coarse grid; `reached` is 0 where no continuous way leads (None: everywhere one does)."""

    position_mm: Smooth
    reached: Smooth | None

    def fill(self, position: FloatMap, rows: slice) -> None:
        """Interpolate rows of the prediction; NaN where no continuous way leads."""
        part = self.position_mm.at(rows, position[rows])
        if self.reached is not None:
            part[self.reached.at(rows) <= 0] = np.nan


def continued(
    geometry: Geometry, axis: Axis, grid: Grid, phase: NDArray[np.floating], seen: NDArray[np.bool_], period_mm: float
) -> CoarsePosition:
    """Position predicted for every pixel well within half of the coarsest period.

    On a coarse grid the phase is compared with what a flat panel would show, made continuous from the field's
    centre outwards, and interpolated. No position where no continuous way leads.

    Parameters
    ----------
    grid : Grid
        Which pixels the grid holds.
    phase, seen : (rows, cols) of the grid
        Phase of the coarsest series, radians, and where it stands clear of noise.
    """
    row, col = grid.places()
    flat = mirrored_mm(geometry, *panel_mm(geometry, col, row))[0 if axis == "x" else 1]
    seen = seen & np.isfinite(flat)
    if not seen.any():
        return CoarsePosition(Smooth.of(grid, np.full(seen.shape, np.nan, np.float32)), None)
    scale = 2 * np.pi / period_mm
    rest = np.angle(np.exp(1j * (phase - scale * np.where(seen, flat, 0.0))))
    rest, seen = _bridged(rest, seen)
    component = _component_at_centre(seen)
    smooth = np.asarray(unwrap_phase(np.ma.array(rest, mask=~component), rng=0).filled(0.0))
    smooth -= 2 * np.pi * np.rint(np.median(smooth[_nearest_to_centre(component)]) / (2 * np.pi))
    grid_mm = _nearest_filled(np.where(component, flat + smooth / scale, np.nan))
    reached = None if component.all() else Smooth.of(grid, component.astype(np.float32))
    return CoarsePosition(Smooth.of(grid, grid_mm.astype(np.float32)), reached)


def _bridged(rest: NDArray[np.floating], seen: NDArray[np.bool_]) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Gaps a single cell wide closed from both sides: dead columns of the camera do not cut a field in two."""
    if seen.all():
        return rest, seen
    turned, total = np.where(seen, np.exp(1j * rest), 0.0), np.zeros(seen.shape, complex)
    for axis in (0, 1):
        before, after = (np.roll(turned, shift, axis) for shift in (1, -1))
        both = (before != 0) & (after != 0)
        for end in (0, -1):
            both[(slice(None),) * axis + (end,)] = False
        total += np.where(both, before + after, 0.0)
    gap = ~seen & (total != 0)
    return np.where(gap, np.angle(total), rest), seen | gap


def _component_at_centre(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected part of the seen grid that holds the seen cell nearest to the centre."""
    _, labels = cv2.connectedComponents(seen.astype(np.uint8), connectivity=4)
    at = _nearest_to_centre(seen)
    return np.asarray(labels == labels[at][0], np.bool_)


def _nearest_to_centre(cells: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the (up to 9) true cells nearest to the centre, nearest first."""
    r, c = np.nonzero(cells)
    far = (r - (cells.shape[0] - 1) / 2) ** 2 + (c - (cells.shape[1] - 1) / 2) ** 2
    first = np.argsort(far, kind="stable")[:9]
    return r[first], c[first]


def _nearest_filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """NaN replaced by the nearest number."""
    known = np.isfinite(values)
    if known.all():
        return values
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.zeros(labels.max() + 1)
    nearest[labels[known]] = values[known]
    return np.asarray(nearest[labels])
