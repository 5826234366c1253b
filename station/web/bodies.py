"""How large the body of a request may be.

FastAPI has a limit of its own (``max_body_size``), but answers in plain text and not with a problem document.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: A recipe of a million letters, each escaped, is 6 MB.
MOST_BYTES: Final = 8 * 2**20
#: They take capture sets, and count them themselves while they arrive.
COUNT_THEMSELVES: Final = frozenset({"/api/captures", "/api/daily-checks"})


class BodyLimit:
    """Refuses a body that is larger than `MOST_BYTES`, before it is taken in where it says its size."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Request, int, str], Response]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in COUNT_THEMSELVES:
            await self._app(scope, receive, send)
            return
        too_large = f"the body is larger than {MOST_BYTES} bytes"
        request = Request(scope)
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > MOST_BYTES:
            await self._refuse(request, 413, too_large)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise HTTPException(413, too_large)
            return message

        await self._app(scope, counted, send)
