"""``/line``: the inspector's page. One screen: scan and start, follow the capture, read the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from station.access.rights import Right
from station.daily_check import State as CheckState
from station.daily_check import stations
from station.line import Line
from station.line.jobs import Known, known_of
from station.line.runner import Runner
from station.line.state import Snapshot, State
from station.store.db import Store
from station.store.reader import Reader
from station.web.deps import LineDep, OwnRunnerDep, StoreDep
from station.web.door import visitor_of
from station.web.finished import finished
from station.web.pages.checks import reasons_in_words
from station.web.passes import summary
from station.web.rendering import language_of, page
from station.web.swatch import screen_colour
from station.web.views import drawing
from station.web.wording import Wording

router = APIRouter()

Code = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address: the code that was scanned, and what a person said of it.

    ``code`` None: show what the line does or did last; empty: wait for the next panel.
    """

    code: str | None = None
    recipe: str | None = None
    pass_number: int | None = None
    wiped: bool | None = None

    def address(self, **changes: Any) -> str:
        """The same page with something else said."""
        said = {name: value for name, value in (asdict(self) | changes).items() if value is not None}
        return f"/line?{urlencode(said)}"


@router.get("/line")
def show(
    request: Request, store: StoreDep, line: LineDep, runner: OwnRunnerDep, code: Code | None = None,
    recipe: Code | None = None, pass_number: Annotated[int | None, Query(ge=0, le=9999)] = None,
    wiped: bool | None = None,
) -> HTMLResponse:  # fmt: skip
    """The line at this moment; a finished panel stays until the next one is scanned."""
    asked = Asked(None if code is None else code.strip(), recipe, pass_number, wiped)
    words = Wording(language_of(request))
    values: dict[str, Any] = {"camera": runner is not None, "simulated": runner is not None and runner.simulated}
    values["held"] = None
    if runner is not None:
        values["held"] = _held(store, line, runner, words)
        values |= _view(store, runner, asked, request.query_params.get("map"), words)
        values["may"] = visitor_of(request).may(Right.MEASURE)
    return page(request, "line.html", values, section="line", twin="/api/line")


def _held(store: Store, line: Line, runner: Runner, words: Wording) -> dict[str, Any] | None:
    """Why this station releases no panel: its daily check; None where it does."""
    with store.reader() as reader:
        for one in stations(reader, line.daily_check_hours, line.now()):
            if (one["station"], one["simulated"]) == (runner.station, runner.simulated) and one["on_hold"]:
                last = one["last"]
                reasons = [] if last is None or last["met"] else reasons_in_words(last, words)
                return {"meaning": words.word("check meaning", CheckState(one["state"])), "reasons": reasons}
    return None


def _view(store: Store, runner: Runner, asked: Asked, shown_map: str | None, words: Wording) -> dict[str, Any]:
    line = runner.snapshot
    at_work = line.state.working
    told = at_work or (asked.code is None and line.panel is not None)
    code = line.panel if told else asked.code
    with store.reader() as reader:
        panel = _panel(reader, code, line.recipe if told else asked.recipe, words) if code else None
        done = finished(reader, line.inspection, shown_map, words) if told and line.inspection is not None else None
        views = None if panel is None else _views(reader, runner.station, panel["part"], line, words)
        recipes = reader.recipes() if panel is not None and panel["recipe"] is None else []
    shown = "work" if at_work else "done" if done else "fault" if told and line.fault else "panel" if panel else "scan"
    return {
        "line": line,
        "shown": shown,
        "address": asked.address,
        "selected": None,
        "panel": panel,
        "views": views,
        "done": done,
        "asked": asked,
        "recipes": [(row["name"], row["title"][words.language.code]) for row in recipes],
        "ignored": asked.code if at_work and asked.code and asked.code != line.panel else None,
        "question": _question(asked, panel["known"], words) if panel is not None else None,
        "stages": [str(state) for state in (State.PREPARING, State.CAPTURING, State.MEASURING)],
    }


def _panel(reader: Reader, code: str, recipe_name: str | None, words: Wording) -> dict[str, Any]:
    """What is known of a panel: recipe, colour, the passes that are due, what was found last."""
    known = known_of(code, reader)
    name = recipe_name or known.recipe
    recipe = None if name is None else reader.load_recipe(name)
    return {
        "code": code,
        "known": known,
        "part": known.part,
        "recipe": None if recipe is None else recipe.name,
        "title": None if recipe is None else recipe.title[words.language.code],
        "planned": None if recipe is None else recipe.passes,
        "colour": None if recipe is None else screen_colour(recipe.target_lab),
        "last": None if known.last is None else summary(known.last, words),
        "ticked": None if known.last is None else _ticked(reader, known.last, words),
        "because": words.word("pass due", known.due.why) % {"pass": words.number(known.due.after or 0)},
        "choices": [(number, _pass(number, words)) for number in _choices(known)],
    }


def _views(
    reader: Reader, station: str | None, part: str | None, line: Snapshot, words: Wording
) -> dict[str, Any] | None:
    """The plan of a part that is larger than the field, and which of its views is at work."""
    plan = reader.load_plan(part)
    field_mm = reader.field_mm(station)
    if plan is None or field_mm is None:
        return None
    now = line.view_number if line.state.working else 0
    return {
        "drawing": drawing(plan, field_mm, words, now=now or 1),
        "total": words.number(len(plan.views)),
        "number": words.number(now or 1),
        "name": plan.views[(now or 1) - 1].title[words.language.code],
    }


def _ticked(reader: Reader, last: Mapping[str, Any], words: Wording) -> dict[str, str] | None:
    """How many places of the last next step were ticked off at the bay; None where it named none."""
    places = {task["place"] for task in last["next_step"].get("tasks", ())}
    done = {tick["place"] for tick in reader.ticks(last["id"]) if tick["done"]}
    return {"done": words.number(len(places & done)), "all": words.number(len(places))} if places else None


def _choices(known: Known) -> list[int]:
    """Passes that a person can press: those that are due, and the last one again."""
    again = [] if known.due.after is None else [known.due.after]
    beyond = [known.due.after + 1] if known.due.after is not None and not known.due.passes else []
    return sorted({*known.due.passes, *again, *beyond})


def _question(asked: Asked, known: Known, words: Wording) -> dict[str, Any] | None:
    """Whether a person really means a pass that is not due."""
    number = asked.pass_number
    if number is None or number in known.due.passes:
        return None
    return {"number": number, "pass": _pass(number, words)}


def _pass(number: int, words: Wording) -> str:
    if number == 0:
        return words.word("pass", "before polishing")
    return words.word("pass", "column") % {"number": words.number(number)}
