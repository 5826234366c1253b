"""How fast and how large: ratios taken side by side in one run (`paint-station bench` prints the same at 12 MP)."""

from __future__ import annotations

import pytest

from calibration import calibrate
from inspection.recipe import parse_recipe
from samples.plain import large_set
from station.bench import RECIPE, Timing, measure
from station.bench_marks import time_search

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def timing(request: pytest.FixtureRequest) -> Timing:
    result = measure(1000, 2048, rounds=3, loading=False)
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n" + "\n".join(result.lines()))
    return result


def test_the_station_is_far_faster_than_the_plain_reference(timing: Timing) -> None:
    assert timing.reference_s / timing.station_s >= 25


def test_the_station_stays_within_reach_of_the_memory_itself(timing: Timing) -> None:
    assert timing.station_s / timing.memory_s <= 50


def test_fifty_marks_are_found_described_and_named_far_faster_than_the_plain_reference_finds_them(
    request: pytest.FixtureRequest,
) -> None:
    rig = calibrate([large_set(1000, 2048, mm_per_px=0.1, glass=True)])
    timing = time_search(rig, parse_recipe(RECIPE, "bench"), pitch_mm=0.1, rounds=3)
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n" + timing.line())
    assert 45 <= timing.found <= 55
    # Measured 22, and 17 with eight neighbours on two cores: what they leave of the caches counts.
    assert timing.times_faster >= 11


def test_memory_stays_a_small_multiple_of_what_is_measured() -> None:
    """In a process of its own: another test's arrays would count."""
    import subprocess
    import sys

    code = (
        "from station.bench import *; from station.bench import _run, _peak_bytes;"
        "rig = calibrate([large_set(1000, 2048, glass=True)]); frames = large_set(1000, 2048);"
        "_run(frames, rig, parse_recipe(RECIPE, 'bench'));"
        "inputs = [f.pixels for f in frames.frames] + list(rig.arrays().values());"
        "print(_peak_bytes() / sum(a.nbytes for a in inputs))"
    )
    ratio = float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    assert ratio <= 6
