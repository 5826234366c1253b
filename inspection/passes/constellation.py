"""Two sets of marks laid over each other: most may be gone, others may have come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from scipy.stats import binom

from inspection.passes.likeness import CENTRE_SHARE, kind_misfit, place_u_mm
from inspection.passes.overlay import MOST_SHIFT_MM, MOST_TURN_DEG, Estimate, Floats
from inspection.report import Defect

#: Marks that are nearest to being sure are enough, and keep the search short.
MOST_MARKS: Final = 40
#: Two marks nearer than this give no direction, mm.
LEAST_BASE_MM: Final = 8.0
#: A pair fits within this many standard uncertainties.
FIT_SIGMA: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Constellation:
    """The best fit of the marks.

    `chance`: how many fits as good as this one accidental sets of marks would give. `pairs`: (earlier, now).
    """

    estimate: Estimate
    pairs: tuple[tuple[int, int], ...]
    chance: float


@dataclass(frozen=True, slots=True, eq=False)
class _Marks:
    place: Floats
    u: Floats


def match(before: Sequence[Defect], now: Sequence[Defect], field_mm: tuple[float, float]) -> Constellation | None:
    """The pose under which most marks fall on one of a like kind; None where not even two do.

    Parameters
    ----------
    before, now : sequence of Defect
        Places in their own report's frame.
    field_mm : width, height
        The turn is about its centre.
    """
    before, now = _surest(before), _surest(now)
    if len(before) < 2 or len(now) < 2:
        return None
    centre = (field_mm[0] / 2, field_mm[1] / 2)
    old, new = _arrays(before, centre), _arrays(now, centre)
    like = np.array([[kind_misfit(a, b) is not None for b in now] for a in before])
    reach = MOST_SHIFT_MM + np.radians(MOST_TURN_DEG) * np.hypot(*old.place.T)[:, None]
    apart = np.hypot(*(old.place[:, None] - new.place[None]).transpose(2, 0, 1))
    partners = [np.flatnonzero(row) for row in like & (apart <= reach)]
    best: tuple[int, float, tuple[tuple[int, int], ...]] | None = None
    for i, k in combinations(range(len(before)), 2):
        base = old.place[k] - old.place[i]
        if np.hypot(*base) < LEAST_BASE_MM:
            continue
        for j in partners[i]:
            for m in partners[k]:
                pose = None if j == m else _pose_of_two(old, new, (i, k), (int(j), int(m)))
                if pose is not None:
                    pairs, error = _inliers(old, new, like, pose)
                    if len(pairs) >= 2 and (best is None or (-len(pairs), error) < (-best[0], best[1])):
                        best = (len(pairs), error, pairs)
    if best is None:
        return None
    estimate = _fit(old, new, best[2])
    pairs, _ = _inliers(old, new, like, estimate.pose)
    if len(pairs) >= 2:
        estimate = _fit(old, new, pairs)
    return Constellation(estimate, best[2], _chance(old, new, best[0], field_mm))


def _surest(marks: Sequence[Defect]) -> list[Defect]:
    return sorted(marks, key=lambda mark: -(mark.significance or 0.0))[:MOST_MARKS]


def _arrays(marks: Sequence[Defect], centre: tuple[float, float]) -> _Marks:
    size = np.array([max(mark.length_mm, mark.width_mm) for mark in marks])
    u = np.hypot([place_u_mm(mark) for mark in marks], CENTRE_SHARE * size)
    return _Marks(np.array([(mark.x_mm - centre[0], mark.y_mm - centre[1]) for mark in marks]), u)


def _turned(place: Floats, turn: float) -> Floats:
    """Turned counter-clockwise as seen (y down)."""
    c, s = math.cos(turn), math.sin(turn)
    return np.asarray(place @ np.array([[c, -s], [s, c]]))


def _pose_of_two(old: _Marks, new: _Marks, before: tuple[int, int], now: tuple[int, int]) -> Floats | None:
    a, b = old.place[before[1]] - old.place[before[0]], new.place[now[1]] - new.place[now[0]]
    u = math.sqrt(sum(old.u[i] ** 2 for i in before) + sum(new.u[j] ** 2 for j in now))
    if abs(np.hypot(*a) - np.hypot(*b)) > FIT_SIGMA * u:
        return None
    turn = math.remainder(math.atan2(a[1], a[0]) - math.atan2(b[1], b[0]), 2 * math.pi)
    if abs(turn) > math.radians(MOST_TURN_DEG) + 2 * u / np.hypot(*a):
        return None
    shift = (new.place[list(now)] - _turned(old.place[list(before)], turn)).mean(0)
    return np.array([*shift, turn]) if np.abs(shift).max() <= MOST_SHIFT_MM else None


def _inliers(old: _Marks, new: _Marks, like: np.ndarray, pose: Floats) -> tuple[tuple[tuple[int, int], ...], float]:
    """Pairs that fit at a pose, one to one, nearest first, and their summed misfit."""
    apart = np.hypot(*((_turned(old.place, pose[2]) + pose[:2])[:, None] - new.place[None]).transpose(2, 0, 1))
    misfit = np.where(like, apart / np.hypot(old.u[:, None], new.u[None, :]), np.inf)
    pairs: list[tuple[int, int]] = []
    error = 0.0
    for flat in np.argsort(misfit, axis=None):
        i, j = divmod(int(flat), misfit.shape[1])
        if misfit[i, j] > FIT_SIGMA:
            break
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
            error += float(misfit[i, j]) ** 2
    return tuple(pairs), error


def _fit(old: _Marks, new: _Marks, pairs: Sequence[tuple[int, int]]) -> Estimate:
    """Weighted least squares of shift and turn; the covariance grows where the pairs fit worse than stated."""
    i, j = (list(index) for index in zip(*pairs, strict=True))
    weight = np.repeat(1 / (old.u[i] ** 2 + new.u[j] ** 2), 2)
    pose = np.zeros(3)
    for _ in range(3):
        moved = _turned(old.place[i], pose[2])
        residual = (new.place[j] - moved - pose[:2]).ravel()
        design = np.zeros((2 * len(i), 3))
        design[0::2, 0] = design[1::2, 1] = 1.0
        design[0::2, 2], design[1::2, 2] = moved[:, 1], -moved[:, 0]
        normal = design.T @ (design * weight[:, None])
        pose = pose + np.linalg.solve(normal, design.T @ (weight * residual))
    freedom = max(1, 2 * len(i) - 3)
    excess = max(1.0, float(weight @ residual**2) / freedom)
    return Estimate(np.asarray(pose, np.float64), np.asarray(np.linalg.inv(normal) * excess, np.float64))


def _chance(old: _Marks, new: _Marks, found: int, field_mm: tuple[float, float]) -> float:
    """Expected number of accidental fits of as many marks, all kinds taken as alike."""
    area = field_mm[0] * field_mm[1]
    u = math.hypot(float(np.median(old.u)), float(np.median(new.u)))
    window = (2 * MOST_SHIFT_MM) ** 2
    several = len(old.u) * (len(old.u) - 1) / 2 * (len(new.u) * min(1.0, window / area)) ** 2
    # Of two partners found by accident the distance must agree too.
    bases = several * min(1.0, FIT_SIGMA * math.sqrt(2) * u / MOST_SHIFT_MM)
    one_more = min(1.0, len(new.u) * math.pi * (FIT_SIGMA * u) ** 2 / area)
    return float(bases * (binom.sf(found - 3, len(old.u) - 2, one_more) if found > 2 else 1.0))
