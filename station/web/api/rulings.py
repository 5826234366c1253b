"""Rulings: a person confirms the verdict of an inspection, or overrides it with a reason and the PIN."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from inspection.refused import Refused
from inspection.report import Action
from inspection.verdict import Verdict
from station.access.rights import Right
from station.store.db import Rules, Ruling
from station.web.api.inspections import InspectionId, known_report
from station.web.api.marks import Who, Why
from station.web.deps import StoreDep
from station.web.guesses import one_guess
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(prefix="/inspections/{inspection_id}", tags=["inspections"])


class Ruled(BaseModel):
    """Confirmed as measured, or overridden: then verdict, next step, the reason and the PIN of who is logged in."""

    model_config = ConfigDict(extra="forbid")

    what: Rules
    verdict: Verdict | None = None
    action: Action | None = None
    why: Why | None = None
    who: Who | None = None
    pin: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{1,12}$")] | None = None


@router.get("/rulings", summary="What people ruled of an inspection, the oldest first")
def rulings(inspection_id: InspectionId, store: StoreDep) -> Response:
    with store.reader() as reader:
        known_report(reader, inspection_id)
        return JSONResponse({"items": reader.rulings(inspection_id)}, headers={"Cache-Control": "no-store"})


@router.post(
    "/rulings",
    status_code=201,
    summary="Confirm the verdict of an inspection, or override it",
    dependencies=[needs(Right.JUDGE)],
)
def rule(inspection_id: InspectionId, ruled: Ruled, request: Request, store: StoreDep, visitor: VisitorDep) -> Response:
    """What was measured stays as it is; the last ruling stands beside it. A program has no PIN, and cannot override."""
    overrides = ruled.what is Rules.OVERRIDE
    for name in ("verdict", "action", "why"):
        if (getattr(ruled, name) is not None) != overrides:
            raise Refused(f"{name}: expected with what = override, and only then")
    if ruled.action is Action.RELEASE and ruled.verdict is not Verdict.PASS:
        raise Refused("action: only a panel that passes is released")
    who = signed(visitor, ruled.who)
    if overrides and not visitor.free:
        if visitor.pseudonym is None:
            raise HTTPException(403, "a verdict is overridden by a person who has logged in, not by a program")
        if ruled.pin is None:
            raise Refused("pin: expected with what = override: the PIN of who is logged in")
        with one_guess(request, wrong=403):
            store.prove(visitor.pseudonym, ruled.pin)
    with store.reader() as reader:
        known_report(reader, inspection_id)
    number = store.add_ruling(
        Ruling(
            inspection_id=inspection_id, what=ruled.what, who=who, verdict=ruled.verdict, action=ruled.action,
            why=ruled.why,
        )
    )  # fmt: skip
    return JSONResponse({"ruling": number}, 201, headers={"Location": f"/api/inspections/{inspection_id}/rulings"})
