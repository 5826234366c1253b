"""What was done of an inspection's next step, ticked off place by place at the bay."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inspection.refused import Refused
from station.access.rights import Right
from station.access.visitor import ANYBODY
from station.store.corrected import as_it_stands
from station.store.db import Tick
from station.web.api.inspections import InspectionId, known_report
from station.web.api.marks import Who
from station.web.deps import StoreDep, found
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(prefix="/inspections/{inspection_id}", tags=["work"])


class Ticked(BaseModel):
    """A place that is done, or is not after all.

    `key` is made by who sends it, anew for each word: one that arrives twice over a weak network is kept once.
    """

    model_config = ConfigDict(extra="forbid")

    place: Annotated[str, Field(min_length=1, max_length=200)]
    done: Annotated[bool, Field(strict=True)]
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{16,64}$")]
    #: Nobody has to say who: a bay of its own is a pseudonym too.
    who: Who | None = None


@router.get("/ticks", summary="Places of the next step with the last word about each")
def ticks(inspection_id: InspectionId, store: StoreDep) -> Response:
    with store.reader() as reader:
        known_report(reader, inspection_id)
        return _told(reader.ticks(inspection_id), 200)


@router.post(
    "/ticks", status_code=201, summary="A place of the next step is done", dependencies=[needs(Right.WORK)],
    responses={200: {"description": "this very word was kept before"}},
)  # fmt: skip
def tick(inspection_id: InspectionId, ticked: Ticked, store: StoreDep, visitor: VisitorDep) -> Response:
    with store.reader() as reader:
        row = found(reader.inspection(inspection_id), f"inspection {inspection_id}")
        places = [task["place"] for task in as_it_stands(reader, row)["next_step"].get("tasks", ())]
    if ticked.place not in places:
        raise Refused(f"place: {ticked.place} is no place of this next step; those are: {', '.join(places) or 'none'}")
    who = signed(visitor, ticked.who or (ANYBODY if visitor.free else None))
    new = store.add_tick(Tick(inspection_id=inspection_id, **dict(ticked) | {"who": who}))
    with store.reader() as reader:
        return _told(reader.ticks(inspection_id), 201 if new else 200)


def _told(items: list[dict[str, Any]], status: int) -> Response:
    return JSONResponse({"items": items}, status, headers={"Cache-Control": "no-store"})
