"""``/recipes/{name}/learn``: accepted panels are chosen, and what they teach is proposed as a draft."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from inspection.learning.panels import LEAST_PANELS
from station.access.rights import Right
from station.learning import OFFERED, accepted
from station.store.queries import InspectionQuery
from station.web.deps import StoreDep
from station.web.needs import needs
from station.web.passes import summary
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()


@router.get("/recipes/{name}/learn", dependencies=[needs(Right.RECIPE)])
def show(request: Request, name: str, store: StoreDep) -> HTMLResponse:
    """The newest accepted inspections after the last pass, of each panel one."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        recipe = reader.recipe(name)
        if recipe is None:
            raise HTTPException(404)
        query = InspectionQuery(recipe=recipe["name"], pass_number=recipe["passes"], limit=200)
        rows = [row for row in reader.inspections(query).items if accepted(row) and row["panel"] is not None]
    newest = {row["panel"]: row for row in reversed(rows)}
    shown = sorted(newest.values(), key=lambda row: (row["captured_at_utc"], row["id"]), reverse=True)[:OFFERED]
    values = {
        "recipe": recipe,
        "rows": [summary(row, words) for row in shown],
        "least": LEAST_PANELS,
        "enough": len(shown) >= LEAST_PANELS,
    }
    twin = f"/api/recipes/{quote(recipe['name'])}"
    return page(request, "recipe_learning.html", values, section="recipes", twin=twin)
