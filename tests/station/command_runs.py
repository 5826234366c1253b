"""The command line as the tests call it: its arguments, refusals, and what it leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED
from station.__main__ import main
from station.capture_set import write_capture_set

CAPTURED_AT = "2026-11-22T09:30:00+08:00"
STATION = NAMED["B"].sized(96)


def write_world(folder: Path) -> Path:
    """Write the capture sets `ref`, `pass5` and `pass1` of one panel, and the station's `rig`."""
    write_capture_set(render_reference(STATION, seed=1, captured_at=CAPTURED_AT), folder / "ref")
    for number in (1, 5):
        panel = amethyst_story(number)
        write_capture_set(render(panel, STATION, seed=2, captured_at=CAPTURED_AT), folder / f"pass{number}")
    assert main(["calibrate", str(folder / "ref"), "--out", str(folder / "rig")]) == 0
    return folder


def inspect_arguments(world: Path, capture: Path, *more: str) -> list[str]:
    """`inspect` with the world's rig and the flagship's recipe."""
    return ["inspect", str(capture), "--rig", str(world / "rig"), "--recipe", "amethyst", *more]


def everything_under(folder: Path) -> set[Path]:
    """Every file and folder."""
    return set(folder.rglob("*"))


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """Run a command that must be refused in one line; returns the line."""
    capsys.readouterr()
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err
