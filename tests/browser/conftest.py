"""A real browser before a real station: Debian's Chromium, and the demonstration's five passes."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from going_wrong import Wrong
from marked_story import with_marks
from playwright.sync_api import ConsoleMessage, Page, Request, expect
from serving import served

from samples.live import black_glass
from samples.stations import NAMED
from station import demo
from station.app import build_app
from station.capture.alignment import Alignment, look
from station.capture.cards import setup_card
from station.capture.hardware import open_hardware
from station.capture.sample_rig import sample_rig
from station.capture.screen_link import ScreenLink
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.line import Line
from station.store.db import Store

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
    "--force-device-scale-factor=1", "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
#: Size of the pattern screen that the station expects.
SCREEN_PX = (960, 540)
#: How long a page may take to show what is waited for: other programs may share the machine.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BEGUN = time.monotonic()


def clock() -> datetime:
    """The moment at which the demonstration ends, and what came after it."""
    return NOW + timedelta(seconds=time.monotonic() - BEGUN)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium of the system; where it is missing the tests are skipped loudly, and in CI they fail."""
    if CHROMIUM is None:
        reason = "browser tests did not run: chromium is missing (apt-get install chromium libatomic1 fonts-noto-cjk)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    # Chromium's sandbox refuses to start for root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A touch screen in China."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 800}, "has_touch": True, "locale": "zh-CN"}


@pytest.fixture(scope="session")
def screen_link() -> ScreenLink:
    """The wire to the pattern screen's page."""
    return ScreenLink(*SCREEN_PX)


class SimulatedStand:
    """A simulated station over black glass, for those who set it up."""

    def __init__(self) -> None:
        station = NAMED["B"].sized(64)
        self._rig = sample_rig(station, screen_px=SCREEN_PX)
        self._around = Surroundings(Simulation(station, lambda: black_glass(station)))

    def look(self) -> Alignment:
        with open_hardware(self._rig, self._around) as hardware:
            return look(hardware, self._rig.exposure, 0.0)

    def show_card(self) -> None:
        with open_hardware(self._rig, self._around) as hardware:
            hardware.screen.show(setup_card(hardware.grid))


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory, screen_link: ScreenLink) -> Iterator[str]:
    """Address of a station that holds the demonstration's inspections 1 to 5, with made-up marks."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("station.line.measuring.examine", with_marks)
        demo.run(folder, serve=False, clock=clock)
    store = Store.open(folder / "station.db", clock=clock)
    app = build_app(
        store, Line(store, clock=clock, software=demo.SOFTWARE), screen=screen_link, aligner=SimulatedStand()
    )
    with served(app) as address:
        yield address
    store.close()


@pytest.fixture(autouse=True)
def wrong(page: Page, base_url: str) -> Iterator[Wrong]:
    """Script errors, violations of the content policy and requests to other machines fail the test."""
    heard = Wrong()

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            heard.messages.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((base_url, "http://127.0.0.1:", "data:", "blob:")):
            heard.messages.append(f"request to {request.url}")

    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: heard.messages.append(str(error)))
    page.on("console", on_console)
    page.on("request", on_request)
    yield heard
    assert not heard.unseen()
