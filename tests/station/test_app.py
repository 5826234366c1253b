"""The station as a process: it starts, answers, stops, and says what stands in its way."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from station.app import listening
from station.faults import StationFault

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
