"""``/rigs``: every calibration, the newest first, and whether it still holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from station.store.queries import RigQuery
from station.web.deps import StoreDep
from station.web.rendering import page

router = APIRouter()

_PAGE_SIZE = 50


@router.get("/rigs")
def show(request: Request, store: StoreDep) -> HTMLResponse:
    """The list."""
    query = RigQuery(limit=_PAGE_SIZE, cursor=request.query_params.get("cursor"))
    with store.reader() as reader:
        found = reader.rigs(query)
    asked = {"limit": _PAGE_SIZE} | ({"cursor": query.cursor} if query.cursor else {})
    values = {
        "rigs": [_state(rig) for rig in found.items],
        "older": f"/rigs?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else None,
    }
    return page(request, "rigs.html", values, section="station", twin=f"/api/rigs?{urlencode(asked)}")


def _state(rig: dict[str, Any]) -> dict[str, Any]:
    return rig | ({"state": "expired", "shape": "hold"} if rig["expired"] else {"state": "valid", "shape": "pass"})
