"""Many inspections in a row through the line, while eight people read: nothing grows, nothing is refused."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from capture.sample_stations import SCREEN_PX, STATION, plain_recipe, sample_panel
from conftest import NOW, fixed_clock

from calibration import calibrate
from samples.scene import render_reference
from station.app import build_app, freeze_what_stays
from station.capture.exposures import Exposures
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.line import Line
from station.line.jobs import Start
from station.line.runner import Runner
from station.line.state import Snapshot, State
from station.store.db import InspectionQuery, Store

#: Frames as small as still hold a mark and its surroundings.
SMALL = replace(STATION.sized(48), periods_mm=(48.0,))
#: Limits of issue and plan: growth after the first ones, and the time within which 99 of 100 answers came.
GROWTH, P99_MS = 0.05, 100.0
PATIENCE_S = 60.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@contextmanager
def served(store: Store, line: Line, runner: Runner) -> Iterator[int]:
    """The station's API and pages on a port of their own."""
    app = build_app(store, line, runner=runner)
    freeze_what_stays()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def ends(runner: Runner) -> Snapshot:
    """How the command that goes on ends."""
    until = time.monotonic() + PATIENCE_S
    while runner.snapshot.state.working and time.monotonic() < until:
        time.sleep(0.01)
    return runner.snapshot


def stored(store: Store) -> int:
    count, query = 0, InspectionQuery(limit=200)
    with store.reader() as reader:
        while True:
            page = reader.inspections(query)
            count += len(page.items)
            if page.next_cursor is None:
                return count
            query = replace(query, cursor=page.next_cursor)


@pytest.mark.alone
@pytest.mark.parametrize(("inspections", "settled"), [
    (60, 30), pytest.param(2000, 200, marks=pytest.mark.soak),
])  # fmt: skip
def test_many_inspections_in_a_row_leave_nothing_behind_and_keep_no_reader_waiting(
    store: Store, inspections: int, settled: int
) -> None:
    rig = sample_rig(SMALL, screen_px=SCREEN_PX)
    store.put_rig(calibrate([render_reference(SMALL, seed=0, captured_at=NOW.isoformat())]))
    store.put_recipe(plain_recipe())
    panel = sample_panel()
    line = Line(store, clock=fixed_clock, software="0.1.0")
    around = Surroundings(Simulation(SMALL, lambda: panel, gamma=rig.screen.gamma))
    runner = Runner(line, store, rig, around, Exposures.empty(), clock=fixed_clock)
    after: dict[int, tuple[int, int, int]] = {}
    with runner, served(store, line, runner) as port:
        readers = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("readers.py"), str(port), "1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        for number in range(1, inspections + 1):
            runner.start(Start(code=f"AM-{number:05}", recipe="plain", pass_number=1))
            ended = ends(runner)
            assert (ended.state, ended.fault) == (State.DONE, None), ended
            if number % settled == 0:
                gc.collect()
                after[number] = resident_bytes(), open_files(), threading.active_count()
        told = json.loads(readers.communicate(timeout=60)[0])
    times = np.array(told["times_ms"])
    p50, p99 = np.percentile(times, [50, 99])
    growth = {f"after {number}": (resident >> 20, *rest) for number, (resident, *rest) in after.items()}
    print(f"{inspections} inspections, {len(times)} answers: p50 {p50:.1f} ms, p99 {p99:.1f} ms; {growth}")
    first, last = after[settled], after[max(after)]
    assert told["wrong"] == []
    assert p99 <= P99_MS
    assert last[0] <= (1 + GROWTH) * first[0]
    assert last[1] <= first[1] + 8  # connections of readers come and go
    assert last[2] <= first[2]
    assert stored(store) == inspections
