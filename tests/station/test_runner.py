"""The line from a scanned code to a stored inspection, on a simulated station, and everything that goes wrong there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from capture.sample_stations import SCREEN_PX, STATION, Table, plain_recipe, sample_panel
from conftest import NOW, fixed_clock

from calibration import calibrate
from inspection.ahead import Ahead, build_ahead
from inspection.recipe import Recipe
from inspection.refused import Refused
from inspection.rig import Rig
from samples.live import black_glass
from samples.scene import render_reference
from samples.stations import Station
from station.capture.cameras.basler import BaslerForm
from station.capture.exposures import Exposures
from station.capture.lights import spot_name
from station.capture.rig_settings import RigSettings, Spot
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.faults import Asks, Busy, CameraFault, StationFault
from station.line import Line
from station.line.jobs import Start
from station.line.runner import Runner
from station.line.state import Snapshot, State
from station.store.db import InspectionQuery, Order, Store

RIG = sample_rig(STATION, screen_px=SCREEN_PX)
PATIENCE_S = 60.0
PLAIN = plain_recipe()
#: No paint is so even: another pass is always due.
NEVER_MET = plain_recipe('[[checks]]\nmeasure = "gloss_cv_pct"\nhigh = 0.001\n')


@pytest.fixture(scope="module")
def calibrated() -> Rig:
    """The rig of the simulated station, of the same day."""
    return calibrate([render_reference(STATION, seed=0, captured_at=NOW.isoformat())])


@dataclass
class Shift:
    """A runner at work, its store, and what it said."""

    runner: Runner
    store: Store
    table: Table
    simulation: Simulation
    heard: list[Snapshot] = field(default_factory=list)

    def ends(self) -> Snapshot:
        """How the command that goes on ends."""
        until = time.monotonic() + PATIENCE_S
        while self.runner.snapshot.state.working and time.monotonic() < until:
            time.sleep(0.01)
        return self.runner.snapshot

    def inspect(self, **asked: object) -> Snapshot:
        self.runner.start(Start(**{"code": "AM-0007", "recipe": "plain", "pass_number": 1, **asked}))  # type: ignore[arg-type]
        return self.ends()

    def stored(self) -> list[tuple[str, int]]:
        with self.store.reader() as reader:
            rows = reader.inspections(InspectionQuery(limit=200)).items
        return [(row["panel"], row["pass_number"]) for row in rows]


@contextmanager
def shift(
    store: Store,
    rig: Rig,
    settings: RigSettings = RIG,
    *,
    recipe: Recipe = PLAIN,
    station: Station = STATION,
    **patience: float,
) -> Iterator[Shift]:
    store.put_rig(rig)
    store.put_recipe(recipe)
    table = Table(sample_panel())
    simulation = Simulation(station, lambda: table.placed, gamma=settings.screen.gamma)
    line = Line(store, clock=fixed_clock, software="0.1.0")
    runner = Runner(line, store, settings, Surroundings(simulation), Exposures.empty(), clock=fixed_clock, **patience)
    made = Shift(runner, store, table, simulation)
    with runner, runner.heard_by(made.heard.append):
        yield made


def test_a_code_becomes_an_inspection_and_every_step_is_told(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated) as at_work:
        done = at_work.inspect()
    assert (done.state, done.fault) == (State.DONE, None), done
    assert at_work.stored() == [("AM-0007", 1)]
    with store.reader() as reader:
        row = reader.inspection(done.inspection or 0)
    assert row is not None
    assert (row["simulated"], row["verdict"]) == (1, done.verdict)
    states = [one.state for one in at_work.heard]
    assert [s for i, s in enumerate(states) if i == 0 or s is not states[i - 1]] == [
        State.PREPARING, State.CAPTURING, State.MEASURING, State.DONE,
    ]  # fmt: skip
    frames = [one.frames_done for one in at_work.heard if one.state is State.CAPTURING]
    assert frames == sorted(frames)
    assert frames[-1] == at_work.heard[-1].frames_total
    assert [one.number for one in at_work.heard] == list(range(1, len(at_work.heard) + 1))


def test_an_order_says_recipe_part_and_coat_and_the_store_the_pass(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated, recipe=NEVER_MET) as at_work:
        store.add_orders([Order(code="AM-0008", order_number="4711", recipe="plain", part="wing")], who="heron")
        first = at_work.inspect(code="AM-0008", recipe=None, pass_number=1)
        second = at_work.inspect(code="AM-0008", recipe=None, pass_number=None)
        with pytest.raises(Asks, match="really pass 1"):
            at_work.inspect(code="AM-0008", recipe=None, pass_number=1)
    assert (first.state, second.state, second.pass_number) == (State.DONE, State.DONE, 2), second
    with store.reader() as reader:
        row = reader.inspection(second.inspection or 0)
    assert row is not None
    assert (row["part"], row["recipe"]) == ("wing", "plain")


def test_measuring_begins_while_the_lamps_are_photographed_and_changes_nothing(
    store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third lamp may only be lit when maps are there: it waits for them, they do not wait for it."""
    built = threading.Event()

    def tells(*given: object) -> Ahead:
        made = build_ahead(*given)  # type: ignore[arg-type]
        built.set()
        return made

    monkeypatch.setattr("station.line.measuring.build_ahead", tells)
    lamps = tuple(
        Spot(name=spot_name(azimuth), azimuth_deg=azimuth, polar_deg=35.0, distance_mm=400.0) for azimuth in (0.0, 90.0)
    )
    settings = RIG.model_copy(update={"spots": lamps})
    lit: list[bool] = []
    with shift(store, calibrated, settings, station=replace(STATION, spot_azimuths_deg=(0.0, 90.0))) as at_work:
        light = at_work.simulation.light

        def lights(lamp: str | None) -> None:
            if lamp == lamps[-1].name:
                lit.append(built.wait(PATIENCE_S))
            light(lamp)

        monkeypatch.setattr(at_work.simulation, "light", lights)
        done = at_work.inspect()
        assert (done.state, done.fault) == (State.DONE, None)
        assert lit == [True]
        with store.reader() as reader:
            row = reader.inspection(done.inspection or 0)
            assert row is not None
            frames = reader.load_capture(row["capture_sha256"])
        assert frames is not None
        again = Line(store, clock=fixed_clock, software="0.1.0").measure(replace(frames, panel="AM-0009"))
        with store.reader() as reader:
            other = reader.inspection(again)
    assert other is not None
    assert other["report"]["findings"] == row["report"]["findings"]
    assert other["report"]["defects"] == row["report"]["defects"]


