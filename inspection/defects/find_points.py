"""Specks that stand out at some scale of one map: nibs, craters, runs, dents, pieces of scratches."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.find_scales import Scale, peaks
from inspection.defects.specks import Speck, holds

#: A footprint reaches down to this share of its peak.
FOOT_RATIO = 0.35
#: … above the mark that it lies on, which is believed up to this share of the peak, …
MOST_UNDER = 0.7
#: What a host shows at a finer scale: most of its footprint is below this percentile; a mark on it, so much above that.
HOST_PERCENTILE, HOST_RATIO = 90.0, 1.5
#: A peak gives way to a higher one at the next scale unless it is so much surer.
SURER_RATIO = 0.8
#: … and not into the noise.
FOOT_SIGMA = 3.0
#: A peak beside a hole that was filled counts from here on.
BRIDGED_SIGMA = 15.0
#: A hole this deep is large: what was filled in ends with an edge of its own, so many scales wide.
DEEP_CELLS, HOLE_SCALES = 3.0, 2.0
#: A weaker peak within this many scales of a footprint may be part of the same mark: its rim, its shadow.
REACH_SCALES = 2.5
#: The shadow of a ridge, upside down along it, is less than this share of it (ideally 0.45; of a round bump 0.14).
SHADOW_RATIO = 0.55
#: Peaks nearer to each other than this many scales are one mark, if the finer one is not finer than this share.
APART_SCALES, LIKE_SCALE = 2.0, 0.4
#: … if it is weaker than this share of what the mark shows at that scale: rims of craters, ragged edges.
PART_RATIO = 0.6


def find_points(space: Sequence[Scale], field: Field, sign: Sign, *, only: int = 0) -> list[Speck]:
    """Specks of one map, strongest first.

    Parameters
    ----------
    space : sequence of Scale
        The map's scale space.
    field : Field
        The map. Peaks where it was filled in must be far beyond doubt.
    only : int
        −1: only places below their surroundings; +1: only above; 0: both.
    """
    values = field.values
    found = [_peaks(one, number, only) for number, one in enumerate(space)]
    table = np.concatenate(found) if found else np.zeros((0, 6))
    if not field.seen.all():
        table = table[~_doubtful(table, ~field.seen)]
    table = table[_highest(table)]
    table = table[np.argsort(-np.abs(table[:, 4]), kind="stable")]
    claimed: list[Speck] = []
    left = np.ones(len(table), bool)
    for i in range(len(table)):
        if not left[i]:
            continue
        scale = space[int(table[i, 3])]
        hosts = (host for host in claimed if holds(host, table[i, 0], table[i, 1]))
        under = max((_under(scale, host, table[i]) for host in hosts), default=0.0)
        left[i] = False
        if abs(table[i, 4]) < HOST_RATIO * under:
            continue
        speck = _footprint(scale, table[i], sign, values.shape, under)
        claimed.append(speck)
        rest = np.nonzero(left)[0]
        left[rest[_belongs(speck, table[i], table[rest])]] = False
    return sorted(claimed, key=lambda s: -s.sigma)


def _peaks(one: Scale, number: int, only: int) -> NDArray[np.float64]:
    """Rows: row, col, scale (search cells), number of the scale, response, sigma."""
    row, col = peaks(one, one.threshold)
    response = one.response[row, col].astype(np.float64)
    table = np.stack(
        [
            (row + 0.5) * one.factor - 0.5,
            (col + 0.5) * one.factor - 0.5,
            np.full(len(row), one.scale_cells),
            np.full(len(row), float(number)),
            response,
            np.abs(one.sigma[row, col]).astype(np.float64),
        ],
        axis=1,
    )
    # A place above its surroundings has a negative Laplacian.
    return table if only == 0 else table[response * only < 0]


def _doubtful(table: NDArray[np.float64], unseen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Peaks at filled cells; beside a large hole also those that reach into it."""
    row, col = (np.clip(np.rint(table[:, i]).astype(int), 0, n - 1) for i, n in enumerate(unseen.shape))
    wide = cv2.dilate(unseen.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    doubtful = wide[row, col] & (table[:, 5] < BRIDGED_SIGMA)
    deep = cv2.distanceTransform(np.pad(unseen, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    _, labels = cv2.connectedComponents(unseen.astype(np.uint8), connectivity=8)
    large = np.isin(labels, np.unique(labels[deep >= DEEP_CELLS])) & unseen
    if large.any():
        far = cv2.distanceTransform((~large).astype(np.uint8), cv2.DIST_L2, 5)
        doubtful |= far[row, col] <= HOLE_SCALES * table[:, 2] + 1
    return np.asarray(doubtful)


def _highest(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Peaks that are higher than their like at the scales next to theirs."""
    keep = np.ones(len(table), bool)
    numbers = table[:, 3].astype(int)
    for number in np.unique(numbers):
        mine = np.nonzero(numbers == number)[0]
        for other in (np.nonzero(numbers == number - 1)[0], np.nonzero(numbers == number + 1)[0]):
            one, two = table[mine], table[other]
            reach = 1.5 * one[:, 2] + 1.0
            i, k = np.nonzero(np.abs(np.subtract.outer(one[:, 0], two[:, 0])) <= reach[:, None])
            one, two = one[i], two[k]
            higher = np.hypot(two[:, 0] - one[:, 0], two[:, 1] - one[:, 1]) <= reach[i]
            higher &= (two[:, 4] * one[:, 4] > 0) & (np.abs(two[:, 4]) > np.abs(one[:, 4]))
            # A small mark on a large one is surer at its own scale, though the large one adds to coarser ones.
            higher &= two[:, 5] > SURER_RATIO * one[:, 5]
            keep[mine[i[higher]]] = False
    return keep


def _under(one: Scale, host: Speck, peak: NDArray[np.float64]) -> float:
    """What a larger mark under a peak shows at the peak's scale by itself."""
    half = one.factor // 2
    inside = host.inside[half :: one.factor, half :: one.factor]
    row, col = np.nonzero(inside)
    rows = np.minimum((row * one.factor + half + host.top) // one.factor, one.response.shape[0] - 1)
    cols = np.minimum((col * one.factor + half + host.left) // one.factor, one.response.shape[1] - 1)
    return float(np.percentile(one.response[rows, cols] * np.sign(peak[4]), HOST_PERCENTILE)) if len(rows) else 0.0


def _footprint(one: Scale, peak: NDArray[np.float64], sign: Sign, shape: tuple[int, ...], under: float) -> Speck:
    """Connected cells around a peak that reach a share of it, above what is under it."""
    row, col = (int((peak[i] + 0.5) / one.factor) for i in (0, 1))
    up = -1.0 if peak[4] < 0 else 1.0
    # The noise of the place: what turns this peak's response into its sigma.
    height = abs(peak[4])
    under = min(max(under, 0.0), MOST_UNDER * height)
    least = max(under + FOOT_RATIO * (height - under), FOOT_SIGMA * height / peak[5])
    reach = int(6 * one.scale_cells / one.factor) + 6
    while True:
        top, left = max(row - reach, 0), max(col - reach, 0)
        window = one.response[top : row + reach + 1, left : col + reach + 1] * np.float32(up)
        _, labels = cv2.connectedComponents((window >= least).astype(np.uint8), connectivity=8)
        mine = labels == labels[row - top, col - left]
        open_sides = (
            (top > 0 and mine[0].any())
            or (left > 0 and mine[:, 0].any())
            or (row + reach + 1 < one.response.shape[0] and mine[-1].any())
            or (col + reach + 1 < one.response.shape[1] and mine[:, -1].any())
        )
        if not open_sides:
            break
        reach *= 2
    inside = np.repeat(np.repeat(mine, one.factor, axis=0), one.factor, axis=1)
    top, left = top * one.factor, left * one.factor
    inside = inside[: shape[0] - top, : shape[1] - left]
    rows, cols = np.nonzero(inside.any(1))[0], np.nonzero(inside.any(0))[0]
    inside = _solid(inside[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1])
    return Speck(
        top + int(rows[0]), left + int(cols[0]), inside, sign, float(peak[5]), float(-peak[4]), float(peak[2]),
        float(peak[0]), float(peak[1]),
    )  # fmt: skip


def _solid(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A wall around a hollow, and what it encloses."""
    wide = cv2.copyMakeBorder((~inside).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(1.0,))
    _, labels = cv2.connectedComponents(wide, connectivity=4)
    return np.asarray(labels[1:-1, 1:-1] != labels[0, 0])


def _belongs(speck: Speck, peak: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which weaker peaks are the speck seen again: at another scale, or its rim."""
    part = np.zeros(len(others), bool)
    ratio = others[:, 2] / peak[2]
    # A Gaussian bump of the peak's scale, seen at another one, shows at most four times the squared ratio.
    shown = np.minimum(1.0, 4 * np.minimum(ratio, 1 / ratio) ** 2)
    share = np.abs(others[:, 4] / peak[4]) / shown
    # The same bump seen at a coarser scale is no more than itself; a finer peak may be a mark of its own.
    weak = share < np.where(ratio > 1.0, 1.2, PART_RATIO)
    # Upside down, and no finer than it, there is only its shadow.
    weak &= (others[:, 4] * peak[4] > 0) | (ratio < 0.8) | (share < SHADOW_RATIO)
    reach = REACH_SCALES * np.maximum(others[:, 2], peak[2])
    for i in np.nonzero(weak & _in_box(speck, others, np.ceil(reach)))[0]:
        part[i] = speck.reaches(reach[i], others[i, 0], others[i, 1])
    # Of like size and too near to be told apart.
    near = np.hypot(others[:, 0] - peak[0], others[:, 1] - peak[1]) <= APART_SCALES * peak[2] + 1.0
    part |= near & (ratio <= 1.0) & (ratio > LIKE_SCALE)
    # Inside the footprint itself, at nearly the same scale: another bead of the same string.
    for i in np.nonzero(~part & (np.abs(np.log(ratio)) < 0.9) & _in_box(speck, others, 0))[0]:
        part[i] = holds(speck, others[i, 0], others[i, 1])
    return part


def _in_box(speck: Speck, peaks: NDArray[np.float64], reach: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Which peaks are no further from the speck's box than this: most are not, and need no closer look."""
    row, col = peaks[:, 0].astype(int), peaks[:, 1].astype(int)
    in_rows = (row >= speck.top - reach) & (row < speck.rows.stop + reach)
    return np.asarray(in_rows & (col >= speck.left - reach) & (col < speck.cols.stop + reach))
