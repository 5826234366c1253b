"""The wire to the screen's page: what is said when a page does not fit, is late, or goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from station.capture.patterns import Drawn
from station.capture.screen_link import HEADER, PageSize, ScreenLink
from station.capture.screens.browser import BrowserForm
from station.capture.surroundings import Surroundings
from station.faults import ScreenFault

SIZE = PageSize(64, 32, 1.0, True)
PICTURE = Drawn(np.arange(64, dtype=np.uint8)[None])


class PretendedPage:
    """A page that answers as the test says: with the number of a picture, or not at all."""

    def __init__(self, link: ScreenLink, answer: Callable[[int], int | None] = lambda number: number) -> None:
        self.link, self.answer = link, answer
        self.sent: list[bytes] = []
        self.number = link.attach(self.receive)
        link.told(self.number, SIZE)

    def receive(self, content: bytes) -> None:
        self.sent.append(content)
        if content:
            shown = self.answer(HEADER.unpack_from(content)[0])
            if shown is not None:
                threading.Thread(target=self.link.acknowledged, args=(self.number, shown)).start()


def test_a_picture_goes_to_the_page_with_its_number_and_size() -> None:
    link = ScreenLink(64, 32)
    page = PretendedPage(link)
    link.show(PICTURE, 5)
    link.show(PICTURE, 5)
    assert [HEADER.unpack_from(content) for content in page.sent] == [(1, 64, 1), (2, 64, 1)]
    assert page.sent[0][HEADER.size :] == PICTURE.greys.tobytes()


def test_a_late_acknowledgement_counts_for_nothing() -> None:
    """The answer to the picture before is not taken for the answer to this one."""
    link = ScreenLink(64, 32)
    page = PretendedPage(link, lambda number: number - 1)
    with pytest.raises(ScreenFault, match=r"within 0\.1 s that it shows picture 1") as fault:
        link.show(PICTURE, 0.1)
    assert "\n" not in str(fault.value)
    with pytest.raises(ScreenFault, match="picture 2"):
        link.show(PICTURE, 0.1)
    page.answer = lambda number: number
    link.show(PICTURE, 5)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (replace(SIZE, width=63), "63 x 32 px, the settings say 64 x 32"),
        (replace(SIZE, ratio=1.25), r"1\.25 device pixels"),
        (replace(SIZE, visible=False), "hidden or asleep"),
    ],
)
def test_a_page_that_does_not_fit_is_refused_before_and_in_the_middle_of_a_picture(size: PageSize, words: str) -> None:
    link = ScreenLink(64, 32)
    page = PretendedPage(link)

    def changes(number: int) -> None:
        threading.Thread(target=link.told, args=(page.number, size)).start()

    page.answer = changes
    with pytest.raises(ScreenFault, match=words):
        link.show(PICTURE, 30)
    with pytest.raises(ScreenFault, match=words):
        link.wait_ready(0)
    assert link.told(page.number, SIZE) is None
    link.wait_ready(0)


def test_a_page_that_goes_is_an_error_at_once_and_one_that_comes_is_welcome() -> None:
    link = ScreenLink(64, 32)
    with pytest.raises(ScreenFault, match="not open"):
        link.show(PICTURE, 30)
    page = PretendedPage(link)

    def goes(number: int) -> None:
        threading.Thread(target=link.detach, args=(page.number,)).start()

    page.answer = goes
    with pytest.raises(ScreenFault, match="not open"):
        link.show(PICTURE, 30)
    PretendedPage(link)
    link.show(PICTURE, 5)


def test_a_page_that_takes_over_in_the_middle_is_an_error_and_the_old_one_can_say_nothing_any_more() -> None:
    link = ScreenLink(64, 32)
    old = PretendedPage(link)

    def taken_over(number: int) -> None:
        threading.Thread(target=PretendedPage, args=(link,)).start()

    old.answer = taken_over
    with pytest.raises(ScreenFault, match="opened anew"):
        link.show(PICTURE, 30)
    assert old.sent[-1] == b""
    link.detach(old.number)
    link.told(old.number, replace(SIZE, visible=False))
    link.show(PICTURE, 5)


def test_the_driver_waits_for_its_page_and_leaves_the_screen_black() -> None:
    link = ScreenLink(64, 32)
    form = BrowserForm(width_px=64, height_px=32, appear_s=0.0)
    screen = form.open(Surroundings(link=link))
    with pytest.raises(ScreenFault, match="not open"):
        screen.ready()
    page = PretendedPage(link)
    screen.ready()
    screen.show(PICTURE)
    screen.close()
    assert page.sent[-1][HEADER.size :] == b"\0"


def test_a_browser_screen_without_pages_is_refused() -> None:
    with pytest.raises(ScreenFault, match="serve"):
        BrowserForm(width_px=64, height_px=32).open(Surroundings())
