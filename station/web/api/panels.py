"""Panels, each with its latest inspection; one panel with its history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from station.store.db import PanelQuery
from station.web.deps import StoreDep, found, list_response

router = APIRouter(tags=["panels"])


@router.get("/panels", summary="Panels by code, each with its latest inspection")
def panels(request: Request, store: StoreDep, query: Annotated[PanelQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.panels(query))


@router.get("/panels/{code:path}", summary="One panel with its inspections and their findings, in the order of work")
def panel(code: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        return JSONResponse(found(reader.panel(code), f'panel "{code}"'))
