"""Errors in one shape: problem details, RFC 9457, and the headers every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inspection.refused import Refused
from station.access.terms import Terms
from station.faults import Asks, Busy, CodeFault, NoRoom, NotNow, Retired, StationFault
from station.store.db import Store
from station.web.bodies import BodyLimit
from station.web.door import Door
from station.web.writers import OwnPagesOnly

#: Makes a page for a person from a request and a status.
ProblemPage = Callable[[Request, int], Response]
#: Says a fault in the language of a request.
FaultWords = Callable[[Request, "StationFault | NotNow"], str]

#: Nothing comes from elsewhere, nothing is framed, no type is guessed.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

#: The shape in the OpenAPI document.
PROBLEM_RESPONSES: dict[int | str, dict[str, object]] = {
    kind: {
        "description": f"{words}, problem details (RFC 9457)",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "instance"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "instance": {"type": "string"},
                    },
                }
            }
        },
    }
    for kind, words in (("4XX", "The request cannot be met"), ("5XX", "The station has a fault"))
}


def problem(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None, **members: object
) -> Response:
    """One error as problem details.

    Parameters
    ----------
    detail : str
        One sentence for a person.
    members
        What a program needs beside it (RFC 9457, section 3.2).
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **members,
    }
    return JSONResponse(body, status, headers=dict(headers or {}), media_type="application/problem+json")


def install(
    app: FastAPI, page: ProblemPage, words: FaultWords, *, store: Store, terms: Terms, hosts: Iterable[str] = ()
) -> None:
    """Answer every error in the one shape; addresses outside the API with a page where a browser asks.

    Parameters
    ----------
    words : callable
        Says a fault in the language of a request.
    store, terms : Store, Terms
        Who may come in, see `door.Door`.
    hosts : iterable of str
        Names of this station beside the machine's own, see `writers.OwnPagesOnly`.
    """

    def answer(
        request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None, **members: object
    ) -> Response:
        api = request.url.path == "/api" or request.url.path.startswith("/api/")
        if api or "text/html" not in request.headers.get("accept", ""):
            return problem(request, status, detail, headers, **members)
        made = page(request, status)
        made.headers.update(dict(headers or {}))
        return made

    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        bare = error.detail == HTTPStatus(error.status_code).phrase
        detail = _WORDS.get(error.status_code, error.detail) if bare else error.detail
        return answer(request, error.status_code, detail, error.headers)

    def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        field = str(first["loc"][-1])
        return answer(request, 422, f"{field}: {first['msg']}")

    def on_question(request: Request, error: Exception) -> Response:
        assert isinstance(error, Asks)
        return problem(request, 409, str(error), passes=error.passes)

    def on_fault(request: Request, error: Exception) -> Response:
        made = answer(request, 500, "the station could not answer; its log says why")
        # This answer is made outside the middleware that adds them.
        made.headers.update(SECURITY_HEADERS)
        return made

    def on_said(status: int, headers: Mapping[str, str] | None = None) -> Callable[[Request, Exception], Response]:
        """Answers a fault that pages have words for: they go with it, in the language of the request."""

        def answered(request: Request, error: Exception) -> Response:
            assert isinstance(error, (StationFault, NotNow))
            said = {"code": error.code, "values": error.values, "words": words(request, error)} if error.code else {}
            return answer(request, status, str(error), headers, **said)

        return answered

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(Refused, lambda request, error: answer(request, 422, str(error)))
    app.add_exception_handler(NotNow, on_said(422))
    app.add_exception_handler(Busy, on_said(409, {"Retry-After": "2"}))
    app.add_exception_handler(Asks, on_question)
    app.add_exception_handler(CodeFault, on_said(422))
    app.add_exception_handler(NoRoom, on_said(507))
    app.add_exception_handler(Retired, on_said(410))
    app.add_exception_handler(StationFault, on_said(503))
    app.add_exception_handler(Exception, on_fault)
    # The last one added is the first that a request meets.
    app.add_middleware(Door, store=store, terms=terms, refuse=problem)
    app.add_middleware(BodyLimit, refuse=problem)
    app.add_middleware(OwnPagesOnly, hosts=hosts, refuse=problem)
    app.add_middleware(SecurityHeaders)


_WORDS = {
    404: "there is nothing at this address",
    405: "this address does not answer to that method",
}


class SecurityHeaders:
    """Adds `SECURITY_HEADERS` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        return self._app(scope, receive, send_with if scope["type"] == "http" else send)
