"""Scale space of a map: how far it stands out at each size, in standard deviations of the panel's own texture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.field import Field
from inspection.defects.window import median
from inspection.fringes import FloatMap

#: Marks that noise and texture alone are allowed to fake, expected on one panel, over all channels and scales.
FALSE_MARKS_PER_PANEL = 0.05
#: Channels (relief, mirror, colour, lines …) and scales of each that share it.
_TRIALS = 40
#: Ratio of one scale to the next finer one.
STEP = 1.5
#: Finest scale in search cells.
FINEST_CELLS = 0.7
#: A level of the pyramid is used up to this scale in its own cells; then it is halved.
_COARSEST_CELLS = 3.2
#: Blocks for the local noise, in scales along a side.
_BLOCK_SCALES = 30.0
#: Local noise may fall below that of the whole map by this factor only: a calm corner is no reason to cry.
_CALMEST = 0.8
#: Sensitivity of the threshold to the few independent cells of a coarse scale.
_FEW_CELLS = 3.0
#: Share of a block that must have been seen to tell its noise.
_LEAST_SHARE = 0.25
#: So many blocks tell how the tails go on; standard uncertainty of that from one of them (white noise, drawn).
_MANY_BLOCKS, _GROWTH_U = 60, 1.35
_PAD = 12
#: Scales from the border within which what is mirrored there can be told.
_MIRRORED_SCALES = 4.0
#: Every so many cells tell what is typical.
_THIN = 8
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """One scale of one map.

    Attributes
    ----------
    response : float32
        Scale² × Laplacian of the Gaussian-smoothed map, in the map's unit; up is negative.
    sigma : float32
        The same over its local standard deviation.
    factor : int
        Search cells along a side of its pixels.
    scale_cells : float
        In search cells.
    threshold : float
        In standard deviations.
    noise : float
        Typical standard deviation of the response.
    """

    response: FloatMap
    sigma: FloatMap
    factor: int
    scale_cells: float
    threshold: float
    noise: float


def scales(field: Field, *, coarsest_cells: float, odd: bool, sparkles: bool = False) -> Iterator[Scale]:
    """From the finest to the coarsest scale.

    Parameters
    ----------
    field : Field
        What was filled in does not count for the noise.
    coarsest_cells : float
        Largest scale (standard deviation of the Gaussian) in search cells.
    odd : bool
        The map goes on beyond its border with its slope (a height) and not mirrored (a brightness).
    sparkles : bool
        Where the tails are longer than those of a normal variable they go on like that: flakes of effect paint.
    """
    factor, scale, level, seen = 1, FINEST_CELLS, field.values, field.seen
    wide, pad = _bordered(level, odd)
    while scale <= coarsest_cells and min(level.shape) >= 8:
        if scale / factor > _COARSEST_CELLS:
            level = _halved(level)
            wide, pad = _bordered(level, odd)
            seen = seen[: 2 * level.shape[0] : 2, : 2 * level.shape[1] : 2]
            factor *= 2
            continue
        # The blocks of the pyramid have blurred already.
        blur = float(np.sqrt(max(scale**2 - (factor**2 - 1) / 12, 0.25))) / factor
        response = _bend(wide, pad, blur, (scale / factor) ** 2)
        noise, tail, growth = _local_spread(response, seen, scale / factor)
        if sparkles:
            tail = _goes_on(tail, growth, response.size, scale / factor)
        if not odd:
            _add_mirrored(noise, scale / factor)
        limit = tail * level_of(response.size, scale / factor)
        typical = median(noise[::_THIN, ::_THIN].ravel())
        yield Scale(response, response / noise, factor, scale, limit, typical)
        scale *= STEP


def _halved(values: FloatMap) -> FloatMap:
    rows, cols = values.shape[0] // 2, values.shape[1] // 2
    return np.asarray(cv2.resize(values[: 2 * rows, : 2 * cols], (cols, rows), interpolation=cv2.INTER_AREA))


def laplacian(values: FloatMap, blur: float, odd: bool) -> FloatMap:
    """Laplacian of the map smoothed by a Gaussian of standard deviation `blur` (cells); `odd` as for `scales`."""
    return np.ascontiguousarray(_bend(*_bordered(values, odd), blur))


def _bordered(values: FloatMap, odd: bool) -> tuple[FloatMap, int]:
    """The map with as many cells around it as a blur needs. Mirrored it goes on inside the filters themselves."""
    pad = min(_PAD, min(values.shape) - 1) if odd else 0
    return (np.pad(values, pad, mode="reflect", reflect_type="odd") if pad else values), pad


def _bend(wide: FloatMap, pad: int, blur: float, times: float = 1.0) -> FloatMap:
    """Laplacian of the smoothed map, so many times, without what is around it."""
    whole = cv2.Laplacian(cv2.GaussianBlur(wide, (0, 0), blur), cv2.CV_32F, scale=times)
    return np.asarray(whole[pad : whole.shape[0] - pad, pad : whole.shape[1] - pad])


def _local_spread(response: FloatMap, seen: NDArray[np.bool_], scale: float) -> tuple[FloatMap, float, float]:
    """Robust standard deviation around each pixel, single marks do not count; how much longer the tails are; and γ.

    Where a fringe is hardly seen its phase has longer tails than a normal variable of the same median: the extremes
    of undisturbed blocks tell. γ: by what power of a normal variable the tails grow (`_growth`).
    """
    block = int(np.ceil(_BLOCK_SCALES * scale))
    size = np.abs(response)
    rows, cols = response.shape[0] // block, response.shape[1] // block
    thin = (slice(None, None, max(1, block // 8)),) * 2 if min(rows, cols) >= 3 else (slice(None),) * 2
    known = size[thin][seen[thin]]
    whole = max(1.4826 * median(known) if known.size else 0.0, 1e-12)
    if min(rows, cols) < 3:
        return np.full(response.shape, whole, np.float32), 1.0, 1.0
    inner = size[: rows * block, : cols * block].reshape(rows, block, cols, block).swapaxes(1, 2)
    local = np.float32(1.4826) * _medians(inner[:, :, ::2, ::2].reshape(rows, cols, -1))
    clear = np.ones((rows, cols), bool)
    if not seen.all():
        there = seen[: rows * block, : cols * block].reshape(rows, block, cols, block).swapaxes(1, 2)
        share = 1 - _unseen(seen, block) / block**2
        clear = share == 1.0
        # What was filled in is calm: blocks that hold some are judged by the rest.
        for row, col in zip(*np.nonzero(~clear), strict=True):
            rest = inner[row, col][there[row, col]] if share[row, col] >= _LEAST_SHARE else None
            local[row, col] = whole if rest is None else 1.4826 * median(rest)
    local = np.maximum(
        cv2.medianBlur(cv2.copyMakeBorder(local, 1, 1, 1, 1, cv2.BORDER_REPLICATE), 3)[1:-1, 1:-1],
        np.float32(_CALMEST * whole),
    )
    # The quarter of the blocks with the least extremes holds no marks.
    highest = size[: rows * block].reshape(rows, block, -1).max(1)[:, : cols * block].reshape(rows, cols, block).max(2)
    extremes = (highest / local)[clear]
    extreme = float(np.percentile(extremes, 25)) if extremes.size else 0.0
    tail = max(1.0, extreme / _extreme_of(block * block, scale))
    spread = np.asarray(cv2.resize(local, response.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return spread, tail, _growth(extremes, block * block, scale)


def _extreme_of(pixels: float, scale: float, most: float = 0.25) -> float:
    """What this share of the blocks of noise does not exceed anywhere, in standard deviations."""
    return level_of(int(pixels), scale, -math.log(most), certain=True)


def _growth(extremes: FloatMap, pixels: float, scale: float) -> float:
    """Power γ of a normal variable with which the tails grow, by the extremes of calm blocks and of restless ones.

    Marks are in fewer than a quarter of many blocks; of few blocks nothing is said. The scatter of the estimate is
    taken off: 1 unless it is surely more.
    """
    if extremes.size < _MANY_BLOCKS:
        return 1.0
    low, high = np.percentile(extremes, (25, 75))
    expected = _extreme_of(pixels, scale, 0.75) / _extreme_of(pixels, scale)
    growth = math.log(max(float(high), 1e-12) / max(float(low), 1e-12)) / math.log(expected)
    return max(1.0, growth - _GROWTH_U / math.sqrt(extremes.size))


def _goes_on(tail: float, growth: float, pixels: int, scale: float) -> float:
    """By how much tails exceed a normal variable's at the level of the threshold, if they go on as they begin."""
    block = _extreme_of(math.ceil(_BLOCK_SCALES * scale) ** 2, scale)
    level = level_of(pixels, scale)
    # x = a · level^γ, by what a block shows and by its spread, or by what blocks show; γ = 1 is the normal variable.
    return float(max(tail ** (math.log(level) / math.log(block)), tail * (level / block) ** (growth - 1)))


