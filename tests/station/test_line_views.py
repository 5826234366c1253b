"""A part that is larger than the field, at the line: view by view, and what goes wrong between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from capture.sample_stations import SCREEN_PX, plain_recipe
from conftest import NOW, fixed_clock
from sills import FIELD_MM, PLAN, PLAN_TEXT, SILL, STATION

from calibration import calibrate
from inspection.plan import Plan, parse_plan
from inspection.refused import Refused
from inspection.rig import Rig
from samples.paintwork import Panel
from samples.scene import render_reference
from samples.views import laid_for
from station.capture.exposures import Exposures
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.line import Line
from station.line.jobs import Start
from station.line.runner import Runner
from station.line.state import Snapshot, State
from station.store.checking import check
from station.store.db import InspectionQuery, Store

PATIENCE_S = 60.0
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def calibrated() -> Rig:
    return calibrate([render_reference(STATION, seed=0, captured_at=NOW.isoformat())])


@dataclass
class Shift:
    """A runner at work on the sill, which lies as it was asked for last."""

    runner: Runner
    store: Store
    simulation: Simulation
    view: str = "left"

    def placed(self) -> Panel:
        view = next(one for one in PLAN.views if one.name == self.view)
        return laid_for(SILL, PLAN, view, FIELD_MM)

    def until(self, reached: Callable[[Snapshot], bool]) -> Snapshot:
        end = time.monotonic() + PATIENCE_S
        while not reached(now := self.runner.snapshot) and time.monotonic() < end:
            time.sleep(0.01)
        assert reached(now), now
        return now

    def begin(self, pass_number: int = 1) -> Snapshot:
        """As far as the second view is asked for."""
        self.view = "left"
        self.runner.start(Start(code="SILL-1", recipe="plain", part="sill", pass_number=pass_number, confirmed=True))
        return self.until(lambda now: now.asks_view or not now.state.working)

    def lay(self, view: str) -> Snapshot:
        self.view = view
        number = self.runner.snapshot.number
        self.runner.hand_done()
        return self.until(lambda now: now.number > number and (now.asks_view or not now.state.working))

    def stored(self) -> list[str]:
        with self.store.reader() as reader:
            return [row["panel"] for row in reader.inspections(InspectionQuery(limit=200)).items]


@contextmanager
def shift(store: Store, rig: Rig, *, plan: Plan | None = PLAN) -> Iterator[Shift]:
    store.put_rig(rig)
    store.put_recipe(plain_recipe())
    if plan is not None:
        store.add_plan(plan, who="heron", why="first")
    settings = sample_rig(STATION, screen_px=SCREEN_PX)
    simulation = Simulation(STATION, lambda: made.placed(), gamma=settings.screen.gamma)
    line = Line(store, clock=fixed_clock, software="0.1.0")
    runner = Runner(line, store, settings, Surroundings(simulation), Exposures.empty(), clock=fixed_clock)
    made = Shift(runner, store, simulation)
    with runner:
        yield made


def test_a_part_is_asked_for_view_by_view_and_stored_as_one_inspection(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated) as at_work:
        asked = at_work.begin()
        assert (asked.state, asked.view, asked.view_number, asked.views_total) == (State.PREPARING, "right", 2, 2), (
            asked
        )
        assert at_work.stored() == []
        done = at_work.lay("right")
    assert (done.state, done.fault, done.asks_view) == (State.DONE, None, False), done
    with store.reader() as reader:
        row = reader.inspection(done.inspection or 0)
        assert row is not None
        captures = [reader.capture(view["capture_sha256"]) for view in row["views"]]
    assert (row["attempt"], row["view"], [view["view"] for view in row["views"]]) == (1, None, ["left", "right"])
    assert [capture["inspections"] for capture in captures if capture] == [[row["id"]]] * 2
    assert row["field_mm"] == [112, 46]
    assert [one["view"] for one in row["report"]["views"]] == ["left", "right"]
    nibs = [(mark["x_mm"], mark["y_mm"]) for mark in row["marks"] if mark["kind"] == "nib"]
    # The middle of the outline is at (57, 24).
    assert nibs == [pytest.approx((57, 15), abs=0.3), pytest.approx((71, 27), abs=0.3)]


def test_the_next_pass_goes_on_from_every_view(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated) as at_work:
        at_work.begin(1)
        first = at_work.lay("right").inspection
        at_work.begin(2)
        second = at_work.lay("right").inspection
    with store.reader() as reader:
        before, after = reader.inspection(first or 0), reader.inspection(second or 0)
    assert before is not None
    assert after is not None
    assert (after["previous_id"], after["pass_number"]) == (before["id"], 2)
    assert [view["registration"]["fit"] for view in after["report"]["views"]] == ["aligned", "aligned"]
    nibs = [[mark["id"] for mark in row["marks"] if mark["kind"] == "nib"] for row in (before, after)]
    assert nibs[0] == nibs[1]


def test_stopped_between_two_views_nothing_is_stored(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated) as at_work:
        at_work.begin()
        at_work.runner.abort()
        stopped = at_work.until(lambda now: not now.state.working)
        assert (stopped.state, stopped.fault_code) == (State.IDLE, "view_not_laid"), stopped
        assert at_work.stored() == []
        # The line goes on: the same part from the start.
        at_work.begin()
        assert at_work.lay("right").state is State.DONE
    assert check(store.path).faults == ()


def test_a_view_that_cannot_be_measured_is_asked_for_once_more(
    store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inspection.joining import Part

    add, refuse = Part.add, [True]

    def once_refused(part: Part, frames: object) -> None:
        if part.next_view is not None and part.next_view.name == "right" and refuse.pop():
            refuse.append(False)
            raise Refused("white.tif: 3 % of the frame are saturated")
        add(part, frames)  # type: ignore[arg-type]

    monkeypatch.setattr(Part, "add", once_refused)
    with shift(store, calibrated) as at_work:
        at_work.begin()
        again = at_work.lay("right")
        assert (again.asks_view, again.view, again.fault) == (
            True,
            "right",
            "white.tif: 3 % of the frame are saturated",
        )
        done = at_work.lay("right")
    assert (done.state, done.fault) == (State.DONE, None), done


def test_the_line_that_is_closed_between_two_views_leaves_nothing(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated) as at_work:
        at_work.begin()
    assert at_work.stored() == []
    assert at_work.runner.snapshot.state is State.IDLE


def test_a_plan_that_is_stored_already_is_refused_and_a_newer_one_holds(store: Store) -> None:
    store.add_plan(PLAN, who="heron", why="first")
    with pytest.raises(Refused, match="this version of the plan of sill is stored already"):
        store.add_plan(PLAN, who="heron", why="again")
    newer = parse_plan(PLAN_TEXT.replace("x_mm = 50", "x_mm = 49"), "newer.toml")
    store.add_plan(newer, who="heron", why="more in both")
    with store.reader() as reader:
        assert reader.load_plan("sill") == newer
        assert reader.load_plan("hood") is None
        assert reader.load_plan(None) is None


def test_killed_between_two_views_the_line_begins_anew(store: Store, calibrated: Rig) -> None:
    """A process that is killed while the second view is asked for."""
    store.close()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_between_views.py")), str(store.path)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "asked for right\n"), done.stderr
    assert check(store.path).faults == ()
    with closing(Store.open(store.path, clock=fixed_clock)) as again, shift(again, calibrated, plan=None) as at_work:
        assert at_work.stored() == []
        at_work.begin()
        assert at_work.lay("right").state is State.DONE
        assert at_work.stored() == ["SILL-1"]
