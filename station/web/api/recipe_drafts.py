"""Drafts of recipes: tried on stored panels, proposed by one person, approved by a second one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inspection.recipe import Recipe, parse_recipe
from station.access.rights import Right
from station.access.visitor import Visitor
from station.learning import learned_from
from station.store.db import Page, Store
from station.store.drafts import DRAFT_COLUMNS
from station.trials import on_trial
from station.web.api.marks import Who, Why
from station.web.api.recipes import Written
from station.web.deps import LineDep, StoreDep, found, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(tags=["recipes"])

DraftId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class Tried(BaseModel):
    """A recipe (TOML, `paint-recipe/1`) that is not kept."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=2**20)]


class FromPanels(BaseModel):
    """Accepted panels, by their inspections; who says that they are, where nobody has logged in."""

    model_config = ConfigDict(extra="forbid")

    recipe: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    inspections: Annotated[list[Annotated[int, Field(ge=1, le=2**53)]], Field(min_length=1, max_length=200)]
    who: Who | None = None


class Approved(BaseModel):
    """Who approves, where nobody has logged in because the station knows no people."""

    model_config = ConfigDict(extra="forbid")

    who: Who | None = None


class Rejected(BaseModel):
    """Why, and who, where nobody has logged in because the station knows no people."""

    model_config = ConfigDict(extra="forbid")

    why: Why
    who: Who | None = None


@router.post("/recipe-trials", summary="Which stored panels a recipe would judge otherwise; nothing is kept",
             dependencies=[needs(Right.RECIPE)])  # fmt: skip
def attempt(tried: Tried, store: StoreDep) -> Response:
    """`after` is null where stored readings do not answer, and the panel would have to be measured anew."""
    recipe = parse_recipe(tried.text, "text")
    with store.reader() as reader:
        items = [asdict(one) | {"moved": one.moved} for one in on_trial(reader, recipe)]
    return JSONResponse({"name": recipe.name, "sha256": recipe.sha256, "items": items})


@router.get("/recipe-drafts", summary="Drafts of recipes, the newest first")
def drafts(request: Request, store: StoreDep, recipe: str | None = None) -> Response:
    with store.reader() as reader:
        return list_response(request, Page(reader.drafts(recipe), None, DRAFT_COLUMNS))


@router.get("/recipe-drafts/{draft_id}", summary="One draft, and what it would change")
def draft(draft_id: DraftId, store: StoreDep) -> Response:
    with store.reader() as reader:
        row = found(reader.draft(draft_id), f"draft {draft_id}")
        tried = (
            on_trial(reader, parse_recipe(row["text"], "text"))
            if row["approved_at"] is None and row["rejected_at"] is None
            else []
        )
    return JSONResponse(row | {"trial": [asdict(one) | {"moved": one.moved} for one in tried]})


@router.post("/recipe-drafts", status_code=201, summary="Propose a new version of a recipe",
             dependencies=[needs(Right.RECIPE)])  # fmt: skip
def propose(written: Written, store: StoreDep, visitor: VisitorDep) -> Response:
    """The line goes on with the version that it has until a second person approves."""
    recipe = parse_recipe(written.text, "text")
    return _proposed(store, recipe, signed(visitor, written.who), written.why)


def _proposed(store: Store, recipe: Recipe, who: str, why: str) -> Response:
    number = store.add_draft(recipe, who=who, why=why)
    address = f"/api/recipe-drafts/{number}"
    return JSONResponse({"draft": number, "page": f"/recipe-drafts/{number}"}, 201, headers={"Location": address})


@router.post("/recipe-drafts/learned", status_code=201, summary="Propose what accepted panels teach",
             dependencies=[needs(Right.RECIPE)])  # fmt: skip
def propose_learned(asked: FromPanels, store: StoreDep, line: LineDep, visitor: VisitorDep) -> Response:
    """Every capture is measured again; the line is busy meanwhile. 422 where they teach nothing."""
    who = signed(visitor, asked.who)
    with line.claimed(), store.reader() as reader:
        recipe = learned_from(reader, asked.inspections, asked.recipe, who=who, now=line.now(), software=line.software)
    return _proposed(store, recipe, who, f"learned from {len(set(asked.inspections))} accepted panels")


@router.post("/recipe-drafts/{draft_id}/approval", status_code=201, summary="Approve a draft: the line uses it",
             dependencies=[needs(Right.RECIPE)])  # fmt: skip
def approve(draft_id: DraftId, approved: Approved, store: StoreDep, visitor: VisitorDep) -> Response:
    with store.reader() as reader:
        row: dict[str, Any] = found(reader.draft(draft_id), f"draft {draft_id}")
    recipe: Recipe = parse_recipe(row["text"], "text")
    sha256 = store.approve_draft(row, recipe, who=_person(visitor, approved.who))
    return JSONResponse(
        {"name": recipe.name, "sha256": sha256}, 201, headers={"Location": f"/api/recipes/{recipe.name}"}
    )


@router.post("/recipe-drafts/{draft_id}/rejection", status_code=201, summary="Put a draft aside, with the reason",
             dependencies=[needs(Right.RECIPE)])  # fmt: skip
def reject(draft_id: DraftId, rejected: Rejected, store: StoreDep, visitor: VisitorDep) -> Response:
    with store.reader() as reader:
        row: dict[str, Any] = found(reader.draft(draft_id), f"draft {draft_id}")
    store.reject_draft(row, who=_person(visitor, rejected.who), why=rejected.why)
    return JSONResponse({"draft": draft_id}, 201, headers={"Location": f"/api/recipe-drafts/{draft_id}"})


def _person(visitor: Visitor, said: str | None) -> str:
    if not visitor.free and visitor.pseudonym is None:
        raise HTTPException(403, "a draft is decided on by a person who has logged in, not by a program")
    return signed(visitor, said)
