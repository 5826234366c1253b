"""Zones of a panel: means of squares that slide over blocks, the dullest of them, and the steepest step between two."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Side of a zone where nobody says otherwise (contracts.md §5).
ZONE_MM = 20.0
#: A square counts where at least this share of its blocks is valid.
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class GlossZone:
    """Mean gloss of one zone; `x_mm`, `y_mm`: its centre on the panel."""

    x_mm: float
    y_mm: float
    gu: float


@dataclass(frozen=True, slots=True)
class GlossZones:
    """The picture of the zones.

    Attributes
    ----------
    zone_mm : float
        Side of the squares of `worst` and `steepest`; those of the grid are as near to it as fits the picture.
    zones : tuple of GlossZone
        A grid over the picture, row by row; zones under half seen are left out.
    worst : GlossZone or None
        The dullest square, wherever it lies.
    steepest : pair of GlossZone, or empty
        The two neighbouring squares that differ most, the duller first.
    """

    zone_mm: float
    zones: tuple[GlossZone, ...]
    worst: GlossZone | None
    steepest: tuple[GlossZone, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Two squares side by side, by row and column of their first block: difference per mm, distance of the centres."""

    per_mm: float
    apart_mm: float
    duller: tuple[int, int]
    brighter: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Means of all squares of some blocks, by the row and column of their first block.

    `means` is NaN where under half of the square is valid; `share` is the valid part; `size`: blocks (rows, cols).
    """

    means: Floats
    share: Floats
    size: tuple[int, int]

    def step(self, block_mm: tuple[float, float]) -> Step | None:
        """The largest difference between squares side by side, per mm between their centres.

        `block_mm`: along x and y. None where no two squares lie side by side.
        """
        found = []
        for axis, (size, mm) in enumerate(zip(self.size, block_mm[::-1], strict=True)):
            ahead = np.moveaxis(self.means, axis, 0)
            steps = np.moveaxis(ahead[size:] - ahead[:-size], 0, axis) / (size * mm)
            if not np.isfinite(steps).any():
                continue
            row, col = map(int, np.unravel_index(int(np.nanargmax(np.abs(steps))), steps.shape))
            near, far = (row, col), (row + size, col) if axis == 0 else (row, col + size)
            duller, brighter = (near, far) if steps[near] > 0 else (far, near)
            found.append(Step(float(abs(steps[near])), size * mm, duller, brighter))
        return max(found, key=lambda step: step.per_mm, default=None)

    def lowest(self) -> tuple[int, int] | None:
        """Row and column of the square of the lowest mean; None where none counts."""
        if not np.isfinite(self.means).any():
            return None
        row, col = np.unravel_index(int(np.nanargmin(self.means)), self.means.shape)
        return int(row), int(col)


def squares(blocks: Floats, side: int) -> Squares:
    """Every square of side × side blocks; an area smaller than that is one square.

    Parameters
    ----------
    blocks : float64 (rows, cols)
        Means of blocks, NaN where not measured.
    """
    rows, cols = min(side, blocks.shape[0]), min(side, blocks.shape[1])
    valid = np.isfinite(blocks)
    share = cv2.blur(valid.astype(np.float64), (cols, rows), borderType=cv2.BORDER_CONSTANT)
    total = cv2.blur(np.where(valid, blocks, 0), (cols, rows), borderType=cv2.BORDER_CONSTANT)
    # The filter's anchor leaves whole squares only in the inner part.
    top, left = rows // 2, cols // 2
    inner = (slice(top, blocks.shape[0] - (rows - 1 - top)), slice(left, blocks.shape[1] - (cols - 1 - left)))
    share, total = share[inner], total[inner]
    means: Floats = np.where(share >= LEAST_SHARE, total / np.maximum(share, 1e-9), np.nan)
    return Squares(means, np.asarray(share, np.float64), (rows, cols))


def paired_side(shape: tuple[int, ...], side: int) -> int:
    """Side of squares of which two lie side by side on so many blocks: half of a smaller area's longer side."""
    return max(1, min(side, max(shape) // 2))
