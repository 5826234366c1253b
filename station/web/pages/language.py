"""``/language/{code}``: remembers a language and goes back to the page one came from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import RedirectResponse, Response

from station.web.languages import COOKIE, COOKIE_AGE_S, LANGUAGES

router = APIRouter()


@router.get("/language/{code}")
def choose_language(code: str, next_page: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Set the language cookie; only addresses of this station are gone back to."""
    if code not in LANGUAGES:
        raise HTTPException(404)
    response = RedirectResponse(own_address(next_page), status_code=303)
    response.set_cookie(COOKIE, code, max_age=COOKIE_AGE_S, httponly=True, samesite="lax")
    response.headers["Cache-Control"] = "no-store"
    return response


def own_address(address: str) -> str:
    """The address itself if it leads to a page of this station, else the start page."""
    # "//host" and "/\host" lead to another machine.
    if not address.startswith("/") or address[1:2] in {"/", "\\"} or any(ord(letter) < 32 for letter in address):
        return "/"
    return address
