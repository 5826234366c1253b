"""`daily-check` on the command line: the first checks, one that is met, one that is not, and refusals in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_sets import check_set, rig
from command_runs import refused

from calibration.rig_file import pack
from station.__main__ import main
from station.capture_set import write_capture_set


def test_the_days_of_a_check_panel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rig").write_bytes(pack(rig()))
    sets = {"1": check_set(1), "2": check_set(2), "3": check_set(3), "today": check_set(4, hours=0.5),
            "dim": check_set(5, hours=1.0, lamp=0.97)}  # fmt: skip
    for name, frames in sets.items():
        write_capture_set(frames, tmp_path / name)

    def arguments(name: str, *more: str) -> list[str]:
        known = ["--rig", str(tmp_path / "rig"), "--db", str(tmp_path / "station.db")]
        return ["daily-check", str(tmp_path / name), *known, *more]

    def said(name: str, *more: str) -> str:
        capsys.readouterr()
        assert main(arguments(name, *more)) == 0
        return capsys.readouterr().out

    assert "3 are needed" in refused(capsys, arguments("today"))
    assert ["1 more needed" in said("1", "--first"), "1 more needed" in said("2", "--first")] == [False, True]
    assert "the next check is judged" in said("3", "--first")
    assert ": MET, SIMULATED" in said("today")
    dim = said("dim")
    assert "NOT MET, the station is on hold" in dim
    assert "! delta_e00 is " in dim
    assert "its values stand" in refused(capsys, arguments("dim", "--first"))
    assert "use `daily-check`" in refused(
        capsys, ["inspect", str(tmp_path / "today"), "--rig", str(tmp_path / "rig"), "--recipe", "amethyst"]
    )
