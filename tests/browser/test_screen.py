"""The pattern screen in a real browser: exact greys, numbered acknowledgements, and what is said when it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from inspection.frames import Frame, Role
from samples.live import black_glass
from samples.stations import NAMED
from station.capture.exposures import Exposures
from station.capture.hardware import open_hardware
from station.capture.patterns import BLACK, WHITE, Drawn, Even, Fringe, ScreenGrid
from station.capture.sample_rig import sample_rig
from station.capture.screen_link import ScreenLink
from station.capture.screens.browser import BrowserForm
from station.capture.shoot import Progress, shoot
from station.capture.shots import glass_shots
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.faults import ScreenFault

PATIENCE_S = 30.0


@pytest.fixture
def grid(page: Page, screen_link: ScreenLink) -> ScreenGrid:
    """The page is open at the size that the station expects."""
    page.set_viewport_size({"width": screen_link.width_px, "height": screen_link.height_px})
    page.goto("/screen")
    screen_link.wait_ready(PATIENCE_S)
    return ScreenGrid(screen_link.width_px, screen_link.height_px, 597.0, 336.0)


def shown(page: Page) -> np.ndarray:
    """The pixels of the page as the browser composed them."""
    return cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("pattern", [Even(0.5), Fringe("x", 12.0, 1, 4), Fringe("y", 48.0, 2, 3), BLACK, WHITE])
def test_every_pixel_has_the_grey_that_was_sent_when_it_is_acknowledged(
    page: Page, screen_link: ScreenLink, grid: ScreenGrid, pattern: Even | Fringe
) -> None:
    picture = grid.draw(pattern)
    screen_link.show(picture, PATIENCE_S)
    wanted = picture.over(grid.width_px, grid.height_px)
    assert np.array_equal(shown(page), np.repeat(wanted[..., None], 3, axis=2))


def test_a_whole_picture_is_shown_pixel_by_pixel(page: Page, screen_link: ScreenLink, grid: ScreenGrid) -> None:
    greys = np.random.default_rng(0).integers(0, 256, (grid.height_px, grid.width_px), dtype=np.uint8)
    screen_link.show(Drawn(greys), PATIENCE_S)
    assert np.array_equal(shown(page)[..., 0], greys)


def test_a_page_of_another_size_is_refused_on_the_page_and_in_the_capture(
    page: Page, screen_link: ScreenLink, grid: ScreenGrid
) -> None:
    page.set_viewport_size({"width": grid.width_px - 1, "height": grid.height_px})
    words = f"{grid.width_px - 1} x {grid.height_px} px, the settings say {grid.width_px} x {grid.height_px}"
    expect(page.locator("[data-problem]")).to_contain_text(words)
    with pytest.raises(ScreenFault, match=words):
        screen_link.show(grid.draw(WHITE), PATIENCE_S)
    page.set_viewport_size({"width": grid.width_px, "height": grid.height_px})
    screen_link.wait_ready(PATIENCE_S)
    expect(page.locator("[data-problem]")).to_be_hidden()


def test_a_page_that_is_closed_in_the_middle_is_an_error_at_once(
    page: Page, screen_link: ScreenLink, grid: ScreenGrid
) -> None:
    """Not only when its time to answer is over. The page is kept from answering until it is closed."""
    page.evaluate("window.requestAnimationFrame = () => 0")
    faults: list[str] = []

    def show() -> None:
        try:
            screen_link.show(grid.draw(WHITE), PATIENCE_S)
        except ScreenFault as fault:
            faults.append(str(fault))

    begun = time.monotonic()
    showing = threading.Thread(target=show)
    showing.start()
    page.close()
    showing.join(PATIENCE_S)
    # A page that closes may still say that it is hidden.
    assert len(faults) == 1
    assert faults[0].startswith(("the screen page is not open", "the screen page is hidden"))
    assert time.monotonic() - begun < PATIENCE_S / 2


def test_a_capture_ends_when_the_page_is_closed_and_the_next_one_works(page: Page, screen_link: ScreenLink) -> None:
    """Simulated light; the screen, its page and the loop are real."""
    page.set_viewport_size({"width": screen_link.width_px, "height": screen_link.height_px})
    page.goto("/screen")
    rig = sample_rig(replace(NAMED["B"].sized(32), periods_mm=(48.0,)), screen_px=(960, 540)).model_copy(
        update={"screen": BrowserForm(width_px=960, height_px=540, gamma=1.0, appear_s=PATIENCE_S), "diffuse": False}
    )
    simulation = Simulation(NAMED["B"].sized(32), lambda: black_glass(NAMED["B"]))
    told: list[Progress] = []

    def close_after_two(one: Progress) -> None:
        told.append(one)
        if len(told) == 2:
            page.close()

    with open_hardware(rig, Surroundings(simulation, screen_link)) as hardware:
        # The light does not follow the patterns here: their steps are not looked at.
        shots = [shot for shot in glass_shots(rig) if shot.role is not Role.FRINGE or shot.step != 3]

        def take(on_frame: Callable[[Progress], None] | None = None) -> tuple[Frame, ...]:
            return shoot(
                shots, hardware, exposure=rig.exposure.model_copy(update={"target": 0.2}),
                exposures=Exposures.empty(), recipe="", settle_ms=0.0, on_frame=on_frame,
            )  # fmt: skip

        simulation.show(np.full((540, 960), 255, np.uint8))
        with pytest.raises(ScreenFault, match="the screen page is"):
            take(close_after_two)
        assert len(told) == 2
        again = page.context.new_page()
        again.set_viewport_size({"width": screen_link.width_px, "height": screen_link.height_px})
        again.goto(page.url)
        assert len(take()) == len(shots)
        again.close()


def test_a_newer_page_takes_the_screen_over_and_the_older_one_says_so(
    page: Page, screen_link: ScreenLink, grid: ScreenGrid
) -> None:
    other = page.context.new_page()
    other.set_viewport_size({"width": grid.width_px, "height": grid.height_px})
    other.goto(page.url)
    expect(page.locator("[data-problem]")).to_be_visible()
    screen_link.wait_ready(PATIENCE_S)
    other.bring_to_front()
    screen_link.show(grid.draw(WHITE), PATIENCE_S)
    assert shown(other).min() == 255
    other.close()


def test_a_page_finds_the_station_again_by_itself(page: Page, screen_link: ScreenLink, grid: ScreenGrid) -> None:
    page.evaluate("document.querySelector('pattern-screen').link.close()")
    until = time.monotonic() + PATIENCE_S
    while screen_link.fault() is None and time.monotonic() < until:
        time.sleep(0.01)
    screen_link.wait_ready(PATIENCE_S)
    screen_link.show(grid.draw(WHITE), PATIENCE_S)
    assert shown(page).min() == 255
