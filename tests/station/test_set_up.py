"""A technician checks, calibrates and tests the station with the line's own camera (all simulated)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from capture.sample_stations import sample_panel
from conftest import fixed_clock
from fastapi.testclient import TestClient
from technicians_stand import CHECK_PANEL, LIT, RIG, Stand

from calibration.daily_check import LEAST_FIRST
from inspection.refused import Refused
from station.app import build_app
from station.capture.exposures import Exposures
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.line import Line
from station.line.runner import Runner
from station.line.set_up import SetUp
from station.line.state import Lies
from station.store.db import Store


@dataclass(frozen=True)
class Bay:
    """A station with its people gone."""

    stand: Stand
    simulation: Simulation
    runner: Runner
    set_up: SetUp
    client: TestClient


@pytest.fixture
def bay(store: Store) -> Iterator[Bay]:
    stand = Stand()
    simulation = Simulation(LIT, stand.placed)
    line = Line(store, clock=fixed_clock, software="0", daily_check_hours=24.0)
    runner = Runner(line, store, RIG, Surroundings(simulation), Exposures.empty(), clock=fixed_clock)
    app = build_app(store, line, runner=runner)
    with runner, runner.heard_by(stand.hear), TestClient(app, base_url="http://localhost:8000") as client:
        yield Bay(stand, simulation, runner, SetUp(runner, line, store, valid_for=timedelta(hours=24)), client)


def calibrated(bay: Bay) -> str:
    for what in ("black_glass", "white_tile"):
        taken = bay.client.post("/api/set-up/references", json={"what": what})
        assert taken.status_code == 201, taken.text
        assert taken.json()["simulated"]
    made = bay.client.post("/api/set-up/calibration")
    assert made.status_code == 201, made.text
    return str(made.json()["rig"])


def test_a_calibration_is_taken_step_by_step_and_the_line_uses_it(bay: Bay, store: Store) -> None:
    sha256 = calibrated(bay)
    with store.reader() as reader:
        rig = reader.load_rig(sha256)
    assert rig is not None
    assert rig.simulated
    assert rig.station == RIG.station
    # Colour and gloss: glass and tile are both in it.
    assert rig.tile is not None
    checked = bay.client.post("/api/set-up/check", json={"check_panel": "CP-1", "first": True})
    assert checked.status_code == 201, checked.text
    assert bay.client.get("/api/set-up/references").json()["items"][0]["taken"] is None


def test_nothing_is_made_while_a_step_is_missing_or_the_glass_is_none(bay: Bay, store: Store) -> None:
    refused = bay.client.post("/api/set-up/calibration")
    assert (refused.status_code, "black_glass: not taken yet" in refused.json()["detail"]) == (422, True)
    bay.stand.lies[Lies.BLACK_GLASS] = replace(sample_panel(), alpha=0.05)
    for what in ("black_glass", "white_tile"):
        assert bay.client.post("/api/set-up/references", json={"what": what}).status_code == 201
    refused = bay.client.post("/api/set-up/calibration")
    assert refused.status_code == 422
    with store.reader() as reader:
        assert reader.rigs_for(RIG.station, "2026-11-22T10:00:00.000000Z") == []


def test_a_check_that_is_not_met_holds_the_line_and_says_why(bay: Bay) -> None:
    calibrated(bay)
    for _ in range(LEAST_FIRST):
        first = bay.client.post("/api/set-up/check", json={"check_panel": "CP-1", "first": True})
        assert first.status_code == 201, first.text
    met = bay.client.post("/api/set-up/check", json={"check_panel": "CP-1"})
    assert met.status_code == 201, met.text
    assert met.json()["met"] is True
    bay.stand.lies[Lies.CHECK_PANEL] = replace(CHECK_PANEL, lab=(36.0, 0.0, 0.0))
    failed = bay.client.post("/api/set-up/check", json={"check_panel": "CP-1"}).json()
    assert failed["met"] is False
    assert failed["reasons"]
    (state,) = bay.client.get("/api/stations").json()["items"]
    assert (state["state"], state["on_hold"]) == ("failed", True)
    page = bay.client.get("/station", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "Not met" in page


def test_the_hardware_is_tested_part_by_part_and_a_dead_lamp_is_found(
    bay: Bay, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested = {(one.part.value, one.name): one for one in bay.set_up.test_hardware()}
    assert set(tested) == {("camera", ""), ("screen", ""), ("lamp", "diffuse"), ("lamp", "spot_000")}
    assert all(one.works for one in tested.values()), tested
    light = bay.simulation.light
    monkeypatch.setattr(bay.simulation, "light", lambda lamp: light(None if lamp == "spot_000" else lamp))
    dead = [one.name for one in bay.set_up.test_hardware() if not one.works]
    assert dead == ["spot_000"]


def test_what_this_station_needs_no_step_for_is_refused(bay: Bay) -> None:
    with pytest.raises(Refused, match="expected one of black_glass, white_tile"):
        bay.set_up.take_reference(Lies.CHECK_PANEL, operator=None)
    assert bay.client.post("/api/set-up/references", json={"what": "moon"}).status_code == 422


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("check", {"check_panel": "CP-1"}),
        ("references", {"what": "black_glass"}),
        ("calibration", None),
        ("test", None),
    ],
)
def test_a_station_without_a_camera_says_so(
    store: Store, line: Line, address: str, body: dict[str, str] | None
) -> None:
    with TestClient(build_app(store, line), base_url="http://localhost:8000") as client:
        answer = client.post(f"/api/set-up/{address}", json=body)
    assert (answer.status_code, "takes no pictures of its own" in answer.json()["detail"]) == (409, True)
