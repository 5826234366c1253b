"""``/recipes/{name}``: what a recipe asks for, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from inspection.units import unit_of
from station.web.deps import StoreDep
from station.web.findings import limits_in_words
from station.web.rendering import language_of, page
from station.web.swatch import screen_colour
from station.web.versions import versions_in_words
from station.web.wording import Wording

router = APIRouter()


@router.get("/recipes/{name}")
def show(request: Request, name: str, store: StoreDep) -> HTMLResponse:
    """The newest version of a recipe, or the version with that content hash."""
    with store.reader() as reader:
        recipe = reader.recipe(name)
        if recipe is None:
            raise HTTPException(404)
        versions = reader.versions(recipe["name"])
    words = Wording(language_of(request))
    film = recipe["film"] or {}
    values = {
        "recipe": recipe,
        "colour": screen_colour(recipe["target_lab"]),
        "checks": [_check(check, words) for check in recipe["checks"]],
        "versions": versions_in_words(versions, words),
        "film": [(words.word("film", field), value) for field, value in film.items() if value is not None],
    }
    return page(request, "recipe.html", values, section="recipes", twin=f"/api/recipes/{quote(name)}")


def _check(check: Mapping[str, Any], words: Wording) -> dict[str, str]:
    region, passes = check["region"], check["passes"]
    return {
        "label": words.finding(check["measure"], check["knobs"]),
        "limit_words": limits_in_words(check["low"], check["high"], unit_of(check["measure"]), words),
        "region": words.word("place", "whole") if region == "whole" else region,
        "passes": words.word("place", "list pause").join(words.number(number) for number in passes)
        if passes
        else words.word("pass", "every"),
    }
