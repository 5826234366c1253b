"""Versions of a recipe over the API and on its page: who, when, why, and what moved."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from records import RECIPE_TEXT

TIGHTER = RECIPE_TEXT.replace("high = 0.8", "high = 0.6")


def write(client: TestClient, text: str, why: str = "customer complaint") -> int:
    return int(client.post("/api/recipes", json={"text": text, "who": "heron", "why": why}).status_code)


def test_a_new_version_says_who_why_and_which_limit_moved(
    client: TestClient, three_passes: tuple[int, int, int]
) -> None:
    answer = client.post("/api/recipes", json={"text": TIGHTER, "who": "heron", "why": "customer complaint"})
    assert answer.status_code == 201
    assert answer.headers["location"] == "/api/recipes/amethyst"
    newest, first = client.get("/api/recipes/amethyst/versions").json()["items"]
    assert (newest["who"], newest["why"]) == ("heron", "customer complaint")
    [change] = newest["changes"]
    assert (change["measure"], change["before"], change["after"]) == ("delta_e00", [[None, 0.8]], [[None, 0.6]])
    assert (first["who"], first["why"], first["changes"]) == (None, None, None)
    assert client.get("/api/recipes/amethyst").json()["sha256"] == newest["sha256"]
    # An inspection keeps the version that it was judged by.
    assert client.get(f"/api/inspections/{three_passes[0]}").json()["recipe_sha256"] == first["sha256"]


@pytest.mark.parametrize("change", [{"text": "passes = "}, {"text": "x = 1"}, {"who": " "}, {"why": ""}, {"whom": "x"}])
def test_a_wrong_recipe_or_a_nameless_one_is_not_kept(client: TestClient, change: dict[str, str]) -> None:
    answer = client.post("/api/recipes", json={"text": TIGHTER, "who": "heron", "why": "complaint"} | change)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/api/recipes/amethyst/versions").status_code == 404


def test_a_version_that_is_there_is_refused_and_not_taken_for_the_newest(client: TestClient) -> None:
    assert [write(client, RECIPE_TEXT), write(client, TIGHTER)] == [201, 201]
    assert 400 <= write(client, RECIPE_TEXT) < 500
    assert len(client.get("/api/recipes/amethyst/versions").json()["items"]) == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Versions", "customer complaint", "≤ 0.8", "≤ 0.6", "The first version.")),
        ("zh", ("版本", "customer complaint", "0.8", "0.6", "首个版本。")),
    ],
)
def test_the_page_shows_what_a_limit_moved_from_and_to(
    client: TestClient, language: str, words: tuple[str, ...]
) -> None:
    write(client, RECIPE_TEXT, "first")
    write(client, TIGHTER)
    write(client, f"# a note\n{TIGHTER}", "a note")
    page = client.get("/recipes/amethyst", headers={"accept": "text/html", "accept-language": language})
    assert page.status_code == 200
    for word in words:
        assert word in page.text, word
