"""Retire, backup, restore and check, as typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from command_runs import refused
from conftest import NOW

from station.__main__ import main
from station.store.db import Store

Passes = tuple[int, int, int]


@pytest.fixture
def config(store: Store, three_passes: Passes, tmp_path: Path) -> str:
    """Settings of a station that has seen three passes."""
    store.close()
    path = tmp_path / "station.toml"
    path.write_text(f'data_dir = "{store.path.parent}"\n')
    return str(path)


def later(days: float) -> datetime:
    return NOW + timedelta(days=days)


def test_retire_says_first_and_then_does(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    clock = lambda: later(31)  # noqa: E731
    assert main(["retire", "--config", config, "--dry-run"], clock=clock) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("would delete the maps of 0 inspections and the frames of 1 captures: ")
    assert said[1] == "next due: 2027-02-20"
    assert main(["retire", "--config", config], clock=clock) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("deleted the maps of 0 inspections and the frames of 1 captures: ")
    assert said[1] == "next due: 2027-02-20"
    assert main(["retire", "--config", config], clock=clock) == 0
    assert capsys.readouterr().out.startswith("deleted the maps of 0 inspections and the frames of 0 captures: 0 bytes")


def test_retire_says_what_is_kept_for_an_older_promise(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(config, "a") as file:
        file.write("maps_days = 1\n")
    assert main(["retire", "--config", config], clock=lambda: later(2)) == 0
    assert "3 inspections were stored with a longer term than today's settings" in capsys.readouterr().out


def test_backup_and_restore_as_typed(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = str(tmp_path / "backup")
    assert main(["backup", backup, "--config", config]) == 0
    assert capsys.readouterr().out.startswith(f"backed up to {backup}: ")
    assert main(["restore", "--check", backup]) == 0
    assert capsys.readouterr().out.startswith("whole: 3 inspections, ")
    assert main(["restore", backup, str(tmp_path / "again")]) == 0
    assert "whole: 3 inspections" in capsys.readouterr().out
    assert main(["check", "--config", config]) == 0
    next((tmp_path / "backup").glob("blobs/??/*")).unlink()
    capsys.readouterr()
    assert main(["restore", "--check", backup]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith(": missing\n")
    assert main(["restore", backup, str(tmp_path / "partly")]) == 1, "what there is comes back, and what is not is said"
    assert (tmp_path / "partly" / "station.db").is_file()


def test_check_ends_with_1_and_a_sentence_for_each_fault(
    config: str, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in store._blobs.folder.glob("??/*"):
        path.unlink()
    assert main(["check", "--config", config]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1].startswith("and ")


def test_what_cannot_be_done_is_refused(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.toml").write_text(f'data_dir = "{tmp_path / "nothing"}"\n')
    for command in (["retire"], ["check"], ["backup", str(tmp_path / "b")]):
        line = refused(capsys, [*command, "--config", str(tmp_path / "empty.toml")])
        assert "no such database" in line
    assert not (tmp_path / "nothing").exists()
    assert "DEST" in refused(capsys, ["restore", str(tmp_path)])
    assert "DEST" in refused(capsys, ["restore", str(tmp_path), str(tmp_path / "x"), "--check"])
