"""``/quality/…``: the quality engineer's pages. Counts of marks, where they lie, trends, and what a pass does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from inspection.defects.kinds import Kind
from inspection.refused import Refused
from inspection.verdict import Verdict
from station.store import quality
from station.store.counted import pareto
from station.store.queries import Bars, TallyQuery
from station.store.questions import question_of
from station.store.reader import Reader
from station.web.deps import StoreDep
from station.web.filters import filters_in, query_of
from station.web.heat import drawn_heat
from station.web.rendering import language_of, page
from station.web.tabs import exports, tabs
from station.web.time_line import time_line
from station.web.wording import Wording

router = APIRouter(prefix="/quality")

#: Fates, worst first.
FATES = ("new", "larger", "returned", "persists", "smaller", "removed", "found", "not_seen")
_FIRST_MEASURE = "gloss_gu"
#: More bars than this are one sum.
MOST_BARS = 15
#: The filter that a bar stands for.
_FILTER_OF = {Bars.KIND: "kind", Bars.ZONE: "region", Bars.PASS: "pass_number", Bars.RECIPE: "recipe"}


@router.get("/pareto")
def counted(request: Request, store: StoreDep) -> HTMLResponse:
    """Bars, the most frequent first; each leads to the inspections behind it."""
    words, asked = Wording(language_of(request)), _asked(request)
    try:
        by = Bars(request.query_params.get("by") or Bars.KIND)
    except ValueError:
        raise Refused(f"by: expected one of {', '.join(Bars)}") from None
    with store.reader() as reader:
        rows = pareto(reader.connection, by, asked)
        common = _common(reader, asked, "pareto", words)
    total = sum(row["marks"] for row in rows)
    shown = rows[:MOST_BARS]
    bars = [
        {"label": _name(by, row["of"], common["titles"], words), "n": words.number(row["marks"]),
         "width": round(100 * row["marks"] / rows[0]["marks"], 2), "share": words.share(row["share"]),
         "running": words.share(row["running_share"]), "list": _list(asked, by, row["of"])}
        for row in shown
    ]  # fmt: skip
    rest = total - sum(row["marks"] for row in shown)
    values = common | {
        "by": str(by), "bys": [(str(one), words.word("counted by", str(one))) for one in Bars], "bars": bars,
        "total": words.number(total), "rest": words.number(rest) if rest else None,
    }  # fmt: skip
    return _page(request, "quality_pareto.html", values, "pareto", {"by": str(by)})


@router.get("/heat-map")
def heat_map(request: Request, store: StoreDep) -> HTMLResponse:
    """Marks on the outline of a part."""
    words, asked = Wording(language_of(request)), _asked(request)
    with store.reader() as reader:
        found = quality.heat(reader.connection, asked)
        common = _common(reader, asked, "heat-map", words)
    values = common | {"heat": None if found is None else drawn_heat(found, words)}
    return _page(request, "quality_heat.html", values, "heat-map", {})


@router.get("/trend")
def trend(request: Request, store: StoreDep) -> HTMLResponse:
    """Values of a measure with limits and uncertainty; a point leads to its inspection."""
    words, asked = Wording(language_of(request)), _asked(request)
    question = question_of(request.query_params.get("measure") or _FIRST_MEASURE)
    with store.reader() as reader:
        rows = quality.trend_of(reader.connection, asked, question)
        offered = quality.questions(reader.connection, asked)
        common = _common(reader, asked, "trend", words)
    if rows:
        question = replace(question, knobs=rows[-1]["knobs"])
    named = {one.written: words.finding(one.measure, one.knobs or {}) for one in (*offered, question)}
    values = common | {
        "measure": question.written,
        "measure_named": named[question.written],
        "measures": sorted(named.items(), key=lambda item: item[1]),
        "drawn": time_line(rows, words) if rows else None,
    }
    return _page(request, "quality_trend.html", values, "trend", {"measure": question.written})


@router.get("/passes")
def passes(request: Request, store: StoreDep) -> HTMLResponse:
    """What each pass does to marks, and how many panels it brings to their target."""
    words, asked = Wording(language_of(request)), _asked(request)
    with store.reader() as reader:
        fates = quality.fates_by_pass(reader.connection, asked)
        verdicts = quality.verdicts_by_pass(reader.connection, asked)
        common = _common(reader, asked, "passes", words)
    numbers = sorted({row["pass_number"] for row in (*fates, *verdicts)})
    values = common | {
        "fates": [(fate, words.word("status", fate)) for fate in FATES if any(row["fate"] == fate for row in fates)],
        "rows": [_of_pass(number, fates, verdicts, words) for number in numbers],
    }
    return _page(request, "quality_passes.html", values, "passes", {})


def _of_pass(
    number: int, fates: list[dict[str, Any]], verdicts: list[dict[str, Any]], words: Wording
) -> dict[str, Any]:
    marks = {row["fate"]: row["n"] for row in fates if row["pass_number"] == number}
    judged = {row["verdict"]: row["n"] for row in verdicts if row["pass_number"] == number}
    total, panels = sum(marks.values()), sum(judged.values())
    parts, at = [], 0.0
    for fate in FATES:
        if marks.get(fate):
            width = 100 * marks[fate] / total
            parts.append({"fate": fate, "x": round(at, 2), "width": round(width, 2)})
            at += width
    return {
        "pass": words.word("pass", "before polishing") if number == 0
        else words.word("pass", "column") % {"number": words.number(number)},
        "number": number,
        "parts": parts,
        "counts": {fate: words.number(n) for fate, n in marks.items()},
        "inspections": words.number(panels),
        "met": words.share(judged.get(str(Verdict.PASS), 0) / panels) if panels else "–",
    }  # fmt: skip


def _asked(request: Request) -> TallyQuery:
    return query_of(TallyQuery, filters_in(TallyQuery, request.query_params))


def _common(reader: Reader, asked: TallyQuery, here: str, words: Wording) -> dict[str, Any]:
    """The filter bar and the tabs: what was chosen goes along from one page to the other."""
    chosen = {name: str(value) for name, value in asdict(asked).items() if value is not None}
    titles = {row["name"]: row["title"][words.language.code] for row in reader.recipes()}
    options = quality.choices(reader.connection)
    return {
        "asked": asked,
        "chosen": chosen,
        "titles": titles,
        "options": {
            "recipe": [(name, titles.get(name, name)) for name in options["recipe"]],
            "part": [(name, words.word("part", name)) for name in options["part"]],
            "region": [(name, words.word("place", "whole") if name == "whole" else name) for name in options["region"]],
            "station": [(name, name) for name in options["station"]],
            "pass_number": [(str(number), words.number(number)) for number in options["pass_number"]],
            "kind": [(str(kind), words.kind(str(kind))) for kind in Kind],
        },
        "tabs": tabs(words, chosen),
        "tab": here,
        "saved_views": reader.saved_views(),
        "simulated": quality.newest_is_simulated(reader.connection),
    }


def _page(
    request: Request, template: str, values: Mapping[str, Any], tab: str, more: Mapping[str, str]
) -> HTMLResponse:
    twin = f"/api/{'' if tab == 'pareto' else 'quality/'}{tab}?{urlencode(dict(values['chosen']) | dict(more))}"
    return page(request, template, dict(values) | {"exports": exports(twin)}, section="inspections", twin=twin)


def _name(by: Bars, name: Any, titles: Mapping[str, str], words: Wording) -> str:
    if by is Bars.KIND:
        return words.kind(name)
    if by is Bars.RECIPE:
        return titles.get(name, str(name))
    if by is Bars.ZONE:
        return words.word("place", "whole") if name == "whole" else str(name)
    return words.word("pass", "before polishing") if name == 0 else words.number(name)


def _list(asked: TallyQuery, by: Bars, name: Any) -> str:
    """Address of the inspections behind a bar."""
    wanted = {key: str(value) for key, value in asdict(asked).items() if value is not None}
    wanted[_FILTER_OF[by]] = str(name)
    first, last = wanted.pop("first_month", None), wanted.pop("last_month", None)
    if first is not None:
        wanted["since"] = f"{first}-01T00:00:00+00:00"
    if last is not None:
        begun = datetime.fromisoformat(f"{last}-01T00:00:00+00:00")
        wanted["until"] = begun.replace(year=begun.year + begun.month // 12, month=begun.month % 12 + 1).isoformat()
    return f"/?{urlencode(wanted)}"
