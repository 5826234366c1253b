"""The laboratory learns a new version of a recipe from accepted panels whose captures are stored (all simulated)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import fixed_clock
from fastapi.testclient import TestClient

from calibration import calibrate
from inspection.recipe import parse_recipe
from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED
from station.app import build_app
from station.line import Line
from station.store.db import Ruling, Store
from station.store.rulings import Rules

STATION = NAMED["B"].sized(48)
HTML = {"Accept": "text/html", "Accept-Language": "en"}
#: Nothing that a finished panel does not meet.
LOOSE = """format = "paint-recipe/1"
name = "amethyst"
title = { zh = "紫水晶", en = "Amethyst" }
passes = 5
n_clear = 1.5
[colour]
lab = [28.0, 26.0, -34.0]
[[checks]]
measure = "gloss_of_ceiling_pct"
low = 30.0
"""
PANELS = 4


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, TestClient]]:
    """A station that has measured four finished panels, calibrated anew in between."""
    path: Path = tmp_path_factory.mktemp("laboratory") / "station.db"
    with closing(Store.open(path, clock=fixed_clock)) as store:
        store.put_recipe(parse_recipe(LOOSE, "amethyst.toml"))
        line = Line(store, clock=fixed_clock, software="0")
        for number in range(PANELS):
            if number in (0, 2):
                at = f"2026-11-22T0{7 + number // 2}:00:00+08:00"
                store.put_rig(calibrate([render_reference(STATION, seed=number, captured_at=at)]))
            panel = replace(amethyst_story(5), code=f"AM-{number}", marks=(), scuffs=(), patches=())
            at = f"2026-11-22T0{7 + number // 2}:{30 + number}:00+08:00"
            line.measure(render(panel, STATION, seed=10 + number, captured_at=at))
        with TestClient(build_app(store, line), base_url="http://localhost:8000") as client:
            yield store, client


def learn(client: TestClient, *inspections: int) -> tuple[int, dict[str, str]]:
    asked = {"recipe": "amethyst", "inspections": inspections, "who": "heron"}
    answer = client.post("/api/recipe-drafts/learned", json=asked)
    return answer.status_code, answer.json()


def test_what_accepted_panels_teach_is_a_draft_that_they_pass(laboratory: tuple[Store, TestClient]) -> None:
    store, client = laboratory
    with store.reader() as reader:
        rigs = {(reader.inspection(number) or {})["rig_sha256"] for number in range(1, PANELS + 1)}
    assert len(rigs) == 2
    page = client.get("/recipes/amethyst/learn", headers=HTML).text
    assert page.count('name="inspection"') == PANELS
    status, told = learn(client, 1, 2, 3, 4)
    assert status == 201, told
    draft = client.get(f"/api/recipe-drafts/{told['draft']}").json()
    recipe = parse_recipe(draft["text"], "draft")
    assert recipe.learned is not None
    assert (recipe.learned.panels, recipe.learned.who, recipe.learned.simulated) == (PANELS, "heron", True)
    assert len(recipe.checks) > 3
    # Stored readings answer most of it: no panel that taught it fails it.
    assert {one["after"] for one in draft["trial"]} <= {"pass", "hold", None}
    assert "Draft of Amethyst" in client.get(told["page"], headers=HTML).text


def test_the_line_goes_on_with_the_version_it_has(laboratory: tuple[Store, TestClient]) -> None:
    _, client = laboratory
    assert client.get("/api/recipes/amethyst").json()["sha256"] == parse_recipe(LOOSE, "x").sha256


@pytest.mark.parametrize(
    ("inspections", "word"),
    [((1, 2), "at least 3"), ((1, 2, 99), "inspection 99 does not exist"), ((1, 1, 2), "at least 3")],
)
def test_what_teaches_nothing_is_refused_in_one_sentence(
    laboratory: tuple[Store, TestClient], inspections: tuple[int, ...], word: str
) -> None:
    status, told = learn(laboratory[1], *inspections)
    assert (status, word in told["detail"]) == (422, True), told


def test_a_panel_that_a_person_did_not_accept_teaches_nothing(laboratory: tuple[Store, TestClient]) -> None:
    store, client = laboratory
    overridden = Ruling(
        inspection_id=4, what=Rules.OVERRIDE, verdict="hold", action="stop", who="kite", why="seen by eye"
    )
    store.add_ruling(overridden)
    status, told = learn(client, 1, 2, 3, 4)
    assert (status, "was not accepted" in told["detail"]) == (422, True)
    assert client.get("/recipes/amethyst/learn", headers=HTML).text.count('name="inspection"') == PANELS - 1
