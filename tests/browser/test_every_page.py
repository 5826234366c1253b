"""Every page at the three screens of the plant, in both languages: nothing overflows, all can be hit and read."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

SCREENS = {"station": (1920, 1080), "office": (1280, 800), "tablet": (800, 1280)}
PAGES = ["/quality/pareto", "/quality/heat-map?part=hood", "/quality/trend", "/quality/passes",
         "/", "/line", "/bay", "/bay/AM-0007-HOOD", "/inspections/3?map=gloss_gu", "/inspections/5",
         "/inspections/5/frames", "/panels/AM-0007-HOOD",
         "/panels/AM-0007-HOOD/compare?left=2&right=3&map=height_um", "/recipes",
         "/recipes/amethyst", "/recipes/amethyst/edit", "/recipes/amethyst/differences",
         "/recipes/amethyst/learn", "/rigs", "/checks",
         "/station", "/station/check", "/station/calibration", "/station/hardware", "/savings", "/about", "/login",
         "/audit", "/?panel=none", "/components"]  # fmt: skip
LEAST_TARGET_PX = 48
LEAST_TEXT_PX = 18
#: WCAG 2.2, 1.4.3: text of at least 24 px needs 3, smaller text 4.5.
MEASURE_TEXT = """() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const style = getComputedStyle(element);
      if (style.backgroundImage !== "none") return null;
      const colour = parts(style.backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest(".off-screen, title, option") || !element.checkVisibility()) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || getComputedStyle(element).clipPath !== "none") continue;
    const inDrawing = element.ownerSVGElement;
    const scale = inDrawing ? element.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(element).fontSize) * scale;
    const ground = inDrawing ? null : behind(element);
    let contrast = null;
    if (ground) {
      const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(ground)];
      contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }
    found.push({ text: element.textContent.trim().slice(0, 30), size, contrast });
  }
  return found;
}"""


def targets(page: Page) -> list[dict[str, Any]]:
    return page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input, summary")]
        .filter((element) => element.checkVisibility())
        .map((element) => { const { width, height } = element.getBoundingClientRect();
                            return { what: element.outerHTML.slice(0, 90), width, height }; })"""
    )


def misfits(page: Page, width: int) -> list[object]:
    """What of the open page does not fit on a screen, or is too small to hit or to read there."""
    found: list[object] = []
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("wider than the screen")
    if not page.evaluate(
        "[...document.querySelectorAll('.passes')].every((one) => one.scrollWidth <= one.clientWidth)"
    ):
        found.append("a table is wider than its place")
    found += [one for one in targets(page) if min(one["width"], one["height"]) < LEAST_TARGET_PX - 0.01]
    texts = page.evaluate(MEASURE_TEXT)
    assert len(texts) > 5
    found += [one for one in texts if one["size"] < LEAST_TEXT_PX - 0.01]
    return found


def weak_texts(page: Page) -> list[object]:
    texts = page.evaluate(MEASURE_TEXT)
    return [one for one in texts if one["contrast"] and one["contrast"] < (3 if one["size"] >= 24 else 4.5)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_fits_can_be_hit_with_a_glove_and_read_by_day_and_by_night(page: Page, language: str) -> None:
    """Each page is loaded once and then shown on every screen, as when a tablet is turned."""
    page.goto(f"/language/{language}")
    found: dict[tuple[str, str], list[object]] = {}
    for address in PAGES:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for screen, (width, height) in SCREENS.items():
            page.set_viewport_size({"width": width, "height": height})
            found[address, screen] = misfits(page, width)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found[address, scheme] = weak_texts(page)
    assert {where: wrong for where, wrong in found.items() if wrong} == {}


def test_nothing_jumps_while_a_page_loads(page: Page) -> None:
    page.add_init_script(
        """window.shifted = 0;
        new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifted += entry.value; })
          .observe({ type: "layout-shift", buffered: true });"""
    )
    for address in PAGES:
        page.goto(address, wait_until="load")
        # Two frames later everything that could move has moved.
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate("window.shifted") < 0.01, address


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def test_chinese_is_drawn_and_not_shown_as_boxes(page: Page) -> None:
    page.goto("/")
    drawn = page.evaluate(
        """() => { const draw = (letter) => { const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 64; const context = canvas.getContext("2d");
          context.font = `48px ${getComputedStyle(document.body).fontFamily}`; context.fillText(letter, 4, 50);
          return canvas.toDataURL(); };
          return [draw("漆"), draw("面"), draw("\\uE123")]; }"""
    )
    assert len(set(drawn)) == 3
