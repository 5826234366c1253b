"""``/recipes/{name}/edit`` and ``/recipe-drafts/{id}``: a new version is written, tried, proposed, and approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from inspection.recipe import Recipe, parse_recipe
from inspection.refused import Refused
from inspection.revision import changes
from inspection.units import unit_of
from station.access.rights import Right
from station.store.db import Reader
from station.trials import Trial, on_trial
from station.web.api.recipe_drafts import DraftId, Tried
from station.web.deps import StoreDep
from station.web.needs import needs
from station.web.rendering import language_of, page
from station.web.versions import changes_in_words
from station.web.wording import Wording

router = APIRouter()


@router.get("/recipes/{name}/edit", dependencies=[needs(Right.RECIPE)])
def edit(request: Request, name: str, store: StoreDep) -> HTMLResponse:
    """The newest version of a recipe, to be changed."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        row = reader.recipe(name)
        if row is None:
            raise HTTPException(404)
        parsed = parse_recipe(row["text"], name)
        values = {"recipe": row, "checks": [_limits(check, words) for check in row["checks"]]} | _tried(
            reader, parsed, parsed, words
        )
    return page(request, "recipe_edit.html", values, section="recipes", twin=f"/api/recipes/{row['name']}")


@router.post("/recipe-trials", dependencies=[needs(Right.RECIPE)])
def tried(request: Request, given: Tried, store: StoreDep) -> HTMLResponse:
    """What a text would change, as a piece of the editor's page; nothing is kept."""
    words = Wording(language_of(request))
    recipe = parse_recipe(given.text, "text")
    with store.reader() as reader:
        values = _tried(reader, _stored(reader, recipe.name), recipe, words)
    return page(request, "parts/trial.html", values)


@router.get("/recipe-drafts/{draft_id}")
def show(request: Request, draft_id: DraftId, store: StoreDep) -> HTMLResponse:
    """What somebody proposed, what it would change, and whether it is approved."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        draft = reader.draft(draft_id)
        if draft is None:
            raise HTTPException(404)
        recipe = parse_recipe(draft["text"], "text")
        base = None if draft["base_sha256"] is None else _stored(reader, draft["base_sha256"])
        values = _tried(reader, base, recipe, words)
    told = draft | {"when": words.moment(draft["made_at"])}
    for name in ("approved", "rejected"):
        if draft[f"{name}_at"] is not None:
            told[f"{name}_when"] = words.moment(draft[f"{name}_at"])
    values |= {"draft": told, "title": recipe.title}
    return page(request, "recipe_draft.html", values, section="recipes", twin=f"/api/recipe-drafts/{draft_id}")


def _stored(reader: Reader, name: str) -> Recipe | None:
    """A stored version; None where there is none that this program can read."""
    try:
        return reader.load_recipe(name)
    except Refused:
        return None


def _tried(reader: Reader, base: Recipe | None, recipe: Recipe, words: Wording) -> dict[str, Any]:
    trials = on_trial(reader, recipe)
    moved = [] if base is None else [asdict(one) for one in changes(base, recipe)]
    return {
        "moves": changes_in_words(moved, words),
        "changed": [_trial(one, words) for one in trials if one.moved],
        "unknown": [_trial(one, words) for one in trials if one.after is None],
        "same": _same(trials),
        "limits": [["" if limit is None else limit for limit in (one.low, one.high)] for one in recipe.checks],
    }


def _same(trials: Sequence[Trial]) -> int:
    return sum(one.after is one.before for one in trials)


def _trial(one: Trial, words: Wording) -> dict[str, Any]:
    return {
        "address": f"/inspections/{one.inspection_id}",
        "panel": one.panel,
        "pass_number": words.number(one.pass_number),
        "before": str(one.before),
        "after": None if one.after is None else str(one.after),
    }


def _limits(check: dict[str, Any], words: Wording) -> dict[str, Any]:
    label = words.finding(check["measure"], check["knobs"])
    if check["region"] != "whole":
        label = words.word("place", "finding in region") % {"finding": label, "region": check["region"]}
    passes = words.word("place", "list pause").join(words.number(number) for number in check["passes"] or ())
    return {"label": label, "unit": words.unit(unit_of(check["measure"])), "low": check["low"], "high": check["high"],
            "passes": passes or words.word("pass", "every")}  # fmt: skip
