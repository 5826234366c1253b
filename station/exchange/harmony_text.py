"""Harmony of two panels as lines of plain text for a terminal."""

from __future__ import annotations

from inspection.harmony import Compared, Harmony, Match, Why

_SAID = {
    Match.ALIKE: "alike: nobody sees a difference",
    Match.DIFFERENT: "different: the difference is seen",
    Match.HOLD: "hold: neither is proven",
    Match.APART: "differs measurably",
    Match.NOT_APART: "no difference beyond the uncertainty",
}
_WHY = {
    Why.MISSING: "not measured on both",
    Why.DOUBT: "one of the values is in doubt",
    Why.VERSION: "measured by different versions",
    Why.ANGLE: "the stations look at different angles, or do not say",
    Why.TARGET: "a report does not tell its recipe's colour",
    Why.CLOSE: "too close to what is just seen",
}


def text_of(found: Harmony) -> str:
    """Verdict, then one line for each measure; steps are just noticeable differences."""
    sides = " / ".join(
        f"{side['panel'] or 'unnamed panel'} (pass {side['pass_number']})" for side in (found.first, found.second)
    )
    steps = "" if found.steps is None else f", largest difference {found.steps:.2g} just noticeable steps"
    return "\n".join([sides, f"harmony: {_SAID[found.match]}{steps}", "", *(_line(one) for one in found.compared)])


def _line(one: Compared) -> str:
    knobs = " ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in one.knobs.values())
    name = f"{one.measure} {knobs}".rstrip()
    said = _SAID[one.match] if one.why is None else f"hold: {_WHY[one.why]}"
    if one.difference is None or one.u is None:
        return f"{name:34} {said}"
    unit = "" if one.unit == "1" else one.unit
    seen = "" if one.steps is None else f", {one.steps:.2g} steps"
    sure = "" if one.in_u is None else f", {one.in_u:.2g} u"
    return f"{name:34} {one.difference:+10.3g} ± {2 * one.u:.2g} {unit}{sure}{seen}: {said}"
