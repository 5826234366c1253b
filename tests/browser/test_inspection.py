"""The inspection page under a finger: verdict, maps, values, language, earlier passes."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from going_wrong import Wrong
from playwright.sync_api import Browser, Page, expect

FIRST, LAST = 1, 5


@pytest.mark.parametrize(("language", "word"), [("zh", "不合格"), ("en", "Failed")])
def test_the_verdict_is_read_from_three_metres(page: Page, language: str, word: str) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"/language/{language}?next=/%3Fverdict%3Dfail")
    page.locator(".row").first.click()
    page.wait_for_url("**/inspections/*")  # with its style sheet: the text alone is there before
    verdict = page.locator(".answer .big")
    expect(verdict.locator("strong")).to_have_text(word)
    # ISO 9241-303: letters of 1/200 of the distance are comfortable; a 24-inch screen has 0.277 mm pixels.
    size_px = verdict.locator("strong").evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert 0.7 * size_px * 0.277 >= 3000 / 200
    shape = verdict.locator("svg.shape.fail")
    box, around, letters = (one.bounding_box() for one in (shape, verdict, verdict.locator("strong")))
    assert box
    assert around
    assert letters
    assert box["height"] >= 100
    assert letters["x"] + letters["width"] <= around["x"] + around["width"]
    assert letters["y"] + letters["height"] <= 1080


def test_the_next_step_gives_a_reason_in_words(page: Page) -> None:
    page.goto(f"/inspections/{FIRST}")
    expect(page.locator(".next h2")).not_to_be_empty()
    expect(page.locator(".next li").first).to_be_visible()
    expect(page.locator(".next")).not_to_contain_text(re.compile(r"[a-z]_[a-z]"))


def test_simulated_data_says_so_at_the_top(page: Page) -> None:
    page.goto(f"/inspections/{LAST}")
    expect(page.locator(".simulated")).to_be_in_viewport()
    expect(page.locator(".simulated")).to_contain_text("模拟")


def test_zones_of_gloss_say_their_values_over_their_own_map_only(page: Page) -> None:
    page.goto(f"/inspections/{LAST}")
    expect(page.locator(".stage .zones")).to_be_hidden()
    page.locator('.tabs a[data-map="gloss_zone_gu"]').tap()
    expect(page.locator(".stage .zones text").first).to_be_visible()
    expect(page.locator(".stage .zones .worst")).to_be_visible()
    page.locator('.tabs a[data-map="gloss_gu"]').tap()
    expect(page.locator(".stage .zones")).to_be_hidden()


def test_a_map_is_switched_without_loading_the_page_or_moving_it(page: Page) -> None:
    page.goto(f"/inspections/{LAST}")
    page.evaluate("window.stayed = true")
    # Its place on the page, not on the screen: a tap scrolls to what it taps.
    where = """e => { const box = e.getBoundingClientRect();
      return [box.left + scrollX, box.top + scrollY, box.width, box.height]; }"""
    stage = page.locator(".stage")
    before = stage.evaluate(where)
    for name in ("gloss_gu", "height_um", "delta_e00"):
        with page.expect_response(lambda answer, name=name: f"/maps/{name}.png" in answer.url) as answer:
            page.locator(f'.tabs a[data-map="{name}"]').tap()
        assert answer.value.ok
        expect(page.locator(".tabs a[aria-current]")).to_have_attribute("data-map", name)
        expect(page.locator(".legend:visible")).to_have_count(1)
        expect(page.locator(".legend:visible")).to_have_attribute("data-map", name)
        expect(page).to_have_url(re.compile(rf"\?map={name}$"))
    page.locator('.tabs a[data-map="picture"]').tap()
    expect(page.locator(".overlay")).to_be_hidden()
    assert page.evaluate("window.stayed")
    assert stage.evaluate(where) == pytest.approx(before, abs=0.1)


def test_the_legend_has_the_unit_and_the_colours_of_the_map(page: Page) -> None:
    page.goto(f"/inspections/{LAST}?map=gloss_gu")
    expect(page.locator(".legend:visible .ends")).to_contain_text("GU")
    stops = page.locator(".legend:visible stop")
    expect(stops.first).to_have_attribute("stop-color", "#440154")
    expect(stops.last).to_have_attribute("stop-color", "#fde725")


def test_a_finger_reads_the_value_that_the_map_holds_there(page: Page) -> None:
    width_mm, height_mm = page.request.get(f"/api/inspections/{LAST}").json()["field_mm"]
    page.goto(f"/inspections/{LAST}?map=gloss_gu")
    page.locator(".readout").scroll_into_view_if_needed()
    ground = page.locator(".stage .ground").bounding_box()
    assert ground
    with page.expect_response(lambda answer: "/at?" in answer.url) as answer:
        page.touchscreen.tap(ground["x"] + 0.25 * ground["width"], ground["y"] + 0.5 * ground["height"])
    value = answer.value.json()["value"]
    shown = page.locator("[data-cell=value]")
    expect(shown).to_have_text(re.compile(r"^[\d.]+ GU"))
    assert float(shown.inner_text().split()[0]) == pytest.approx(value, rel=5e-4)
    x_mm, y_mm = (float(page.locator(f"[data-cell={axis}]").inner_text().split()[0]) for axis in "xy")
    assert x_mm == pytest.approx(width_mm / 4, abs=0.3)
    assert y_mm == pytest.approx(height_mm / 2, abs=0.3)


def test_the_arrow_keys_move_the_reading_by_a_millimetre(page: Page) -> None:
    page.goto(f"/inspections/{LAST}?map=haze_pct")
    page.locator(".stage").focus()
    places = []
    for _ in range(3):
        known = page.locator("[data-cell=x]").inner_text()
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-cell=x]")).not_to_have_text(known)
        places.append(float(page.locator("[data-cell=x]").inner_text().split()[0]))
    assert [b - a for a, b in pairwise(places)] == pytest.approx([1.0, 1.0], abs=0.051)
    expect(page.locator("[data-cell=value]")).to_have_text(re.compile(r"^-?[\d.]+ %$"))


def test_another_map_reads_the_same_place(page: Page) -> None:
    page.goto(f"/inspections/{LAST}?map=gloss_gu")
    page.locator(".stage").tap()
    expect(page.locator("[data-cell=value]")).to_have_text(re.compile("GU"))
    page.locator('.tabs a[data-map="height_um"]').tap()
    expect(page.locator("[data-cell=value]")).to_have_text(re.compile("µm"))


def test_the_language_switch_keeps_page_and_map(page: Page) -> None:
    page.goto(f"/inspections/{LAST}")
    page.locator('.tabs a[data-map="haze_pct"]').tap()
    expect(page).to_have_url(re.compile(r"\?map=haze_pct$"))
    address = page.url
    page.get_by_role("link", name="English").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(address)
    expect(page.locator(".tabs a[aria-current]")).to_have_text("Haze")
    page.goto("/?verdict=fail&panel=AM-0007-HOOD")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="简体中文").tap()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page).to_have_url(re.compile(r"/\?verdict=fail&panel=AM-0007-HOOD$"))


def test_without_scripts_the_maps_are_ordinary_links(browser: Browser, base_url: str) -> None:
    with browser.new_context(java_script_enabled=False, base_url=base_url, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"/inspections/{LAST}")
        page.get_by_role("link", name="Gloss", exact=True).click()
        expect(page).to_have_url(re.compile(r"\?map=gloss_gu$"))
        expect(page.locator(".overlay")).to_have_attribute("href", re.compile(r"gloss_gu\.png"))
        # What only a script could do is not offered.
        for dead in ("[data-add]", ".mark-actions >> visible=true", "film-form"):
            expect(page.locator(dead)).to_be_hidden()


def test_from_the_list_to_a_panel_to_an_earlier_pass_and_back(page: Page) -> None:
    page.goto("/language/en")
    expect(page.locator(".row")).to_have_count(5)
    page.locator(".row").first.tap()
    expect(page).to_have_url(re.compile(f"/inspections/{LAST}$"))
    page.get_by_role("link", name="All passes of this panel").tap()
    expect(page.locator(".way a")).to_have_count(5)
    expect(page.locator(".trend").first).to_be_visible()
    page.locator(".way a").first.tap()
    expect(page).to_have_url(re.compile(f"/inspections/{FIRST}$"))
    page.get_by_role("link", name="Show the newest inspection").tap()
    expect(page).to_have_url(re.compile(f"/inspections/{LAST}$"))
    page.locator(".passes thead a").first.tap()
    expect(page).to_have_url(re.compile("/inspections/[1-4]$"))


def test_filters_stand_in_the_address_and_in_the_form(page: Page) -> None:
    page.goto("/language/en")
    page.locator("select[name=pass_number]").select_option("3")
    page.get_by_role("button", name="Show").tap()
    expect(page.locator(".row")).to_have_count(1)
    expect(page).to_have_url(re.compile("pass_number=3"))
    expect(page.locator("select[name=pass_number]")).to_have_value("3")
    page.get_by_role("link", name="Show everything").tap()
    expect(page.locator(".row")).to_have_count(5)


def test_a_page_that_does_not_exist_leads_back(page: Page, wrong: Wrong) -> None:
    wrong.provoke("404")
    answer = page.goto("/inspections/4711")
    assert answer
    assert answer.status == 404
    page.locator("main a").first.tap()
    expect(page.locator(".row")).to_have_count(5)
