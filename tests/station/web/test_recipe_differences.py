"""What moved between any two versions of a recipe, not only between neighbours."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from records import RECIPE_TEXT

from inspection.recipe import parse_recipe
from station.store.db import Store

HTML = {"Accept": "text/html", "Accept-Language": "en"}
TEXTS = [RECIPE_TEXT, RECIPE_TEXT.replace("high = 0.8", "high = 0.5"), RECIPE_TEXT.replace("high = 0.8", "high = 0.3")]
HASHES = [parse_recipe(text, "text").sha256 for text in TEXTS]


@pytest.fixture
def versions(store: Store, three_passes: tuple[int, int, int]) -> None:
    for text in TEXTS[1:]:
        store.add_recipe(parse_recipe(text, "text"), who="heron", why="complaint")


@pytest.mark.parametrize(
    ("before", "after", "limits"), [(0, 2, ("0.8", "0.3")), (2, 0, ("0.3", "0.8")), (0, 1, ("0.8", "0.5"))]
)
def test_a_limit_that_moved_is_told_from_there_to_here(
    client: TestClient, versions: None, before: int, after: int, limits: tuple[str, str]
) -> None:
    asked = {"before": HASHES[before], "after": HASHES[after]}
    text = client.get("/recipes/amethyst/differences", params=asked, headers=HTML).text
    rows = text[text.index("<tbody>") : text.index("</tbody>")]
    assert rows.count("<tr>") == 1
    assert rows.index(limits[0]) < rows.index(limits[1])


def test_without_a_choice_it_is_from_the_first_to_the_newest(client: TestClient, versions: None) -> None:
    asked = {"before": HASHES[0], "after": HASHES[2]}
    assert (
        client.get("/recipes/amethyst/differences", headers=HTML).text.count("selected")
        == client.get("/recipes/amethyst/differences", params=asked, headers=HTML).text.count("selected")
        == 2
    )
    assert 'href="/recipes/amethyst/differences"' in client.get("/recipes/amethyst", headers=HTML).text


def test_a_version_that_is_none_is_not_found(client: TestClient, versions: None) -> None:
    assert client.get("/recipes/amethyst/differences", params={"before": "0" * 64}, headers=HTML).status_code == 404
    assert client.get("/recipes/nothing/differences", headers=HTML).status_code == 404
