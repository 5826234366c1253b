"""The line: how it stands, start and stop, and its changes as they come (Server-Sent Events)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from inspection.frames import Conditions
from station.access.rights import Right
from station.events import utc_text
from station.line.jobs import Start
from station.line.runner import Runner
from station.line.state import Snapshot, State
from station.web.api.marks import Who
from station.web.deps import NO_CAMERA, LineDep, OwnRunnerDep, answers
from station.web.needs import VisitorDep, needs

router = APIRouter(tags=["line"])

Code = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
#: Changes that a slow listener has not taken yet; of more than that only the newest count.
WAITING = 64
MEASURES = needs(Right.MEASURE)


def _runner(runner: OwnRunnerDep) -> Runner:
    if runner is None:
        raise HTTPException(409, NO_CAMERA)
    return runner


RunnerDep = Annotated[Runner, Depends(_runner)]


class Wanted(BaseModel):
    """A panel to capture and measure. What an order says of its code need not be said again."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    code: Code
    recipe: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")] | None = None
    part: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    pass_number: Annotated[int, Field(ge=0, le=9999)] | None = None
    coat_number: Annotated[int, Field(ge=1, le=99)] | None = None
    #: The person was asked about this pass and means it.
    confirmed: bool = False
    wiped: bool | None = None
    surface_temperature_c: Annotated[float, Field(ge=-50, le=150)] | None = None
    operator: Who | None = None


@router.get("/line", summary="How the line stands")
def line(runner: OwnRunnerDep, line: LineDep) -> Response:
    """A station that takes no pictures of its own measures what it is sent, and says no more than that."""
    if runner is not None:
        return _told(runner.snapshot)
    state = State.MEASURING if line.busy else State.IDLE
    return _told(Snapshot(number=0, state=state, since=utc_text(line.now())))


@router.get(
    "/line/picture.png",
    summary="What the camera saw last of the panel that is captured",
    response_class=Response,
    responses=answers("image/png") | {204: {"description": "nothing is being captured"}},
)
def picture(
    runner: RunnerDep, number: Annotated[int | None, Query(ge=0, description="of the change, for a new address")] = None
) -> Response:
    """Small, of the newest frame taken; 204 while nothing is captured. It never asks the camera."""
    png = runner.seen.png()
    if png is None:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return Response(png, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/line/start", status_code=202, summary="Capture and measure a panel", dependencies=[MEASURES])
def start(wanted: Wanted, runner: RunnerDep, visitor: VisitorDep) -> Response:
    """202: under way; follow it at `/api/line` or `/api/events`. 409: at work, or a person has to say which pass."""
    asked = Start(
        code=wanted.code, recipe=wanted.recipe, part=wanted.part, pass_number=wanted.pass_number,
        coat_number=wanted.coat_number, confirmed=wanted.confirmed, operator=visitor.pseudonym or wanted.operator,
        conditions=Conditions(wiped=wanted.wiped, surface_temperature_c=wanted.surface_temperature_c),
    )  # fmt: skip
    return _told(runner.start(asked), 202)


@router.post("/line/abort", status_code=202, summary="Stop the capture that goes on", dependencies=[MEASURES])
def abort(runner: RunnerDep) -> Response:
    return _told(runner.abort(), 202)


@router.post("/line/hand", status_code=202, summary="The lamp that was asked for is switched", dependencies=[MEASURES])
def hand(runner: RunnerDep) -> Response:
    return _told(runner.hand_done(), 202)


@router.post("/line/code", summary="Read the code of the panel by the camera", dependencies=[MEASURES])
def code(runner: RunnerDep) -> Response:
    """What it says, its kind and its corners in the picture. 409: at work. 422: no code, an unreadable one, several."""
    return JSONResponse(asdict(runner.read_code()), headers={"Cache-Control": "no-store"})


@router.get("/events", summary="Every change of the line, as it comes", response_class=EventSourceResponse)
async def events(runner: RunnerDep) -> AsyncIterator[ServerSentEvent]:
    """The line as it stands, then each change; data as `/api/line` gives it."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Snapshot] = asyncio.Queue(WAITING)

    def newest(snapshot: Snapshot) -> None:
        if waiting.full():
            waiting.get_nowait()
        waiting.put_nowait(snapshot)

    with runner.heard_by(lambda snapshot: _later(loop, newest, snapshot)) as now:
        yield _event(now)
        while True:
            yield _event(await waiting.get())


def _later(loop: asyncio.AbstractEventLoop, take: Callable[[Snapshot], None], snapshot: Snapshot) -> None:
    # A loop that has ended has no listeners any more.
    if not loop.is_closed():
        loop.call_soon_threadsafe(take, snapshot)


def _event(snapshot: Snapshot) -> ServerSentEvent:
    return ServerSentEvent(data=asdict(snapshot), event="line", id=str(snapshot.number))


def _told(snapshot: Snapshot, status: int = 200) -> Response:
    return JSONResponse(asdict(snapshot), status, headers={"Cache-Control": "no-store"})
