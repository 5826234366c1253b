"""``/theme/{code}``: remembers light or dark for this browser and goes back to the page one came from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import RedirectResponse, Response

from station.web.languages import COOKIE_AGE_S
from station.web.pages.language import own_address
from station.web.themes import COOKIE, THEMES

router = APIRouter()


@router.get("/theme/{code}")
def choose_theme(code: str, next_page: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Set the cookie; only addresses of this station are gone back to."""
    if code not in THEMES:
        raise HTTPException(404)
    response = RedirectResponse(own_address(next_page), status_code=303)
    response.set_cookie(COOKIE, code, max_age=COOKIE_AGE_S, httponly=True, samesite="lax")
    response.headers["Cache-Control"] = "no-store"
    return response
