"""The server's end of the pattern screen's connection: bytes to the page, its words to the link."""

from __future__ import annotations

import asyncio
from typing import Annotated, cast

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocketDisconnect

from station.access.rights import Right
from station.capture.screen_link import PageSize, ScreenLink
from station.web.door import from_own_machine, visitor_of

router = APIRouter()

#: Codes of RFC 6455, section 7.4.1, and one of our own: another page took this one's place.
POLICY, REPLACED = 1008, 4001


class _Size(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    width: Annotated[int, Field(ge=0, le=100_000)]
    height: Annotated[int, Field(ge=0, le=100_000)]
    ratio: Annotated[float, Field(gt=0, le=100)]
    visible: bool


class _Shown(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    shown: Annotated[int, Field(ge=0, le=2**32)]


_WORDS: TypeAdapter[_Size | _Shown] = TypeAdapter(_Size | _Shown)


@router.websocket("/screen/link")
async def link(socket: WebSocket) -> None:
    """Serve one page until it goes or a newer one comes. Who shows patterns has a part in the measurement."""
    if not (from_own_machine(socket) or visitor_of(socket).may(Right.MEASURE)):
        await socket.close(POLICY)
        return
    screen = cast(ScreenLink | None, socket.app.state.screen)
    await socket.accept()
    if screen is None:
        await socket.send_text("This station has no pattern screen in a browser (capture.screen in station.toml).")
        await socket.close(POLICY)
        return
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[bytes] = asyncio.Queue()
    page = screen.attach(lambda content: _later(loop, waiting, content))
    sending = asyncio.create_task(_send(socket, waiting))
    try:
        while True:
            words = _WORDS.validate_json(await socket.receive_text())
            if isinstance(words, _Shown):
                screen.acknowledged(page, words.shown)
            else:
                wrong = screen.told(page, PageSize(words.width, words.height, words.ratio, words.visible))
                await socket.send_text(wrong or "")
    except WebSocketDisconnect:
        pass  # the page has gone: the link is told so below
    except (ValidationError, KeyError):
        await socket.close(POLICY)
    finally:
        sending.cancel()
        screen.detach(page)


def _later(loop: asyncio.AbstractEventLoop, waiting: asyncio.Queue[bytes], content: bytes) -> None:
    loop.call_soon_threadsafe(waiting.put_nowait, content)


async def _send(socket: WebSocket, waiting: asyncio.Queue[bytes]) -> None:
    while content := await waiting.get():
        await socket.send_bytes(content)
    await socket.close(REPLACED)
