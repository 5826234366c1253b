"""``/login``: who are you? A sign or a badge, and a PIN."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from station.web.api.session import session_of
from station.web.deps import StoreDep
from station.web.needs import VisitorDep
from station.web.remembered import own_address
from station.web.rendering import page

router = APIRouter()


@router.get("/login")
def show(
    request: Request, store: StoreDep, visitor: VisitorDep, next_page: Annotated[str, Query(alias="next")] = "/"
) -> HTMLResponse:
    """The signs of everybody who may log in, and the pad."""
    with store.reader() as reader:
        people = session_of(reader, visitor)["people"]
    values = {"people": people, "next_page": own_address(next_page)}
    return page(request, "login.html", values, twin="/api/session")
