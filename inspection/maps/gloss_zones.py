"""Gloss by zones: a grid to look at, the dullest square and the steepest step."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.averages import BLOCK_MM, blocks
from inspection.filters import FloatMap, binned
from inspection.maps.kinds import Area, GlossMap, GlossZoneMap, Homography
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.zones import LEAST_SHARE, ZONE_MM, GlossZone, GlossZones, paired_side, squares


@builds
def gloss_zone_map(gloss: GlossMap) -> GlossZoneMap:
    """Mean gloss of each zone of a grid over the picture: as many zones of about 20 mm as it holds, at least one.

    NaN where under half of a zone was seen; no zone seen: TOO_FEW_PIXELS. The few pixels beyond the last whole zone
    show that zone.
    """
    means, (rows, cols) = _grid(gloss)
    height, width = means.shape[0] * rows, means.shape[1] * cols
    rest = [(0, whole - used) for whole, used in zip(gloss.gu.shape, (height, width), strict=True)]
    drawn = cv2.resize(means, (width, height), interpolation=cv2.INTER_NEAREST)
    large = np.pad(np.asarray(drawn, np.float32), rest, mode="edge")
    return GlossZoneMap(gloss.to_panel_mm, gloss.pitch_mm, large)


@builds
def gloss_zones(gloss: GlossMap, area: Area) -> GlossZones:
    """The zones of `gloss_zone_map` with their places, and the squares that `gloss_worst_zone_gu` and
    `gloss_gradient_gupercm` rest on at their default `zone_mm`.

    No zone or no block seen: TOO_FEW_PIXELS.
    """
    grid, (rows, cols) = _grid(gloss)
    seen = [(int(row), int(col)) for row, col in np.argwhere(np.isfinite(grid))]
    zones = [
        _zone(gloss.to_panel_mm, (row + 0.5) * rows, (col + 0.5) * cols, float(grid[row, col])) for row, col in seen
    ]
    means, _ = blocks(gloss.gu, gloss.pitch_mm)
    block = tuple(max(1, round(BLOCK_MM / pitch)) for pitch in gloss.pitch_mm[::-1])
    side = round(ZONE_MM / BLOCK_MM)
    dull = squares(means.astype(np.float64), side)
    pairs = squares(means.astype(np.float64), paired_side(means.shape, side))
    block_mm = (block[1] * gloss.pitch_mm[0], block[0] * gloss.pitch_mm[1])
    at, step = dull.lowest(), pairs.step(block_mm)

    def square(first: tuple[int, int], of: NDArray[np.float64], size: tuple[int, int]) -> GlossZone:
        row, col = ((start + n / 2) * px for start, n, px in zip(first, size, block, strict=True))
        return _zone(gloss.to_panel_mm, row, col, float(of[first]))

    return GlossZones(
        zone_mm=ZONE_MM,
        zones=tuple(zones),
        worst=None if at is None else square(at, dull.means, dull.size),
        steepest=()
        if step is None
        else tuple(square(first, pairs.means, pairs.size) for first in (step.duller, step.brighter)),
    )


def _grid(gloss: GlossMap) -> tuple[FloatMap, tuple[int, int]]:
    """Means of the grid's zones, and the rows and columns of pixels of each."""
    size = tuple(
        n // max(1, round(n * pitch / ZONE_MM)) for n, pitch in zip(gloss.gu.shape, gloss.pitch_mm[::-1], strict=True)
    )
    means, share = binned(gloss.gu, *size)
    means[share < LEAST_SHARE] = np.nan
    if not np.isfinite(means).any():
        raise Missing(Quality.TOO_FEW_PIXELS)
    return means, (size[0], size[1])


def _zone(to_panel_mm: Homography, row: float, col: float, gu: float) -> GlossZone:
    """A zone whose centre lies at a place of the picture; its first pixel's outer corner is (0, 0)."""
    x, y, w = np.array(to_panel_mm) @ (col - 0.5, row - 0.5, 1.0)
    return GlossZone(round(float(x / w), 2), round(float(y / w), 2), round(gu, 3))
