"""Places ticked off at the bay: kept once, never lost, and only those that the next step names."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from station.store.db import Store

Passes = tuple[int, int, int]
KEY = "0123456789abcdef"


#: The inspection after pass 2 asks for work on one mark, that after pass 3 for none.
ADDRESS = "/api/inspections/2/ticks"
PLACE = "D3"


def say(client: TestClient, place: str, done: object, key: str, **more: Any) -> Any:
    return client.post(ADDRESS, json={"place": place, "done": done, "key": key, **more})


def shown(client: TestClient) -> dict[str, bool]:
    return {one["place"]: one["done"] for one in client.get(ADDRESS).json()["items"]}


def test_the_last_word_about_a_place_counts_and_no_word_is_lost(
    client: TestClient, store: Store, three_passes: Passes
) -> None:
    for number, done in enumerate((True, False, True)):
        assert say(client, PLACE, done, f"{KEY}{number}", who="bay-2").status_code == 201
    assert shown(client) == {PLACE: True}
    with store.reader() as reader:
        rows = reader.connection.execute("SELECT done, who FROM tick ORDER BY id").fetchall()
    assert rows == [(1, "bay-2"), (0, "bay-2"), (1, "bay-2")]


def test_a_tick_that_arrives_twice_is_kept_once_even_after_it_was_taken_back(
    client: TestClient, three_passes: Passes
) -> None:
    assert say(client, PLACE, True, KEY).status_code == 201
    assert say(client, PLACE, False, f"{KEY}1").status_code == 201
    assert say(client, PLACE, True, KEY).status_code == 200
    assert shown(client) == {PLACE: False}


def test_a_key_belongs_to_one_word(client: TestClient, three_passes: Passes) -> None:
    say(client, PLACE, True, KEY)
    answer = say(client, PLACE, False, KEY)
    assert (answer.status_code, answer.json()["detail"].split(":")[0]) == (422, "key")
    assert shown(client) == {PLACE: True}


@pytest.mark.parametrize("wrong", [
    {"place": "D9"}, {"place": "D1"}, {"place": ""}, {"done": 1}, {"done": None}, {"key": "short"},
    {"key": "no spaces in a key"}, {"why": "so"},
])  # fmt: skip
def test_a_tick_that_is_none_is_refused_and_not_kept(
    client: TestClient, three_passes: Passes, wrong: dict[str, Any]
) -> None:
    body = {"place": PLACE, "done": True, "key": KEY} | wrong
    assert client.post(ADDRESS, json=body).status_code == 422
    assert shown(client) == {}


def test_nothing_is_ticked_off_where_nothing_is_to_be_done(client: TestClient, three_passes: Passes) -> None:
    answer = client.post("/api/inspections/3/ticks", json={"place": PLACE, "done": True, "key": KEY})
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith("those are: none")


def test_an_inspection_that_is_none_has_no_ticks(client: TestClient, three_passes: Passes) -> None:
    address, body = "/api/inspections/99/ticks", {"place": PLACE, "done": True, "key": KEY}
    for answer in (client.get(address), client.post(address, json=body)):
        assert answer.status_code == 404


def test_only_the_newest_inspection_of_a_panel_waits_at_the_bay(store: Store, three_passes: Passes) -> None:
    with store.reader() as reader:
        waiting = [row["id"] for row in reader.at_the_bay(10)]
        newest = reader.inspection(3)
    assert newest is not None
    assert waiting == ([3] if newest["action"] in ("work_here", "full_pass", "wipe_and_measure_again") else [])
