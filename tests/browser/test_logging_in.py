"""The log-in with a finger, a keyboard and a badge, on every screen and in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import clock
from going_wrong import Wrong
from playwright.sync_api import Page, expect
from serving import served
from test_every_page import SCREENS, targets

from station.access.rights import Role
from station.app import build_app
from station.line import Line
from station.store.db import Store

PIN = "482915"


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty station that knows 24 people, `kingfisher` with a badge."""
    store = Store.open(tmp_path_factory.mktemp("staffed") / "station.db", clock=clock)
    store.add_account("kingfisher", Role.INSPECTOR, PIN, badge="K0077A")
    for number in range(1, 24):
        store.add_account(f"wren-{number}", Role.WORKER, PIN)
    app = build_app(store, Line(store, clock=clock, software="0.1.0"))
    with served(app) as address:
        yield address
    store.close()


def press(page: Page, pin: str = PIN) -> None:
    for digit in pin:
        page.locator(f"[data-digit='{digit}']").tap()
    page.locator("[data-go]").tap()


def test_a_finger_logs_in_comes_where_it_wanted_to_and_logs_out(page: Page, staffed: str) -> None:
    page.goto(f"{staffed}/language/en?next=/recipes")
    expect(page).to_have_url(f"{staffed}/login?next=%2Frecipes")
    page.locator("[data-sign='kingfisher']").tap()
    press(page)
    expect(page).to_have_url(f"{staffed}/recipes")
    expect(page.locator(".head .visitor")).to_contain_text("kingfisher Inspector")
    page.locator("log-out:defined button").tap()
    expect(page).to_have_url(f"{staffed}/login")
    page.goto(f"{staffed}/recipes")
    expect(page).to_have_url(f"{staffed}/login?next=%2Frecipes")


def test_a_badge_is_told_from_a_hand_by_its_pace(page: Page, staffed: str) -> None:
    page.goto(f"{staffed}/login")
    # As fast as a scanner even where other programs hold the machine up.
    page.evaluate(
        """() => { for (const key of [..."K0077A", "Enter"]) document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); }"""
    )
    expect(page.locator("[data-badge]")).to_be_visible()
    expect(page.locator("[data-pin]")).to_have_text("")
    page.keyboard.type(PIN, delay=80)
    expect(page.locator("[data-pin]")).to_have_text("●" * 6)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{staffed}/")
    expect(page.locator(".head .visitor")).to_contain_text("kingfisher")


def test_a_wrong_pin_says_so_and_moves_nothing(page: Page, staffed: str, wrong: Wrong) -> None:
    page.goto(f"{staffed}/language/en?next=/login")
    wrong.provoke("401")
    place = page.locator("[data-go]").bounding_box()
    press(page)
    expect(page.locator(".wrong")).to_have_text("Choose your sign first.")
    page.locator("[data-sign='wren-3']").tap()
    press(page, "900001")
    expect(page.locator(".wrong")).to_have_text("Sign and PIN do not belong together.")
    expect(page.locator("[data-pin]")).to_have_text("")
    assert page.locator("[data-go]").bounding_box() == place


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_keys_are_large_and_all_of_the_pad_is_on_the_screen(
    page: Page, staffed: str, screen: str, language: str
) -> None:
    width, height = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{staffed}/language/{language}?next=/login")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [t for t in targets(page) if min(t["width"], t["height"]) < 48 - 0.01] == []
    box = page.locator("[data-go]").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height
