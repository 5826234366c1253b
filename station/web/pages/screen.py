"""``/screen``: the page for the pattern screen, to be opened full screen in a kiosk browser."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from station.web.rendering import page

router = APIRouter()


@router.get("/screen")
def show(request: Request) -> HTMLResponse:
    """A black page; what it shows comes over its own connection."""
    return page(request, "screen.html", {})
