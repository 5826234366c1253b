"""Health, metrics and pages say how the station is, and what a person should see to."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from station.access.rights import Role
from station.app import build_app
from station.line import Line
from station.store import space
from station.store.backup import back_up
from station.store.db import Store
from station.store.health import WARNINGS
from station.store.keeping import Keeping

Passes = tuple[int, int, int]


def warned(client: TestClient) -> dict[str, str]:
    """Warnings by code."""
    return {one["code"]: one["detail"] for one in client.get("/api/health").json()["warnings"]}


def metrics(client: TestClient) -> dict[str, float]:
    """Every number of the station, by name and label."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        " ".join([sample.name.removeprefix("paint_station_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_sound_station_says_so(client: TestClient, store: Store, three_passes: Passes, tmp_path: Path) -> None:
    store.tidy()
    back_up(store, tmp_path / "backup", NOW)
    tree = client.get("/api/health").json()
    assert (tree["status"], tree["database"], tree["line"], tree["warnings"]) == ("ok", "ok", "ready", [])
    assert tree["space"]["free_bytes"] > tree["space"]["keep_free_bytes"] == 10**9
    assert tree["backup"]["told"]["copied"] > 20
    assert tree["last_start"]["told"]["clean_stop"] is True
    seen = metrics(client)
    assert (seen["up"], seen["line_busy"], seen["clock_back_seconds"]) == (1, 0, 0)
    assert (seen["inspections_total fail"], seen["inspections_total pass"]) == (2, 1)
    assert seen["backup_timestamp_seconds"] == NOW.timestamp()
    assert seen["last_inspection_duration_seconds"] == pytest.approx(0.012)
    assert seen["rig_expiry_timestamp_seconds T"] == (NOW + timedelta(hours=20)).timestamp()
    assert sum(value for name, value in seen.items() if name.startswith("warning")) == 0
    assert "process_open_fds" in seen


def test_an_empty_station_has_no_backup_to_miss(client: TestClient) -> None:
    assert warned(client) == {}
    assert "backup_timestamp_seconds" not in metrics(client)


def test_a_disk_that_fills_up_is_said_days_ahead(
    client: TestClient, store: Store, three_passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate = client.get("/api/health").json()["space"]["bytes_per_day"]
    monkeypatch.setattr(space, "free_bytes", lambda folder: 10**9 + int(5.5 * rate))
    tree = client.get("/api/health").json()
    assert (tree["status"], tree["space"]["days_left"]) == ("ok", 5)
    assert warned(client)["disk days"].startswith("the disk will be full in 5 days")
    assert metrics(client)["disk_days_left"] == 5
    assert "The disk will be full in 5 days" in client.get("/", headers={"Accept-Language": "en"}).text
    assert "磁盘将在 5 天后写满" in client.get("/about", headers={"Accept-Language": "zh"}).text


def test_a_full_disk_is_a_fault(client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: 4 * 10**8)
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "fault")
    assert warned(client)["disk full"] == "the disk is full (400.0 MB free): nothing can be stored; make room"
    assert (metrics(client)["up"], metrics(client)["warning disk full"]) == (0, 1)


def test_what_grows_old_is_said(client: TestClient, store: Store, three_passes: Passes, tmp_path: Path) -> None:
    assert set(warned(client)) == {"no backup"}
    back_up(store, tmp_path / "backup", NOW)
    store._clock = lambda: NOW + timedelta(days=9)
    assert set(warned(client)) == {"backup old", "rig expired"}
    assert warned(client)["backup old"].startswith("the last backup is 9 days old")
    store._clock = lambda: NOW + timedelta(days=33)
    assert warned(client)["overdue"].startswith("maps or frames of 1 inspections")
    store.retire()
    assert "overdue" not in warned(client)
    store._clock = lambda: NOW
    assert warned(client)["clock"] == f"the clock stands {33 * 86400} s before what is stored already: look at it"


def test_a_backup_that_lacks_files_is_said(
    client: TestClient, store: Store, three_passes: Passes, tmp_path: Path
) -> None:
    next(store._blobs.folder.glob("??/*")).unlink()
    back_up(store, tmp_path / "backup", NOW)
    assert warned(client)["backup faults"].startswith("the last backup lacks 1 files")


def test_a_database_that_cannot_be_written_is_a_fault(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store._database.execute("PRAGMA query_only = ON")
    monkeypatch.setattr(Keeping, "_sound", lambda self: False)
    assert client.get("/api/health").json()["database"] == "damaged"
    monkeypatch.undo()
    other = sqlite3.connect(store.path, isolation_level=None)
    store._database.execute("PRAGMA busy_timeout = 1")
    other.execute("BEGIN IMMEDIATE")
    tree = client.get("/api/health").json()
    other.close()
    assert (tree["status"], tree["database"]) == ("fault", "not writable")
    assert "paint-station check" in warned_of(tree)["database"]


def warned_of(tree: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """Warnings of an answer by code."""
    return {one["code"]: one["detail"] for one in tree["warnings"]}


def test_asking_for_health_leaves_no_file_open(client: TestClient, three_passes: Passes) -> None:
    client.get("/metrics")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        client.get("/metrics")
    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_every_warning_has_values_for_its_sentence() -> None:
    for sentence in WARNINGS.values():
        assert sentence.format(free="", days=0, seconds=0, count=0, station="")


def test_where_the_backup_lies_is_told_to_who_sets_up_the_station_only(
    store: Store, line: Line, three_passes: Passes, tmp_path: Path
) -> None:
    back_up(store, tmp_path / "backup", NOW)
    for name, role in (("jay", Role.VIEWER), ("owl", Role.TECHNICIAN)):
        store.add_account(name, role, "482915")
    with TestClient(build_app(store, line), base_url="http://localhost:8000") as client:
        for name, told in (("jay", False), ("owl", True)):
            client.cookies.clear()
            assert client.post("/api/session", json={"pseudonym": name, "pin": "482915"}).status_code == 201
            backup = client.get("/api/health").json()["backup"]
            assert ("destination" in backup["told"]) is told
            assert "copied" in backup["told"]
