"""Findings over all inspections: one row for each measured value."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from station.store.db import FindingQuery
from station.web.deps import TABLES, Format, StoreDep, list_response

router = APIRouter(tags=["findings"])


@router.get(
    "/findings",
    summary="Measured values, each with the panel, pass, recipe, rig and capture it came from",
    responses=TABLES,
)
def findings(
    request: Request, store: StoreDep, query: Annotated[FindingQuery, Depends()], format: Format | None = None
) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.findings(query), format)
