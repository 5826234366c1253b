"""A served station looks at its database by itself: no page waits for that, and a damaged one is said."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from station.store.db import Store
from station.upkeep import Looking

WITHIN_S = 20.0


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + WITHIN_S
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_no_page_waits_for_the_look_at_all_of_the_database(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def slow() -> bool:
        looks.append(time.monotonic())
        time.sleep(1.0)
        return True

    monkeypatch.setattr(store, "look_whole", slow)
    with Looking(store):
        assert until(lambda: bool(looks))
        begun = time.monotonic()
        assert store.health()["database"] == "ok"
        store.warnings()
        assert time.monotonic() - begun < 0.9


def test_a_damaged_database_is_said_after_the_first_look(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> bool:
        store._seen_sound = (time.monotonic(), False)
        return False

    monkeypatch.setattr(store, "look_whole", damaged)
    with Looking(store):
        assert until(lambda: "database" in [one["code"] for one in store.warnings()])
    assert store.health()["database"] == "damaged"


def test_warnings_are_looked_for_again_and_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    look = store.look
    monkeypatch.setattr(store, "look", lambda: seen.append(1) or look())
    with Looking(store, every_s=0.01):
        assert until(lambda: len(seen) > 3)
    before = len(seen)
    time.sleep(0.1)
    assert len(seen) == before
