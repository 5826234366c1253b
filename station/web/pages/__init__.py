"""The pages: one file is one page. Every page has a JSON twin from the same query."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from station.web.pages import (
    about,
    alignment,
    audit,
    bay,
    checks,
    compare,
    components,
    frames,
    harmony,
    inspection,
    inspections,
    language,
    line,
    login,
    panel,
    quality,
    recipe,
    recipe_differences,
    recipe_drafts,
    recipe_learning,
    recipes,
    report,
    rig,
    rigs,
    savings,
    screen,
    station,
    theme,
)
from station.web.rendering import problem_page

__all__ = ["mount_static", "problem_page", "router"]

router = APIRouter(include_in_schema=False)
for _page in (
    inspections, line, bay, quality, inspection, frames, compare, harmony, report, panel, recipes, recipe_drafts,
    recipe_differences, recipe_learning, recipe, rig, rigs, checks, savings, about, audit, login, language, theme,
    screen, alignment, station, components,
):  # fmt: skip
    router.include_router(_page.router)


def mount_static(app: FastAPI) -> None:
    """Serve styles, scripts and drawings from the package itself: the station may have no network."""
    app.mount("/static", StaticFiles(directory=Path(__file__).parents[1] / "static"), name="static")
