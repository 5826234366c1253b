"""Specks: connected pieces of a map that stand out, before they are put together to marks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Sign

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Extent:
    """Second moments of a footprint: centre, length, width (cells), direction of the length as (row, col)."""

    row: float
    col: float
    length: float
    width: float
    along: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Speck:
    """A piece that stands out in one kind of evidence, on the search grid.

    Attributes
    ----------
    top, left : int
        First row and column of its box.
    inside : bool (rows, cols)
        Its footprint in the box.
    sign : Sign
    sigma : float
        Peak in standard deviations.
    strength : float
        Peak in the map's unit, signed.
    scale_cells : float
        Scale at which it stands out most.
    row, col : float
        Place of the peak.
    """

    top: int
    left: int
    inside: Mask
    sign: Sign
    sigma: float
    strength: float
    scale_cells: float
    row: float
    col: float

    @cached_property
    def bottom(self) -> int:
        """First row below its box."""
        return self.top + self.inside.shape[0]

    @cached_property
    def right(self) -> int:
        """First column beside its box."""
        return self.left + self.inside.shape[1]

    @cached_property
    def rows(self) -> slice:
        """Rows of its box."""
        return slice(self.top, self.bottom)

    @cached_property
    def cols(self) -> slice:
        """Columns of its box."""
        return slice(self.left, self.right)

    @cached_property
    def area(self) -> int:
        """Cells of its footprint."""
        return int(np.count_nonzero(self.inside))

    @cached_property
    def extent(self) -> Extent:
        """Its size by second moments."""
        return _extent(self)

    def points(self) -> NDArray[np.float64]:
        """Rows and columns of its cells, (cells, 2)."""
        row, col = np.nonzero(self.inside)
        return np.stack([row + self.top, col + self.left], axis=1).astype(np.float64)

    def grown(self, cells: float, shape: tuple[int, ...]) -> Speck:
        """Its footprint widened by a distance, cut at the border of the grid."""
        reach = int(np.ceil(cells))
        if reach < 1:
            return self
        top, left = max(self.top - reach, 0), max(self.left - reach, 0)
        bottom = min(self.top + self.inside.shape[0] + reach, shape[0])
        right = min(self.left + self.inside.shape[1] + reach, shape[1])
        wide = np.zeros((bottom - top, right - left), np.uint8)
        place = (slice(self.top - top, self.rows.stop - top), slice(self.left - left, self.cols.stop - left))
        wide[place] = self.inside
        return replace(self, top=top, left=left, inside=cv2.dilate(wide, _disc(reach)).astype(bool))

    def within(self, cells: float, other: Speck) -> bool:
        """Whether the boxes are no further apart: else the footprints cannot be either."""
        reach = int(np.ceil(cells))
        return (
            self.top - reach < other.bottom
            and other.top < self.bottom + reach
            and self.left - reach < other.right
            and other.left < self.right + reach
        )

    def reaches(self, cells: float, row: float, col: float) -> bool:
        """Whether the footprint widened by a distance holds a place of the grid, without widening all of it."""
        reach = max(int(np.ceil(cells)), 0)
        r, c = int(row) - self.top, int(col) - self.left
        top, left = max(r - reach, 0), max(c - reach, 0)
        part = self.inside[top : max(r + reach + 1, 0), left : max(c + reach + 1, 0)]
        if not part.size:
            return False
        disc = _disc(reach)[top - r + reach :, left - c + reach :][: part.shape[0], : part.shape[1]]
        return bool((part & disc.view(bool)).any())

    def hull(self) -> Speck:
        """With everything that its outline encloses: an open ring becomes a disc."""
        return self._hull

    @cached_property
    def _hull(self) -> Speck:
        row, col = np.nonzero(self.inside)
        outline = cv2.convexHull(np.stack([col, row], axis=1).astype(np.int32))
        return replace(self, inside=cv2.fillConvexPoly(self.inside.astype(np.uint8), outline, 1).astype(bool))


@lru_cache(maxsize=256)
def _disc(reach: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))


def overlap(a: Speck, b: Speck) -> int:
    """Cells that two footprints share."""
    if a.top >= b.bottom or b.top >= a.bottom or a.left >= b.right or b.left >= a.right:
        return 0
    top, bottom = max(a.top, b.top), min(a.bottom, b.bottom)
    left, right = max(a.left, b.left), min(a.right, b.right)
    first = a.inside[top - a.top : bottom - a.top, left - a.left : right - a.left]
    second = b.inside[top - b.top : bottom - b.top, left - b.left : right - b.left]
    return int(np.count_nonzero(first & second))


def holds(speck: Speck, row: float, col: float) -> bool:
    """Whether a place lies in the footprint."""
    r, c = int(row) - speck.top, int(col) - speck.left
    return 0 <= r < speck.inside.shape[0] and 0 <= c < speck.inside.shape[1] and bool(speck.inside[r, c])


def union(parts: list[Speck]) -> Speck:
    """One footprint of several; everything else is taken from the strongest."""
    best = max(parts, key=lambda part: part.sigma)
    if len(parts) == 1:
        return best
    top, left = min(p.top for p in parts), min(p.left for p in parts)
    inside = np.zeros((max(p.rows.stop for p in parts) - top, max(p.cols.stop for p in parts) - left), bool)
    for part in parts:
        inside[part.top - top : part.rows.stop - top, part.left - left : part.cols.stop - left] |= part.inside
    return replace(best, top=top, left=left, inside=inside)


def _extent(speck: Speck) -> Extent:
    """Of the rectangle with the same second moments."""
    points = speck.points()
    centre = points.mean(0)
    spread = np.cov(points.T, bias=True) + np.eye(2) / 12 if len(points) > 1 else np.eye(2) / 12
    values, vectors = np.linalg.eigh(spread)
    return Extent(
        float(centre[0]),
        float(centre[1]),
        float(np.sqrt(12 * values[1])),
        float(np.sqrt(12 * values[0])),
        (float(vectors[0, 1]), float(vectors[1, 1])),
    )
