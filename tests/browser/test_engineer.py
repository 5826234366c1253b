"""A quality engineer goes from a bar to the inspections behind it and their frames, and saves what is shown."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from inspection.defects.kinds import ABOUT, Kind

WORDS = {
    "zh": {"frames": "拍摄数据", "save": "保存此视图", "name": "为当前显示的内容命名", "who": "谁"},
    "en": {"frames": "Frames", "save": "Save this view", "name": "Name for what is shown now", "who": "Who"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_engineer_goes_from_a_bar_to_the_frames_and_exports_the_view(page: Page, language: str) -> None:
    say, nib = WORDS[language], ABOUT[Kind.NIB].names[language]
    page.goto(f"/language/{language}?next=/quality/pareto")
    bar = page.locator(".bars tbody tr").filter(has=page.get_by_role("link", name=nib, exact=True))
    bar.get_by_role("link").click()
    expect(page).to_have_url("/?kind=nib")
    listed = page.locator(".rows .row")
    expect(listed.first).to_be_visible()
    count = listed.count()

    with page.expect_download() as saved:
        page.locator(".exports a", has_text="CSV").click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))
    assert len(rows) == count

    page.locator(".saved-views summary").click()
    page.get_by_label(say["name"]).fill(f"Nibs {language}")
    page.get_by_label(say["who"]).fill("heron")
    before = page.locator(".saved-views li").count()
    page.get_by_role("button", name=say["save"]).click()
    expect(page.locator(".saved-views li")).to_have_count(before + 1)
    page.goto("/quality/trend")
    page.locator(".saved-views summary").click()
    page.get_by_role("link", name=f"Nibs {language}", exact=True).click()
    expect(page).to_have_url("/?kind=nib")

    listed.first.click()
    page.get_by_role("link", name=say["frames"], exact=True).click()
    pictures = page.locator(".frames img")
    expect(pictures).not_to_have_count(0)
    pictures.first.scroll_into_view_if_needed()
    expect(pictures.first).to_have_js_property("complete", True)
    assert pictures.first.evaluate("picture => picture.naturalWidth") > 0
