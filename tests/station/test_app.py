"""The station as a process: it starts, answers, stops, and says what stands in its way."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from records import recipe_of
from small_sets import zip_of

from calibration import calibrate
from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED
from station.app import _alone_in, listening
from station.capture_set import write_capture_set
from station.faults import Busy, StationFault
from station.log import LOG, JsonLines, PlainLines
from station.store.checking import check
from station.store.db import Store
from station.upkeep import DailyUpkeep

ROOT = Path(__file__).parents[2]


def start(config: Path) -> subprocess.Popen[str]:
    """`paint-station serve` with a settings file."""
    return subprocess.Popen(
        [sys.executable, "-m", "station", "serve", "--config", str(config)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(address: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """Status and JSON of a request; of an error too."""
    asked = urllib.request.Request(address, body, {"Content-Type": "application/zip"} if body else {})
    try:
        with urllib.request.urlopen(asked, timeout=60) as came:
            return came.status, json.load(came)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def wait_for(process: subprocess.Popen[str], address: str, line: str) -> dict[str, Any]:
    """The station's health as soon as it answers and its line is in a state."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            health = answer(f"{address}/api/health")[1]
            if health["line"] == line:
                return health
        except OSError:
            pass
        time.sleep(0.02)
    raise AssertionError(process.communicate(timeout=20)[1])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_that_is_taken_is_a_fault_with_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(StationFault, match="is taken by another program"):
            listening("127.0.0.1", other.getsockname()[1])


def test_an_address_of_another_machine_is_a_fault_with_one_sentence() -> None:
    with pytest.raises(StationFault, match=r"cannot listen on 192\.0\.2\.1 port 8000"):
        listening("192.0.2.1", 8000)


def test_the_station_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    config = tmp_path / "station.toml"
    config.write_text(f'port = {port}\ndata_dir = "{tmp_path / "data"}"\n')
    process = start(config)
    try:
        health = None
        deadline = time.monotonic() + 40
        while health is None and process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5) as answer:
                    health = json.load(answer)
            except OSError:
                time.sleep(0.1)
        second = start(config)
        _, complaint = second.communicate(timeout=40)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=40)
    assert health is not None, errors
    assert health["status"] == "ok"
    said, *log = [line for line in errors.splitlines() if not line.startswith("{")] + [
        json.loads(line) for line in errors.splitlines() if line.startswith("{")
    ]
    assert said == f"paint-station: http://127.0.0.1:{port}/"
    assert [(entry["from"], entry["level"], entry["text"].split(":")[0]) for entry in log] == [
        ("paint-station", "info", "started"), ("paint-station", "info", "stopped"),
    ]  # fmt: skip
    assert (log[0]["clean_stop"], log[0]["files"]) == (True, 0)
    assert (second.returncode, len(complaint.splitlines())) == (1, 1)
    assert f"port {port} on 127.0.0.1 is taken" in complaint
    assert process.returncode == 0
    # Closed in order: the write-ahead log is folded into the database.
    assert [path.name for path in (tmp_path / "data").glob("station.db*")] == ["station.db"]


@pytest.fixture
def station(tmp_path: Path) -> tuple[Path, str, bytes]:
    """Settings of a station that can measure, its address, and a capture set for it."""
    small = NAMED["B"].sized(64, 48)
    with closing(Store.open(tmp_path / "data" / "station.db")) as store:
        store.put_rig(calibrate([render_reference(small, seed=0, captured_at="2026-11-22T08:00:00+08:00")]))
        store.put_recipe(recipe_of())
    frames = render(amethyst_story(1), small, seed=1, captured_at="2026-11-22T09:30:00+08:00")
    write_capture_set(frames, tmp_path / "set")
    zipped = zip_of(tmp_path / "set", tmp_path / "set.zip").read_bytes()
    port = free_port()
    config = tmp_path / "station.toml"
    config.write_text(f'port = {port}\ndata_dir = "{tmp_path / "data"}"\n')
    return config, f"http://127.0.0.1:{port}", zipped


def test_a_panel_that_is_measured_when_the_station_stops_is_finished_and_when_it_dies_is_not_there(
    station: tuple[Path, str, bytes], tmp_path: Path
) -> None:
    config, address, zipped = station
    with ThreadPoolExecutor(1) as pool:
        process = start(config)
        wait_for(process, address, "ready")
        sent = pool.submit(answer, f"{address}/api/captures", zipped)
        wait_for(process, address, "busy")
        process.kill()
        process.communicate(timeout=40)
        with pytest.raises(OSError):
            sent.result(60)
        checked = check(tmp_path / "data" / "station.db")
        assert (checked.faults, checked.inspections) == ((), 0)

        process = start(config)
        found = wait_for(process, address, "ready")["last_start"]["told"]
        assert (found["clean_stop"], found["uploads"]) == (False, 1)
        sent = pool.submit(answer, f"{address}/api/captures", zipped)
        wait_for(process, address, "busy")
        process.send_signal(signal.SIGTERM)
        assert sent.result(60)[0] == 201
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    log = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert [entry["text"].split(";")[0] for entry in log] == [
        "started: the last run was cut off", "inspection stored", "stopped",
    ]  # fmt: skip
    assert (log[0]["level"], log[1]["inspection"], log[1]["pass_number"]) == ("warning", 1, 1)
    checked = check(tmp_path / "data" / "station.db")
    assert (checked.faults, checked.remarks, checked.inspections) == ((), (), 1)


def test_two_stations_do_not_serve_from_one_folder(tmp_path: Path) -> None:
    with (
        _alone_in(tmp_path),
        pytest.raises(StationFault, match="another paint-station serves from"),
        _alone_in(tmp_path),
    ):
        pass
    with _alone_in(tmp_path):
        pass


def test_a_log_entry_is_one_line_whatever_is_in_it() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = LOG.makeRecord(
            "paint-station",
            logging.ERROR,
            "f",
            1,
            "says\n%s",
            ("this",),
            sys.exc_info(),
            extra={"told": {"panel": "紫"}},
        )
    text = JsonLines().format(record)
    assert "\n" not in text
    entry = json.loads(text)
    assert (entry["level"], entry["text"], entry["panel"]) == ("error", "says\nthis", "紫")
    assert "ValueError" in entry["fault"]
    plain = PlainLines().format(record)
    assert "panel=紫" in plain
    assert "ValueError" in plain


def test_upkeep_goes_on_after_a_fault(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    # The check of imports, where it runs in the same process, sets up logging and silences every logger it finds.
    monkeypatch.setattr(LOG, "disabled", False)

    class Faulty:
        calls = 0

        def forget_old_names(self, kept: timedelta) -> None:
            if self.calls == 0:
                raise OSError("names cannot be read")

        def retire_daily(self) -> None:
            self.calls += 1
            if self.calls == 1:
                raise Busy("a backup is being made")
            if self.calls == 2:
                raise OSError("the disk is gone")

    store = Faulty()
    with DailyUpkeep(cast(Store, store), look_every_s=0.001):
        deadline = time.monotonic() + 20
        while store.calls < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert store.calls >= 4
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING", "ERROR"]
    assert "names cannot be read" in caplog.text
    assert "a backup is being made" in caplog.text
    assert "the disk is gone" in caplog.text
