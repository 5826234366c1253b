"""A technician calibrates and runs the daily check with the line's own camera; one that fails puts the line on hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from serving import served
from technicians_stand import CHECK_PANEL, LIT, RIG, Stand
from test_at_the_line import NOW

from calibration.daily_check import LEAST_FIRST
from station.app import build_app
from station.capture.exposures import Exposures
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.line import Line
from station.line.runner import Runner
from station.line.state import Lies
from station.store.db import Store

WORDS = {
    "zh": {
        "calibrate": "校准", "check": "现在核查", "take": "拍摄并核查", "met": "合格", "failed": "不合格",
        "kept": "首批核查", "hold": "产线暂停放行",
    },
    "en": {
        "calibrate": "Calibrate", "check": "Check now", "take": "Take and check", "met": "Met", "failed": "Not met",
        "kept": "first check", "hold": "the line is on hold",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Bay:
    url: str
    stand: Stand


@pytest.fixture
def bay(tmp_path: Path) -> Iterator[Bay]:
    """A station that nobody has calibrated yet."""
    stand = Stand()
    with closing(Store.open(tmp_path / "station.db", clock=lambda: NOW)) as store:
        line = Line(store, clock=lambda: NOW, software="0", daily_check_hours=24.0)
        around = Surroundings(Simulation(LIT, stand.placed))
        with (
            Runner(line, store, RIG, around, Exposures.empty(), clock=lambda: NOW) as runner,
            runner.heard_by(stand.hear),
            served(build_app(store, line, runner=runner)) as address,
        ):
            yield Bay(address, stand)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_technician_calibrates_checks_and_a_failing_check_holds_the_line(page: Page, bay: Bay, language: str) -> None:
    say = WORDS[language]
    page.goto(f"{bay.url}/language/{language}?next=/station")
    page.get_by_role("link", name=say["calibrate"], exact=True).click()
    page.wait_for_load_state("load")
    for what in ("black_glass", "white_tile"):
        page.locator(f"[data-what={what}] button").click()
        expect(page.locator(f"[data-what={what}] .done")).to_be_visible()
    page.get_by_role("button", name=say["calibrate"], exact=True).click()
    page.wait_for_url("**/rigs/*")

    def check() -> None:
        page.goto(f"{bay.url}/station")
        page.get_by_role("link", name=say["check"], exact=True).click()
        page.wait_for_load_state("load")
        page.locator("[name=check_panel]").fill("CP-1")
        page.get_by_role("button", name=say["take"], exact=True).click()

    seen = page.locator(".result .verdict:visible")
    for _ in range(LEAST_FIRST):
        check()
        expect(seen).to_contain_text(say["kept"])
    check()
    expect(seen).to_contain_text(say["met"])
    bay.stand.lies[Lies.CHECK_PANEL] = replace(CHECK_PANEL, lab=(38.0, 0.0, 0.0))
    check()
    expect(seen).to_contain_text(say["hold"])
    page.locator(".result .ways a").last.click()
    expect(page.locator(".held")).to_be_visible()
    page.goto(f"{bay.url}/station")
    expect(page.locator(".looked-after")).to_contain_text(say["failed"])
