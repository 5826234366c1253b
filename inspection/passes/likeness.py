"""How alike two marks of two passes are: form, kind, place and size, as a misfit against chance."""

from __future__ import annotations

import math
from enum import Enum
from typing import Final

from inspection.defects.kinds import Kind
from inspection.passes.places import half_turn
from inspection.report import Defect

#: Standard uncertainty of a place where a report states none, and never less than this, mm.
PLACE_U_MM: Final = 0.3
LEAST_PLACE_U_MM: Final = 0.1
#: A mark whose place is less sure than this is linked to nothing, mm.
MOST_PLACE_U_MM: Final = 1.5
#: How far the centre of what is left lies from that of the whole, as a share of its size (standard uncertainty).
CENTRE_SHARE: Final = 0.1
#: Of the direction of a line, degrees; and what its ends give, mm.
LINE_TURN_U_DEG: Final = 1.5
LINE_END_U_MM: Final = 0.4
#: Of the logarithm of a size from pass to pass: sanding takes a third away, or nearly all.
SIZE_SPREAD: Final = 0.7
#: Misfit (−2 ln of the odds) of two kinds that are taken for each other, and of an unclear one.
SIMILAR_KIND: Final = 3.0
#: No pair is linked beyond this: chi squared of two degrees of freedom, 0.1 %.
GATE: Final = 13.8

#: Kinds that the classifier, or a worn mark, may turn into each other.
_ALIKE: Final = (
    {Kind.NIB, Kind.DUST, Kind.RUN},
    {Kind.CRATER, Kind.PINHOLE, Kind.DENT},
    {Kind.SWIRL, Kind.HOLOGRAM, Kind.GLOSS_PATCH},
    {Kind.BURN_THROUGH, Kind.COLOUR_PATCH, Kind.GLOSS_PATCH},
)
_REGIONS: Final = {Kind.SWIRL, Kind.HOLOGRAM, Kind.GLOSS_PATCH, Kind.COLOUR_PATCH, Kind.BURN_THROUGH}


class Form(Enum):
    """What a mark is as a shape: a place, a straight line, or a patch."""

    POINT = 1
    LINE = 2
    REGION = 3


def kind_misfit(one: Defect, other: Defect) -> float | None:
    """0 for the same kind, more for similar ones, None for kinds that no mark turns into."""
    a, b = Kind(one.kind), Kind(other.kind)
    if a is b:
        return 0.0
    if Kind.UNKNOWN in (a, b) or any(a in group and b in group for group in _ALIKE):
        return SIMILAR_KIND
    return None


def misfit(now: Defect, known: Defect, marks_per_mm2: float) -> float | None:
    """−2 ln of the odds that two marks are the same one rather than neighbours by chance; None: never.

    Parameters
    ----------
    now, known : Defect
        In the same frame; `u_place_mm` of `known` holds that of the pose.
    marks_per_mm2 : float
        How thickly marks lie.
    """
    kind = kind_misfit(now, known)
    u = math.hypot(place_u_mm(now), place_u_mm(known))
    if kind is None or max(place_u_mm(now), place_u_mm(known)) > MOST_PLACE_U_MM:
        return None
    forms = {form_of(now), form_of(known)}
    if forms == {Form.LINE}:
        place = _lines(now, known, u)
    elif Form.REGION in forms:
        place = _regions(now, known, u)
    else:
        place = _points(now, known, u)
    if place is None:
        return None
    chi_squared, spread_mm2 = place
    size = (math.log(_size(now) / _size(known)) / SIZE_SPREAD) ** 2
    if chi_squared > GATE or size > GATE:
        return None
    return chi_squared + size + kind + 2 * math.log(2 * math.pi * spread_mm2 * marks_per_mm2)


def place_u_mm(mark: Defect) -> float:
    """Standard uncertainty of a mark's place."""
    return max(LEAST_PLACE_U_MM, PLACE_U_MM if mark.u_place_mm is None else mark.u_place_mm)


def form_of(mark: Defect) -> Form:
    """By its kind, or where it is drawn out by that."""
    if mark.kind == Kind.SCRATCH or (mark.length_mm >= 3.0 and mark.length_mm >= 4 * mark.width_mm):
        return Form.LINE if mark.angle_deg is not None else Form.REGION
    return Form.REGION if Kind(mark.kind) in _REGIONS else Form.POINT


def _size(mark: Defect) -> float:
    return max(0.05, mark.length_mm if form_of(mark) is Form.LINE else math.sqrt(mark.length_mm * mark.width_mm))


def _points(one: Defect, other: Defect, u: float) -> tuple[float, float]:
    variance = u**2 + (CENTRE_SHARE * max(_size(one), _size(other))) ** 2
    return ((one.x_mm - other.x_mm) ** 2 + (one.y_mm - other.y_mm) ** 2) / variance, variance


def _regions(one: Defect, other: Defect, u: float) -> tuple[float, float] | None:
    """Disks that share at least about a third of the smaller."""
    radii = [max(mark.length_mm, mark.width_mm) / 2 for mark in (one, other)]
    apart = math.hypot(one.x_mm - other.x_mm, one.y_mm - other.y_mm)
    if apart > max(radii) + 0.3 * min(radii) + 2 * u:
        return None
    variance = u**2 + (max(radii) / 2) ** 2
    return apart**2 / variance, variance


def _lines(one: Defect, other: Defect, u: float) -> tuple[float, float] | None:
    """Two straight lines: how far apart across, how much turned; they must share half of the shorter."""
    long, short = sorted((one, other), key=lambda mark: mark.length_mm, reverse=True)
    turn = half_turn((long.angle_deg or 0.0) - (short.angle_deg or 0.0))
    direction = math.radians(long.angle_deg or 0.0)
    dx, dy = short.x_mm - long.x_mm, short.y_mm - long.y_mm
    along = dx * math.cos(direction) - dy * math.sin(direction)
    across = dx * math.sin(direction) + dy * math.cos(direction)
    if abs(along) > long.length_mm / 2 + 2 * u:
        return None
    turn_u = math.hypot(LINE_TURN_U_DEG, math.degrees(LINE_END_U_MM / max(short.length_mm, 1.0)))
    across_u = math.hypot(u, along * math.radians(turn_u) / 2)
    chi_squared = (across / across_u) ** 2 + (turn / turn_u) ** 2
    # By chance a line may lie anywhere along and point anywhere.
    return chi_squared, across_u * long.length_mm / 2 * turn_u / 90.0
