"""Recipes: the newest version of each, and one by name or content hash."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from station.store.db import RecipeQuery
from station.web.deps import StoreDep, found, list_response

router = APIRouter(tags=["recipes"])


@router.get("/recipes", summary="The newest version of every recipe")
def recipes(request: Request, store: StoreDep, query: Annotated[RecipeQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.recipe_page(query))


@router.get("/recipes/{name}", summary="One recipe, by name (its newest version) or by content hash")
def recipe(name: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        return JSONResponse(found(reader.recipe(name), f'recipe "{name}"'))
