"""The zones of gloss over the picture: a value in each, the dullest square, the steepest step between two."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from station.web.stage import Stage
from station.web.wording import Wording

#: Height of a zone's number, of the zone's side.
_TEXT_OF_ZONE = 0.26


@dataclass(frozen=True, slots=True)
class Label:
    """A number in the middle of a zone."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Square:
    """A square as the camera sees it: its corners, its middle, and what it says of itself."""

    points: str
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Zones:
    """Everything that is drawn; `steepest`: none or two squares, the duller first."""

    text: float
    labels: tuple[Label, ...]
    worst: Square | None
    steepest: tuple[Square, ...]


def zones(told: Mapping[str, Any] | None, frame: Stage | None, words: Wording) -> Zones | None:
    """The zones of a report (``gloss_zones``); None where it tells of none."""
    if told is None or frame is None or not told["zones"]:
        return None
    side_mm = told["zone_mm"]
    first = told["zones"][0]
    left, _ = frame.place(first["x_mm"] - side_mm / 2, first["y_mm"])
    right, _ = frame.place(first["x_mm"] + side_mm / 2, first["y_mm"])
    text = round(_TEXT_OF_ZONE * math.fabs(right - left), 2)
    # The squares say their own value; a number that it would cover gives way.
    labels: list[Label] = []
    for zone in (*([told["worst"]] if told["worst"] else ()), *told["steepest"], *told["zones"]):
        x, y = frame.place(zone["x_mm"], zone["y_mm"])
        if all(abs(x - other.x) > 2.4 * text or abs(y - other.y) > 2.0 * text for other in labels):
            labels.append(Label(x, y, words.number(zone["gu"], 1)))
    return Zones(
        text=text,
        labels=tuple(labels),
        worst=None if told["worst"] is None else _square(told["worst"], side_mm, frame, words),
        steepest=tuple(_square(zone, _side_mm(told), frame, words) for zone in told["steepest"]),
    )


def _side_mm(told: Mapping[str, Any]) -> float:
    """Side of the squares of the steepest step: they lie side by side."""
    duller, brighter = told["steepest"]
    return math.hypot(duller["x_mm"] - brighter["x_mm"], duller["y_mm"] - brighter["y_mm"])


def _square(zone: Mapping[str, Any], side_mm: float, frame: Stage, words: Wording) -> Square:
    corners = [
        frame.place(zone["x_mm"] + across * side_mm / 2, zone["y_mm"] + down * side_mm / 2)
        for across, down in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    x, y = frame.place(zone["x_mm"], zone["y_mm"])
    return Square(" ".join(f"{x:g},{y:g}" for x, y in corners), x, y, words.number(zone["gu"], 1))
