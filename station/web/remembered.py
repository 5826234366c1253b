"""A choice that this browser remembers for a year: its language, light or dark."""

from __future__ import annotations

from fastapi.responses import RedirectResponse, Response

from station.web.languages import COOKIE_AGE_S


def remembered(cookie: str, code: str, next_page: str) -> Response:
    """Set the cookie and go back to the page one came from; only addresses of this station are gone back to."""
    response = RedirectResponse(own_address(next_page), status_code=303)
    response.set_cookie(cookie, code, max_age=COOKIE_AGE_S, httponly=True, samesite="lax")
    response.headers["Cache-Control"] = "no-store"
    return response


def own_address(address: str) -> str:
    """The address itself if it leads to a page of this station, else the start page."""
    # "//host" and "/\host" lead to another machine.
    if not address.startswith("/") or address[1:2] in {"/", "\\"} or any(ord(letter) < 32 for letter in address):
        return "/"
    return address
