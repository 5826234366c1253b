"""The door: who stands behind a request. Strangers get in nowhere but to the log-in, once the station knows people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Final, cast
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from station.access.terms import Terms
from station.access.visitor import FREE, STRANGER, Visitor, acting_as
from station.faults import NoRoom
from station.store.db import Store

#: Cookie that holds the ticket of a session.
COOKIE: Final = "session"
LOG_IN: Final = "/login"
#: What a stranger may ask for: the log-in with what it looks like, and whether the station works.
FOR_STRANGERS: Final = frozenset({LOG_IN, "/api/session", "/api/health"})
FOR_STRANGERS_UNDER: Final = ("/static/", "/language/", "/theme/")
#: What the station's own machine may ask for besides: nobody can log in at the screen that shows the patterns.
FOR_OWN_MACHINE: Final = frozenset({"/screen", "/screen/link"})

#: Answers a request with a status and one sentence.
Refuse = Callable[[Request, int, str, dict[str, str]], Response]


class Door:
    """Finds out who asks, keeps it with the request, and lets strangers no further than `FOR_STRANGERS`.

    Everything that is written while a request is answered is written in the name of who asked.
    """

    def __init__(self, app: ASGIApp, *, store: Store, terms: Terms, refuse: Refuse) -> None:
        self._app = app
        self._store = store
        self._terms = terms
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith("/static/"):
            visitor = STRANGER
        else:
            visitor = await to_thread.run_sync(self._visitor, HTTPConnection(scope))
        scope.setdefault("state", {})["visitor"] = visitor
        if not visitor.known and not _for_strangers(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": "log in first"})
            else:
                await self._turned_away(Request(scope))(scope, receive, send)
            return
        with acting_as(visitor.acts_as):
            await self._app(scope, receive, send)

    def _visitor(self, connection: HTTPConnection) -> Visitor:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        with self._store.reader() as reader:
            if scheme.lower() == "bearer":
                # A token that is wrong is never taken for none.
                return reader.program(token.strip())
            if not reader.has_people():
                # It is open to its own machine only: a proxy may not hand other machines in.
                return STRANGER if _passed_on(connection) else FREE
            ticket = ticket_of(connection)
            if ticket is None:
                return STRANGER
            visitor, to_be_noted = reader.session(ticket, self._terms)
        if to_be_noted:
            # A full disk keeps nobody from reading: the session then ends as if it had not been used.
            with suppress(NoRoom):
                self._store.seen(ticket)
        return visitor

    def _turned_away(self, request: Request) -> Response:
        asks_for_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if asks_for_page and not request.url.path.startswith("/api/"):
            query = request.url.query
            there = quote(request.url.path + (f"?{query}" if query else ""), safe="")
            return RedirectResponse(f"{LOG_IN}?next={there}", status_code=303, headers={"Cache-Control": "no-store"})
        sentence = "log in first, or send a token of this station (Authorization: Bearer …)"
        return self._refuse(request, 401, sentence, {"WWW-Authenticate": "Bearer"})


def ticket_of(connection: HTTPConnection) -> str | None:
    """The session's ticket that a browser sends, if any."""
    # Two cookies of this name: one was planted by another program of this machine, nobody knows which.
    given = [
        part
        for header in connection.headers.getlist("cookie")
        for part in header.split(";")
        if part.strip().startswith(f"{COOKIE}=")
    ]
    if len(given) != 1:
        return None
    try:
        return SimpleCookie(given[0].strip())[COOKIE].value
    except (CookieError, KeyError):
        return None


def visitor_of(connection: HTTPConnection) -> Visitor:
    """Who stands behind a request, as the door found out."""
    return cast(Visitor, connection.scope.get("state", {}).get("visitor", STRANGER))


def from_own_machine(connection: HTTPConnection) -> bool:
    """Whether it comes from a program of this machine."""
    try:
        return connection.client is not None and ip_address(connection.client.host).is_loopback
    except ValueError:
        return False


def _passed_on(connection: HTTPConnection) -> bool:
    """Whether a proxy says that it brings it from elsewhere (RFC 7239, and the older header)."""
    return "forwarded" in connection.headers or "x-forwarded-for" in connection.headers


def _for_strangers(scope: Scope) -> bool:
    path = scope["path"]
    if path in FOR_OWN_MACHINE:
        return from_own_machine(HTTPConnection(scope))
    return path in FOR_STRANGERS or path.startswith(FOR_STRANGERS_UNDER)
