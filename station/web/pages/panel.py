"""``/panels/{code}``: a panel's way through its passes, with the values that were judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from station.web.deps import StoreDep
from station.web.findings import Key, by_key
from station.web.ledger import ledger
from station.web.passes import comparison, summary
from station.web.rendering import language_of, page
from station.web.trend import Sample, Trend, trend
from station.web.wording import Wording
from station.web.work import clocks

router = APIRouter()

Row = Mapping[str, Any]


@router.get("/panels/{code:path}")
def show(request: Request, code: str, store: StoreDep) -> HTMLResponse:
    """The page; coats one after the other, the newest first."""
    with store.reader() as reader:
        panel = reader.panel(code)
    if panel is None:
        raise HTTPException(404)
    words = Wording(language_of(request))
    coats = [
        {
            "title": words.word("pass", "coat") % {"number": words.number(number)},
            "steps": [summary(step, words) for step in steps],
            "trends": _trends(steps, words),
            "ledger": ledger(_chain(steps), words),
            "compare": comparison(code, *_last_two(_chain(steps))),
        }
        for number, steps in ((n, list(group)) for n, group in groupby(panel["history"], lambda s: s["coat_number"]))
    ]
    newest = panel["history"][-1]
    values = {
        "panel": {"code": code, "part": panel["part"]},
        "clocks": clocks(panel["working"], newest, words),
        "coats": coats[::-1],
        "simulated": any(step["simulated"] for step in panel["history"]),
    }
    return page(request, "panel.html", values, section="inspections", twin=f"/api/panels/{quote(code)}")


def _chain(steps: Sequence[Row]) -> list[Row]:
    """The inspections of the newest one's ledger, in the order of work."""
    by_id = {step["id"]: step for step in steps}
    chain = [steps[-1]]
    while chain[-1]["previous_id"] in by_id:
        chain.append(by_id[chain[-1]["previous_id"]])
    return chain[::-1]


def _last_two(chain: Sequence[Row]) -> tuple[int | None, int]:
    return (chain[-2]["id"] if len(chain) > 1 else None), chain[-1]["id"]


def _trends(steps: Sequence[Row], words: Wording) -> list[dict[str, Any]]:
    """A chart for each question that was judged in any pass and measured in at least two."""
    latest = {step["pass_number"]: by_key(step["findings"]) for step in steps}
    judged: dict[Key, Row] = {}
    for findings in latest.values():
        judged |= {key: finding for key, finding in findings.items() if finding["verdict"] is not None}
    charts = []
    for key, finding in judged.items():
        samples = [_sample(number, found[key]) for number, found in latest.items() if key in found]
        least_span = 1.0 if finding["measure"].endswith("_count") else 1e-9
        drawn = trend(samples, steps[-1]["recipe_passes"], least_span=least_span)
        if drawn is not None and len(drawn.points) > 1:
            charts.append(_chart(finding, drawn, words))
    return charts


def _sample(pass_number: int, finding: Row) -> Sample:
    return Sample(pass_number, *(finding[name] for name in ("value", "u", "low", "high", "verdict")))


def _chart(finding: Row, drawn: Trend, words: Wording) -> dict[str, Any]:
    label = words.finding(finding["measure"], finding["knobs"])
    if finding["region"] != "whole":
        label = words.word("place", "finding in region") % {"finding": label, "region": finding["region"]}
    spoken = [
        words.word("pass", "value")
        % {"number": words.number(p.pass_number), "value": words.measured_by(finding["measure"], p.value, p.u)}
        for p in drawn.points
    ]
    return {
        "label": label,
        "unit": words.unit(finding["unit"]),
        "drawn": drawn,
        "segments": list(pairwise(drawn.points)),
        "labels": {p.pass_number: words.measured_by(finding["measure"], p.value, p.u) for p in drawn.points},
        "ticks": [(words.number(number), x, "") for number, x in drawn.ticks],
        "spoken": words.word("place", "list pause").join([label, *spoken]),
    }
