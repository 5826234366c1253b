"""Small server-drawn line charts: one measure over the passes of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Room above and below for the numbers beside the points.
_MARGIN = 0.3


@dataclass(frozen=True, slots=True)
class Point:
    """One measured pass; `x`, `y`, `y_low`, `y_high` in percent of the chart, y down."""

    pass_number: int
    x: float
    y: float
    y_low: float
    y_high: float
    value: float
    u: float | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that holds between two places along the x axis."""

    y: float
    x_from: float
    x_to: float
    value: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Marks of one chart and the SVG path that joins the measured values."""

    points: tuple[Point, ...]
    limits: tuple[Limit, ...]
    ticks: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One finding of one pass: value and standard uncertainty, its limits, its verdict."""

    pass_number: int
    value: float | None
    u: float | None
    low: float | None
    high: float | None
    verdict: str | None


def trend(samples: Sequence[Sample], passes: int, *, least_span: float = 1e-9) -> Trend | None:
    """Lay out one chart over passes 1 to `passes`; None where no sample has a value.

    Parameters
    ----------
    least_span : float
        What the chart's height shows at least: 1 for what is counted, where a small doubt would else fill it.
    """
    measured = [(sample, sample.value) for sample in samples if sample.value is not None]
    if not measured:
        return None
    last = max([passes, *(sample.pass_number for sample in samples)])
    marks = [value + sign * (sample.u or 0.0) for sample, value in measured for sign in (-1, 1)]
    marks += [limit for sample in samples for limit in (sample.low, sample.high) if limit is not None]
    span = max(max(marks) - min(marks), least_span)
    bottom, height = min(marks) - _MARGIN * span, (1 + 2 * _MARGIN) * span

    def x(pass_number: float) -> float:
        return round(100 * (pass_number - 0.5) / last, 2)

    def y(value: float) -> float:
        return round(100 - 100 * (value - bottom) / height, 2)

    points = tuple(
        Point(s.pass_number, x(s.pass_number), y(v), y(v - (s.u or 0.0)), y(v + (s.u or 0.0)), v, s.u, s.verdict)
        for s, v in measured
    )
    limits = tuple(
        Limit(y(limit), x(s.pass_number - 0.5), x(s.pass_number + 0.5), limit)
        for s in samples
        for limit in (s.low, s.high)
        if limit is not None
    )
    return Trend(points, limits, tuple((n, x(n)) for n in range(1, last + 1)))
