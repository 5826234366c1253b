"""The daily check in the API and on its page: state, reasons, chart, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from check_sets import check_set, rig
from conftest import NOW, fixed_clock
from fastapi.testclient import TestClient
from records import frames_of, rig_of
from small_sets import zip_of

from calibration.check_panel import CheckSeen
from calibration.daily_check import Taken, judge_check
from station.app import build_app
from station.capture_set import write_capture_set
from station.line import Line
from station.store.db import Store

ZIP = {"content-type": "application/zip"}


def keep(store: Store, hours_ago: float, gloss: float, clarity: float = 91.0, *, first: bool = False) -> bool | None:
    """One check of station T, with these values."""
    frames = replace(
        frames_of(1), check_panel="CP-1", captured_at=(NOW - timedelta(hours=hours_ago)).isoformat(),
        sha256=f"{hours_ago:064.3f}",
    )  # fmt: skip
    start = {"gloss_gu": Taken(84.0, 0.2, 0.01), "clarity_3mm_pct": Taken(91.0, 0.3, 0.01)}
    values = {"gloss_gu": Taken(gloss, 0.2, 0.01), "clarity_3mm_pct": Taken(clarity, 0.3, 0.01)}
    judged = () if first else judge_check(values, [start] * 3, [])
    met = None if first else not any(one.fault for one in judged)
    store.save_check(CheckSeen(values, ()), judged, met=met, frames=frames, rig=rig_of(frames), software="test")
    return met


@pytest.fixture
def checked(store: Store) -> Store:
    """Three first checks, two that were met; the last is 1 h old."""
    for hours in (50, 49, 48):
        keep(store, hours, 84.0, first=True)
    assert keep(store, 25, 84.1)
    assert keep(store, 1, 83.9)
    return store


def talk(store: Store, hours: float | None) -> TestClient:
    line = Line(store, clock=fixed_clock, software="test", daily_check_hours=hours)
    return TestClient(build_app(store, line), raise_server_exceptions=False, base_url="http://localhost:8000")


@pytest.fixture
def asked(checked: Store) -> Iterator[TestClient]:
    with talk(checked, 24.0) as client:
        yield client


def state(client: TestClient) -> tuple[str, bool]:
    [one] = client.get("/api/stations").json()["items"]
    return one["state"], one["on_hold"]


def test_a_station_that_met_its_check_says_so_with_a_chart(asked: TestClient) -> None:
    assert state(asked) == ("met", False)
    text = asked.get("/checks", headers={"accept-language": "en"}).text
    assert "Met" in text
    assert '<svg class="shape pass"' in text
    assert text.count('<figure class="trend">') == 2
    assert re.search(r"Sharpness of the mirror image, 3\smm fringes", text)
    assert 'aria-current="page">Station' in text


@pytest.mark.parametrize(("language", "sentence"), [
    ("en", "Gloss is 82.50 GU-eq; the control limits are 83.31 GU-eq to 84.69 GU-eq."),
    ("zh", "光泽度为 82.50 GU 等效；控制限为 83.31 GU 等效 至 84.69 GU 等效。"),
])  # fmt: skip
def test_the_reason_of_a_hold_stands_on_the_page(
    checked: Store, asked: TestClient, language: str, sentence: str
) -> None:
    assert keep(checked, 0.5, 82.5) is False
    assert state(asked) == ("failed", True)
    text = asked.get("/checks", headers={"accept-language": language}).text
    assert sentence in text
    assert '<svg class="shape fail"' in text
    [one] = asked.get("/api/stations").json()["items"]
    assert one["reasons"] == ["gloss_gu is 82.50, its control limits are 83.31 to 84.69."]
    # The next one that is met ends the hold.
    assert keep(checked, 0.2, 84.0)
    assert state(asked) == ("met", False)


def test_a_check_that_is_too_old_holds_the_station(checked: Store) -> None:
    with talk(checked, 0.5) as client:
        assert state(client) == ("late", True)
        assert "too old" in client.get("/checks", headers={"accept-language": "en"}).text


def test_a_station_without_a_check_is_on_hold_only_where_one_is_asked_for(store: Store) -> None:
    store.put_rig(rig_of(frames_of(1)))
    for hours, expected in ((24.0, ("never", True)), (None, ("unasked", False))):
        with talk(store, hours) as client:
            assert state(client) == expected
    with talk(store, None) as client:
        assert "is not known" in client.get("/checks", headers={"accept-language": "en"}).text


def test_an_empty_station_says_how_to_begin(store: Store) -> None:
    with talk(store, 24.0) as client:
        assert "--first" in client.get("/checks").text
        assert client.get("/api/stations").json() == {"items": []}


def test_checks_are_listed_filtered_and_exported(asked: TestClient) -> None:
    whole = asked.get("/api/daily-checks").json()["items"]
    assert [one["first"] for one in whole] == [False, False, True, True, True]
    assert [one["met"] for one in whole] == [True, True, None, None, None]
    assert len(asked.get("/api/daily-checks?station=T&limit=2").json()["items"]) == 2
    assert asked.get("/api/daily-checks?check_panel=CP-2").json()["items"] == []
    table = asked.get("/api/daily-checks", headers={"accept": "text/csv"})
    assert table.text.splitlines()[0].startswith("id,station,check_panel")
    one = asked.get(f"/api/daily-checks/{whole[0]['id']}").json()
    assert {judged["quantity"] for judged in one["judged"]} == {"gloss_gu", "clarity_3mm_pct"}
    assert one["reasons"] == []


def test_a_check_set_is_taken_over_the_network(store: Store, tmp_path: Path) -> None:
    store.put_rig(rig())
    write_capture_set(check_set(1), tmp_path / "check")
    packed = zip_of(tmp_path / "check", tmp_path / "check.zip").read_bytes()
    with talk(store, 24.0) as client:
        early = client.post("/api/daily-checks", content=packed, headers=ZIP)
        assert (early.status_code, "3 are needed" in early.json()["detail"]) == (422, True)
        wrong = client.post("/api/captures", content=packed, headers=ZIP)
        assert (wrong.status_code, "check panel" in wrong.json()["detail"]) == (422, True)
        answer = client.post("/api/daily-checks?first=true", content=packed, headers=ZIP)
        assert answer.status_code == 201
        assert answer.json() == {"check": 1, "href": "/api/daily-checks/1", "first": True, "met": None, "reasons": []}
        assert answer.headers["location"] == "/api/daily-checks/1"
        kept = client.get("/api/daily-checks/1").json()
    assert kept["check_panel"] == "CP-1"
    assert json.dumps(kept["seen"]["gloss_gu"])


def test_a_set_of_no_check_panel_is_refused(store: Store, tmp_path: Path) -> None:
    store.put_rig(rig())
    plain = replace(check_set(1), check_panel=None, panel="AM-1")
    write_capture_set(plain, tmp_path / "plain")
    packed = zip_of(tmp_path / "plain", tmp_path / "plain.zip").read_bytes()
    with talk(store, 24.0) as client:
        answer = client.post("/api/daily-checks?first=true", content=packed, headers=ZIP)
    assert (answer.status_code, "check_panel: missing" in answer.json()["detail"]) == (422, True)
