"""Regions of streaks that small lamps show: swirls and holograms too faint to dull the mirror image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Sign
from inspection.defects.evidence import Evidence
from inspection.defects.find_scales import level_of
from inspection.defects.specks import Speck
from inspection.defects.streaks import Streaks
from inspection.filters import binned
from inspection.fringes import FloatMap

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: Streaks are counted over a Gaussian of this standard deviation: those of a faint swirl lie some millimetres apart.
BLUR_MM = 4.0
#: Cells along a side of a tile, on which that is done.
_TILE_CELLS = 4
#: A region stands out of the lamps, of the mirror image, or of both together: shares of each.
_VIEWS = ((1.0, 0.0), (0.0, 1.0), (0.5**0.5, 0.5**0.5))
#: Light across the streaks that is stronger than along them is chance, and tells how far chance goes on this panel: a
#: region stands out by so many times that, and as the stated rate of false marks asks for.
OVER_CHANCE = 1.3
#: Edges of other marks are no streaks: so near to what has another colour or is a narrow relief nothing counts, in the
#: mirror image twice as near to its own regions; and near to anything known chance tells nothing.
_EDGE_MM, _NARROW_MM = 1.5, 4.0
#: A footprint reaches down to this share of its region's strength.
FOOT_RATIO = 0.25
#: What lies this near to a stronger region is its fringe.
_FRINGE_MM = 8.0
#: A region is more than a scratch or two: without its two strongest lines, so wide, it still stands out by this many
#: standard deviations; and these shares of it are left without one and without two.
_LINE_MM, LEAST_REST_SIGMA, LEAST_REST_RATIOS = 2.4, 4.0, (0.4, 0.15)
_DIRECTIONS = 36
#: Fewer tiles tell nothing about chance.
LEAST_TILES = 64
#: It is at least so wide (standard deviation of its streaks across its length).
LEAST_SPREAD_MM = 1.8


def find_lamps(evidence: Evidence, known: Sequence[Speck]) -> list[Speck]:
    """Regions of streaks; none where there are no lamps.

    Many streaks, over an area, make a region; a scratch or two that shine do not. In the sample world (15 µm arcs or
    finer, 0.2 and 0.4 mm pixels) 0.4 to 1 % of the area are enough; half as much is found on dark solid paint only. Not
    found: fewer than some ten arcs, and on white or coarse effect paint what neither a lamp lights across nor dulls the
    mirror image.

    Parameters
    ----------
    known : sequence of Speck
        What was found already: regions, and everything that has a relief or another colour.
    """
    streaks = evidence.streaks
    return [] if streaks is None else list(_regions(streaks, evidence, known))


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """Streaks on cells, and counted on tiles, both in the standard deviations of the latter."""

    cells: FloatMap
    tiles: FloatMap


def _regions(streaks: Streaks, evidence: Evidence, known: Sequence[Speck]) -> Iterator[Speck]:
    cell_mm = streaks.cell_px * evidence.cell_mm / evidence.bin_px
    tile_mm = _TILE_CELLS * cell_mm
    near = _EDGE_MM / cell_mm
    others = [s for s in known if s.sign is Sign.COLOUR or (s.sign is Sign.RELIEF and _is_narrow(s, evidence.cell_mm))]
    seen = streaks.seen & ~_near(others, streaks, evidence, near)
    free = _counted(np.zeros_like(streaks.excess), seen, cell_mm)[1]
    plain = free & (binned(_near(known, streaks, evidence, near).astype(np.float32), *(_TILE_CELLS,) * 2)[0] == 0)
    if np.count_nonzero(plain) < LEAST_TILES:
        return
    dull = [s for s in known if s.sign is Sign.MIRROR]
    lamps = _standard(streaks.excess, seen, cell_mm)
    mirror = _standard(streaks.dull, seen & ~_near(dull, streaks, evidence, 2 * near), cell_mm)
    rate = level_of(int(np.count_nonzero(free)), BLUR_MM / tile_mm)
    views, shown = [], np.zeros_like(lamps.tiles)
    for a, b in _VIEWS:
        view = _View(a * lamps.cells + b * mirror.cells, a * lamps.tiles + b * mirror.tiles)
        views.append(view)
        chance = -OVER_CHANCE * float(view.tiles[plain].min())
        np.maximum(shown, view.tiles / np.float32(max(1.0, chance / rate)), out=shown)
    while free.any():
        row, col = divmod(int(np.argmax(np.where(free, shown, 0))), shown.shape[1])
        if shown[row, col] < rate:
            return
        view = max(views, key=lambda one: one.tiles[row, col])
        level = FOOT_RATIO * view.tiles[row, col]
        labels = cv2.connectedComponents((free & (view.tiles >= level)).astype(np.uint8), connectivity=8)[1]
        foot = labels == labels[row, col]
        free &= ~_grown(foot, _FRINGE_MM / tile_mm)
        if _is_area(view.cells, foot, cell_mm):
            yield _speck(evidence, foot, _TILE_CELLS * streaks.cell_px, float(shown[row, col]))


def _is_narrow(speck: Speck, cell_mm: float) -> bool:
    return speck.extent.width * cell_mm <= _NARROW_MM


def _near(specks: Sequence[Speck], streaks: Streaks, evidence: Evidence, cells: float) -> Mask:
    """Cells next to some specks."""
    mask = np.zeros(evidence.grid, np.uint8)
    for one in specks:
        mask[one.rows, one.cols] |= one.inside
    rows, cols = streaks.seen.shape
    per = streaks.cell_px / evidence.bin_px
    whole = mask[: round(rows * per), : round(cols * per)].astype(np.float32)
    small = cv2.resize(whole, (cols, rows), interpolation=cv2.INTER_AREA) > 0
    return _grown(small, cells) if small.any() else small


def _standard(excess: FloatMap | None, seen: Mask, cell_mm: float) -> _View:
    """Less the panel's own, in standard deviations: those of the half with fewer streaks, for marks only add."""
    if excess is None:
        return _View(np.zeros(seen.shape, np.float32), _counted(np.zeros(seen.shape, np.float32), seen, cell_mm)[0])
    tiles, known = _counted(excess, seen, cell_mm)
    level = np.float32(np.median(tiles[known]))
    below = level - tiles[known & (tiles < level)]
    noise = np.float32(max(float(np.sqrt(np.mean(np.square(below)))) if below.size else 0.0, 1e-6))
    cells = np.where(seen, (excess - level) / noise, np.float32(0))
    return _View(cells, np.where(known, (tiles - level) / noise, np.float32(0)))


