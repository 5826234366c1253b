"""``/checks``: how each station stands with its daily check, why, and how its check panel has read since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from calibration.daily_check import LEAST_FIRST, Judged
from inspection.report import GateState
from inspection.units import unit_of
from station.daily_check import State, judged_of, stations
from station.store.db import CheckQuery, Reader
from station.web.deps import LineDep, StoreDep
from station.web.rendering import language_of, page
from station.web.trend import Sample, trend
from station.web.wording import Wording

router = APIRouter()

Row = Mapping[str, Any]

#: So many checks fit into a chart.
SHOWN = 14
#: The verdict whose shape and colour stand for a state; what is not known has the empty one.
SHAPES = {
    State.MET: "pass", State.FAILED: "fail", State.LATE: "hold", State.CALIBRATED: "hold", State.NEVER: "hold",
    State.UNASKED: None,
}  # fmt: skip


@router.get("/checks")
def show(request: Request, store: StoreDep, line: LineDep) -> HTMLResponse:
    """The page."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        told = stations(reader, line.daily_check_hours, line.now())
        shown = [_station(one, _history(reader, one), words) for one in told]
    hours = line.daily_check_hours
    values = {
        "stations": shown,
        "simulated": any(one["simulated"] for one in told),
        "term": None if hours is None else words.number(hours),
        "least_first": words.number(LEAST_FIRST),
    }
    return page(request, "checks.html", values, section="station", twin="/api/stations")


def _history(reader: Reader, station: Row) -> Sequence[Row]:
    """The newest judged checks of the check panel that was used last, in order of time."""
    last = station["last"]
    if last is None:
        return []
    query = CheckQuery(station=last["station"], check_panel=last["check_panel"], limit=200)
    alike = [
        row for row in reader.checks(query).items
        if not row["first"] and (row["station"], row["simulated"]) == (last["station"], last["simulated"])
    ]  # fmt: skip
    return alike[SHOWN - 1 :: -1]


def _station(station: Row, history: Sequence[Row], words: Wording) -> dict[str, Any]:
    state, last = State(station["state"]), station["last"]
    return {
        "name": station["station"],
        "simulated": station["simulated"],
        "shape": SHAPES[state],
        "state": words.word("check state", state),
        "meaning": words.word("check meaning", state),
        "panel": None if last is None else last["check_panel"],
        "at": None if last is None else words.moment(last["captured_at"] or last["captured_at_utc"]),
        "reasons": [] if last is None or last["met"] else reasons_in_words(last, words),
        "rows": [] if last is None else [_line(one, words) for one in judged_of(last)],
        "charts": _charts(history, words),
    }


def reasons_in_words(check: Row, words: Wording) -> list[str]:
    """Why a check was not met, a sentence each: what the capture itself lacks comes first."""
    of_capture = [
        words.gate_says(_gate_values(gate), gate["sentence"])
        for gate in check["gates"]
        if gate["state"] == GateState.RED
    ]
    return of_capture + [_fault(one, words) for one in judged_of(check) if one.fault]


def _gate_values(gate: Row) -> dict[str, Any]:
    values = {"gate": gate["id"], "fault": gate["fault"], "value": gate["value"], "limit": gate["limit"]}
    return {name: value for name, value in (values | gate["values"]).items() if value is not None}


def _fault(one: Judged, words: Wording) -> str:
    """One sentence on what is wrong with a quantity."""
    above = one.low is None and one.fault != "not_measured"
    code = f"{one.fault} above" if above else one.fault
    value, low, high = (
        (one.mean, one.mean_low, one.mean_high) if one.fault == "drifts" else (one.value, one.low, one.high)
    )
    unit = words.unit(unit_of(one.quantity))
    numbers = {"value": value, "low": low, "high": high}
    shown = {name: _shown(number, one.u, unit, words) for name, number in numbers.items()}
    return words.word("check fault", code) % ({"quantity": _name(one.quantity, words)} | shown)


def _line(one: Judged, words: Wording) -> dict[str, Any]:
    unit = words.unit(unit_of(one.quantity))
    return {
        "name": _name(one.quantity, words),
        "shape": "fail" if one.fault else "pass",
        "state": words.word("check quantity state", "fault" if one.fault else "inside"),
        "value": _shown(one.value, one.u, unit, words),
        "limits": _limits(one.low, one.high, one.u, unit, words),
        "mean": _shown(one.mean, one.u, unit, words),
        "mean_limits": _limits(one.mean_low, one.mean_high, one.u, unit, words),
    }


def _limits(low: float | None, high: float | None, u: float | None, unit: str, words: Wording) -> str:
    if high is None:
        return "–"
    top = _shown(high, u, unit, words)
    return f"≤ {top}" if low is None else f"{words.measured(low, u)} … {top}"


def _shown(value: float | None, u: float | None, unit: str, words: Wording) -> str:
    return "–" if value is None else f"{words.measured(value, u)} {unit}".strip()


def _name(quantity: str, words: Wording) -> str:
    """The plain name of a checked quantity; clarity has its fringe period in it."""
    if quantity.startswith("clarity_"):
        period = float(quantity.removeprefix("clarity_").removesuffix("mm_pct"))
        return words.finding("clarity_pct", {"period_mm": period})
    return words.word("check quantity", quantity) if quantity == "scale_pct" else words.measure(quantity)


def _charts(history: Sequence[Row], words: Wording) -> list[dict[str, Any]]:
    """A chart for each quantity of the newest check, over the checks before it."""
    judged = [{one.quantity: one for one in judged_of(row)} for row in history]
    charts = []
    for name in judged[-1] if judged else ():
        samples = [
            Sample(number, one.value, one.u, one.low, one.high, "fail" if one.fault else "pass")
            for number, one in enumerate((found.get(name) for found in judged), 1)
            if one is not None
        ]
        drawn = trend(samples, len(history))
        if drawn is None or len(drawn.points) < 2:
            continue
        last = drawn.points[-1]
        unit = words.unit(unit_of(name))
        spoken = [_name(name, words), *(_shown(point.value, point.u, unit, words) for point in drawn.points)]
        days = [words.day(row["captured_at"] or row["captured_at_utc"]) for row in (history[0], history[-1])]
        charts.append(
            {
                "label": _name(name, words),
                "unit": unit,
                "drawn": drawn,
                "segments": list(pairwise(drawn.points)),
                "spoken": words.word("place", "list pause").join(spoken),
                "labels": {last.pass_number: words.measured(last.value, last.u)},
                "ticks": [(days[0], 0, "from"), (days[1], 100, "to")],
            }
        )
    return charts
