"""Marks under a finger: found on the picture and in the list, filtered, corrected, added, and compared by pass."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from going_wrong import Wrong
from marked_story import MARKS
from playwright.sync_api import Locator, Page, expect

FIRST, SWIRLED, LAST = 1, 3, 5


def marks_in(page: Page, inspection: int) -> dict[str, dict[str, Any]]:
    """What the interface says of an inspection's marks."""
    items = page.request.get(f"/api/inspections/{inspection}/defects").json()["items"]
    return {row["id"]: row for row in items}


def drawn(page: Page) -> Locator:
    """Marks that are to be seen on the picture."""
    return page.locator(".stage .mark:visible")


def say(page: Page, why: str, kind: str | None = None) -> None:
    """Fill in the dialogue and keep it; the page comes again with what was said."""
    dialog = page.locator("dialog.say")
    expect(dialog).to_be_visible()
    if kind is not None:
        dialog.locator("select[name=kind]").select_option(kind)
    dialog.locator("input[name=why]").fill(why)
    dialog.locator("button[value=keep]").tap()
    # It is there until the page comes again, and then no more.
    expect(dialog).to_be_hidden()
    page.wait_for_load_state("load")


def test_a_mark_is_drawn_where_it_lies_on_the_picture_and_on_every_map(page: Page) -> None:
    _, x_mm, y_mm = MARKS[2][:3]
    width_mm, height_mm = page.request.get(f"/api/inspections/{SWIRLED}").json()["field_mm"]
    page.goto(f"/inspections/{SWIRLED}")
    for name in ("picture", "height_um", "gloss_gu"):
        page.locator(f'.tabs a[data-map="{name}"]').tap()
        expect(page.locator(".tabs a[aria-current]")).to_have_attribute("data-map", name)
        # Both at one moment: the page may be scrolled between two.
        ground, ring = page.locator(".stage").evaluate(
            """e => [".ground", '.mark[data-mark="D3"] .ring'].map((what) => {
              const { x, y, width, height } = e.querySelector(what).getBoundingClientRect();
              return { x, y, width, height }; })"""
        )
        middle = (ring["x"] + ring["width"] / 2 - ground["x"], ring["y"] + ring["height"] / 2 - ground["y"])
        assert middle == pytest.approx(
            (x_mm / width_mm * ground["width"], y_mm / height_mm * ground["height"]), abs=2.0
        )


def test_kind_and_fate_are_told_without_colour(page: Page) -> None:
    page.goto(f"/inspections/{SWIRLED}")
    outlines, lines = set(), set()
    for mark in ("D1", "D3", "D6"):
        drawing = page.locator(f'.mark[data-mark="{mark}"]')
        outlines.add(drawing.locator(".kind-icon").inner_html() + drawing.locator(".tone-icon").inner_html())
        lines.add(
            drawing.locator(".ring").evaluate(
                "e => getComputedStyle(e).strokeDasharray + getComputedStyle(e).strokeWidth"
            )
        )
        expect(page.locator(f'.mark-row[data-mark="{mark}"] .tone')).not_to_be_empty()
    assert len(outlines) == 3
    assert len(lines) == 3


def test_a_tap_on_a_mark_opens_its_card_without_loading_or_moving_the_page(page: Page) -> None:
    page.goto(f"/language/en?next=/inspections/{SWIRLED}")
    page.evaluate("window.stayed = true")
    on_the_page = "e => e.getBoundingClientRect().top + scrollY"
    top, below = page.locator(".stage").evaluate(on_the_page), page.locator("panel-marks").evaluate(on_the_page)
    cards = page.locator(".mark-card:visible")
    for mark, word in (("D6", "Swirl marks"), ("D1", "Nib")):
        page.locator(f'.mark[data-mark="{mark}"] .plate').tap()
        expect(cards).to_have_count(1)
        expect(page.locator(f'.mark-card[data-card="{mark}"] h3')).to_contain_text(f"{mark} {word}")
        expect(page.locator(f'.mark-card[data-card="{mark}"]')).to_be_visible()
        expect(page.locator(".mark[aria-current]")).to_have_attribute("data-mark", mark)
        expect(page).to_have_url(re.compile(f"mark={mark}$"))
    assert page.evaluate("window.stayed")
    assert page.locator(".stage").evaluate(on_the_page) == pytest.approx(top, abs=0.1)
    assert page.locator("panel-marks").evaluate(on_the_page) == pytest.approx(below, abs=0.1)
    expect(cards.locator(".facts")).to_contain_text(re.compile(r"Height\s*6\.4 ± 0\.6 µm"))
    page.wait_for_function("document.querySelector('.mark-card:not([hidden]) img').naturalWidth >= 96")


def test_a_row_of_the_list_leads_to_the_mark_on_the_picture(page: Page) -> None:
    page.goto(f"/inspections/{SWIRLED}")
    page.locator('.mark-row[data-mark="D7"]').tap()
    expect(page.locator('.mark[data-mark="D7"]')).to_have_attribute("aria-current", "true")
    expect(page.locator(".stage")).to_be_in_viewport()
    expect(page.locator(".mark-card:visible h3")).to_contain_text("D7")


