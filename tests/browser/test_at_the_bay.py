"""At the bay: a worker sees what to do after pass 3, ticks it off with a glove, and loses the network meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from going_wrong import Wrong
from marked_story import with_marks
from playwright.sync_api import Locator, Page, expect
from serving import served

from station import demo
from station.app import build_app
from station.line import Line
from station.store.db import Store

PANEL = "AM-0007-HOOD"
#: The passes that are there: the newest asks for another, and has one before it.
PASSES = (2, 3)
#: WCAG's 44 px are for bare fingers.
GLOVE_PX = 64
WORDS = {
    "en": {"waits": "Kept on this tablet", "lost": "No connection since", "enough": "enough left", "why": "Why?"},
    "zh": {"waits": "已保存在本平板上", "lost": "未连接", "enough": "余量充足", "why": "为什么？"},
}


def clock() -> datetime:
    return datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def bay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a station whose panel has just been measured after its third pass."""
    folder: Path = tmp_path_factory.mktemp("bay")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("station.line.measuring.examine", with_marks)
        patch.setattr("station.demo.PASSES", PASSES)
        demo.run(folder, serve=False, clock=clock)
    store = Store.open(folder / "station.db", clock=clock)
    app = build_app(store, Line(store, clock=clock, software=demo.SOFTWARE))
    with served(app) as address:
        yield address
    store.close()


@pytest.fixture
def tablet(page: Page, bay: str) -> Page:
    """Held upright, with the panel's page open."""
    page.set_viewport_size({"width": 800, "height": 1280})
    page.goto(f"{bay}/bay/{PANEL}")
    return page


def ticks(page: Page) -> Locator:
    return page.locator("button.tick")


def kept(page: Page) -> dict[str, bool]:
    """What the station has."""
    address = page.evaluate("`/api/inspections/${document.querySelector('bay-view').dataset.inspection}/ticks`")
    told = page.evaluate("(address) => fetch(address).then((answer) => answer.json())", address)
    return {one["place"]: one["done"] for one in told["items"]}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_worker_finds_the_panel_ticks_off_places_and_loses_the_network(
    page: Page, bay: str, language: str, wrong: Wrong
) -> None:
    wrong.provoke("net::ERR_INTERNET_DISCONNECTED")
    words = WORDS[language]
    page.set_viewport_size({"width": 800, "height": 1280})
    page.goto(f"{bay}/language/{language}?next=/bay")
    page.locator(".waiting a").tap()
    expect(page.locator("h1")).to_have_text(PANEL)
    expect(ticks(page)).to_have_count(3)
    expect(page.locator(".mark.asked")).to_have_count(3)
    expect(page.locator(".tank").first).to_contain_text(words["enough"])
    before = kept(page).get("D1", False)

    ticks(page).nth(0).tap()
    expect(page.locator("button.tick.waits")).to_have_count(0)
    assert kept(page)["D1"] is not before

    page.context.set_offline(True)
    ticks(page).nth(1).tap()
    contact = page.locator(".contact[data-lost]")
    expect(contact).to_contain_text(words["waits"])
    expect(contact).to_contain_text(words["lost"])
    expect(page.locator("button.tick.waits")).to_have_count(1)
    page.context.set_offline(False)
    expect(contact).to_be_hidden()
    expect(page.locator("button.tick.waits")).to_have_count(0)
    assert set(kept(page)) >= {"D1", "D3"}

    page.locator(".todo summary").tap()
    expect(page.locator(".todo summary")).to_have_text(words["why"])
    expect(page.locator(".todo details li").first).to_be_visible()


def test_a_tick_taken_back_is_open_again_after_the_page_comes_anew(tablet: Page) -> None:
    third = ticks(tablet).nth(2)
    for done in ("true", "false"):
        third.tap()
        expect(third).to_have_attribute("aria-pressed", done)
        expect(tablet.locator("button.tick.waits")).to_have_count(0)
        tablet.reload()
        expect(third).to_have_attribute("aria-pressed", done)


def test_everything_a_glove_presses_is_large_and_nothing_overflows(tablet: Page) -> None:
    for target in [*ticks(tablet).all(), *tablet.locator(".choices .button, work-clock button").all()]:
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= GLOVE_PX
    assert tablet.evaluate("document.documentElement.scrollWidth") <= 800


def test_before_and_after_are_wiped_between_with_a_finger_on_the_same_page(tablet: Page, bay: str) -> None:
    tablet.locator(".before summary").tap()
    both = tablet.locator(".both")
    both.scroll_into_view_if_needed()
    box = both.bounding_box()
    assert box is not None
    for share in (0.25, 0.75):
        tablet.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        edge = tablet.locator(".edge").bounding_box()
        assert edge is not None
        assert abs(edge["x"] + edge["width"] / 2 - box["x"] - share * box["width"]) < 0.02 * box["width"]
    expect(tablet).to_have_url(f"{bay}/bay/{PANEL}")


def test_a_scanned_code_leads_to_its_panel_from_anywhere_at_the_bay(tablet: Page, bay: str) -> None:
    for address in (f"/bay/{PANEL}", "/bay"):
        tablet.goto(f"{bay}{address}")
        tablet.locator("h1").click()
        tablet.keyboard.type(PANEL, delay=2)
        tablet.keyboard.press("Enter")
        expect(tablet).to_have_url(f"{bay}/bay/{PANEL}")


def test_without_network_the_last_page_comes_again_and_says_since_when(page: Page, bay: str, wrong: Wrong) -> None:
    wrong.provoke("net::ERR_INTERNET_DISCONNECTED")
    page.goto(f"{bay}/language/en?next=/bay")
    page.evaluate("() => navigator.serviceWorker.ready.then((one) => one.active.state)")
    for address in ("/bay", f"/bay/{PANEL}"):
        page.goto(f"{bay}{address}")
    page.context.set_offline(True)
    for address, seen in ((f"/bay/{PANEL}", ticks(page).first), ("/bay", page.locator(".waiting a").first)):
        page.goto(f"{bay}{address}")
        expect(seen).to_be_visible()
        expect(page.locator(".contact[data-lost]")).to_contain_text(WORDS["en"]["lost"])
    assert page.evaluate("document.styleSheets.length") > 2
    page.context.set_offline(False)
    page.goto(f"{bay}/bay")
    expect(page.locator(".contact[data-lost]")).to_be_hidden()


def test_a_step_that_an_inspector_overrode_is_what_the_bay_is_asked(page: Page, bay: str) -> None:
    page.goto(f"{bay}/language/en?next=/bay/{PANEL}")
    number = page.locator("bay-view").get_attribute("data-inspection")
    said = {
        "what": "override",
        "verdict": "hold",
        "action": "stop",
        "why": "burnt through below the handle",
        "who": "kite",
    }
    assert page.request.post(f"{bay}/api/inspections/{number}/rulings", data=said).status == 201
    page.reload()
    expect(page.locator(".todo .ruled")).to_contain_text("burnt through below the handle")
    expect(ticks(page)).to_have_count(0)
    page.goto(f"{bay}/bay")
    expect(page.locator(".waiting")).to_have_count(0)


def test_a_code_that_nothing_is_known_of_is_said_and_can_be_typed_again(page: Page, bay: str) -> None:
    page.goto(f"{bay}/language/en?next=/bay")
    page.locator("#code").fill("AM-9999")
    page.locator(".find button").tap()
    expect(page.get_by_role("alert")).to_contain_text("AM-9999")
    page.locator("#code").fill(PANEL)
    page.locator(".find button").tap()
    expect(page).to_have_url(f"{bay}/bay/{PANEL}")
