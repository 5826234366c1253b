"""``/alignment``: for a person who sets up camera, panel and screen."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from station.web.rendering import page

router = APIRouter()


@router.get("/alignment")
def show(request: Request) -> HTMLResponse:
    """Values come as they are measured, at the press of a button."""
    return page(request, "alignment.html", {}, section="station")