def test_a_newer_order_of_the_same_code_holds(store: Store) -> None:
    store.put_recipe(plain_recipe())
    for part in ("wing", "door"):
        store.add_orders([Order(code="AM-1", order_number="1", recipe="plain", part=part)], who="heron")
    with store.reader() as reader:
        order = reader.order_of("AM-1")
    assert order is not None
    assert order["part"] == "door"


def test_orders_are_kept_all_or_none(store: Store) -> None:
    store.put_recipe(plain_recipe())
    rows = [Order(code="A", order_number="1", recipe="plain"), Order(code="B", order_number="1", recipe="unheard-of")]
    with pytest.raises(Refused, match="order 2: recipe"):
        store.add_orders(rows, who="heron")
    with store.reader() as reader:
        assert reader.order_of("A") is None


def test_a_code_that_nobody_knows_is_refused_before_a_frame_is_taken(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated) as at_work:
        with pytest.raises(Refused, match="no order knows this code"):
            at_work.inspect(recipe=None)
        with pytest.raises(Refused, match='no recipe "unheard-of"'):
            at_work.inspect(recipe="unheard-of")
        assert at_work.runner.snapshot.state is State.IDLE
    assert at_work.heard == []


def test_without_a_valid_rig_nothing_is_captured(store: Store, calibrated: Rig) -> None:
    settings = RIG.model_copy(update={"station": "elsewhere"})
    with shift(store, calibrated, settings) as at_work, pytest.raises(Refused, match="calibrate it first"):
        at_work.inspect()


