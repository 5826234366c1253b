"""The page at the line as the server draws it: before a panel, with a question, without a camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from capture.sample_stations import STATION
from conftest import NOW
from fastapi import FastAPI
from fastapi.testclient import TestClient
from records import frames_of, rig_of

from calibration.check_panel import CheckSeen
from calibration.daily_check import Taken, judge_check
from inspection.refused import Refused
from station.faults import CameraFault
from station.line.state import Snapshot, State, said_of
from station.store.db import Order, Store


def shown(client: TestClient, address: str, language: str = "en") -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def three_measured(store: Store, three_passes: tuple[int, int, int], at_line: TestClient) -> TestClient:
    """At the line, after three passes of AM-0007."""
    return at_line


def test_a_station_without_a_camera_says_how_it_gets_one(client: TestClient) -> None:
    text = shown(client, "/line")
    assert "section [capture] of station.toml" in text
    assert "line-view" not in text.split("<main")[1]


def test_it_asks_for_a_code_first_and_says_that_the_camera_is_simulated(at_line: TestClient) -> None:
    text = shown(at_line, "/line")
    assert "Scan the panel's code" in text
    assert "Simulated camera" in text


def test_an_ordered_panel_is_known_with_its_colour_and_nothing_is_said_for_the_person(
    at_line: TestClient, store: Store
) -> None:
    store.add_orders([Order(code="AM-1", order_number="1", recipe="plain", part="hood")], who="heron")
    text = shown(at_line, "/line?code=AM-1")
    assert "Plain" in text
    assert "Hood" in text
    assert "not measured yet" in text
    # Two passes may come and the panel may be wiped or not: a person presses, nothing is pressed already.
    assert text.count('name="pass_number"') == 2
    assert " checked" not in text


def test_of_a_code_without_an_order_it_asks_for_the_recipe(at_line: TestClient) -> None:
    text = shown(at_line, "/line?code=NEVER-SEEN")
    assert "No order knows this code." in text
    assert '<option value="plain">' in text
    assert "data-starts" not in text
    assert 'data-recipe="plain"' in shown(at_line, "/line?code=NEVER-SEEN&recipe=plain")


def test_of_a_released_panel_no_pass_is_chosen_already(three_measured: TestClient) -> None:
    text = shown(three_measured, "/line?code=AM-0007")
    assert "The panel was released after pass 3." in text
    assert text.count('name="pass_number"') == 2
    assert " checked" not in text


def test_a_pass_that_is_not_due_is_asked_about(three_measured: TestClient) -> None:
    text = shown(three_measured, "/line?code=AM-0007&pass_number=3&wiped=true")
    assert "Really Pass 3?" in text
    assert "data-confirmed" in text
    assert 'name="wiped" value="yes" required checked' in text


@dataclass(frozen=True)
class Standing:
    """A line that stands still."""

    snapshot: Snapshot
    simulated: bool = False
    station: str = "T"


@pytest.fixture
def at(app: FastAPI, three_passes: tuple[int, int, int]) -> Callable[..., str]:
    """The page while the line stands in a state."""

    def drawn(address: str = "/line", language: str = "en", **values: Any) -> str:
        before = Snapshot(
            number=7, state=State.IDLE, since="", panel="AM-0007", recipe="amethyst", coat_number=1, pass_number=3
        )
        app.state.runner = Standing(replace(before, **values))
        with TestClient(app, base_url="http://localhost:8000") as talking:
            return shown(talking, address, language)

    return drawn


def test_a_finished_panel_stays_with_verdict_next_step_and_reasons_until_the_next(at: Callable[..., str]) -> None:
    text = at(state=State.DONE, inspection=3, verdict="fail")
    for part in ('class="big ', "Open the inspection", 'href="/inspections/3"', "/inspections/3/picture", "<ellipse"):
        assert part in text, part
    assert 'class="big ' not in at("/line?code=", state=State.DONE, inspection=3, verdict="fail")


def test_while_it_works_it_counts_frames_and_says_that_another_code_was_not_taken(at: Callable[..., str]) -> None:
    text = at("/line?code=AM-9", state=State.CAPTURING, frames_done=7, frames_total=28)
    assert '<progress max="28" value="7"' in text
    assert "AM-9 was scanned while the line is at work" in text
    assert 'data-posts="/api/line/abort"' in text


def test_lamps_by_hand_are_asked_for_by_name(at: Callable[..., str]) -> None:
    assert "Switch on this lamp alone: spot-45" in at(state=State.CAPTURING, hand="spot-45")
    assert "Switch off all lamps." in at(state=State.CAPTURING, hand="")
    assert "/api/line/hand" not in at(state=State.CAPTURING)


@pytest.mark.parametrize("state", [State.FAULTED, State.IDLE])
def test_what_went_wrong_stands_in_one_sentence_with_what_to_do(at: Callable[..., str], state: State) -> None:
    text = at(state=state, fault="the camera does not answer: look at its cable")
    assert "the camera does not answer: look at its cable" in text
    assert "Nothing was measured." in text
    assert "Measure again" in text


@pytest.mark.parametrize(("language", "sentence"), [
    ("en", "The camera (192.0.2.7) sends no pictures: look at its cable and its power."),
    ("zh", "相机（192.0.2.7）没有传来图像：请检查线缆和电源。"),
])  # fmt: skip
def test_what_went_wrong_is_said_in_the_language_of_the_page(
    at: Callable[..., str], language: str, sentence: str
) -> None:
    gone = said_of(CameraFault("the camera 192.0.2.7 sent no picture", "camera_silent", camera="192.0.2.7"))
    assert f'<p class="fault">{sentence}</p>' in at(language=language, state=State.FAULTED, **gone)


def test_what_only_the_library_says_is_quoted(at: Callable[..., str]) -> None:
    text = at(language="zh", state=State.FAULTED, **said_of(Refused("dark.tif: lit")))
    assert "采集的图像无法测量：dark.tif: lit" in text


def test_a_daily_check_that_was_not_met_holds_the_line_and_says_why_until_one_is_met(
    at_line: TestClient, store: Store
) -> None:
    name = STATION.name
    start = {"gloss_gu": Taken(84.0, 0.2, 0.01)}

    def check(hours_ago: int, gloss: float, *, first: bool = False) -> None:
        frames = replace(
            frames_of(1), station=name, check_panel="CP-1", sha256=f"{hours_ago:064}",
            captured_at=(NOW - timedelta(hours=hours_ago)).isoformat(),
        )  # fmt: skip
        values = {"gloss_gu": Taken(gloss, 0.2, 0.01)}
        judged = () if first else judge_check(values, [start] * 3, [])
        met = None if first else not any(one.fault for one in judged)
        store.save_check(CheckSeen(values, ()), judged, met=met, frames=frames, rig=rig_of(frames), software="test")

    for hours_ago in (9, 8, 7):
        check(hours_ago, 84.0, first=True)
    assert 'class="held"' not in shown(at_line, "/line")
    check(3, 70.0)
    for language, word in (("en", "Gloss"), ("zh", "光泽")):
        notice = shown(at_line, "/line", language).split('class="held"')[1].split("</div>")[0]
        assert word in notice
        assert 'href="/checks"' in notice
    check(1, 84.0)
    assert 'class="held"' not in shown(at_line, "/line")
