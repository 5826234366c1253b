"""Defects over all inspections."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from station.store.db import DefectQuery
from station.web.deps import TABLES, Format, StoreDep, list_response

router = APIRouter(tags=["defects"])


@router.get(
    "/defects", summary="Defects, each with the panel, pass, recipe, rig and capture it came from", responses=TABLES
)
def defects(
    request: Request, store: StoreDep, query: Annotated[DefectQuery, Depends()], format: Format | None = None
) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.defects(query), format)
