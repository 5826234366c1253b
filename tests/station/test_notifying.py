"""The service manager hears that the station serves, lives and stops; while something hangs it hears nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_app import ROOT, free_port

from station.notifying import Manager, Notifying
from station.settings import service_manager

PATIENCE_S = 60


class Ear:
    """A service manager that only listens."""

    def __init__(self, wire: socket.socket, address: str) -> None:
        self._wire, self.address = wire, address

    def hears(self, within_s: float = PATIENCE_S) -> str | None:
        """The next thing that is said, or None."""
        self._wire.settimeout(within_s)
        try:
            return self._wire.recv(100).decode()
        except TimeoutError:
            return None


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        # A path of a socket may not be long, and that of a test is.
        address = f"@paint-station-{os.getpid()}-{time.monotonic_ns()}"
        wire.bind(f"\0{address[1:]}")
        yield Ear(wire, address)


def test_signs_of_life_begin_when_it_serves_and_end_while_something_hangs(ear: Ear) -> None:
    state = {"serves": False, "alive": True}
    manager = Manager(ear.address, 0.1)
    with Notifying(manager, serves=lambda: state["serves"], alive=lambda: state["alive"]):
        assert ear.hears(0.5) is None
        state["serves"] = True
        assert [ear.hears() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        state["alive"] = False
        while ear.hears(0.5) is not None:
            pass
        state["alive"] = True
        assert ear.hears() == "WATCHDOG=1"
    said = [ear.hears()]
    while said[-1] == "WATCHDOG=1":
        said.append(ear.hears())
    assert said[-1] == "STOPPING=1"


def test_a_manager_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    with Notifying(Manager(str(tmp_path / "nobody"), None), serves=lambda: True, alive=lambda: True):
        pass


@pytest.mark.parametrize(("told", "expected"), [
    ({}, None),
    ({"NOTIFY_SOCKET": "@m"}, Manager("@m", None)),
    ({"NOTIFY_SOCKET": "/run/m", "WATCHDOG_USEC": "120000000"}, Manager("/run/m", 120.0)),
    ({"NOTIFY_SOCKET": "/run/m", "WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, Manager("/run/m", None)),
    ({"NOTIFY_SOCKET": "/run/m", "WATCHDOG_USEC": "soon"}, Manager("/run/m", None)),
])  # fmt: skip
def test_the_manager_is_found_as_it_says(
    told: dict[str, str], expected: Manager | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert service_manager() == expected


def test_the_station_as_a_process_tells_its_manager(ear: Ear, tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'port = {free_port()}\ndata_dir = "{tmp_path / "data"}"\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "station", "serve", "--config", str(config)], cwd=ROOT, stderr=subprocess.PIPE,
        env=os.environ | {"NOTIFY_SOCKET": ear.address, "WATCHDOG_USEC": "400000"},
    )  # fmt: skip
    try:
        assert [ear.hears(), ear.hears()] == ["READY=1", "WATCHDOG=1"]
        process.send_signal(signal.SIGTERM)
        said = ear.hears()
        while said == "WATCHDOG=1":
            said = ear.hears()
        assert said == "STOPPING=1"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
