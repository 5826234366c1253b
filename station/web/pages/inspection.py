"""``/inspections/{id}``: one inspection – verdict, next step and why, picture and maps, findings, earlier passes."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from inspection.defects.kinds import Kind
from inspection.recipe import WHOLE
from station.store.corrected import corrected
from station.web.api.inspections import InspectionId, with_links
from station.web.changes import film_bars, since_last_pass
from station.web.deps import StoreDep
from station.web.findings import budgets, by_key, families, lines
from station.web.gates import gates
from station.web.keeping import keeping
from station.web.layers import layers
from station.web.marks import chips, gone, kind_of, marks, place_in_words, present, size_in_words, tone_of
from station.web.neighbours import neighbours
from station.web.passes import summary
from station.web.polished import polished
from station.web.reasons import reasons, tasks
from station.web.rendering import language_of, page
from station.web.stage import Stage, stage_of
from station.web.views import seen_views
from station.web.wording import Wording
from station.web.work import clocks
from station.web.zones import zones

router = APIRouter()

#: Columns of the table of passes: as many as a tablet shows side by side.
_EARLIER_PASSES = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address: which map lies over the picture, which marks are shown, which one is looked at."""

    map: str | None
    kind: str | None
    status: str | None
    mark: str | None

    def address(self, **changes: str) -> str:
        """The same page asked otherwise; an empty value takes a choice away."""
        return f"?{urlencode({name: value for name, value in (asdict(self) | changes).items() if value})}"


@router.get("/inspections/{inspection_id}")
def show(request: Request, inspection_id: InspectionId, store: StoreDep) -> HTMLResponse:
    """The page; ``map`` lies over the picture, ``kind`` and ``status`` filter the marks, ``mark`` is opened."""
    with store.reader() as reader:
        row = reader.inspection(inspection_id)
        recipe = None if row is None else reader.recipe(row["recipe_sha256"])
        plan = None if row is None else reader.plan_of(row["plan_sha256"])
        anew = None if row is None else corrected(reader, row)
        working = [] if row is None else reader.working(row["panel"])
        others = [] if row is None else neighbours(reader, row)
    if row is None or recipe is None:
        raise HTTPException(404)
    words = Wording(language_of(request))
    asked = Asked(*(request.query_params.get(field.name) or None for field in fields(Asked)))
    newest = row["latest_id"] == inspection_id
    views = seen_views(row, plan, stage_of(row), words)
    values = {
        "view": _view(with_links(row), recipe, anew, words, asked) | {"views": views},
        "neighbours": others,
        "clocks": clocks(working, row, words) if newest else [],
        "address": asked.address,
    }
    return page(request, "inspection.html", values, section="inspections", twin=f"/api/inspections/{inspection_id}")


def _view(
    row: dict[str, Any], recipe: Mapping[str, Any], anew: Mapping[str, Any] | None, words: Wording, asked: Asked
) -> dict[str, Any]:
    report = row["report"]
    before = by_key(row["previous"][0]["findings"]) if row["previous"] else {}
    shown_maps = layers(row["maps"], words)
    current = next((layer for layer in shown_maps if layer.name == asked.map), shown_maps[0])
    frame = stage_of(row)
    unjudged = families(report["findings"], before, words, judged=False)
    return (
        summary(row, words)
        | {
            "reasons": reasons(report["next_step"], words),
            "gates": gates(report.get("gates", ()), words),
            "corrected": None if anew is None else _corrected(anew, row, words),
            "places": report["next_step"]["places"],
            "rig": report["rig"],
            "expired": report["rig"].get("expired", False),
            "keeping": keeping(row, words),
            "total_ms": report["timing_ms"].get("total"),
            "judged": families(report["findings"], before, words, judged=True),
            "unjudged": unjudged,
            "unjudged_count": sum(len(family.items) for family in unjudged),
            "has_before": bool(before),
            "budgets": budgets(report["findings"], words),
            "layers": shown_maps,
            "current": current,
            "at_line": False,
            "stage": frame,
            "polished": polished(report.get("polishing_marks"), words),
            "gloss_zones": zones(report.get("gloss_zones"), frame, words),
            "regions": _regions(recipe, frame),
            "is_latest": row["latest_id"] == row["id"],
            "attempts": [summary(other, words) for other in row["attempts"] if other["id"] != row["id"]],
        }
        | _passes(row, words)
        | _marks(row, frame, words, asked)
        | since_last_pass(row, words)
        | _film(row, recipe, anew, words)
    )


