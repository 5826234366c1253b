"""Recipes: the newest version of each, and one by name or content hash."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inspection.recipe import parse_recipe
from station.access.rights import Right
from station.decisions import decisions
from station.store.db import Page, RecipeQuery
from station.store.versions import VERSION_COLUMNS
from station.web.api.marks import Who, Why
from station.web.deps import StoreDep, found, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(tags=["recipes"])


@router.get("/recipes", summary="The newest version of every recipe")
def recipes(request: Request, store: StoreDep, query: Annotated[RecipeQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.recipe_page(query))


class Written(BaseModel):
    """A new version of a recipe: the whole text (TOML, `paint-recipe/1`), who wrote it (a pseudonym) and why."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=2**20)]
    who: Who | None = None
    why: Why


@router.post("/recipes", status_code=201, summary="Keep a new version of a recipe", dependencies=[needs(Right.RECIPE)])
def write(written: Written, store: StoreDep, visitor: VisitorDep) -> Response:
    """Without people only: where there are some, one proposes and another approves (`/api/recipe-drafts`)."""
    if not visitor.free:
        raise HTTPException(403, "propose it at /api/recipe-drafts: a second person approves what the line shall use")
    recipe = parse_recipe(written.text, "text")
    store.add_recipe(recipe, who=signed(visitor, written.who), why=written.why)
    with store.reader() as reader:
        newest = reader.versions(recipe.name)[0]
    address = f"/api/recipes/{recipe.name}"
    return JSONResponse({"name": recipe.name} | newest, 201, headers={"Location": address})


@router.get("/recipes/{name}/versions", summary="Versions of a recipe: who, when, why, and what moved")
def versions(request: Request, name: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        rows = reader.versions(name)
    if not rows:
        raise HTTPException(404, f'recipe "{name}" does not exist')
    return list_response(request, Page(rows, None, VERSION_COLUMNS))


@router.get("/recipes/{name}/risk", summary="Consumer's and producer's risk of each check, and the prior it rests on")
def risk(name: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        recipe = reader.load_recipe(name)
        if recipe is None:
            raise HTTPException(404, f'recipe "{name}" does not exist')
        return JSONResponse({"items": [asdict(one) for one in decisions(reader, recipe)]})


@router.get("/recipes/{name}", summary="One recipe, by name (its newest version) or by content hash")
def recipe(name: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        return JSONResponse(found(reader.recipe(name), f'recipe "{name}"'))
