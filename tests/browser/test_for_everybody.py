"""Pages for everybody: by keyboard and screen reader, by day and by night, in a language one reads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from test_every_page import PAGES

#: What the checker is asked for: the rules of WCAG 2.2 AA, and good practice.
AXE: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: Latin words that a Chinese page may show: units, formats, and what is named so in every language.
LATIN = {
    "mm", "ms", "mrad", "GU", "GB", "CIE", "CIELAB", "UTC", "We", "Wc", "PVC", "JCGM", "JSON", "PDF", "CSV", "XLSX",
    "Parquet", "PIN", "TIFF",
}  # fmt: skip
#: Texts of a page with what is read aloud or shown on pointing, but for codes, what people said and words of another
#: language.
TEXTS = """() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === 3 ? node.parentElement : node;
    if (element.closest("script, style, .code, pre, [lang=en], [translate=no]")) continue;
    if (node.nodeType === 3) found.push(node.textContent);
    else for (const name of ["aria-label", "title", "alt", "placeholder"]) found.push(element.getAttribute(name) ?? "");
    if (node.nodeType === 1) found.push(...Object.values(node.dataset).filter((value) => value.includes(" ")));
  }
  return found.map((text) => text.trim()).filter(Boolean);
}"""


def opened(page: Page, address: str) -> None:
    """Go to a page, with everything on it unfolded."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_the_checker_of_pages_finds_nothing(page: Page, language: str, theme: Any) -> None:
    page.goto(f"/language/{language}")
    page.emulate_media(color_scheme=theme)
    script = Axe().axe_script
    found = {}
    for address in PAGES:
        opened(page, address)
        page.evaluate(script)
        for one in page.evaluate("(options) => axe.run(options)", AXE)["violations"]:
            found[address, one["id"]] = [node["html"][:150] for node in one["nodes"]][:3]
    assert found == {}


def test_a_chinese_page_shows_no_english_word(page: Page) -> None:
    page.goto("/language/zh")
    found: dict[str, set[str]] = {}
    for address in PAGES:
        opened(page, address)
        for text in page.evaluate(TEXTS):
            words = set(re.findall(r"(?<![\w/.\[{-])[A-Za-z]{2,}(?![\w/.-])", text)) - LATIN
            if words:
                found.setdefault(text, set()).update(words)
    assert found == {}
