"""Plans of parts over the API, at the line, and on the page of an inspection of several views."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from capture.sample_stations import plain_recipe
from conftest import fixed_clock
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sills import PLAN, PLAN_TEXT, STATION, measured

from station.app import build_app
from station.line import Line
from station.line.state import Snapshot, State
from station.store.checking import check
from station.store.db import Store

GOOD = {"text": PLAN_TEXT, "who": "heron", "why": "first"}


@pytest.fixture(scope="module")
def of_views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with one inspection of the sill."""
    path: Path = tmp_path_factory.mktemp("sill") / "station.db"
    with closing(Store.open(path, clock=fixed_clock)) as store:
        store.add_plan(PLAN, who="heron", why="first")
        part = measured(plain_recipe())
        store.save_part(part.joined(), part)
        yield store


@dataclass(frozen=True)
class Standing:
    """A line that stands still."""

    snapshot: Snapshot
    simulated: bool = False
    station: str = STATION.name


def page(store: Store, address: str, language: str = "en", **line: Any) -> str:
    app: FastAPI = build_app(store, Line(store, clock=fixed_clock, software="0.1.0"))
    at_work = Snapshot(number=7, state=State.PREPARING, since="", panel="SILL-1", recipe="plain", coat_number=1,
                       pass_number=1, views_total=2, view_number=1, view="left", frames_total=17)  # fmt: skip
    app.state.runner = Standing(replace(at_work, **line))
    with TestClient(app, base_url="http://localhost:8000") as client:
        answer = client.get(address, headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        return answer.text


def test_a_plan_is_kept_by_its_hash_and_told(client: TestClient) -> None:
    kept = client.post("/api/plans", json=GOOD)
    assert (kept.status_code, kept.json()["part"]) == (201, "sill")
    told = client.get(kept.headers["location"]).json()
    assert [view["name"] for view in told["views"]] == ["left", "right"]
    assert told["views"][1]["x_mm"] == 50
    assert [row["why"] for row in client.get("/api/plans?part=sill").json()["items"]] == ["first"]
    again = client.post("/api/plans", json=GOOD)
    assert (again.status_code, again.json()["detail"][:27]) == (422, "text: this version of the p")
    assert client.get(f"/api/plans/{'0' * 64}").status_code == 404


def test_a_wrong_plan_is_refused_in_one_sentence_and_not_kept(client: TestClient) -> None:
    wrong = client.post("/api/plans", json=GOOD | {"text": PLAN_TEXT.replace("x_mm = 50", "x_mm = true")})
    assert wrong.status_code == 422
    assert wrong.json()["detail"].startswith("text:12: views.1.x_mm: ")
    assert client.get("/api/plans").json()["items"] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("View 2 of 2", "right", "It lies there")), ("zh", ("第 2/2 个视场", "右", "已摆好"))],
)
def test_the_line_asks_for_the_next_view_with_its_place_on_the_part(
    of_views: Store, language: str, words: tuple[str, ...]
) -> None:
    text = page(of_views, "/line", language, asks_view=True, view_number=2, view="right")
    for word in words:
        assert word in text
    assert 'data-hand="view 2"' in text
    assert text.count('class="field over"') == 1
    assert text.count('class="field here"') == 1


def test_why_a_view_is_asked_for_again_stands_beside_it(of_views: Store) -> None:
    text = page(of_views, "/line", asks_view=True, fault="white.tif: saturated", fault_code="refused")
    assert "white.tif: saturated" in text


def test_before_it_starts_the_page_says_which_view_is_first(of_views: Store) -> None:
    text = page(of_views, "/line?code=SILL-1", state=State.IDLE, panel=None, view_number=0)
    assert "2, first: left" in text


def test_the_inspection_shows_its_views_and_one_picture_of_the_part(of_views: Store) -> None:
    text = page(of_views, "/inspections/1")
    assert "Joined from 2 views" in text
    assert text.count('class="region of-view"') == 2
    assert "Whole part seen" in text
    chinese = page(of_views, "/inspections/1", "zh")
    assert "由 2 个视场拼接" in chinese
    assert "右" in chinese


def test_the_api_tells_the_views_and_a_value_at_a_place_of_the_part(of_views: Store) -> None:
    app = build_app(of_views, Line(of_views, clock=fixed_clock, software="0.1.0"))
    with TestClient(app, base_url="http://localhost:8000") as client:
        told = client.get("/api/inspections/1").json()
        assert [view["view"] for view in told["views"]] == ["left", "right"]
        assert (told["plan_sha256"], told["field_mm"]) == (PLAN.sha256, [112.0, 46.0])
        here = client.get("/api/inspections/1/maps/gloss_gu/at?x_mm=105&y_mm=24").json()
        assert (here["inside"], here["value"] > 20) == (True, True)
        # The outline begins at 1 mm.
        assert client.get("/api/inspections/1/maps/gloss_gu/at?x_mm=0.2&y_mm=24").json()["inside"] is False
        for view in told["views"]:
            assert client.get(f"/api/captures/{view['capture_sha256']}").json()["inspections"] == [1]
        mark = next(one for one in told["marks"] if one["kind"] == "nib")
        assert client.get(f"/api/inspections/1/defects/{mark['id']}/picture.png").status_code == 200


def test_a_person_may_correct_a_mark_of_a_part(of_views: Store) -> None:
    app = build_app(of_views, Line(of_views, clock=fixed_clock, software="0.1.0"))
    with TestClient(app, base_url="http://localhost:8000") as client:
        told = client.get("/api/inspections/1").json()
        mark = next(one for one in told["marks"] if one["kind"] == "nib")
        said = client.post(
            f"/api/inspections/1/defects/{mark['id']}/corrections",
            json={"what": "false_alarm", "who": "heron", "why": "dust"},
        )
        assert said.status_code == 201, said.text
        corrected = client.get("/api/inspections/1").json()["corrected"]
    assert mark["id"] not in {one["id"] for one in corrected["defects"]}


def test_everything_of_a_part_is_whole_in_the_store(of_views: Store) -> None:
    assert check(of_views.path).faults == ()