def _counted(excess: FloatMap, seen: Mask, cell_mm: float) -> tuple[FloatMap, Mask]:
    """Mean on tiles, smoothed over what was seen; and which tiles were."""
    blur = BLUR_MM / (_TILE_CELLS * cell_mm)
    small, share = binned(np.where(seen, excess, np.float32(np.nan)), _TILE_CELLS, _TILE_CELLS)
    small[share == 0.0] = 0.0
    weight = cv2.GaussianBlur(share, (0, 0), blur, borderType=cv2.BORDER_REFLECT)
    total = cv2.GaussianBlur(small * share, (0, 0), blur, borderType=cv2.BORDER_REFLECT)
    return np.asarray(total / np.maximum(weight, np.float32(0.5))), share >= 0.5


def _is_area(cells: FloatMap, foot: Mask, cell_mm: float) -> bool:
    """Whether the streaks of a region are spread over an area and do not lie on a line or two."""
    row, col = np.nonzero(np.repeat(np.repeat(foot, _TILE_CELLS, 0), _TILE_CELLS, 1))
    weight = cells[row, col].astype(np.float64)
    y, x = (np.asarray(at * cell_mm, np.float64) for at in (row, col))
    whole = float(weight.sum())
    if whole <= 0 or _spread(x, y, weight) < LEAST_SPREAD_MM:
        return False
    left = [_without_strongest_line(x, y, weight)]
    left.append(_without_strongest_line(x, y, left[0]))
    if any(float(one.sum()) < share * whole for one, share in zip(left, LEAST_REST_RATIOS, strict=True)):
        return False
    rest = np.zeros_like(cells)
    rest[row, col] = left[-1]
    return float(_counted(rest, np.ones(cells.shape, np.bool_), cell_mm)[0].max()) >= LEAST_REST_SIGMA


def _spread(x: Floats, y: Floats, weight: Floats) -> float:
    """Least standard deviation of a distribution, any direction; chance makes weights negative."""
    total = weight.sum()
    dx, dy = x - (weight * x).sum() / total, y - (weight * y).sum() / total
    xx, xy, yy = (float((weight * p).sum() / total) for p in (dx * dx, dx * dy, dy * dy))
    return float(np.sqrt(max((xx + yy) / 2 - np.hypot((xx - yy) / 2, xy), 0.0)))


def _without_strongest_line(x: Floats, y: Floats, weight: Floats) -> Floats:
    """Weights, 0 on the straight strip that holds most of them."""
    best, strip = -np.inf, np.zeros(len(x), np.bool_)
    for angle in np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS:
        beside = x * np.cos(angle) + y * np.sin(angle)
        number = np.floor((beside - beside.min()) / (_LINE_MM / 2)).astype(np.intp)
        sums = np.convolve(np.bincount(number, weight), (1.0, 1.0))
        at = int(np.argmax(sums))
        if sums[at] > best:
            best, strip = float(sums[at]), (number == at) | (number == at - 1)
    return np.where(strip, 0.0, weight)


def _grown(mask: Mask, tiles: float) -> Mask:
    reach = max(1, round(tiles))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc).astype(bool))


def _speck(evidence: Evidence, foot: Mask, tile_px: int, sigma: float) -> Speck:
    """From tiles to the search grid."""
    where = np.nonzero(foot)
    per = tile_px / evidence.bin_px
    (top, bottom), (left, right) = (
        (round(int(at.min()) * per), min(round((int(at.max()) + 1) * per), size))
        for at, size in zip(where, evidence.grid, strict=True)
    )
    small = foot[where[0].min() : where[0].max() + 1, where[1].min() : where[1].max() + 1].astype(np.float32)
    inside = cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR) >= 0.5
    row, col = (float(np.mean(at)) for at in np.nonzero(inside))
    return Speck(top, left, inside, Sign.LAMP, sigma, sigma, BLUR_MM / evidence.cell_mm, top + row, left + col)
