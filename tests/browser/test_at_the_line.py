"""At the line: a code is scanned, two things are said, one button is pressed, and the verdict stands there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from going_wrong import Wrong
from playwright.sync_api import Page, expect
from serving import served

from calibration import calibrate
from inspection.plan import parse_plan
from inspection.recipe import parse_recipe
from samples.label import Label
from samples.paintwork import Panel
from samples.panels import amethyst_story
from samples.scene import render_reference
from samples.stations import NAMED
from station.app import build_app
from station.capture.exposures import Exposures
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.line import Line
from station.line.runner import Runner
from station.store.db import Order, Store

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
STATION = replace(NAMED["B"].sized(64), periods_mm=(48.0, 12.0))
RECIPE = """format = "paint-recipe/1"
name = "plain"
title = { zh = "素", en = "Plain" }
passes = 2
n_clear = 1.5
[[checks]]
measure = "gloss_of_ceiling_pct"
low = 50.0
"""
#: Two fields of 25.6 mm side by side.
PLAN = """format = "paint-plan/1"
part = "sill"
outline_mm = [[1, 1], [44, 1], [44, 24], [1, 24]]
[[views]]
name = "left"
title = { zh = "左", en = "left" }
x_mm = 0
y_mm = 0
[[views]]
name = "right"
title = { zh = "右", en = "right" }
x_mm = 20
y_mm = 0
"""
SCREENS = [(1920, 1080), (1280, 800)]


@dataclass
class Stand:
    """What lies before the camera."""

    panel: Panel


@pytest.fixture(scope="module")
def stand() -> Stand:
    return Stand(amethyst_story(1))


@pytest.fixture(scope="module")
def line_url(tmp_path_factory: pytest.TempPathFactory, stand: Stand) -> Iterator[str]:
    """Address of a station with a simulated camera, and an order for AM-0008-HOOD."""
    folder: Path = tmp_path_factory.mktemp("line")
    with closing(Store.open(folder / "station.db", clock=lambda: NOW)) as store:
        store.put_rig(calibrate([render_reference(STATION, seed=0, captured_at=NOW.isoformat())]))
        store.put_recipe(parse_recipe(RECIPE, "plain.toml"))
        store.add_plan(parse_plan(PLAN, "sill.toml"), who="heron", why="first")
        parts = {"AM-0008-HOOD": "hood", "AM-0009-SILL": "sill"}
        store.add_orders(
            [Order(code=c, order_number="1", recipe="plain", part=p) for c, p in parts.items()], who="heron"
        )
        around = Surroundings(Simulation(STATION, lambda: stand.panel))
        line = Line(store, clock=lambda: NOW, software="0")
        rig = sample_rig(STATION, screen_px=(960, 540))
        with (
            Runner(line, store, rig, around, Exposures.empty(), clock=lambda: NOW) as runner,
            served(build_app(store, line, runner=runner)) as address,
        ):
            yield address


def scan(page: Page, code: str) -> None:
    """Keys as a scanner sends them: from within the page, so that a busy machine does not make it a slow typist."""
    page.evaluate(
        """code => { for (const key of [...code, "Enter"])
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); }""",
        code,
    )


def fits(page: Page) -> bool:
    """Whether a screen holds the page without scrolling."""
    sizes = []
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        sizes.append(
            page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
            == [width, height]
        )
    return all(sizes)


def test_from_the_scan_to_the_verdict_and_to_the_question_about_a_pass(page: Page, line_url: str) -> None:
    page.goto(f"{line_url}/language/en")
    page.goto(f"{line_url}/line")
    expect(page.locator(".prompt h1")).to_have_text("Scan the panel's code")
    assert fits(page)
    # Nothing has the focus: the page hears the scanner all the same.
    scan(page, "AM-0008-HOOD")
    expect(page.locator(".facts-of-panel h1")).to_have_text("AM-0008-HOOD")
    assert fits(page)
    go = page.locator("button.go")
    expect(go).to_be_disabled()
    page.get_by_label("Pass 1").check()
    expect(go).to_be_disabled()
    page.get_by_label("Wiped", exact=True).check()
    go.click()
    told = page.locator(".told .big")
    expect(told.locator("svg.shape")).to_be_visible()
    expect(told).to_contain_text("Polishing pass 1 of 2")
    assert page.locator(".told .big strong").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 72
    assert fits(page)

    page.get_by_role("link", name="Measure again").click()
    expect(page.locator(".really")).to_contain_text("Really Pass 1?")
    assert fits(page)
    page.get_by_role("link", name="Another panel").click()
    expect(page.locator(".prompt")).to_be_visible()
    scan(page, "AM-0008-HOOD")
    expect(page.get_by_label("Pass 2")).to_have_count(1)


def test_a_part_larger_than_the_field_is_asked_for_view_by_view(page: Page, line_url: str) -> None:
    page.goto(f"{line_url}/language/en")
    page.goto(f"{line_url}/line?code=AM-0009-SILL")
    expect(page.locator(".facts-of-panel")).to_contain_text("2, first: left")
    page.get_by_label("Pass 1").check()
    page.get_by_label("Wiped", exact=True).check()
    page.locator("button.go").click()
    lies = page.get_by_role("button", name="It lies there")
    expect(lies).to_be_visible()
    expect(page.locator(".views")).to_contain_text("View 2 of 2right")
    assert fits(page)
    # Asked in the other language too, and stopped: nothing was inspected.
    page.goto(f"{line_url}/language/zh")
    page.goto(f"{line_url}/line")
    expect(page.locator(".lay")).to_have_text("请摆放工件，使相机看到这个视场。")
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".fault")).to_contain_text("在第 2 个视场之前停止")
    page.goto(f"{line_url}/language/en")
    page.goto(f"{line_url}/line?code=AM-0009-SILL&pass_number=1&wiped=true")
    page.get_by_label("Pass 1").check()
    page.locator("button.go").click()
    lies.click()
    expect(page.locator(".told .big svg.shape")).to_be_visible()
    page.get_by_role("link", name="Open the inspection").click()
    expect(page.locator("#views-title")).to_have_text("Joined from 2 views")


def test_the_camera_reads_the_code_or_says_in_one_sentence_why_not(
    page: Page, line_url: str, stand: Stand, wrong: Wrong
) -> None:
    wrong.provoke("422")
    page.goto(f"{line_url}/language/zh")
    page.goto(f"{line_url}/line?code=")
    read = page.get_by_role("button", name="用相机读取编码")
    read.click()
    expect(page.locator(".wrong")).to_have_text(
        "视野中没有编码：请将板件的编码（DataMatrix、QR 或 Code 128）放入视野，或手动输入。"
    )
    code = zxingcpp.create_barcode("AM-8", zxingcpp.BarcodeFormat.DataMatrix)
    modules = np.pad(np.array(code.to_image(scale=1)), 3, constant_values=255) < 128
    label = Label(tuple(tuple(bool(ink) for ink in row) for row in modules), 2.2 * STATION.mm_per_px)
    stand.panel = replace(amethyst_story(1), labels=(label,))
    try:
        read.click()
        expect(page.locator(".facts-of-panel h1")).to_have_text("AM-8")
        expect(page.locator("#code")).to_have_value("AM-8")
        assert fits(page)
    finally:
        stand.panel = amethyst_story(1)


def test_slow_keys_are_a_person_and_no_scanner(page: Page, line_url: str) -> None:
    page.goto(f"{line_url}/line?code=")
    page.keyboard.type("AM-1", delay=60)
    page.keyboard.press("Enter")
    expect(page.locator(".prompt")).to_be_visible()
