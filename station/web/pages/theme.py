"""``/theme/{code}``: remembers light or dark for this browser and goes back to the page one came from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from station.web.remembered import remembered
from station.web.themes import COOKIE, THEMES

router = APIRouter()


@router.get("/theme/{code}")
def choose_theme(code: str, next_page: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Set the cookie; only addresses of this station are gone back to."""
    if code not in THEMES:
        raise HTTPException(404)
    return remembered(COOKIE, code, next_page)
