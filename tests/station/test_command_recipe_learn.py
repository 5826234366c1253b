"""`recipe learn` on the command line: what it writes, says, and refuses."""

from __future__ import annotations

import tomllib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from command_runs import CAPTURED_AT, refused

from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED
from station.__main__ import main
from station.capture_set import write_capture_set
from station.store.db import Store

#: The smallest picture in which the sample recipe's measures exist.
STATION = NAMED["B"].sized(48)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three accepted panels after pass 5, and the station's rig."""
    folder = tmp_path_factory.mktemp("accepted")
    write_capture_set(render_reference(STATION, seed=1, captured_at=CAPTURED_AT), folder / "ref")
    for number in range(3):
        panel = replace(amethyst_story(5), code=f"AM-{number}", marks=())
        write_capture_set(render(panel, STATION, seed=number, captured_at=CAPTURED_AT), folder / f"panel{number}")
    assert main(["calibrate", str(folder / "ref"), "--out", str(folder / "rig")]) == 0
    return folder


def learn(accepted: Path, out: Path, *more: str, panels: int = 3) -> list[str]:
    sets = [str(accepted / f"panel{number}") for number in range(panels)]
    return ["recipe", "learn", *sets, "--rig", str(accepted / "rig"), "--out", str(out), *more]


def test_a_learned_recipe_is_right_and_passes_its_panels(
    accepted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "learned.toml"
    assert main(learn(accepted, out, "--who", "heron")) == 0
    said = capsys.readouterr().out
    assert "amethyst" in said
    assert "3 panels after pass 5" in said
    assert "SIMULATED" in said
    tree = tomllib.loads(out.read_text("utf-8"))
    assert tree["learned"]["who"] == "heron"
    assert tree["film"] == {"start_um": 95.0, "removable_um": 16.0, "per_pass_um": 2.5}
    assert main(["recipe", "check", str(out), "--rig", str(accepted / "rig")]) == 0
    for number in range(3):
        capsys.readouterr()
        arguments = ["inspect", str(accepted / f"panel{number}"), "--rig", str(accepted / "rig"), "--recipe", str(out)]
        assert main(arguments) == 0
        assert "release" in capsys.readouterr().out.lower()


def test_a_new_name_takes_nothing_that_nobody_said(accepted: Path, tmp_path: Path) -> None:
    out = tmp_path / "learned.toml"
    assert main(learn(accepted, out, "--name", "night-sky", "--like", "graphite")) == 0
    tree = tomllib.loads(out.read_text("utf-8"))
    assert (tree["name"], tree["title"]["en"]) == ("night-sky", "Graphite")


def test_refusals_write_nothing(accepted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "learned.toml"
    assert "expected at least 3" in refused(capsys, learn(accepted, out, panels=2))
    assert "--db: does not exist" in refused(capsys, learn(accepted, out, "--db", str(tmp_path / "none.db")))
    assert "--like" in refused(capsys, learn(accepted, out, "--like", "no-such")).replace("--recipe", "--like")
    assert not out.exists()


def test_a_panel_that_failed_in_the_database_is_not_accepted(
    accepted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, strict = tmp_path / "station.db", tmp_path / "strict.toml"
    text = (Path(__file__).parents[2] / "samples" / "recipes" / "amethyst.toml").read_text("utf-8")
    strict.write_text(text.replace("[28.0, 26.0, -34.0]", "[60.0, 0.0, 0.0]"), "utf-8")
    arguments = ["inspect", str(accepted / "panel1"), "--rig", str(accepted / "rig"), "--recipe", str(strict)]
    assert main([*arguments, "--db", str(database)]) == 0
    line = refused(capsys, learn(accepted, tmp_path / "out.toml", "--db", str(database)))
    assert "panel1: inspection 1" in line
    with closing(Store.open(database)) as store, store.reader() as reader:
        assert reader.spreads(but="amethyst") == {}
