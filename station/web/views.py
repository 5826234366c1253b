"""A part that is larger than the field: its plan as a drawing, and how far its views are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inspection.plan import Plan, View
from station.web.stage import Stage
from station.web.wording import Wording

#: Room around the outline, and height of the numbers, as shares of the drawing's longer side.
_MARGIN, _TEXT = 0.04, 0.12


@dataclass(frozen=True, slots=True)
class Field:
    """One view in a drawing: its corners, and where its number stands."""

    name: str
    number: int
    points: str
    x: float
    y: float
    state: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan in millimetres of the part."""

    view_box: str
    text: float
    outline: str
    fields: tuple[Field, ...]


def drawing(plan: Plan, field_mm: Sequence[float], words: Wording, *, now: int = 0) -> Drawing:
    """The plan as a drawing.

    Parameters
    ----------
    field_mm : width, height
        Of the station's field.
    now : int
        The view at work, counted from 1 on; those before it are done.
    """
    fields = tuple(
        _field(view, corners_of(view.to_part_mm, field_mm), number, _state(number, now), words)
        for number, view in enumerate(plan.views, 1)
    )
    places = np.array([*plan.outline_mm, *(p for view in plan.views for p in corners_of(view.to_part_mm, field_mm))])
    low, high = places.min(0), places.max(0)
    size = float((high - low).max())
    margin = _MARGIN * size
    box = [low[0] - margin, low[1] - margin, high[0] - low[0] + 2 * margin, high[1] - low[1] + 2 * margin]
    return Drawing(" ".join(f"{value:.2f}" for value in box), round(_TEXT * size, 2), _points(plan.outline_mm), fields)


def seen_views(row: Mapping[str, Any], plan: Plan | None, frame: Stage | None, words: Wording) -> list[dict[str, Any]]:
    """The views of a stored inspection, each with its own verdict and its border in the picture."""
    titles = {} if plan is None else {view.name: view.title[words.language.code] for view in plan.views}
    told = []
    for number, view in enumerate(row["report"].get("views", ()), 1):
        corners = corners_of(view["to_part_mm"], view["field_mm"])
        told.append({
            "number": words.number(number),
            "name": titles.get(view["view"], view["view"]),
            "verdict": view["verdict"],
            "marks": words.number(len(view["defects"])),
            "capture": view["capture"],
            "points": "" if frame is None else _points([frame.place(x, y) for x, y in corners]),
        })  # fmt: skip
    return told


def corners_of(to_part_mm: Sequence[Sequence[float]], field_mm: Sequence[float]) -> list[tuple[float, float]]:
    """The corners of a view's field on the part, mm."""
    (a, b, c), (d, e, f), _ = to_part_mm
    width, height = field_mm
    corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    return [(a * x + b * y + c, d * x + e * y + f) for x, y in corners]


def _field(view: View, corners: Sequence[tuple[float, float]], number: int, state: str, words: Wording) -> Field:
    x, y = np.array(corners).mean(0)
    name = view.title[words.language.code]
    return Field(name, number, _points(corners), round(float(x), 2), round(float(y), 2), state)


def _state(number: int, now: int) -> str:
    return "here" if number == now else "over" if number < now else "ahead"


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
