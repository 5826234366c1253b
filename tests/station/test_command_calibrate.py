"""`paint-station calibrate`: the term of a calibration, and where the rig is kept."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from calibration.rig_file import unpack
from inspection.frames import Board
from samples.plates import render_plates
from samples.scene import render_reference
from samples.stations import NAMED
from station.__main__ import main
from station.capture_set import read_capture_set, write_capture_set
from station.store.db import Store
from station.store.queries import RigQuery


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """The reference set of a small simulated station, of half past nine."""
    captured_at = "2026-11-22T09:30:00+08:00"
    write_capture_set(render_reference(NAMED["B"].sized(48), seed=1, captured_at=captured_at), tmp_path / "ref")
    return tmp_path / "ref"


def test_term_of_a_calibration_comes_from_the_settings(
    reference: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "station.toml").write_text("calibration_valid_hours = 12.0\n")
    monkeypatch.chdir(tmp_path)
    assert main(["calibrate", str(reference), "--out", str(tmp_path / "rig")]) == 0
    assert "2026-11-22T21:30:00+08:00" in capsys.readouterr().out


def test_calibrate_keeps_the_rig_where_serve_finds_it(reference: Path, tmp_path: Path) -> None:
    database = tmp_path / "station.db"
    assert main(["calibrate", str(reference), "--out", str(tmp_path / "rig"), "--db", str(database)]) == 0
    with closing(Store.open(database)) as store, store.reader() as reader:
        [row] = reader.rigs(RigQuery()).items
    assert row["sha256"] == unpack((tmp_path / "rig").read_bytes(), "rig").sha256


def test_a_plate_is_used_by_itself_and_what_it_showed_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every value with its uncertainty, or with the limit that it kept; a plate that nobody described is named."""
    station = NAMED["B"].sized(224)
    described = render_plates(station, [Board((18, 18), 10.0, 6.0, "DICT_4X4_250")], seed=1)
    [frame] = described.frames
    plates = replace(described, frames=(frame, replace(frame, file="bare.png", board=None)))
    write_capture_set(render_reference(station, seed=1), tmp_path / "ref")
    write_capture_set(plates, tmp_path / "grid")
    assert main(["calibrate", str(tmp_path / "ref"), str(tmp_path / "grid"), "--out", str(tmp_path / "rig")]) == 0
    lines = capsys.readouterr().out.splitlines()
    said = dict(line.split(": ", 1) for line in lines)
    assert re.fullmatch(r"3[45]\d\.\d ± \d\.\d mm \(k = 1\)", said["screen distance"])
    assert re.fullmatch(r"0\.0\d+ px, at most 0\.25 px", said["reprojection rms"])
    assert said["bare.png"].startswith("not used")
    assert "SIMULATED" in lines[-1]
    assert read_capture_set(tmp_path / "grid").frames[0].board == frame.board
    assert unpack((tmp_path / "rig").read_bytes(), "rig").declared_geometry == station.geometry()
