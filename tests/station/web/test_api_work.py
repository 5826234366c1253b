"""Work on passes, and what was saved of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW
from fastapi.testclient import TestClient
from records import RECIPE_TEXT, frames_of, recipe_of, report_of, rig_of, story_of

from inspection.report import Action, NextStep
from station.store.db import Store

FIVE = recipe_of(RECIPE_TEXT.replace("passes = 3", "passes = 5"))
DAY = "2026-11-22T"
WORK = {"pass_number": 1, "started_at": f"{DAY}01:00:00+00:00", "stopped_at": f"{DAY}02:30:00+00:00", "who": "wren"}


def keep(store: Store, pass_number: int, action: Action, panel: str, coat_number: int = 1) -> None:
    frames = frames_of(pass_number, panel=panel, coat_number=coat_number)
    rig = rig_of(frames)
    report = replace(report_of(frames, rig, FIVE, **story_of(pass_number)), next_step=NextStep(action, 0.99, ()))
    store.save(report, frames=frames, rig=rig, recipe=FIVE, maps={})


def test_passes_that_were_planned_and_not_done_are_saved(client: TestClient, store: Store) -> None:
    assert client.get("/api/savings").json()["items"] == []
    for number, action in ((1, Action.FULL_PASS), (2, Action.RELEASE)):
        keep(store, number, action, "AM-1")
    keep(store, 1, Action.RELEASE, "AM-2")
    keep(store, 2, Action.FULL_PASS, "AM-2")  # released once, but not by its newest inspection
    keep(store, 3, Action.RELEASE, "AM-1", coat_number=2)
    [row] = client.get("/api/savings").json()["items"]
    assert {name: row[name] for name in ("recipe", "simulated", "panels", "passes_saved")} == {
        "recipe": "amethyst", "simulated": True, "panels": 2, "passes_saved": 3 + 2,
    }  # fmt: skip
    assert (row["hours_per_pass"], row["hours_saved"]) == (None, None)


def test_hours_are_those_of_the_recorded_passes_without_their_breaks(client: TestClient, store: Store) -> None:
    keep(store, 2, Action.RELEASE, "AM-1")
    again = {"started_at": f"{DAY}03:00:00+00:00", "stopped_at": f"{DAY}11:30:00+08:00"}
    for work in (WORK, WORK | again, WORK | again | {"pass_number": 2, "stopped_at": f"{DAY}04:00:00+00:00"}):
        assert client.post("/api/panels/AM-1/work", json=work).status_code == 201
    [row] = client.get("/api/savings").json()["items"]
    # Pass 1: 1.5 h and 0.5 h; pass 2: 1 h.
    assert (row["hours_per_pass"], row["hours_saved"]) == (1.5, 4.5)
    assert "wren" not in client.get("/api/savings").text
    assert "1.5 h" in client.get("/savings", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "4.5" in client.get("/api/savings", headers={"Accept": "text/csv"}).text


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"stopped_at": f"{DAY}00:30:00+00:00"}, "started_at"),
        ({"stopped_at": f"{DAY}23:00:00+00:00"}, "past"),
        ({"started_at": f"{DAY}01:00:00"}, "started_at"),
        ({"stopped_at": "9999-12-31T23:59:59-14:00"}, "stopped_at"),
        ({"pass_number": 0}, "pass_number"),
        ({"who": " "}, "who"),
    ],
)
def test_work_that_cannot_be_is_refused(
    client: TestClient, three_passes: tuple[int, int, int], change: dict[str, object], word: str
) -> None:
    answer = client.post("/api/panels/AM-0007/work", json=WORK | change)
    assert answer.status_code == 422
    assert word in answer.text
    assert client.post("/api/panels/nobody/work", json=WORK).status_code == 404


def test_recorded_work_is_not_taken_back(client: TestClient, store: Store, three_passes: tuple[int, int, int]) -> None:
    client.post("/api/panels/AM-0007/work", json=WORK)
    for change in ("UPDATE work SET who = 'x'", "DELETE FROM work"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            store._database.execute(change)


PASS = {"pass_number": 4}


def test_a_start_and_a_stop_are_one_piece_of_work(
    client: TestClient, store: Store, three_passes: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = client.post("/api/panels/AM-0007/work/start", json=PASS)
    assert started.status_code == 201
    later = NOW + timedelta(minutes=95)
    monkeypatch.setattr(store, "_clock", lambda: later)
    [going] = client.get("/api/panels/AM-0007").json()["working"]
    assert going == {"coat_number": 1, "pass_number": 4, "started_at": NOW.isoformat(), "minutes": 95}
    again = client.post("/api/panels/AM-0007/work/start", json=PASS)
    assert (again.status_code, "goes on since" in again.text) == (422, True)
    assert client.post("/api/panels/AM-0007/work/stop", json=PASS).status_code == 201
    assert client.get("/api/panels/AM-0007").json()["working"] == []
    [row] = store._database.query("SELECT * FROM work")
    assert (row["started_at"], row["stopped_at"], row["who"]) == (NOW.isoformat(), later.isoformat(), "anybody")
    twice = client.post("/api/panels/AM-0007/work/stop", json=PASS)
    assert (twice.status_code, "no work on pass 4" in twice.text) == (422, True)
    # After a break the same pass goes on.
    assert client.post("/api/panels/AM-0007/work/start", json=PASS | {"who": "wren"}).status_code == 201


def test_a_stop_that_was_forgotten_counts_for_nothing(
    client: TestClient, store: Store, three_passes: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/api/panels/AM-0007/work/start", json=PASS)
    monkeypatch.setattr(store, "_clock", lambda: NOW + timedelta(hours=12, seconds=1))
    assert client.get("/api/panels/AM-0007").json()["working"] == []
    assert client.post("/api/panels/AM-0007/work/stop", json=PASS).status_code == 422
    assert list(store._database.query("SELECT * FROM work")) == []
    assert client.post("/api/panels/AM-0007/work/start", json=PASS).status_code == 201


@pytest.mark.parametrize("does", ["start", "stop"])
@pytest.mark.parametrize("change", [{"pass_number": 0}, {"coat_number": 0}, {"pass_number": 4, "name": "Li"}])
def test_a_start_or_stop_that_cannot_be_is_refused(
    client: TestClient, three_passes: tuple[int, int, int], does: str, change: dict[str, object]
) -> None:
    assert client.post(f"/api/panels/AM-0007/work/{does}", json=PASS | change).status_code == 422
    assert client.post(f"/api/panels/nobody/work/{does}", json=PASS).status_code == 404


@pytest.mark.parametrize(
    ("language", "start", "stop"), [("zh", "开始作业", "结束作业"), ("en", "Start work", "Stop work")]
)
def test_the_pages_offer_the_start_of_the_next_pass_and_the_stop_of_what_goes_on(
    client: TestClient, three_passes: tuple[int, int, int], language: str, start: str, stop: str
) -> None:
    def shown(address: str) -> tuple[int, int]:
        text = client.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
        return text.count(f"</svg>{start}"), text.count(f"</svg>{stop}")

    pages = ("/panels/AM-0007", f"/inspections/{three_passes[2]}")
    assert [shown(address) for address in pages] == [(1, 0), (1, 0)]
    client.post("/api/panels/AM-0007/work/start", json=PASS)
    assert [shown(address) for address in pages] == [(0, 1), (0, 1)]
    # Work on a pass that has been measured since may still be stopped.
    client.post("/api/panels/AM-0007/work/start", json=PASS | {"pass_number": 3})
    assert [shown(address) for address in pages] == [(0, 2), (0, 2)]
    assert shown(f"/inspections/{three_passes[1]}") == (0, 0)


def test_a_start_that_the_station_does_not_advise_says_so(client: TestClient, store: Store) -> None:
    advice = "Advice of the last inspection"
    for number, action in ((1, Action.FULL_PASS), (2, Action.RELEASE), (3, Action.STOP)):
        keep(store, number, action, "AM-1")
        text = client.get("/panels/AM-1", headers={"Accept": "text/html", "Accept-Language": "en"}).text
        assert "Start work" in text
        assert (advice in text) == (action is not Action.FULL_PASS)
