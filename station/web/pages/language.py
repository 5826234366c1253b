"""``/language/{code}``: remembers a language and goes back to the page one came from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from station.web.languages import COOKIE, LANGUAGES
from station.web.remembered import remembered

router = APIRouter()


@router.get("/language/{code}")
def choose_language(code: str, next_page: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Set the language cookie; only addresses of this station are gone back to."""
    if code not in LANGUAGES:
        raise HTTPException(404)
    return remembered(COOKIE, code, next_page)
