"""The same mark keeps its number from pass to pass; what became of each since the last one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from inspection.defects.kinds import ABOUT, Kind
from inspection.passes.earlier import Earlier
from inspection.passes.likeness import MOST_PLACE_U_MM, misfit
from inspection.passes.places import Pose, Seen
from inspection.report import Defect, Fit, Registration, Status

#: A mark that was gone is rarely seen again: odds of one in ten, as a misfit.
RETURN_MISFIT: Final = 2 * math.log(10)
#: A size has changed beyond this many standard uncertainties of the change, and by at least this share.
CHANGE_SIGMA: Final = 2.0
CHANGE_SHARE: Final = 0.2
#: Uncertainty of a size where a report states none, relative.
SIZE_U_RELATIVE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Ledger:
    """The marks of one coat after a pass.

    Attributes
    ----------
    defects : tuple of Defect
        As found, in the same order, each with its number and what became of it. `status` is None where nothing can
        be said: no earlier report, a fit that failed, or a place that the earlier capture did not see.
    removed : tuple of Defect
        Marks of this coat that were not found now, last data each, at their places of now: status "removed" where
        the place was seen, None where it was not (or where the panel could not be laid over the earlier report).
    next_id : int
    """

    defects: tuple[Defect, ...]
    removed: tuple[Defect, ...]
    next_id: int


@dataclass(frozen=True, slots=True)
class _Known:
    """A mark of the earlier report at its place of now; `gone`: that report did not find it either."""

    mark: Defect
    gone: bool


def follow(
    defects: Sequence[Defect],
    earlier: Earlier | None,
    registration: Registration | None,
    *,
    pass_number: int,
    seen: Seen,
    seen_before: Seen,
) -> Ledger:
    """Give every mark its number: the old one where it is the same mark, else the next that is free.

    Parameters
    ----------
    defects : sequence of Defect
        Found now; their numbers are not looked at.
    earlier : Earlier or None
    registration : Registration or None
        Of this panel over `earlier`; None where there is no earlier report.
    pass_number : int
        Of now.
    seen, seen_before : Seen
        What this capture and the earlier one saw.
    """
    if earlier is None or registration is None:
        return _opened(defects, 1, pass_number)
    if registration.fit is Fit.ANOTHER_COAT:
        return _opened(defects, 1, pass_number)
    if registration.fit is Fit.NOT_THE_SAME_PANEL:
        # Counted on: should it be the same panel after all, no number is given twice.
        return _opened(defects, earlier.next_id, pass_number)
    if registration.fit is Fit.FAILED:
        # Nobody knows where they are now: kept in the book, and too unsure of their place to be linked again.
        lost = tuple(_adrift(mark) for mark in earlier.defects + earlier.removed)
        return replace(_opened(defects, earlier.next_id, pass_number), removed=lost)
    pose = Pose.of(registration, seen.field_mm)
    known = [_Known(pose.carry(mark), False) for mark in earlier.defects]
    known += [_Known(pose.carry(mark), True) for mark in earlier.removed]
    links = _links(defects, known, seen.field_mm)
    since_one_pass = pass_number == earlier.pass_number + 1

    def fresh(mark: Defect, number: int) -> Defect:
        before = seen_before.holds(*pose.before(mark.x_mm, mark.y_mm))
        caused = before and since_one_pass and ABOUT[Kind(mark.kind)].from_polishing
        return replace(
            _numbered(mark, number, pass_number),
            status=Status.NEW if before else None,
            caused_by_pass=pass_number if caused else None,
        )

    found, next_id = _told(defects, known, links, fresh, earlier.next_id, pass_number)
    linked = set(links.values())
    removed = tuple(_missing(one.mark, seen) for j, one in enumerate(known) if j not in linked)
    return Ledger(found, removed, next_id)


def amend(
    defects: Sequence[Defect], removed: Sequence[Defect], next_id: int, *, pass_number: int, seen: Seen
) -> Ledger:
    """The ledger after a person's correction: numbers that were given stay, whatever was taken out or added.

    Parameters
    ----------
    defects : sequence of Defect
        Those with a number keep everything; those without one (``id`` "") were added by hand: they are looked for
        among the `removed` and get a new number otherwise.
    removed, next_id
        Of the report that is corrected.
    """
    added = [mark for mark in defects if not mark.id]
    known = [_Known(mark, True) for mark in removed]
    links = _links(added, known, seen.field_mm)

    def fresh(mark: Defect, number: int) -> Defect:
        return _numbered(mark, number, pass_number)

    found, next_id = _told(added, known, links, fresh, next_id, pass_number)
    names = iter(found)
    linked = set(links.values())
    return Ledger(
        tuple(mark if mark.id else next(names) for mark in defects),
        tuple(one.mark for j, one in enumerate(known) if j not in linked),
        next_id,
    )


def _opened(defects: Sequence[Defect], next_id: int, pass_number: int) -> Ledger:
    numbered = tuple(_numbered(mark, next_id + i, pass_number) for i, mark in enumerate(defects))
    return Ledger(numbered, (), next_id + len(numbered))


def _numbered(mark: Defect, number: int, pass_number: int) -> Defect:
    return replace(
        mark,
        id=f"D{number}",
        status=None,
        since_pass=pass_number,
        last_seen_pass=pass_number,
        caused_by_pass=None,
    )


def _adrift(mark: Defect) -> Defect:
    return replace(mark, status=None, u_place_mm=2 * MOST_PLACE_U_MM)


def _missing(mark: Defect, seen: Seen) -> Defect:
    """A mark that was not found: removed, if its place was looked at."""
    lost = (mark.u_place_mm or 0.0) > MOST_PLACE_U_MM
    if mark.status is Status.REMOVED or (not lost and seen.holds(mark.x_mm, mark.y_mm)):
        return replace(mark, status=Status.REMOVED)
    return replace(mark, status=None)


def _links(defects: Sequence[Defect], known: Sequence[_Known], field_mm: tuple[float, float]) -> dict[int, int]:
    """Which mark of now is which known one, one to one: the assignment with the least total misfit."""
    if not defects or not known:
        return {}
    there = sum(not one.gone for one in known)
    per_mm2 = (max(len(defects), there) + 1) / (field_mm[0] * field_mm[1])
    # A pair with a misfit of 0 is as likely chance as identity: it is worth no more than two marks left alone.
    cost = np.zeros((len(defects), len(known)))
    for i, mark in enumerate(defects):
        for j, one in enumerate(known):
            value = misfit(mark, one.mark, per_mm2)
            if value is not None:
                cost[i, j] = min(0.0, value + (RETURN_MISFIT if one.gone and one.mark.status is not None else 0.0))
    rows, cols = linear_sum_assignment(cost)
    return {int(i): int(j) for i, j in zip(rows, cols, strict=True) if cost[i, j] < 0.0}


def _told(
    defects: Sequence[Defect],
    known: Sequence[_Known],
    links: dict[int, int],
    fresh: Callable[[Defect, int], Defect],
    next_id: int,
    pass_number: int,
) -> tuple[tuple[Defect, ...], int]:
    """Every mark with its number and what became of it, and the next free number."""
    told: list[Defect] = []
    for i, mark in enumerate(defects):
        if i in links:
            told.append(_same(mark, known[links[i]], pass_number))
        else:
            told.append(fresh(mark, next_id))
            next_id += 1
    return tuple(told), next_id


def _same(mark: Defect, known: _Known, pass_number: int) -> Defect:
    before = known.mark
    returned = before.status is Status.REMOVED
    return replace(
        mark,
        id=before.id,
        status=Status.RETURNED if returned else _change(mark, before),
        since_pass=before.since_pass,
        caused_by_pass=before.caused_by_pass,
        last_seen_pass=pass_number,
    )


def _change(mark: Defect, before: Defect) -> Status:
    """Smaller or larger where its size has changed beyond doubt: a nib that is sanded gets flatter and wider."""
    solid = mark.height_um is not None and before.height_um is not None
    (now, u_now), (then, u_then) = _size(mark, solid), _size(before, solid)
    if min(now, then) <= 0:
        return Status.PERSISTS
    # Relative uncertainties of the two sizes, as of the logarithm of their ratio.
    change, u = math.log(now / then), math.hypot(u_now, u_then)
    if abs(change) <= max(CHANGE_SIGMA * u, CHANGE_SHARE):
        return Status.PERSISTS
    return Status.LARGER if change > 0 else Status.SMALLER


def _size(mark: Defect, solid: bool) -> tuple[float, float]:
    """Length × width, × height where it is `solid`, and the relative uncertainty; a line's width tells nothing."""
    sides = [(mark.length_mm, mark.u_length_mm)]
    if mark.kind != Kind.SCRATCH:
        sides.append((mark.width_mm, mark.u_width_mm))
    if solid:
        sides.append((abs(mark.height_um or 0.0), mark.u_height_um))
    size = math.prod(side for side, _ in sides)
    return size, math.hypot(*(SIZE_U_RELATIVE if u is None or side <= 0 else u / side for side, u in sides))