def _corrected(anew: Mapping[str, Any], row: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    """Verdict and next step with what people said."""
    step, measured = anew["next_step"], row["report"]["next_step"]
    same = (anew["verdict"], step["action"], step["reasons"]) == (
        row["verdict"], measured["action"], measured["reasons"],
    )  # fmt: skip
    return {
        "same": same,
        "verdict": anew["verdict"],
        "action": step["action"],
        "reasons": reasons(step, words),
        "probability": step["probability"],
        "tasks": _tasks(step, {mark["id"] for mark in present(row["marks"])}, words),
    }


def _tasks(step: Mapping[str, Any], known: Set[str], words: Wording) -> list[dict[str, Any]]:
    """`known`: the marks that the page can lead to."""
    return [task | {"known": task["place"] in known} for task in tasks(step, words)]


def _film(
    row: Mapping[str, Any], recipe: Mapping[str, Any], anew: Mapping[str, Any] | None, words: Wording
) -> dict[str, Any]:
    """The film as the report has it, as later readings have it, and what a new reading can be of."""
    film = row["report"].get("film", ())
    later = [] if anew is None else anew["film"]
    return {
        "film": film_bars(film, words),
        "film_now": film_bars(later, words) if later != film else (),
        "has_budget": recipe["film"]["removable_um"] is not None,
        "zones": sorted({zone["zone"] for zone in film} - {WHOLE} | {region["name"] for region in recipe["regions"]}),
        "gauged_after": [
            (number, words.word("film", "before polishing") if number == 0
             else words.word("pass", "column") % {"number": words.number(number)})
            for number in range(row["pass_number"], -1, -1)
        ],
    }  # fmt: skip


def _marks(row: Mapping[str, Any], frame: Stage | None, words: Wording, asked: Asked) -> dict[str, Any]:
    """Marks on the picture and in the list, those that have gone, and what to do about them."""
    report = row["report"]
    there = present(row["marks"])
    shown = marks(there, frame, row["maps"], words, kind=asked.kind, tone=asked.status)
    known = {mark.id for mark in shown}
    to_do = _tasks(report["next_step"], known, words)
    # Somebody who comes to the page sees the mark that matters most at once.
    offered = [asked.mark, *(task["place"] for task in to_do), *(mark.id for mark in shown if mark.shown)]
    limits = report.get("discrimination_mm") or {}
    return {
        "marks": shown,
        "selected": next((one for one in offered if one in known), None),
        "chips": chips(there, asked.kind, asked.status, words),
        "kinds": [str(kind) for kind in Kind],
        "gone": [
            {
                "id": one["id"],
                "kind": kind_of(one),
                "name": words.kind(kind_of(one)),
                "size": size_in_words(one, words),
                "place": place_in_words(one, words),
                "tone": tone_of(one),
                "tone_word": words.word("status", tone_of(one)),
                "last_seen": "" if one["last_seen_pass"] is None else words.number(one["last_seen_pass"]),
            }
            for one in gone(row["marks"])
        ],
        "searched_ratio": report.get("searched_ratio"),
        "discrimination": [(kind, words.number(mm, 2)) for kind, mm in limits.items()],
        "tasks": to_do,
    }


def _regions(recipe: Mapping[str, Any], frame: Stage | None) -> list[dict[str, str]]:
    if frame is None:
        return []
    return [
        {
            "name": region["name"],
            "points": " ".join("{:g},{:g}".format(*frame.place(x_mm, y_mm)) for x_mm, y_mm in region["polygon_mm"]),
        }
        for region in recipe["regions"]
        if region["polygon_mm"]
    ]


def _passes(row: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    """The table of passes: earlier ones left, the one shown right."""
    earlier = list(reversed(row["previous"][:_EARLIER_PASSES]))
    columns = [summary(other, words) | {"here": False} for other in earlier] + [summary(row, words) | {"here": True}]
    own = row["report"]["findings"]
    by_pass = [(by_key(other["findings"]), False) for other in earlier] + [(by_key(own), True)]
    return {"columns": columns, "lines": lines(own, by_pass, words)}
