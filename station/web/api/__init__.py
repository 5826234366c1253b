"""The API: one file, one resource. Errors are problem details; see `station.web.problems`."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from station.web.api import (
    alignment,
    captures,
    compare,
    corrections,
    daily_checks,
    defects,
    film,
    findings,
    frames,
    harmony,
    health,
    inspections,
    line,
    maps,
    marks,
    orders,
    panels,
    pareto,
    people,
    plans,
    quality,
    recipe_drafts,
    recipes,
    rigs,
    rulings,
    saved_views,
    session,
    set_up,
    ticks,
    work,
)
from station.web.deps import only_known_parameters
from station.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api", dependencies=[Depends(only_known_parameters)], responses=PROBLEM_RESPONSES)
for resource in (
    film, work, ticks, compare, harmony, panels, inspections, rulings, marks, maps, findings, defects, pareto,
    corrections, recipe_drafts, recipes, rigs, captures, frames, daily_checks, session, people, alignment, set_up, line,
    orders, plans, quality, saved_views, health,
):  # fmt: skip
    router.include_router(resource.router)
