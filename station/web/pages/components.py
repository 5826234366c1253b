"""``/components``: every part of the pages in all its states, with made-up values, for those who design and review.

It stands in no menu. The parts are the pages' own templates: what is ugly here is ugly there.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from inspection.defects.kinds import Kind
from inspection.gates.gate import GATES
from inspection.report import Action, GateState, Status
from inspection.verdict import Verdict
from station.web.changes import film_bars, moves
from station.web.findings import by_key, families
from station.web.gates import gates
from station.web.layers import SHOWN, layers
from station.web.marks import FALSE_ALARM, FOUND, MISSED, NOT_SEEN
from station.web.rendering import language_of, page
from station.web.trend import Sample, trend
from station.web.wording import Wording
from station.web.work import Clock

router = APIRouter()

_QUALITY: Final = "INTERPOLATED"
#: Measure, value, u, low, high, verdict, chance: proven good, at a limit, proven bad, between two limits, not measured.
_FINDINGS: Final = (
    ("gloss_gu", 84.2, 0.3, 80.0, None, "pass", 1.0, "GU-eq"),
    ("gloss_cv_pct", 1.9, 0.3, None, 2.0, "hold", 0.63, "%"),
    ("haze_pct", 9.4, 0.2, None, 6.0, "fail", 0.0, "%"),
    ("delta_l_lab", 0.1, 0.1, -0.5, 0.5, "pass", 1.0, "CIELAB"),
    ("largest_defect_mm", None, None, None, 0.5, "hold", None, "mm"),
)
_STATE_OF: Final = {"ok": (4.0, 12.0), "warn": (12.4, 3.6), "stop": (16.8, -0.8)}
_ZONE_OF: Final = {"ok": "A", "warn": "B", "stop": "C"}


@router.get("/components")
def show(request: Request) -> HTMLResponse:
    """The page."""
    words = Wording(language_of(request))
    values = {
        "verdicts": [str(verdict) for verdict in Verdict],
        "actions": [str(action) for action in Action],
        "kinds": [(str(kind), words.kind(kind)) for kind in Kind],
        "tones": [FOUND, *map(str, Status), NOT_SEEN, MISSED, FALSE_ALARM],
        "work_panel": "AM-0000",
        "clocks": [Clock(1, 1, words.word("work", "pass") % {"number": "1"}, None),
                   Clock(1, 2, words.word("work", "pass") % {"number": "2"}, 17),
                   Clock(1, 3, words.word("work", "pass") % {"number": "3"}, None, str(Action.STOP))],
        "chart": _chart(words),
        "scales": layers([_map(name) for name in SHOWN], words)[1:],
        "view": _view(words),
    }  # fmt: skip
    return page(request, "components.html", values)


def _view(words: Wording) -> dict[str, Any]:
    """What the parts of an inspection's page ask for."""
    findings = [_finding(*one) for one in _FINDINGS]
    earlier = by_key([finding | {"value": finding["value"] and 1.05 * finding["value"]} for finding in findings])
    return {
        "panel": "AM-0000",
        "coat_number": 1,
        "judged": families(findings, earlier, words, judged=True),
        "has_before": True,
        "gates": gates([_gate(name, state) for name, state in zip(GATES, GateState, strict=False)], words),
        "film": film_bars([_zone(state) for state in _STATE_OF], words),
        "film_now": (),
        "zones": ["A"],
        "gauged_after": [(0, words.word("film", "before polishing"))],
        "moves": moves([_move("gloss_gu", 2.1, True), _move("haze_pct", -0.1, False)], words),
        "registration": "",
    }


def _finding(
    measure: str, value: float | None, u: float | None, low: float | None, high: float | None, verdict: str,
    chance: float | None, unit: str,
) -> dict[str, Any]:  # fmt: skip
    return {
        "measure": measure, "value": value, "u": u, "low": low, "high": high, "verdict": verdict, "unit": unit,
        "probability": chance, "region": "whole" if measure != "haze_pct" else "A", "knobs": {},
        "quality": [_QUALITY] if verdict == "hold" else [],
    }  # fmt: skip


def _gate(name: str, state: GateState) -> dict[str, Any]:
    return {"id": name, "state": state, "fault": None, "value": None, "limit": None, "unit": "1", "sentence": "",
            "values": {}}  # fmt: skip


def _zone(state: str) -> dict[str, Any]:
    removed, left = _STATE_OF[state]
    return {"zone": _ZONE_OF[state], "state": state, "source": "gauge", "removed_um": removed, "left_um": left,
            "left_low_um": left - 1.2, "film_um": 95.0 - removed, "u_um": 0.6}  # fmt: skip


def _move(measure: str, change: float, significant: bool) -> dict[str, Any]:
    return {"measure": measure, "region": "whole", "knobs": {}, "unit": "%", "value": 80.0, "change": change,
            "u_change": 0.2, "significant": significant}  # fmt: skip


def _map(name: str) -> dict[str, Any]:
    return {"name": name.replace("*", "12"), "retired_at": None, "channels": 1, "low": -2.0 if "slope" in name else 0.0,
            "high": 20.0, "unit": "1", "png": "?", "href": "?"}  # fmt: skip


def _chart(words: Wording) -> dict[str, Any]:
    """A trend with every kind of point."""
    samples = [
        Sample(1, 9.0, 0.3, None, 6.0, "fail"),
        Sample(2, 6.1, 0.3, None, 6.0, "hold"),
        Sample(3, 4.0, 0.3, None, 6.0, "pass"),
        Sample(4, 3.1, 0.3, None, None, None),
    ]
    drawn = trend(samples, 5)
    assert drawn is not None, "four values make a chart"
    labels = {sample.pass_number: words.measured(sample.value or 0.0, sample.u) for sample in samples}
    return {
        "label": words.measure("haze_pct"),
        "unit": "%",
        "drawn": drawn,
        "segments": list(pairwise(drawn.points)),
        "labels": labels,
        "ticks": [(words.number(number), x, "") for number, x in drawn.ticks],
        "spoken": words.measure("haze_pct"),
    }
