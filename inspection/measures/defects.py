"""Single marks: how many, how large, how much scratch."""

from __future__ import annotations

import math
from statistics import NormalDist

from inspection.averages import LEAST_COVERAGE, LEAST_PX
from inspection.defects.kinds import Kind
from inspection.defects.marks import Mark, Marks
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import measure

ANY = "any"


@measure(version=1, sources=(Source.DETECTION,), possible=(0, math.inf), choices={"kind": (ANY, *Kind)})
def defect_count(marks: Marks, *, kind: str = ANY, min_length_mm: float = 0.0) -> Reading:
    """Number of marks of a kind, from a length up.

    Counts what was found. Uncertainty: of the kind (its confidence) and of the length (a mark of 0.49 ± 0.05 mm may
    well be one of 0.5 mm). A length below what the station is sure to find, or a kind that cannot be told on this
    capture: BELOW_LIMIT; under 95 % of the area searched: LOW_COVERAGE; both hold the check.

    References: ISO 8785:1998 (number of imperfections, limit of discrimination).
    """
    doubts = _doubts(marks)
    limits = [size for sought, size in marks.discrimination_mm.items() if kind in (ANY, sought)]
    # Without a length the recipe asks for what the station can find; with one it asks for that. A kind without a limit
    # cannot be told on this capture (burn-through without colour) at any size.
    if not limits or (min_length_mm > 0 and max(limits) > min_length_mm):
        doubts += (Quality.BELOW_LIMIT,)
    found = sum(kind in (ANY, mark.kind) and mark.length_mm >= min_length_mm for mark in marks.found)
    odds = [_is_kind(mark, kind) * _is_longer(mark, min_length_mm) for mark in marks.found]
    return _reading(found, math.sqrt(sum(p * (1 - p) for p in odds)), marks, doubts, step=1.0)


@measure(version=1, sources=(Source.DETECTION,), possible=(0, math.inf))
def largest_defect_mm(marks: Marks) -> Reading:
    """Length of the longest mark, 0 where there is none.

    Extent at 10 % of the extreme, blur removed. Uncertainty: of that mark's length; where there is none, the limit
    of discrimination over √3 (it may be just too small to be found).

    References: ISO 8785:1998.
    """
    longest = max(marks.found, key=lambda mark: mark.length_mm, default=None)
    if longest is None:
        unseen = max(marks.discrimination_mm.values(), default=0.0)
        return _reading(0.0, unseen / math.sqrt(3), marks, _doubts(marks))
    return _reading(longest.length_mm, longest.u_length_mm, marks, _doubts(marks))


@measure(version=1, sources=(Source.DETECTION,), possible=(0, math.inf))
def scratch_length_mm(marks: Marks) -> Reading:
    """Length of all scratches together.

    Uncertainty: of each length, and whether each is a scratch at all.

    References: ISO 8785:1998.
    """
    scratches = [mark for mark in marks.found if mark.kind is Kind.SCRATCH]
    variance = sum(mark.u_length_mm**2 + _doubt(mark, Kind.SCRATCH) * mark.length_mm**2 for mark in scratches)
    return _reading(sum(mark.length_mm for mark in scratches), math.sqrt(variance), marks, _doubts(marks))


def _reading(value: float, u: float, marks: Marks, doubts: tuple[Quality, ...], step: float = 0.0) -> Reading:
    # Nothing of a length or a count comes from the calibration but the scale, below 0.1 %.
    return Reading.of_terms(float(value), {Source.DETECTION: u}, marks.n_px, doubts, step=step)


def _doubts(marks: Marks) -> tuple[Quality, ...]:
    """As `inspection.averages.counted`, over the pixels that were searched."""
    if marks.n_px < LEAST_PX:
        raise Missing(Quality.TOO_FEW_PIXELS)
    return (Quality.LOW_COVERAGE,) if marks.searched_ratio < LEAST_COVERAGE else ()


def _doubt(mark: Mark, kind: str) -> float:
    odds = _is_kind(mark, kind)
    return odds * (1 - odds)


def _is_kind(mark: Mark, kind: str) -> float:
    """Probability that a mark is of a kind; what it is not is shared among the others."""
    if kind == ANY:
        return 1.0
    return mark.confidence if mark.kind == kind else (1 - mark.confidence) / (len(Kind) - 1)


def _is_longer(mark: Mark, min_length_mm: float) -> float:
    if mark.u_length_mm == 0 or min_length_mm == 0:
        return float(mark.length_mm >= min_length_mm)
    return 1 - NormalDist(mark.length_mm, mark.u_length_mm).cdf(min_length_mm)
