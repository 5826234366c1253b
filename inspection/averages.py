"""From the pixels of an area to one number: means on blocks of a fixed size in mm, and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from inspection.filters import FloatMap, binned
from inspection.reading import Missing, Quality
from inspection.strips import in_strips

#: Fewer valid pixels than this prove nothing.
LEAST_PX = 16
#: Less of the area than this seen: the rest could be anything.
LEAST_COVERAGE = 0.95
#: Side of the blocks on which uniformity is judged (contracts.md §5).
BLOCK_MM = 4.0
#: A block counts if this share of its pixels is valid.
LEAST_SHARE = 0.5
#: Standard uncertainty along x and along y of where a panel lies that is put in its place by hand: within ± 1 mm, and
#: ± 0.5° about the middle of a field of some decimetres.
PLACED_U_MM = 0.6
#: Cells to a block's side, about, on which a panel is shifted.
CELLS_PER_BLOCK = 8


@dataclass(frozen=True, slots=True, eq=False)
class Elsewhere:
    """The blocks of an area as they would fall on the panel had it been put down a little beside its place.

    Attributes
    ----------
    along : for x and for y: three rasters of blocks (rows, cols[, channels]) that lie `step_mm` from each other
    step_mm : float, float
    """

    along: tuple[tuple[FloatMap, ...], ...]
    step_mm: tuple[float, float]

    def u_of(self, value: Callable[[FloatMap], float]) -> float:
        """Standard uncertainty of a value of the blocks by where the panel lies.

        What three places show, taken to run evenly with the place: their standard deviation over that of the places.
        """
        slopes = [
            float(np.std([value(raster) for raster in rasters])) / (math.sqrt(2 / 3) * step)
            for rasters, step in zip(self.along, self.step_mm, strict=True)
            if rasters
        ]
        return PLACED_U_MM * math.hypot(*slopes)


def laid_elsewhere(values: FloatMap, pitch_mm: tuple[float, float]) -> Elsewhere:
    """Move an area's blocks by about the uncertainty of a panel's place, once and twice, along x and y.

    Within the area: what comes in on one side goes out on the other. Along a side that is hardly longer than a block
    nothing can be moved, and nothing is told.
    """
    sides = [max(1, round(BLOCK_MM / p)) for p in (pitch_mm[1], pitch_mm[0])]
    bins = [max(1, side // CELLS_PER_BLOCK) for side in sides]
    if values.shape[0] < bins[0] or values.shape[1] < bins[1]:
        return Elsewhere(((), ()), (1.0, 1.0))
    cells, share = binned(values, *bins)
    seen = share >= LEAST_SHARE
    cells = np.where(seen if cells.ndim == 2 else seen[..., None], cells, np.float32(np.nan))
    size = [max(1, round(side / b)) for side, b in zip(sides, bins, strict=True)]
    found: list[tuple[FloatMap, ...]] = []
    steps: list[float] = []
    for axis in (1, 0):
        cell_mm = bins[axis] * pitch_mm[1 - axis]
        step = max(1, round(PLACED_U_MM / cell_mm))
        length = cells.shape[axis] - 2 * step
        steps.append(step * cell_mm)
        if length < size[axis] or cells.shape[1 - axis] < size[1 - axis]:
            found.append(())
            continue
        parts = (np.take(cells, range(i * step, i * step + length), axis) for i in range(3))
        found.append(tuple(binned(part, *size)[0] for part in parts))
    return Elsewhere(tuple(found), (steps[0], steps[1]))


def counted(values: FloatMap, area_px: int) -> tuple[int, tuple[Quality, ...]]:
    """Valid pixels of a map (rows, cols[, channels]) and the doubts that follow.

    Raises
    ------
    Missing
        Fewer than 16: TOO_FEW_PIXELS.
    """
    n, _ = _sums(values)
    if n < LEAST_PX:
        raise Missing(Quality.TOO_FEW_PIXELS)
    return n, (Quality.LOW_COVERAGE,) if n < LEAST_COVERAGE * area_px else ()


def _sums(values: FloatMap) -> tuple[int, tuple[float, ...]]:
    """Valid pixels (judged by the first channel) and their sum per channel."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    strips: list[tuple[float, ...]] = []

    def work(rows: slice) -> None:
        pixels = values[rows]
        n, sums = pixels.shape[0] * pixels.shape[1], cv2.sumElems(pixels)[:channels]
        if not all(map(math.isfinite, sums)):  # one pixel that is not there makes a sum that is not there
            finite = np.isfinite(pixels if channels == 1 else pixels[..., 0]).view(np.uint8)
            n, sums = cv2.countNonZero(finite), cv2.sumElems(cv2.copyTo(pixels, finite))[:channels]
        strips.append((n, *sums))

    in_strips(values.shape, work)
    n, *sums = (math.fsum(column) for column in zip(*strips, strict=True))
    return int(n), tuple(sums)


def blocks(values: FloatMap, pitch_mm: tuple[float, float], block_mm: float = BLOCK_MM) -> tuple[FloatMap, int]:
    """Means on blocks of `block_mm`; NaN where under half of a block is valid; and the pixels of a full block.

    Raises
    ------
    Missing
        The area holds no block: TOO_FEW_PIXELS.
    """
    rows, cols = (max(1, round(block_mm / p)) for p in (pitch_mm[1], pitch_mm[0]))
    if values.shape[0] < rows or values.shape[1] < cols:
        raise Missing(Quality.TOO_FEW_PIXELS)
    means, share = binned(values, rows, cols)
    means = np.where(
        share < LEAST_SHARE if means.ndim == 2 else share[..., None] < LEAST_SHARE, np.float32(np.nan), means
    )
    if not np.isfinite(means).any():
        raise Missing(Quality.TOO_FEW_PIXELS)
    return means, rows * cols


def mean(values: FloatMap) -> tuple[float, ...]:
    """Mean of the finite pixels per channel, summed in float64; NaN where there are none."""
    n, sums = _sums(values)
    return tuple(total / n if n else math.nan for total in sums)
