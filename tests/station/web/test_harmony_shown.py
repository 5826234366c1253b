"""Harmony of two panels over the API, on its page and at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_runs import refused
from conftest import save_in
from fastapi.testclient import TestClient
from records import frames_of, recipe_of, report_of, rig_of

from station.__main__ import main
from station.store.db import Store


@pytest.fixture
def wing(store: Store, three_passes: tuple[int, int, int]) -> int:
    """A fourth inspection: another panel of the same paint, after pass 2."""
    assert three_passes == (1, 2, 3)
    return save_in(store, frames_of(2, panel="AM-0008-WING"))


def test_two_panels_are_compared_measure_by_measure(client: TestClient, wing: int) -> None:
    told = client.get(f"/api/harmony?first=3&second={wing}").json()
    assert told["format"] == "paint-harmony/1"
    assert told["inspections"] == {"first": 3, "second": wing}
    assert (told["first"]["panel"], told["second"]["panel"]) == ("AM-0007", "AM-0008-WING")
    gloss = next(one for one in told["compared"] if one["measure"] == "gloss_gu")
    assert (gloss["first"], gloss["second"]) == (76.4, 68.8)
    assert gloss["difference"] == pytest.approx(-7.6)
    assert gloss["match"] == "different"
    assert gloss["steps"] == pytest.approx(7.6 / 3)
    assert told["match"] == "different"


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [("first=1&second=2", 422, "two panels"), ("first=1&second=99", 404, "99"), ("first=1", 422, "second"),
     ("first=1&second=2&map=x", 422, "map")],
)  # fmt: skip
def test_what_is_no_pair_is_refused(client: TestClient, wing: int, query: str, status: int, said: str) -> None:
    answer = client.get(f"/api/harmony?{query}")
    assert answer.status_code == status, (answer.text, wing)
    assert said in answer.text


@pytest.mark.parametrize(
    ("language", "answer", "line"),
    [("en", "The two panels do not match", "seen"), ("zh", "两块板不匹配", "能看出")],
)
def test_the_page_says_it_in_words(client: TestClient, wing: int, language: str, answer: str, line: str) -> None:
    page = client.get(f"/harmony?first=3&second={wing}", headers={"accept": "text/html", "accept-language": language})
    assert page.status_code == 200
    assert answer in page.text
    assert line in page.text
    assert "15 %" in page.text
    assert "%%" not in page.text


def test_an_inspection_offers_other_panels_of_its_paint(client: TestClient, wing: int) -> None:
    page = client.get("/inspections/3", headers={"accept": "text/html"})
    assert f'href="/harmony?first=3&amp;second={wing}"' in page.text


def test_the_command_compares_two_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for number, panel in ((3, "AM-0007"), (2, "AM-0008-WING")):
        frames = frames_of(number, panel=panel)
        paths.append(tmp_path / f"{panel}.json")
        paths[-1].write_text(json.dumps(report_of(frames, rig_of(frames), recipe_of()).as_dict()), encoding="utf-8")
    assert main(["harmony", *map(str, paths)]) == 0
    told = capsys.readouterr().out
    assert "AM-0007 (pass 3) / AM-0008-WING (pass 2)" in told
    assert "harmony: different" in told
    assert "gloss_gu" in told
    assert main(["harmony", *map(str, paths), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["match"] == "different"
    assert "two panels" in refused(capsys, ["harmony", str(paths[0]), str(paths[0])])
    assert "nowhere.json" in refused(capsys, ["harmony", str(paths[0]), str(tmp_path / "nowhere.json")])


def test_the_command_takes_inspections_from_a_database(
    store: Store, wing: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(store.path)
    assert main(["harmony", "3", str(wing), "--db", path]) == 0
    assert "harmony: different" in capsys.readouterr().out
    assert "'99'" in refused(capsys, ["harmony", "3", "99", "--db", path])
