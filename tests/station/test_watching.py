"""Sets that other rigs drop into a folder are measured while the station serves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_sets import edit_manifest, write_good_set

from inspection.frames import Frames
from inspection.refused import Refused
from station.faults import Busy, StationFault
from station.watching import Watching

PATIENCE_S = 20.0


def wait_for(true: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < PATIENCE_S
        time.sleep(0.01)


def watching(folder: Path, measure: Callable[[Frames], int]) -> Watching:
    return Watching(folder, measure, quiet_s=0.02, look_every_s=0.02)


def test_a_set_is_measured_once_the_line_is_free_and_moved(tmp_path: Path) -> None:
    answers: list[type[StationFault] | None] = [Busy, StationFault, None]
    measured: list[str | None] = []

    def measure(frames: Frames) -> int:
        answer = answers.pop(0)
        if answer is not None:
            raise answer("not now")
        measured.append(frames.panel)
        return 7

    with watching(tmp_path / "in", measure):
        write_good_set(tmp_path / "in" / "set")
        wait_for((tmp_path / "in" / "taken" / "set").exists)
    assert (measured, answers) == (["AM-0007-HOOD"], [])


def test_what_cannot_be_read_or_measured_is_put_aside_with_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def measure(frames: Frames) -> int:
        raise Refused("capture.json: recipe: no such recipe is stored")

    with watching(tmp_path / "in", measure):
        write_good_set(tmp_path / "in" / "unknown")
        bad = write_good_set(tmp_path / "making")
        edit_manifest(bad, lambda tree: tree.update(coat_number=0))
        bad.rename(tmp_path / "in" / "bad")
        rejected = tmp_path / "in" / "rejected"
        wait_for(lambda: (rejected / "bad.reason.txt").exists() and (rejected / "unknown.reason.txt").exists())
    assert "no such recipe" in (rejected / "unknown.reason.txt").read_text(encoding="utf-8")
    assert "coat_number" in (rejected / "bad.reason.txt").read_text(encoding="utf-8")
    assert "put aside" in caplog.text
