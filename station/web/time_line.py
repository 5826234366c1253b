"""Values of a measure over time: points with their uncertainty, and the limits that held then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from station.web.wording import Wording

Row = Mapping[str, Any]

#: Size of the drawing, and room left for the numbers of the scale.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 1200.0, 460.0, 130.0, 44.0, 16.0
#: Numbers along the scale.
TICKS = 5
#: Bars are drawn as long as this many standard uncertainties to each side.
COVERAGE = 2.0


@dataclass(frozen=True, slots=True)
class TimePoint:
    """One value; `low`, `high` are the ends of its bar, all in drawing coordinates."""

    x: float
    y: float
    low: float
    high: float
    verdict: str | None
    inspection: int
    spoken: str
    moment: str
    panel: str
    value: str


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The drawing. `limits` are stretches (x1, x2, y) over which a limit held."""

    points: tuple[TimePoint, ...]
    limits: tuple[tuple[float, float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    begin: str
    end: str
    unit: str


def time_line(rows: Sequence[Row], words: Wording) -> TimeLine:
    """Lay out rows of `quality.trend_of`; there is one at least."""
    times = [datetime.fromisoformat(row["captured_at"]).timestamp() if row["captured_at"] else 0.0 for row in rows]
    first, span = min(times), max(max(times) - min(times), 1.0)
    ends = [row["value"] + sign * COVERAGE * (row["u"] or 0.0) for row in rows for sign in (-1, 1)]
    bounds = [row[name] for row in rows for name in ("low", "high") if row[name] is not None]
    low, high = min(ends + bounds), max(ends + bounds)
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    low, high = low - room, high + room

    def across(at: float) -> float:
        return round(LEFT + (WIDTH - LEFT - 12) * (at - first) / span, 2)

    def up(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 2)

    points = tuple(
        TimePoint(
            across(at), up(row["value"]), up(row["value"] - COVERAGE * (row["u"] or 0.0)),
            up(row["value"] + COVERAGE * (row["u"] or 0.0)), row["verdict"], row["inspection_id"],
            ", ".join((row["panel"], words.moment(row["captured_at"]), words.measured(row["value"], row["u"]))),
            words.moment(row["captured_at"]), row["panel"], words.measured(row["value"], row["u"]),
        )
        for at, row in zip(times, rows, strict=True)
    )  # fmt: skip
    step = (high - low) / (TICKS - 1)
    return TimeLine(
        points=points,
        limits=tuple(_limits(rows, [point.x for point in points], up)),
        ticks=tuple((up(low + i * step), words.measured(low + i * step, step)) for i in range(TICKS)),
        begin=words.day(rows[0]["captured_at"]),
        end=words.day(rows[-1]["captured_at"]),
        unit=words.unit(rows[0]["unit"]),
    )


def _limits(rows: Sequence[Row], places: Sequence[float], up: Any) -> list[tuple[float, float, float]]:
    """Stretches over which the same limit held, from one point to the next that has another."""
    found = []
    for name in ("low", "high"):
        begun = 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at][name] != rows[begun][name]:
                if rows[begun][name] is not None:
                    end = WIDTH - 12 if at == len(rows) else places[at]
                    found.append((LEFT if begun == 0 else places[begun], end, up(rows[begun][name])))
                begun = at
    return found
