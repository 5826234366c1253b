"""Where the marks of a target bar stand: limits, value, its guard band, and the value of the pass before."""

from __future__ import annotations

from dataclasses import dataclass

from inspection.verdict import GUARD_FACTOR

_MARGIN = 0.12


@dataclass(frozen=True, slots=True)
class TargetBar:
    """Places along the bar in percent of its length, 0 left; None where there is no such mark.

    The whisker is the guard band that `inspection.verdict.judge` uses: wholly inside the good zone
    is a pass, wholly outside a fail, across a limit a hold.
    """

    good_from: float
    good_to: float
    low: float | None
    high: float | None
    value: float | None
    whisker_from: float | None
    whisker_to: float | None
    before: float | None


def target_bar(
    value: float | None, u: float | None, low: float | None, high: float | None, before: float | None = None
) -> TargetBar:
    """Lay out one bar.

    Parameters
    ----------
    value, u : float or None
        The reading and its standard uncertainty, in the unit of the limits.
    low, high : float or None
        Limits; at least one is given.
    before : float or None
        The same finding in the pass before.

    Raises
    ------
    ValueError
        No limit: such a finding has no target to draw.
    """
    limits = [limit for limit in (low, high) if limit is not None]
    if not limits:
        raise ValueError("a target bar needs at least one limit")
    guard = GUARD_FACTOR * (u or 0.0)
    points = limits + ([value - guard, value + guard] if value is not None else [])
    points += [before] if before is not None else []
    start, end = _scale(points, limits, from_zero=low is None and (value is None or value >= 0))

    def place(number: float | None) -> float | None:
        return None if number is None else round(100 * min(1.0, max(0.0, (number - start) / (end - start))), 2)

    return TargetBar(
        good_from=place(low) or 0.0,
        good_to=100.0 if high is None else place(high) or 0.0,
        low=place(low),
        high=place(high),
        value=place(value),
        whisker_from=place(None if value is None or u is None else value - guard),
        whisker_to=place(None if value is None or u is None else value + guard),
        before=place(before),
    )


def _scale(points: list[float], limits: list[float], *, from_zero: bool) -> tuple[float, float]:
    lowest, highest = min(points), max(points)
    if from_zero:
        lowest = 0.0
    span = max(highest - lowest, 0.2 * max(abs(limit) for limit in limits), 1e-9)
    start = 0.0 if from_zero else lowest - _MARGIN * span
    return start, highest + _MARGIN * span
