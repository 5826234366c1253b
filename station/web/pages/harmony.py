"""``/harmony``: two neighbouring panels beside each other, in words and numbers."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from inspection.harmony import COLOUR, Compared, Match
from station.web.api.compare import Pair
from station.web.api.harmony import OneOfTwo, harmony_of
from station.web.api.inspections import with_links
from station.web.compared import FIRST_SHOWN, views_of
from station.web.deps import StoreDep
from station.web.passes import summary
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()

#: Shape and colour of each answer: those of the verdicts.
_SHAPES = {Match.ALIKE: "pass", Match.DIFFERENT: "fail", Match.HOLD: "hold"}


@router.get("/harmony")
def show(
    request: Request,
    first: OneOfTwo,
    second: OneOfTwo,
    store: StoreDep,
    map: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The page: one answer, both in pictures on one scale (``?map=``), then every measure of both panels."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        found, rows = harmony_of(reader, first, second)
    # Of a colour only the difference is known.
    unknown = [one for one in found.compared if one.first is None and one.second is None and one.measure != COLOUR]
    views = views_of(Pair(with_links(rows[0]), with_links(rows[1]), None), words)
    named = map or FIRST_SHOWN
    for view in views:
        view["address"] = f"/harmony?{urlencode({'first': first, 'second': second, 'map': view['name']})}"
    values = {
        "views": views,
        "current": next((view for view in views if view["name"] == named), views[0] if views else None),
        "first": summary(rows[0], words),
        "second": summary(rows[1], words),
        "match": found.match,
        "shape": _SHAPES[found.match],
        "answer": words.word("harmony", found.match),
        "meaning": words.word("harmony meaning", found.match),
        "steps": None if found.steps is None else words.number(found.steps, 1),
        "lines": [_line(one, words) for one in found.compared if one not in unknown],
        "unknown": [words.finding(one.measure, one.knobs) for one in unknown],
        "simulated": any(row["simulated"] for row in rows),
    }
    asked = urlencode({"first": first, "second": second})
    return page(request, "harmony.html", values, section="inspections", twin=f"/api/harmony?{asked}")


def _line(one: Compared, words: Wording) -> dict[str, Any]:
    # A colour has no value of its own here: the two stand in the difference.
    values = (None, None) if one.measure == COLOUR else (one.first, one.second)
    return {
        "label": words.finding(one.measure, one.knobs),
        "unit": words.unit(one.unit),
        "first": "–" if values[0] is None else words.measured(values[0], one.u),
        "second": "–" if values[1] is None else words.measured(values[1], one.u),
        "difference": "–" if one.difference is None else words.measured(one.difference, one.u),
        "u": "" if one.u is None else f"± {words.measured(2 * one.u, one.u)}",
        "in_u": "–" if one.in_u is None else words.number(one.in_u, 1),
        "steps": "–" if one.steps is None else words.number(one.steps, 1),
        "shape": _SHAPES.get(one.match),
        "said": words.word("harmony line", one.match) if one.why is None else words.word("harmony why", one.why),
    }
