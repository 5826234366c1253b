"""`paint-station calibrate`: the term of a calibration, and where the rig is kept."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from calibration.rig_file import unpack
from samples.scene import render_reference
from samples.stations import NAMED
from station.__main__ import main
from station.capture_set import write_capture_set
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
