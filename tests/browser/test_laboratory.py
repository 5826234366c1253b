"""The laboratory tightens a limit, sees which panels would change, and a second person approves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import clock
from going_wrong import Wrong
from playwright.sync_api import Page, expect
from serving import served
from test_every_page import SCREENS, misfits, weak_texts
from test_for_everybody import AXE

from station import demo
from station.access.rights import Role
from station.app import build_app
from station.line import Line
from station.store.db import Store

PIN = "482915"
#: The last pass, which is released: that alone can change when a limit is tightened.
PASSES = (5,)
WORDS = {
    "en": {"changes": "1 verdict would change.", "own": "a second person approves it", "approved": "the line uses it"},
    "zh": {"changes": "1 个判定会改变。", "own": "须由第二人批准", "approved": "产线已使用此版本"},
}


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a station that holds a released panel and knows two people of the laboratory."""
    folder: Path = tmp_path_factory.mktemp("laboratory")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("station.demo.PASSES", PASSES)
        demo.run(folder, serve=False, clock=clock)
    store = Store.open(folder / "station.db", clock=clock)
    for name in ("heron", "wren"):
        store.add_account(name, Role.LABORATORY, PIN)
    app = build_app(store, Line(store, clock=clock, software=demo.SOFTWARE))
    with served(app) as address:
        yield address
    store.close()


def log_in(page: Page, address: str, who: str) -> None:
    assert page.request.post(f"{address}/api/session", data={"pseudonym": who, "pin": PIN}).ok


def faults(page: Page) -> dict[str, list[object]]:
    """What of the open page does not fit, cannot be read or is found by the checker: a draft has no fixed address."""
    found: dict[str, list[object]] = {}
    for screen, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        found[screen] = misfits(page, width)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found[scheme] = weak_texts(page)
    page.evaluate(Axe().axe_script)
    found["axe"] = page.evaluate("(options) => axe.run(options)", AXE)["violations"]
    return {where: wrong for where, wrong in found.items() if wrong}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_limit_is_tightened_tried_proposed_and_approved_by_another(
    page: Page, laboratory: str, language: str, wrong: Wrong
) -> None:
    words = WORDS[language]
    log_in(page, laboratory, "heron")
    page.goto(f"{laboratory}/language/{language}?next=/recipes/amethyst/edit")
    limit = page.locator("recipe-editor:defined [data-check='1'] input[name='high']")
    before = float(limit.input_value())
    wrong.provoke("422")
    limit.fill("-1")
    expect(page.locator("recipe-editor .wrong")).to_contain_text("checks.1.high")
    expect(limit).to_have_attribute("aria-invalid", "true")
    # In the other language the limit is tightened once more: a version that is there already is none.
    limit.fill(str(before / (1000 if language == "zh" else 2000)))
    expect(page.locator("recipe-editor .wrong")).to_be_hidden()
    expect(page.locator(".trial ins").first).to_be_visible()
    expect(page.locator(".trial-count")).to_contain_text(words["changes"])
    page.locator("input[name='why']").fill(f"complaint 17 {language}")
    page.locator("recipe-editor button.main").tap()
    page.wait_for_url("**/recipe-drafts/*")
    expect(page.locator("main")).to_contain_text(words["own"])
    assert faults(page) == {}
    draft = page.url
    log_in(page, laboratory, "wren")
    page.goto(draft)
    expect(page.locator(".trial-count")).to_contain_text(words["changes"])
    page.locator("draft-approval:defined button").tap()
    expect(page.locator("main")).to_contain_text(words["approved"])
    newest = page.request.get(f"{laboratory}/api/recipes/amethyst/versions").json()["items"][0]
    assert (newest["who"], newest["approved_by"]) == ("heron", "wren")
