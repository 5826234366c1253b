"""`inspect` of a part that is larger than the field: one capture set of each view, and the plan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from capture.sample_stations import RECIPE
from command_runs import everything_under, refused
from conftest import NOW
from sills import PLAN_TEXT, SILL, STATION, captures

from samples.scene import render_reference
from station.__main__ import main
from station.capture_set import write_capture_set
from station.store.checking import check


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Captures of both views after pass 1 and 2, rig, recipe and plan."""
    folder = tmp_path_factory.mktemp("sill")
    write_capture_set(render_reference(STATION, seed=0, captured_at=NOW.isoformat()), folder / "ref")
    assert main(["calibrate", str(folder / "ref"), "--out", str(folder / "rig")]) == 0
    (folder / "plain.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "sill.toml").write_text(PLAN_TEXT, encoding="utf-8")
    for number in (1, 2):
        for frames in captures():
            write_capture_set(replace(frames, pass_number=number), folder / f"{frames.view}{number}")
    return folder


def asked(world: Path, *more: str) -> list[str]:
    recipe = str(world / "plain.toml")
    return ["inspect", *more, "--rig", str(world / "rig"), "--recipe", recipe, "--plan", str(world / "sill.toml")]


def test_the_views_come_in_any_order_and_the_next_pass_goes_on_from_the_file(world: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    assert main(asked(world, str(world / "right1"), str(world / "left1"), "--json", str(first))) == 0
    report = json.loads(first.read_text())
    assert ([view["view"] for view in report["views"]], report["view"]) == (["left", "right"], None)
    more = ("--json", str(second), "--previous", str(first), "--maps", str(tmp_path / "maps"))
    assert main(asked(world, str(world / "left2"), str(world / "right2"), *more)) == 0
    after = json.loads(second.read_text())
    nibs = [[mark["id"] for mark in one["defects"] if mark["kind"] == "nib"] for one in (report, after)]
    assert nibs[0] == nibs[1]
    assert len(nibs[0]) == len(SILL.marks)
    assert after["registration"]["fit"] == "aligned"
    assert (tmp_path / "maps" / "gloss_gu.png").exists()


def test_with_a_database_the_earlier_pass_is_found_there(world: Path, tmp_path: Path) -> None:
    database = str(tmp_path / "station.db")
    for number in (1, 2):
        assert main(asked(world, str(world / f"left{number}"), str(world / f"right{number}"), "--db", database)) == 0
    told = tmp_path / "again.json"
    assert main(asked(world, str(world / "left2"), str(world / "right2"), "--db", database, "--json", str(told))) == 0
    assert json.loads(told.read_text())["registration"]["from_pass"] == 1
    assert check(Path(database)).faults == ()


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (("left1",), "--plan: no capture set shows the view 'right'"),
        (("left1", "right1", "left2"), "left1: view: 'left' is there twice"),
        (("left1", "right2"), "pass_number: expected 1 as of the view before, got 2"),
    ],
)
def test_views_that_do_not_make_a_part_are_refused_and_nothing_is_written(
    sets: tuple[str, ...], said: str, world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = str(tmp_path / "station.db")
    assert said in refused(capsys, asked(world, *(str(world / name) for name in sets), "--db", database))
    assert everything_under(tmp_path) == set()


def test_several_sets_without_a_plan_are_refused(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without = asked(world, str(world / "left1"), str(world / "right1"))[:-2]
    assert "--plan: missing" in refused(capsys, without)
