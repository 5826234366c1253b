"""The demo stores five simulated inspections, once, and says what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station import demo
from station.store.db import Store
from station.store.queries import InspectionQuery


def stored(folder: Path) -> list[dict[str, Any]]:
    """Every inspection in the demo's database, oldest first."""
    store = Store.open(folder / "station.db")
    try:
        with store.reader() as reader:
            return reader.inspections(InspectionQuery()).items[::-1]
    finally:
        store.close()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was stopped after two passes and started again."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "PASSES", (1, 2))
        assert demo.run(folder, serve=False) == 0
    assert demo.run(folder, serve=False) == 0
    return folder


def test_five_passes_of_one_panel_are_stored_and_marked_simulated(ran: Path) -> None:
    rows = stored(ran)
    assert [row["pass_number"] for row in rows] == [1, 2, 3, 4, 5]
    assert {row["panel"] for row in rows} == {"AM-0007-HOOD"}
    assert all(row["simulated"] for row in rows)


def test_the_swirl_fails_pass_3_and_the_last_pass_releases_the_panel(ran: Path) -> None:
    rows = stored(ran)
    assert [row["verdict"] for row in rows] == ["pass", "pass", "fail", "pass", "pass"]
    assert [row["action"] == "release" for row in rows] == [False, False, False, False, True]


def test_a_second_demo_adds_nothing(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.run(ran, serve=False) == 0
    assert len(stored(ran)) == 5
    assert capsys.readouterr().out == ""


def test_every_sample_recipe_is_stored(ran: Path) -> None:
    store = Store.open(ran / "station.db")
    with store.reader() as reader:
        names = {row["name"] for row in reader.recipes()}
    store.close()
    assert names == {recipe.name for recipe in demo.sample_recipes()}
    assert {"amethyst", "graphite"} <= names
