"""What a quality engineer asks of all inspections together: places, trends, what a pass does; counts: `pareto.py`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from station.store import quality
from station.store.db import Page
from station.store.queries import TallyQuery
from station.store.questions import question_of
from station.web.deps import TABLES, Format, StoreDep, list_response

router = APIRouter(prefix="/quality", tags=["quality"])

Filter = Annotated[TallyQuery, Depends()]
Measure = Annotated[
    str, Query(max_length=200, description="a measure, with knobs where it has some: `clarity_pct period_mm=12`")
]
TREND_COLUMNS = (
    "inspection_id", "captured_at", "panel", "pass_number", "value", "u", "unit", "low", "high", "verdict",
    "knobs",
)  # fmt: skip


@router.get("/heat-map", summary="Marks by place on the part, of the newest inspections that fit", responses=TABLES)
def heat_map(request: Request, store: StoreDep, asked: Filter, format: Format | None = None) -> Response:
    """`x_mm`, `y_mm`: the middle of a square of `cell_mm`. Of 1,500 inspections at most."""
    with store.reader() as reader:
        found = quality.heat(reader.connection, asked)
    cells = () if found is None else found.cells
    cell = 0.0 if found is None else found.cell_mm
    rows = [{"x_mm": (x + 0.5) * cell, "y_mm": (y + 0.5) * cell, "cell_mm": cell, "n": n} for x, y, n in cells]
    return list_response(request, Page(rows, None, ("x_mm", "y_mm", "cell_mm", "n")), format)


@router.get("/trend", summary="Newest values of a measure with their limits, in order of time", responses=TABLES)
def trend(request: Request, store: StoreDep, asked: Filter, measure: Measure, format: Format | None = None) -> Response:
    """Of a measure without knobs: with those that its newest finding has; each line has its own."""
    with store.reader() as reader:
        rows = quality.trend_of(reader.connection, asked, question_of(measure))
    shown = [{name: row[name] for name in TREND_COLUMNS} for row in rows]
    return list_response(request, Page(shown, None, TREND_COLUMNS), format)


@router.get("/passes", summary="What became of marks at each pass, as measured", responses=TABLES)
def passes(request: Request, store: StoreDep, asked: Filter, format: Format | None = None) -> Response:
    with store.reader() as reader:
        rows = quality.fates_by_pass(reader.connection, asked)
    return list_response(request, Page(rows, None, ("pass_number", "fate", "n")), format)
