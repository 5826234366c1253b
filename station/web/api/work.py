"""Work: when somebody worked on a pass, and what was saved. Who worked is kept, never listed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from station.access.rights import Right
from station.access.visitor import ANYBODY
from station.store.db import Begin, Page, Spell, Store
from station.store.saved import SAVINGS_COLUMNS, saved
from station.web.api.marks import Who
from station.web.deps import Moment, StoreDep, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(tags=["work"])

_WORK = [needs(Right.WORK)]


class Worked(BaseModel):
    """One piece of work; `pass_number` is the pass that was worked on, 1 for the first."""

    model_config = ConfigDict(extra="forbid")

    coat_number: Annotated[int, Field(strict=True, ge=1, le=99)] = 1
    pass_number: Annotated[int, Field(strict=True, ge=1, le=9999)]
    started_at: Moment
    stopped_at: Moment
    who: Who | None = None


class Pass(BaseModel):
    """The pass of a panel that is worked on, 1 for the first."""

    model_config = ConfigDict(extra="forbid")

    coat_number: Annotated[int, Field(strict=True, ge=1, le=99)] = 1
    pass_number: Annotated[int, Field(strict=True, ge=1, le=9999)]


class Starting(Pass):
    """Work that starts now. Nobody has to say who: a bay of its own is a pseudonym too."""

    who: Who | None = None


@router.post(
    "/panels/{code:path}/work/start",
    status_code=201,
    summary="Work on a pass of a panel starts now",
    dependencies=_WORK,
)
def start_work(code: str, starting: Starting, store: StoreDep, visitor: VisitorDep) -> Response:
    _known(store, code)
    who = signed(visitor, starting.who or (ANYBODY if visitor.free else None))
    return JSONResponse({"started_at": store.start_work(code, Begin(**dict(starting) | {"who": who}))}, 201)


@router.post(
    "/panels/{code:path}/work/stop", status_code=201, summary="Work on a pass of a panel stops now", dependencies=_WORK
)
def stop_work(code: str, worked: Pass, store: StoreDep) -> Response:
    _known(store, code)
    number = store.stop_work(code, worked.coat_number, worked.pass_number)
    return JSONResponse({"work": number}, 201, headers={"Location": "/api/savings"})


@router.post(
    "/panels/{code:path}/work",
    status_code=201,
    summary="Keep start and stop of work on a pass of a panel",
    dependencies=_WORK,
)
def post_work(code: str, worked: Worked, store: StoreDep, visitor: VisitorDep) -> Response:
    _known(store, code)
    number = store.add_work(code, Spell(**dict(worked) | {"who": signed(visitor, worked.who)}))
    return JSONResponse({"work": number}, 201, headers={"Location": "/api/savings"})


@router.get("/savings", summary="Passes and hours saved against the planned passes, by recipe")
def savings(request: Request, store: StoreDep) -> Response:
    with store.reader() as reader:
        return list_response(request, Page(saved(reader), None, SAVINGS_COLUMNS))


def _known(store: Store, code: str) -> None:
    with store.reader() as reader:
        if not reader.knows(code):
            raise HTTPException(404, f'panel "{code}" does not exist')