def test_filters_by_kind_and_fate_stay_in_the_address(page: Page) -> None:
    page.goto(f"/inspections/{SWIRLED}")
    everything = sum(mark["present"] for mark in marks_in(page, SWIRLED).values())
    expect(drawn(page)).to_have_count(everything)
    page.locator('.chip[data-filter=tone][data-value="new"]').tap()
    expect(drawn(page)).to_have_count(2)
    expect(page.locator(".mark-list li:visible")).to_have_count(2)
    expect(page.locator('.chip[data-filter=kind][data-value="swirl"] .count')).to_have_text("1")
    page.locator('.chip[data-filter=kind][data-value="swirl"]').tap()
    expect(drawn(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("(?=.*status=new)(?=.*kind=swirl)"))
    page.reload()
    expect(drawn(page)).to_have_count(1)
    expect(page.locator(".chip[aria-current]")).to_have_count(2)
    page.locator('.chip[data-filter=kind][data-value=""]').tap()
    page.locator('.chip[data-filter=tone][data-value=""]').tap()
    expect(drawn(page)).to_have_count(everything)


def test_another_kind_is_said_with_who_and_why_and_stands_beside_the_measured_one(page: Page) -> None:
    page.goto(f"/language/en?next=/inspections/{FIRST}")
    page.locator('.mark-row[data-mark="D5"]').tap()
    page.locator(".mark-card:visible [data-say=kind]").tap()
    dialog = page.locator("dialog.say")
    dialog.locator("input[name=why]").fill("it does not wipe off")
    dialog.locator("button[value=keep]").tap()
    # Without a sign of who says it, nothing is kept.
    expect(dialog).to_be_visible()
    dialog.locator("input[name=who]").fill("kingfisher")
    say(page, "it does not wipe off", "nib")
    card = page.locator(".mark-card:visible")
    expect(card.locator("h3")).to_contain_text("D5 Nib")
    expect(card).to_contain_text("Measured as: Dust on the surface")
    expect(card.locator(".said")).to_contain_text("kingfisher")
    expect(card.locator(".said")).to_contain_text("it does not wipe off")
    mark = marks_in(page, FIRST)["D5"]
    assert (mark["kind"], mark["corrected_kind"]) == ("dust", "nib")


def test_a_false_alarm_is_remembered_in_later_passes(page: Page) -> None:
    page.goto(f"/inspections/{FIRST}")
    page.evaluate("localStorage.setItem('paint-station.who', 'heron')")
    page.locator('.mark-row[data-mark="D4"]').tap()
    page.locator(".mark-card:visible [data-say=false_alarm]").tap()
    say(page, "edge of the mask")
    expect(page.locator('.mark[data-mark="D4"]')).to_have_attribute("data-tone", "false_alarm")
    assert marks_in(page, 2)["D4"]["false_alarm"] is True
    assert marks_in(page, 2)["D4"]["corrections"][0]["who"] == "heron"


def test_a_missed_mark_is_added_where_the_finger_points(page: Page) -> None:
    width_mm, height_mm = page.request.get(f"/api/inspections/{LAST}").json()["field_mm"]
    page.goto(f"/inspections/{LAST}")
    page.evaluate("localStorage.setItem('paint-station.who', 'heron')")
    before = set(marks_in(page, LAST))
    page.locator("[data-add]").tap()
    expect(page.locator("[data-aim]")).to_be_visible()
    ground = page.locator(".stage .ground").bounding_box()
    assert ground
    page.touchscreen.tap(ground["x"] + 0.8 * ground["width"], ground["y"] + 0.85 * ground["height"])
    say(page, "seen at an angle", "scratch")
    [added] = set(marks_in(page, LAST)) - before
    mark = marks_in(page, LAST)[added]
    assert (mark["x_mm"], mark["y_mm"]) == pytest.approx((0.8 * width_mm, 0.85 * height_mm), abs=0.5)
    assert (mark["missed"], mark["corrected_kind"]) == (True, "scratch")
    expect(page.locator(".mark-card:visible h3")).to_contain_text(added)
    expect(page.locator(f'.mark[data-mark="{added}"]')).to_have_attribute("aria-current", "true")


def test_what_the_station_refuses_is_said_and_nothing_is_lost(page: Page, wrong: Wrong) -> None:
    wrong.provoke("503")
    page.goto(f"/inspections/{LAST}")
    page.evaluate("localStorage.setItem('paint-station.who', 'heron')")
    page.route("**/corrections", lambda route: route.fulfill(status=503, body=json.dumps({"detail": "full"})))
    page.locator(".mark-card:visible [data-say=note]").tap()
    dialog = page.locator("dialog.say")
    dialog.locator("input[name=why]").fill("looked again")
    dialog.locator("button[value=keep]").tap()
    expect(dialog.locator(".wrong")).to_be_visible()
    expect(dialog.locator("input[name=why]")).to_have_value("looked again")
    dialog.locator("[data-cancel]").tap()
    expect(dialog).to_be_hidden()


def test_a_task_leads_to_its_mark(page: Page) -> None:
    page.goto(f"/inspections/{FIRST}")
    expect(page.locator(".tasks li")).to_have_count(3)
    page.locator('.tasks a[data-mark="D3"]').tap()
    expect(page.locator('.mark[data-mark="D3"]')).to_have_attribute("aria-current", "true")
    expect(page.locator(".stage")).to_be_in_viewport()


def test_what_has_gone_stands_with_its_last_size_and_pass(page: Page) -> None:
    page.goto(f"/language/en?next=/inspections/{SWIRLED}")
    page.locator("summary", has_text="What has gone (2)").tap()
    row = page.locator("panel-marks tr", has_text="D2 Scratch")
    expect(row).to_contain_text("gone")
    expect(row).to_contain_text("26.0")
    expect(row.locator("td").last).to_have_text("2")


def test_two_passes_lie_upon_each_other_as_they_were_registered(page: Page) -> None:
    """A place of the earlier pass is drawn where the registration says that it is now."""
    answer = page.request.get("/api/panels/AM-0007-HOOD/compare?left=2&right=3").json()
    matrix, (width_mm, height_mm) = answer["left_to_right_mm"], answer["right"]["field_mm"]
    page.goto("/panels/AM-0007-HOOD/compare?left=2&right=3")
    moved = page.locator(".over img").evaluate(
        """(img, at) => { const box = img.parentNode.getBoundingClientRect();
        const spot = new DOMMatrix(getComputedStyle(img).transform).transformPoint(
          new DOMPoint(at[0] * box.width, at[1] * box.height));
        return [spot.x / spot.w / box.width, spot.y / spot.w / box.height]; }""",
        [0.75, 0.25],
    )
    x, y = 0.75 * width_mm, 0.25 * height_mm
    expected = [row[0] * x + row[1] * y + row[2] for row in matrix[:2]]
    assert (moved[0] * width_mm, moved[1] * height_mm) == pytest.approx(expected, abs=0.02)
    assert expected != pytest.approx([x, y], abs=0.5)


def test_the_slider_cuts_and_the_button_flickers(page: Page) -> None:
    page.goto("/panels/AM-0007-HOOD/compare?left=2&right=3&map=height_um")
    over = page.locator(".over")
    page.locator(".slide input").fill("20")
    expect(over).to_have_css("clip-path", "inset(0px 80% 0px 0px)")
    page.locator("[data-flicker]").tap()
    expect(over).to_be_hidden()
    expect(over).to_be_visible()
    page.locator("[data-flicker]").tap()
    expect(page.locator("[data-flicker]")).to_have_attribute("aria-pressed", "false")
    expect(over).to_have_css("clip-path", "inset(0px 80% 0px 0px)")
    page.locator('.tabs a[data-map="gloss_gu"]').tap()
    expect(page).to_have_url(re.compile("map=gloss_gu"))
    expect(page.locator(".tabs a[aria-current]")).to_have_attribute("data-map", "gloss_gu")
    images = [page.locator(f"{where} img").get_attribute("src") or "" for where in (".both >", ".over")]
    scales = {image.split("?v=")[1].split("&", 1)[1] for image in images}
    assert len(scales) == 1


def test_the_way_from_an_inspection_to_the_comparison_and_the_panels_ledger(page: Page) -> None:
    page.goto(f"/language/en?next=/inspections/{SWIRLED}")
    page.get_by_role("link", name="Compare with the pass before").tap()
    expect(page).to_have_url(re.compile(r"/panels/AM-0007-HOOD/compare\?left=2&right=3"))
    page.get_by_role("link", name="All passes of this panel").tap()
    table = page.locator(".ledger")
    expect(table.locator("tbody tr", has_text="D1 Nib").locator("td")).to_have_count(5)
    words = table.locator("tbody tr", has_text="D2 Scratch").locator(".tone")
    expect(words).to_have_text(["found", "still there", "gone", "back again", "still there"])


def test_a_film_reading_is_kept_and_stands_beside_the_measured_film(page: Page) -> None:
    page.goto("/language/en?next=/inspections/5")
    form = page.locator("film-form")
    form.locator("summary").tap()
    form.locator("[name=pass_number]").select_option("0")
    form.locator("[name=film_um]").fill("99.5")
    form.locator("[name=who]").fill("heron")
    form.locator("button").tap()
    expect(page.locator(".film")).to_contain_text("With readings that came later")
    expect(page.locator(".corrected")).to_be_visible()
    told = page.request.get("/api/inspections/5").json()["corrected"]["film"]
    assert [zone["start_um"] for zone in told if zone["zone"] == "whole"] != []


def test_one_press_starts_the_work_on_a_pass_and_another_stops_it(page: Page) -> None:
    page.goto("/language/en?next=/panels/AM-0007-HOOD")
    page.get_by_role("button", name="Start work").tap()
    stop = page.get_by_role("button", name="Stop work")
    expect(stop).to_be_visible()
    expect(page.locator("work-clock")).to_contain_text("Running for 0 min")
    # Any other screen of the bay shows it too.
    page.goto("/inspections/5")
    stop.tap()
    expect(page.get_by_role("button", name="Start work")).to_be_visible()
    assert page.request.get("/api/panels/AM-0007-HOOD").json()["working"] == []
