"""``/recipes``: the colours the station knows."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from station.web.deps import StoreDep
from station.web.rendering import page
from station.web.swatch import screen_colour

router = APIRouter()


@router.get("/recipes")
def show(request: Request, store: StoreDep) -> HTMLResponse:
    """The newest version of every recipe."""
    with store.reader() as reader:
        recipes = reader.recipes()
    rows = [recipe | {"colour": screen_colour(recipe["target_lab"])} for recipe in recipes]
    return page(request, "recipes.html", {"recipes": rows}, section="recipes", twin="/api/recipes")
