"""Many inspections in a row through the line, while eight people read: nothing grows, nothing is refused."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from capture.sample_stations import SCREEN_PX, STATION, plain_recipe, sample_panel
from conftest import NOW, fixed_clock
from serving import served

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
from station.store.db import Store

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


def ends(runner: Runner) -> Snapshot:
    """How the command that goes on ends."""
    until = time.monotonic() + PATIENCE_S
    while runner.snapshot.state.working and time.monotonic() < until:
        time.sleep(0.01)
    return runner.snapshot


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
    app = build_app(store, line, runner=runner)
    freeze_what_stays()
    with runner, served(app) as address:
        readers = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("readers.py"), address, "1"],
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
    with store.reader() as reader:
        assert reader.health()["counts"]["inspection"] == inspections
