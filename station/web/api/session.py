"""The session: log in, see who is logged in, log out."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from station.access.rights import Right
from station.access.terms import Terms
from station.access.visitor import Visitor
from station.store.db import Reader
from station.web.deps import StoreDep
from station.web.door import COOKIE, ticket_of
from station.web.guesses import one_guess
from station.web.needs import ANYBODY_MAY, VisitorDep

router = APIRouter(tags=["session"])


class LogIn(BaseModel):
    """Who, by pseudonym or by the code on a badge, and the PIN."""

    model_config = ConfigDict(extra="forbid", strict=True)

    pseudonym: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    badge: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")]

    @model_validator(mode="after")
    def _one_of_two(self) -> LogIn:
        if (self.pseudonym is None) == (self.badge is None):
            raise ValueError("expected a pseudonym or a badge, one of the two")
        return self


def session_of(reader: Reader, visitor: Visitor) -> dict[str, Any]:
    """Who is logged in and may do what, and who could log in."""
    people = [row["pseudonym"] for row in reader.people() if not row["locked"]]
    return {
        "pseudonym": visitor.pseudonym,
        "role": visitor.role,
        "free": visitor.free,
        "rights": [right for right in Right if visitor.may(right)],
        "people": people,
    }


@router.get("/session", summary="Who is logged in, what they may do, and who could log in")
def session(store: StoreDep, visitor: VisitorDep) -> Response:
    """``free``: no people are set up, everybody may do everything."""
    with store.reader() as reader:
        return JSONResponse(session_of(reader, visitor), headers={"Cache-Control": "no-store"})


@router.post("/session", status_code=201, summary="Log in", dependencies=[ANYBODY_MAY])
def log_in(who: LogIn, request: Request, store: StoreDep) -> Response:
    """The answer's cookie is the session. Wrong PINs lock the log-in, in the end for a day."""
    terms = cast(Terms, request.app.state.terms)
    with one_guess(request, wrong=401):
        store.end_old_sessions(terms)
        store.forget_old_names(terms.names_kept)
        ticket = store.log_in(who.pin, pseudonym=who.pseudonym, badge=who.badge)
    before = ticket_of(request)
    if before is not None:
        store.log_out(before)
    with store.reader() as reader:
        visitor, _ = reader.session(ticket, terms)
        made = JSONResponse(session_of(reader, visitor), 201, headers={"Cache-Control": "no-store"})
    made.set_cookie(
        COOKIE, ticket, max_age=int(terms.longest.total_seconds()), httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return made


@router.delete("/session", status_code=204, summary="Log out", dependencies=[ANYBODY_MAY])
def log_out(request: Request, store: StoreDep) -> Response:
    ticket = ticket_of(request)
    if ticket is not None:
        store.log_out(ticket)
    made = Response(status_code=204)
    made.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return made
