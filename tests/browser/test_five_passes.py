"""An inspector takes the amethyst panel through its five passes at the line, and overrides the verdict once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from going_wrong import Wrong
from playwright.sync_api import Page, expect
from serving import served
from test_at_the_line import NOW, fits, scan
from test_every_page import LEAST_TARGET_PX, LEAST_TEXT_PX, MEASURE_TEXT, targets

from calibration import calibrate
from samples.scene import render_reference
from samples.stations import NAMED
from station.access.rights import Role
from station.app import build_app
from station.capture.exposures import Exposures
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.demo import Stand, sample_recipes
from station.line import Line
from station.line.runner import Runner
from station.store.db import Order, Store

STATION = NAMED["B"].sized(160, 120)
PIN = "482915"
PANELS = {"zh": "AM-0007-HOOD", "en": "AM-0007-ROOF"}
WORDS = {
    "zh": {
        "pass": "第 {} 道", "wiped": "已擦净", "start": "开始测量", "override": "改判", "confirm": "确认",
        "checked": "检查项目", "since": "与上一道相比", "hold": "待定", "confirmed": "已确认", "clarity": "清晰度",
    },
    "en": {
        "pass": "Pass {}", "wiped": "Wiped", "start": "Start measuring", "override": "Override", "confirm": "Confirm",
        "checked": "What was checked", "since": "Since the pass before", "hold": "Hold", "confirmed": "Confirmed",
        "clarity": "Clarity",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def five_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a station with a simulated camera, an inspector, and orders for both panels."""
    folder: Path = tmp_path_factory.mktemp("five")
    with closing(Store.open(folder / "station.db", clock=lambda: NOW)) as store:
        store.put_rig(calibrate([render_reference(STATION, seed=0, captured_at=NOW.isoformat())]))
        for recipe in sample_recipes():
            store.put_recipe(recipe)
        orders = [Order(code=code, order_number="7", recipe="amethyst", part="hood") for code in PANELS.values()]
        store.add_orders(orders, who="heron")
        store.add_account("kingfisher", Role.INSPECTOR, PIN)
        stand = Stand()
        line = Line(store, clock=lambda: NOW, software="0")
        rig = sample_rig(STATION, screen_px=(960, 540))
        around = Surroundings(Simulation(STATION, stand.placed))
        with (
            Runner(line, store, rig, around, Exposures.empty(), clock=lambda: NOW) as runner,
            runner.heard_by(stand.hear),
            served(build_app(store, line, runner=runner)) as address,
        ):
            yield address


def look(page: Page, name: str) -> None:
    """Pictures for people, where LOOK names a folder."""
    if not (folder := os.environ.get("LOOK")):
        return
    for width, height in ((1920, 1080), (1280, 800), (800, 1280)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=f"{folder}/{name}-{width}.png")


def legible(page: Page) -> bool:
    """Whether every text and every target is large enough."""
    page.set_viewport_size({"width": 1280, "height": 800})
    texts = [one for one in page.evaluate(MEASURE_TEXT) if one["size"] < LEAST_TEXT_PX - 0.01]
    small = [one for one in targets(page) if min(one["width"], one["height"]) < LEAST_TARGET_PX - 0.01]
    assert (texts, small) == ([], [])
    return True


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_inspector_takes_a_panel_through_five_passes(page: Page, five_url: str, language: str, wrong: Wrong) -> None:
    say, code = WORDS[language], PANELS[language]
    page.goto(f"{five_url}/language/{language}?next=/login")
    page.request.post(f"{five_url}/api/session", data={"pseudonym": "kingfisher", "pin": PIN})
    page.goto(f"{five_url}/line")
    pictures: list[str] = []
    page.on("response", lambda answer: pictures.append(answer.url) if "line/picture" in answer.url else None)
    for number in range(1, 6):
        page.goto(f"{five_url}/line?code=")
        scan(page, code)
        expect(page.locator(".facts-of-panel h1")).to_have_text(code)
        if number in (1, 3):
            look(page, f"{language}-before-{number}")
        page.get_by_label(say["pass"].format(number), exact=True).check()
        page.get_by_label(say["wiped"], exact=True).check()
        page.get_by_role("button", name=say["start"]).click()
        told = page.locator(".told .big")
        expect(told).to_be_visible()
        look(page, f"{language}-done-{number}")
        assert fits(page)
        if number == 2:
            _maps_findings_and_changes(page, say, language)
        if number == 3:
            _overridden(page, five_url, say, code, wrong)
    page.get_by_role("button", name=say["confirm"], exact=True).click()
    page.locator("ruling-form dialog button.main").click()
    expect(page.locator(".told .ruled")).to_contain_text(say["confirmed"])
    assert pictures


def _maps_findings_and_changes(page: Page, say: dict[str, str], language: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("link", name=say["clarity"], exact=True).click()
    expect(page.locator(".legend:not([hidden]) .ends span").last).to_contain_text("%")
    assert legible(page)
    look(page, f"{language}-map")
    page.get_by_role("radio", name=say["checked"]).check()
    expect(page.locator(".finding .bar").first).to_be_visible()
    look(page, f"{language}-findings")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("radio", name=say["since"]).check()
    expect(page.locator(".changes .drift")).to_be_visible()
    look(page, f"{language}-changes")


def _overridden(page: Page, url: str, say: dict[str, str], code: str, wrong: Wrong) -> None:
    """First with a wrong PIN; then it stands at the line, in the list and on the panel's page."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name=say["override"], exact=True).click()
    dialog = page.locator("ruling-form dialog")
    dialog.get_by_label(say["hold"]).check()
    dialog.locator("select").select_option("full_pass")
    dialog.locator("[name=why]").fill("swirl seen by eye")
    dialog.locator("[name=pin]").fill("900001")
    wrong.provoke("403")
    dialog.locator("button.main").click()
    expect(dialog.locator(".wrong")).to_contain_text("PIN")
    look(page, f"{code}-override")
    dialog.locator("[name=pin]").fill(PIN)
    dialog.locator("button.main").click()
    expect(page.locator(".told .ruled")).to_contain_text("swirl seen by eye")
    look(page, f"{code}-ruled")
    assert fits(page)
    for address in ("/", f"/panels/{code}"):
        page.goto(f"{url}{address}")
        expect(page.locator(".ruled").first).to_contain_text("swirl seen by eye")
        expect(page.locator(".ruled").first).to_contain_text("kingfisher")
        look(page, f"{code}-{'list' if address == '/' else 'panel'}")
