"""Plans of parts that are larger than the field: the views in which each is captured."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inspection.plan import parse_plan
from station.access.rights import Right
from station.store.db import PlanQuery
from station.store.reader import Reader
from station.web.api.marks import Who, Why
from station.web.deps import StoreDep, found, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(tags=["plans"])


class Drawn(BaseModel):
    """A new version of a plan: the whole text (TOML, `paint-plan/1`), who wrote it (a pseudonym) and why."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=2**20)]
    who: Who | None = None
    why: Why


@router.get("/plans", summary="Versions of plans, the newest first; of one part the newest holds")
def plans(request: Request, store: StoreDep, query: Annotated[PlanQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.plans(query))


@router.post("/plans", status_code=201, summary="Keep a version of a part's plan", dependencies=[needs(Right.RECIPE)])
def write(drawn: Drawn, store: StoreDep, visitor: VisitorDep) -> Response:
    plan = parse_plan(drawn.text, "text")
    store.add_plan(plan, who=signed(visitor, drawn.who), why=drawn.why)
    with store.reader() as reader:
        return JSONResponse(_told(reader, plan.part), 201, headers={"Location": f"/api/plans/{plan.sha256}"})


@router.get("/plans/{sha256}", summary="One version of a plan, by its content hash, with its outline and views")
def plan(sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], store: StoreDep) -> Response:
    with store.reader() as reader:
        known = reader.plan_of(sha256)
    if known is None:
        raise HTTPException(404, f"plan {sha256[:12]} does not exist")
    return JSONResponse(asdict(known))


def _told(reader: Reader, part: str) -> dict[str, Any]:
    row = found(reader.plan(part), f"the plan of {part}")
    return {name: row[name] for name in ("part", "sha256", "who", "why", "stored_at")}
