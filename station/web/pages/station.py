"""``/station``: what a technician looks after, and the ways to do it step by step with the line's own camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from calibration.daily_check import LEAST_FIRST
from station.daily_check import State as CheckState
from station.daily_check import stations
from station.line.runner import Runner
from station.line.set_up import SetUp
from station.line.state import State
from station.store.db import CheckQuery, Reader, Store
from station.store.queries import RigQuery
from station.web.deps import LineDep, OwnRunnerDep, StoreDep
from station.web.keeping import backup_facts, storage_facts, warnings_in_words
from station.web.pages.checks import SHAPES
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that is looked after. `shape`: of the verdict that its state is like; None: nothing is asked of it.

    `facts` are (name, value); `ways` are (address, what is done there).
    """

    title: str
    shape: str | None
    state: str
    facts: Sequence[tuple[str, str]]
    ways: Sequence[tuple[str, str]]


@router.get("/station")
def show(request: Request, store: StoreDep, line: LineDep, runner: OwnRunnerDep) -> HTMLResponse:
    """The state of hardware, calibration, daily check, storage and backup, each with the way to work on it."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        checked = [
            one for one in stations(reader, line.daily_check_hours, line.now())
            if runner is None or (one["station"], one["simulated"]) == (runner.station, runner.simulated)
        ]  # fmt: skip
        cards = [_hardware(runner, words), _calibration(reader, runner, words), _check(checked, runner, words)]
    cards += _keeping(store, words)
    values = {"cards": cards, "simulated": runner is not None and runner.simulated}
    return page(request, "station.html", values, section="station", twin="/api/health")


@router.get("/station/check")
def check(request: Request, store: StoreDep, runner: OwnRunnerDep) -> HTMLResponse:
    """The daily check, step by step: lay the panel there, take it, read what came of it."""
    with store.reader() as reader:
        known = [] if runner is None else reader.checks(CheckQuery(station=runner.station, limit=200)).items
    own = [row for row in known if runner is not None and row["simulated"] == runner.simulated]
    firsts = sum(row["first"] for row in own if row["check_panel"] == own[0]["check_panel"]) if own else 0
    values = {
        "own": runner is not None,
        "simulated": runner is not None and runner.simulated,
        "panel": own[0]["check_panel"] if own else "",
        "first": not own or (firsts < LEAST_FIRST and all(row["first"] for row in own)),
        "least_first": LEAST_FIRST,
    }
    return page(request, "station_check.html", values, section="station", twin="/api/daily-checks")


@router.get("/station/calibration")
def calibration(request: Request, runner: OwnRunnerDep) -> HTMLResponse:
    """The calibration, step by step: glass, tile, and what is made of them."""
    set_up: SetUp | None = request.app.state.set_up
    steps = [] if set_up is None else [(str(lies), set_up.references.get(lies)) for lies in set_up.needs]
    values = {
        "own": set_up is not None,
        "simulated": runner is not None and runner.simulated,
        "steps": [{"what": what, "taken": None if frames is None else frames.captured_at} for what, frames in steps],
    }
    return page(request, "station_calibration.html", values, section="station", twin="/api/set-up/references")


@router.get("/station/hardware")
def hardware(request: Request, runner: OwnRunnerDep) -> HTMLResponse:
    """A test of camera, screen and every lamp."""
    values = {"own": runner is not None, "simulated": runner is not None and runner.simulated}
    return page(request, "station_hardware.html", values, section="station")


def _hardware(runner: Runner | None, words: Wording) -> Card:
    title = words.word("station card", "hardware")
    if runner is None:
        return Card(title, None, words.word("station state", "no camera"), [], [])
    now, rig = runner.snapshot, runner.rig
    shape, state = "pass", words.word("station state", "ready")
    facts = [
        (words.word("station fact", "camera"), rig.camera.kind),
        (words.word("station fact", "screen"), f"{rig.screen.kind}, {rig.screen.width_px} × {rig.screen.height_px}"),
        (words.word("station fact", "lamps"), f"{rig.lamps.kind}, {words.number(len(rig.lamp_names))}"),
    ]
    if now.state is State.FAULTED:
        shape, state = "fail", words.fault(now.fault_code, now.fault_values, str(now.fault))
    ways = [
        ("/station/hardware", words.word("station way", "test the hardware")),
        ("/alignment", words.word("station way", "align and focus")),
    ]
    return Card(title, shape, state, facts, ways)


def _calibration(reader: Reader, runner: Runner | None, words: Wording) -> Card:
    rigs = reader.rigs(RigQuery(limit=50)).items
    own = [
        rig for rig in rigs
        if runner is None or (rig["station"], rig["simulated"]) == (runner.station, runner.simulated)
    ]  # fmt: skip
    ways = [("/rigs", words.word("station way", "all calibrations"))]
    if runner is not None:
        ways.insert(0, ("/station/calibration", words.word("station way", "calibrate")))
    title = words.word("station card", "calibration")
    if not own:
        return Card(title, "hold", words.word("station state", "not calibrated"), [], ways)
    newest = own[0]
    state, shape = ("expired", "hold") if newest["expired"] else ("valid", "pass")
    facts = [
        (words.word("station fact", "calibrated"), words.moment(newest["calibrated_at"])),
        (words.word("station fact", "valid until"), words.moment(newest["expires_at"])),
    ]
    ways.insert(1, (f"/rigs/{newest['sha256']}", words.word("station way", "certificate")))
    return Card(title, shape, words.word("rig state", state), facts, ways)


def _check(checked: list[dict[str, Any]], runner: Runner | None, words: Wording) -> Card:
    ways = [("/checks", words.word("station way", "drift charts"))]
    if runner is not None:
        ways.insert(0, ("/station/check", words.word("station way", "check now")))
    state = CheckState(checked[0]["state"]) if checked else CheckState.UNASKED
    last = checked[0]["last"] if checked else None
    facts = []
    if last is not None:
        at = last["captured_at"] or last["captured_at_utc"]
        facts.append((words.word("station fact", "last check"), words.moment(at)))
        facts.append((words.word("station fact", "check panel"), last["check_panel"]))
    title = words.word("station card", "daily check")
    return Card(title, SHAPES[state], words.word("check state", state), facts, ways)


def _keeping(store: Store, words: Wording) -> list[Card]:
    """Storage and backup, with what the station warns of."""
    health = store.health()
    warned = {one["code"]: one for one in health["warnings"]}

    def card(name: str, faults: tuple[str, ...], cautions: tuple[str, ...], facts: list[tuple[str, str]]) -> Card:
        said = next((code for code in (*faults, *cautions) if code in warned), None)
        shape = "pass" if said is None else "fail" if said in faults else "hold"
        state = words.word("station state", "in order") if said is None else warnings_in_words([warned[said]], words)[0]
        return Card(words.word("station card", name), shape, state, facts, [])

    return [
        card(
            "storage", ("database", "disk full"), ("disk days", "clock", "overdue"),
            storage_facts(health, store.policy, words),
        ),
        card("backup", ("backup faults",), ("no backup", "backup old"), backup_facts(health, words)),
    ]  # fmt: skip
