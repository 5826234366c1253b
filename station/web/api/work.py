"""Work: when somebody worked on a pass, and what was saved. Who worked is kept, never listed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from station.store.db import Page, Spell
from station.store.work import SAVINGS_COLUMNS
from station.web.api.marks import Who
from station.web.deps import StoreDep, list_response

router = APIRouter(tags=["work"])


class Worked(BaseModel):
    """One piece of work; `pass_number` is the pass that was worked on, 1 for the first."""

    model_config = ConfigDict(extra="forbid")

    coat_number: Annotated[int, Field(ge=1, le=99)] = 1
    pass_number: Annotated[int, Field(ge=1, le=9999)]
    started_at: AwareDatetime
    stopped_at: AwareDatetime
    who: Who


@router.post("/panels/{code:path}/work", status_code=201, summary="Keep start and stop of work on a pass of a panel")
def post_work(code: str, worked: Worked, store: StoreDep) -> Response:
    with store.reader() as reader:
        if reader.panel(code) is None:
            raise HTTPException(404, f'panel "{code}" does not exist')
    number = store.add_work(code, Spell(**dict(worked)))
    return JSONResponse({"work": number}, 201, headers={"Location": "/api/savings"})


@router.get("/savings", summary="Passes and hours saved against the planned passes, by recipe")
def savings(request: Request, store: StoreDep) -> Response:
    with store.reader() as reader:
        return list_response(request, Page(reader.savings(), None, SAVINGS_COLUMNS))
