"""Marks counted by kind, zone, pass or recipe, the most first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from station.store.counted import pareto
from station.store.db import Page
from station.store.queries import Bars, TallyQuery
from station.web.deps import TABLES, Format, StoreDep, list_response

router = APIRouter(tags=["defects"])

_COLUMNS = ("of", "marks", "simulated_marks", "share", "running_share")


@router.get(
    "/pareto",
    summary="How many marks count, by kind, zone, pass or recipe, with what people said of them",
    responses=TABLES,
)
def counted(
    request: Request, store: StoreDep, query: Annotated[TallyQuery, Depends()], by: Bars = Bars.KIND,
    format: Format | None = None,
) -> Response:  # fmt: skip
    with store.reader() as reader:
        return list_response(request, Page(pareto(reader.connection, by, query), None, _COLUMNS), format)