def slow(simulation: Simulation, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The camera waits for a word before its first picture."""
    go = threading.Event()
    picture = simulation.picture

    def waits(exposure_ms: float) -> object:
        go.wait(PATIENCE_S)
        return picture(exposure_ms)

    monkeypatch.setattr(simulation, "picture", waits)
    return go


def test_a_camera_that_only_plays_its_part_is_said_to_be_simulated(store: Store, line: Line) -> None:
    for emulated in (True, False):
        settings = RIG.model_copy(update={"camera": BaslerForm(of_simulation=emulated)})
        runner = Runner(line, store, settings, Surroundings(), Exposures.empty(), clock=fixed_clock)
        assert runner.simulated is emulated


def test_one_command_at_a_time(store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with shift(store, calibrated) as at_work:
        go = slow(at_work.simulation, monkeypatch)
        at_work.runner.start(Start(code="AM-0007", recipe="plain", pass_number=1))
        with pytest.raises(Busy):
            at_work.inspect()
        go.set()
        assert at_work.ends().state is State.DONE


def test_a_stopped_capture_leaves_nothing_and_the_next_one_works(
    store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shift(store, calibrated) as at_work:
        go = slow(at_work.simulation, monkeypatch)
        at_work.runner.start(Start(code="AM-0007", recipe="plain", pass_number=1))
        at_work.runner.abort()
        go.set()
        stopped = at_work.ends()
        assert (stopped.state, at_work.stored()) == (State.IDLE, [])
        assert stopped.fault == "the capture was stopped"
        assert at_work.inspect().state is State.DONE


def test_a_fault_of_the_camera_is_one_sentence_and_the_next_command_opens_it_anew(
    store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shift(store, calibrated) as at_work:
        picture = at_work.simulation.picture

        def gone(exposure_ms: float) -> object:
            raise CameraFault("the camera is gone: look at its cable")

        monkeypatch.setattr(at_work.simulation, "picture", gone)
        faulted = at_work.inspect()
        assert (faulted.state, faulted.fault) == (State.FAULTED, "the camera is gone: look at its cable")
        monkeypatch.setattr(at_work.simulation, "picture", picture)
        done = at_work.inspect()
        assert (done.state, done.fault) == (State.DONE, None)
    assert at_work.stored() == [("AM-0007", 1)]


def test_a_fault_that_nobody_foresaw_does_not_end_the_line(
    store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shift(store, calibrated) as at_work:
        picture = at_work.simulation.picture
        monkeypatch.setattr(at_work.simulation, "picture", lambda exposure_ms: 1 / 0)
        faulted = at_work.inspect()
        assert faulted.state is State.FAULTED
        assert "its log tells" in (faulted.fault or "")
        monkeypatch.setattr(at_work.simulation, "picture", picture)
        assert at_work.inspect().state is State.DONE


def test_what_hangs_is_said_and_refused_until_it_moves_again(
    store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shift(store, calibrated, hardware_s=2.0, look_every_s=0.02) as at_work:
        go = slow(at_work.simulation, monkeypatch)
        at_work.runner.start(Start(code="AM-0007", recipe="plain", pass_number=1))
        hung = at_work.ends()
        assert hung.state is State.FAULTED
        assert "nothing has moved" in (hung.fault or "")
        assert not at_work.runner.alive
        with pytest.raises(StationFault, match="nothing has moved"):
            at_work.inspect()
        go.set()
        until = time.monotonic() + PATIENCE_S
        while at_work.runner.snapshot.state is State.FAULTED and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.05)
        assert at_work.runner.alive
        assert at_work.inspect().state is State.DONE
    assert at_work.stored() == [("AM-0007", 1)]


def test_lamps_switched_by_hand_are_asked_for(store: Store, calibrated: Rig) -> None:
    from station.capture.lamps.by_hand import HandForm

    settings = RIG.model_copy(update={"lamps": HandForm()})
    with shift(store, calibrated, settings) as at_work:

        def hands(snapshot: Snapshot) -> None:
            if snapshot.hand is not None:
                at_work.simulation.light(snapshot.hand or None)
                threading.Thread(target=at_work.runner.hand_done).start()

        with at_work.runner.heard_by(hands):
            done = at_work.inspect()
    assert done.state is State.DONE, done
    assert {one.hand for one in at_work.heard} >= {None, "diffuse", ""}


def test_who_sets_up_the_station_looks_through_its_camera_between_two_panels(store: Store, calibrated: Rig) -> None:
    with shift(store, calibrated) as at_work:
        at_work.table.placed = black_glass(STATION)
        assert at_work.runner.look().seen_pct == pytest.approx(100, abs=1)
        at_work.runner.show_card()
        at_work.table.placed = sample_panel()
        assert at_work.inspect().state is State.DONE


def test_nobody_looks_while_a_panel_is_captured(store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with shift(store, calibrated) as at_work:
        go = slow(at_work.simulation, monkeypatch)
        at_work.runner.start(Start(code="AM-0007", recipe="plain", pass_number=1))
        with pytest.raises(Busy):
            at_work.runner.look()
        go.set()
        assert at_work.ends().state is State.DONE


def test_the_end_of_the_program_stops_the_capture(
    store: Store, calibrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shift(store, calibrated) as at_work:
        go = slow(at_work.simulation, monkeypatch)
        at_work.runner.start(Start(code="AM-0007", recipe="plain", pass_number=1))
        threading.Timer(0.2, go.set).start()
    assert at_work.stored() == []
    assert at_work.runner.snapshot.state is State.IDLE
