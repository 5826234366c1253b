"""The page for those who set up camera and screen."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

PLACE = """() => {
  const { left, top, width, height } = document.querySelector("table").getBoundingClientRect();
  return [left, top + scrollY, width, height];
}"""


def test_a_look_fills_in_every_value_and_moves_nothing(page: Page) -> None:
    page.goto("/alignment")
    before = page.evaluate(PLACE)
    expect(page.locator("[data-value=seen_pct]")).to_have_text("–")
    page.locator("[data-does=look]").click()
    for name in ("seen_pct", "edges_pct.left", "edges_pct.right", "edges_pct.top", "edges_pct.bottom"):
        expect(page.locator(f"[data-value='{name}']")).to_have_text("100")
    # One grey of the screen is 0.8 mm in a fringe as long as the screen.
    expect(page.locator("[data-value=centre_u_mm]")).to_have_text(re.compile(r"^-?[01](\.\d+)?$"))
    assert page.evaluate(PLACE) == before
    lit = page.evaluate(
        "() => { const c = document.querySelector('alignment-view canvas');"
        " return c.getContext('2d').getImageData(c.width / 2 + 60, c.height / 2 + 60, 1, 1).data[0]; }"
    )
    assert lit > 100


def test_it_keeps_looking_until_it_is_told_to_stop(page: Page) -> None:
    page.goto("/alignment")
    watch = page.locator("[data-does=watch]")
    watch.click()
    expect(watch).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-value=seen_pct]")).to_have_text("100")
    watch.click()
    expect(watch).to_have_attribute("aria-pressed", "false")
