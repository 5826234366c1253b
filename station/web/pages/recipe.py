"""``/recipes/{name}``: what a recipe asks for, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from inspection.recipe import WHOLE
from inspection.units import unit_of
from station.decisions import Decision, decisions
from station.web.deps import StoreDep
from station.web.findings import limits_in_words
from station.web.rendering import language_of, page
from station.web.swatch import screen_colour
from station.web.versions import versions_in_words
from station.web.wording import Wording

router = APIRouter()

#: Smaller risks are not told apart.
LEAST_SHARE = 0.001


@router.get("/recipes/{name}")
def show(request: Request, name: str, store: StoreDep) -> HTMLResponse:
    """The newest version of a recipe, or the version with that content hash."""
    with store.reader() as reader:
        recipe = reader.recipe(name)
        if recipe is None:
            raise HTTPException(404)
        versions = reader.versions(recipe["name"])
        drafts = reader.drafts(recipe["name"])
        open_drafts = [one for one in drafts if one["approved_at"] is None and one["rejected_at"] is None]
        parsed = reader.load_recipe(name)
        risky = [] if parsed is None else decisions(reader, parsed)
    words = Wording(language_of(request))
    film = recipe["film"] or {}
    values = {
        "recipe": recipe,
        "colour": screen_colour(recipe["target_lab"]),
        "checks": [_check(check, words) for check in recipe["checks"]],
        "versions": versions_in_words(versions, words),
        "drafts": [one | {"when": words.moment(one["made_at"])} for one in open_drafts],
        "risks": [_risk(one, words) for one in risky],
        "film": [(words.word("film", field), value) for field, value in film.items() if value is not None],
    }
    return page(request, "recipe.html", values, section="recipes", twin=f"/api/recipes/{quote(name)}")


def _risk(one: Decision, words: Wording) -> dict[str, Any]:
    """How often one check decides wrongly; without numbers where nothing is known."""
    label = words.finding(one.check.measure, one.check.knobs)
    if one.check.region != WHOLE:
        label = words.word("place", "finding in region") % {"finding": label, "region": one.check.region}
    if one.prior is None or one.risks is None:
        return {"label": label, "known": False}
    mean, spread = (words.measured(value, one.prior.sd) for value in (one.prior.mean, one.prior.sd))
    rests = {"panels": words.number(one.prior.panels), "mean": mean, "spread": spread,
             "unit": words.unit(unit_of(one.check.measure))}  # fmt: skip
    kind = "measured" if one.prior.panels else "assumed"
    return {
        "label": label,
        "known": True,
        "consumer": _share(one.risks.passed_outside, words),
        "producer": _share(one.risks.producer, words),
        "specific": _share(one.risks.worst_specific, words),
        "prior": words.word("prior", f"{kind} simulated" if one.simulated else kind) % rests,
    }


def _share(ratio: float, words: Wording) -> str:
    """A risk in percent; one that is too small to print is not said to be none."""
    return words.share(ratio) if ratio >= LEAST_SHARE else f"< {words.share(LEAST_SHARE)}"


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
