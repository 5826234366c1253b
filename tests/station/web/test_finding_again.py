"""A quality engineer finds inspections by text, and views again by their names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from records import frames_of

from inspection.frames import Frames
from station.store.db import Order, Ruling, Store
from station.store.rulings import Rules

HTML = {"Accept": "text/html", "Accept-Language": "en"}
Ids = tuple[int, int, int]


def found(client: TestClient, text: str) -> set[int]:
    return {row["id"] for row in client.get("/api/inspections", params={"text": text}).json()["items"]}


@pytest.mark.parametrize("text", ["AM-0007", "am-00", "0007", "水晶", "amethyst"])
def test_panel_and_colour_are_found_by_a_part_of_their_name(client: TestClient, three_passes: Ids, text: str) -> None:
    assert found(client, text) == set(three_passes)


@pytest.mark.parametrize("text", ["AM-0008", "%", "_", "'"])
def test_what_nobody_wrote_finds_nothing(client: TestClient, three_passes: Ids, text: str) -> None:
    assert found(client, text) == set()


def test_order_numbers_and_what_people_said_are_found(client: TestClient, three_passes: Ids, store: Store) -> None:
    store.add_orders([Order(code="AM-0007", order_number="4711-B", recipe="amethyst")], who="heron")
    assert found(client, "4711-b") == set(three_passes)
    store.add_ruling(
        Ruling(inspection_id=three_passes[1], what=Rules.CONFIRM, who="kite", why="Looks fine from the sill")
    )
    assert found(client, "the sill") == {three_passes[1]}
    page = client.get("/", params={"text": "the sill"}, headers=HTML).text
    assert f'href="/inspections/{three_passes[1]}"' in page
    assert f'href="/inspections/{three_passes[0]}"' not in page


def save(client: TestClient, name: str, address: str, who: str) -> int:
    return client.post("/api/saved-views", json={"name": name, "address": address, "who": who}).status_code


def test_a_view_is_saved_found_again_and_taken_away_by_its_owner(client: TestClient, three_passes: Ids) -> None:
    assert save(client, "Nibs of May", "/quality/pareto?by=zone&kind=nib", "heron") == 201
    assert save(client, "Nibs of May", "/quality/pareto?kind=nib", "kite") == 422
    assert save(client, "Nibs of May", "/quality/pareto?kind=nib", "heron") == 201
    (view,) = client.get("/api/saved-views").json()["items"]
    assert (view["name"], view["address"], view["who"]) == ("Nibs of May", "/quality/pareto?kind=nib", "heron")
    for page in ("/", "/quality/trend"):
        assert 'href="/quality/pareto?kind=nib"' in client.get(page, headers=HTML).text
    away = "/api/saved-views/Nibs of May/removal"
    assert client.post(away, json={"who": "kite"}).status_code == 422
    assert client.post(away, json={"who": "heron"}).status_code == 200
    assert client.post(away, json={"who": "heron"}).status_code == 422
    assert client.get("/api/saved-views").json()["items"] == []
    # A name that is free again is anybody's.
    assert save(client, "Nibs of May", "/", "kite") == 201


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere", "javascript:alert(1)", "/api/x", ""])
def test_a_view_leads_nowhere_but_to_lists_and_charts(client: TestClient, address: str) -> None:
    assert save(client, "astray", address, "heron") == 422


def test_any_two_inspections_are_laid_beside_each_other(
    client: TestClient, three_passes: Ids, save: Callable[[Frames], int]
) -> None:
    save(frames_of(1, "AM-0009"))
    assert 'href="/?compare=1"' in client.get("/inspections/1", headers=HTML).text
    page = client.get("/", params={"compare": 1}, headers=HTML).text
    assert 'href="/compare?left=1&amp;right=4"' in page
    assert 'href="/inspections/1"' in page
    same = client.get("/compare", params={"left": 3, "right": 1}, headers=HTML)
    assert (same.status_code, same.url.path) == (200, "/panels/AM-0007/compare")
    others = client.get("/compare", params={"left": 1, "right": 4}, headers=HTML)
    assert (others.status_code, others.url.path) == (200, "/harmony")
    assert others.text.count("<figure><img ") == 2
    assert client.get("/compare", params={"left": 1, "right": 99}, headers=HTML).status_code == 404