def _unseen(seen: NDArray[np.bool_], block: int) -> NDArray[np.intp]:
    """Cells of each whole block that were not seen: they are few, and counted one by one."""
    rows, cols = (n // block for n in seen.shape)
    row, col = (at // block for at in np.divmod(np.flatnonzero(~seen), seen.shape[1]))
    whole = (row < rows) & (col < cols)
    return np.bincount(row[whole] * cols + col[whole], minlength=rows * cols).reshape(rows, cols)


def _medians(values: FloatMap) -> FloatMap:
    """Along the last axis, as numpy's, which takes twice as long."""
    half = values.shape[-1] // 2
    part = np.partition(values, half, axis=-1)
    upper = part[..., half]
    return upper if values.shape[-1] % 2 else np.asarray((part[..., :half].max(-1) + upper) / 2)


def _add_mirrored(noise: FloatMap, scale: float) -> None:
    """Noise beyond the border is that before it, seen twice: up to √2 more for each border, into `noise`."""
    for turned in (noise, noise.T):
        # Further inside nothing of it is left.
        reach = min(math.ceil(_MIRRORED_SCALES * scale), len(turned))
        more = np.sqrt(1 + np.exp(-np.square((np.arange(reach) + 0.5) / scale))).astype(np.float32)[:, None]
        if 2 * reach > len(turned):
            rows = np.arange(len(turned))
            near = np.minimum(rows, rows[::-1])
            turned *= more[near]
        else:
            turned[:reach] *= more
            turned[-reach:] *= more[::-1]


@lru_cache(maxsize=256)
def level_of(
    pixels: int, scale: float, allowed: float = FALSE_MARKS_PER_PANEL / _TRIALS, *, certain: bool = False
) -> float:
    """Level that clean Gaussian noise exceeds on average in so many peaks (Rice's formula), in standard deviations.

    `certain`: the standard deviation is known and not estimated from the same few cells.
    """
    cells = pixels / max(scale, 1.0) ** 2
    level = 1.0
    while 2 * cells * (2 * math.pi) ** -1.5 * level * math.exp(-(level**2) / 2) > allowed:
        level += 0.02
    return level if certain else level * (1 + _FEW_CELLS / math.sqrt(cells))


def peaks(one: Scale, least: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the local extremes beyond a level in standard deviations, in the scale's own pixels."""
    size = np.abs(one.sigma)
    rows, cols = size.shape
    # Few cells are beyond the level: only these are compared with their neighbours, while they are as high as those.
    at = np.flatnonzero(size >= least)
    flat = size.ravel()
    for down, across in _NEIGHBOURS:
        row, col = np.divmod(at, cols)
        beside = np.clip(row + down, 0, rows - 1) * cols + np.clip(col + across, 0, cols - 1)
        at = at[flat[at] >= flat[beside]]
    row, col = np.divmod(at, cols)
    return row, col
