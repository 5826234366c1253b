"""The wire between the capture loop and the screen's page: pictures one way, numbered acknowledgements the other.

The page's connection lives in the web server's event loop, the loop that shoots in a thread of its own; this is where
they meet. It knows no web: a connection is a function that sends bytes.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

from station.capture.patterns import Drawn
from station.faults import ScreenFault

#: Number of the picture, columns and rows of its greys; the greys follow row by row. Little-endian.
HEADER = struct.Struct("<IHH")


@dataclass(frozen=True, slots=True)
class PageSize:
    """What a page says of itself: its window in CSS pixels, device pixels for each, and whether it can be seen."""

    width: int
    height: int
    ratio: float
    visible: bool


class ScreenLink:
    """One screen page at a time; a newer one takes the older one's place.

    Parameters
    ----------
    width_px, height_px : int
        The screen that the settings describe: a page of any other size is refused.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        self._changed = threading.Condition()
        self._send: Callable[[bytes], None] | None = None
        self._page = 0
        self._size: PageSize | None = None
        self._number = 0
        self._shown = 0

    def attach(self, send: Callable[[bytes], None]) -> int:
        """A page has come; pictures go to it from now on.

        Parameters
        ----------
        send : callable
            Sends bytes to the page; may be called from any thread. No bytes at all: another page has taken its place.

        Returns
        -------
        int
            The page's number, which it gives with all that it says.
        """
        with self._changed:
            if self._send is not None:
                self._send(b"")
            self._page += 1
            self._send, self._size = send, None
            self._changed.notify_all()
            return self._page

    def told(self, page: int, size: PageSize) -> str | None:
        """A page says how large it is, when it comes and whenever that changes; returns what is wrong with it."""
        with self._changed:
            if page == self._page:
                self._size = size
                self._changed.notify_all()
            wrong = self._wrong(size)
        return None if wrong is None else str(wrong)

    def acknowledged(self, page: int, number: int) -> None:
        """A page says that a picture is shown. One that nobody waits for any more is let pass."""
        with self._changed:
            if page == self._page and number == self._number:
                self._shown = number
                self._changed.notify_all()

    def detach(self, page: int) -> None:
        """A page has gone."""
        with self._changed:
            if page == self._page:
                self._send = self._size = None
                self._changed.notify_all()

    def fault(self) -> ScreenFault | None:
        """What keeps the screen from showing pictures, or None."""
        with self._changed:
            return self._fault()

    def wait_ready(self, timeout_s: float) -> None:
        """Wait for a page that fits.

        Raises
        ------
        ScreenFault
            None came in time, or the one that is there does not fit.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._fault() is None, timeout_s)
            self._check()

    def show(self, picture: Drawn, timeout_s: float) -> None:
        """Send a picture and wait until the page says that it is shown.

        Raises
        ------
        ScreenFault
            The page is not there, goes, is hidden or resized meanwhile, or says nothing in time.
        """
        greys = picture.greys
        with self._changed:
            self._check()
            assert self._send is not None
            self._number += 1
            number, page = self._number, self._page
            self._send(HEADER.pack(number, greys.shape[1], greys.shape[0]) + greys.tobytes())

            def over() -> bool:
                return self._shown == number or self._page != page or self._fault() is not None

            self._changed.wait_for(over, timeout_s)
            if self._page != page:
                raise ScreenFault(
                    "the screen page was opened anew in the middle of a capture: leave it alone", "screen_reopened"
                )
            self._check()
            if self._shown != number:
                raise ScreenFault(
                    f"the screen page did not say within {timeout_s:g} s that it shows picture {number}: "
                    "is the screen asleep, or its computer busy?",
                    "screen_late", seconds=timeout_s,
                )  # fmt: skip

    def _check(self) -> None:
        fault = self._fault()
        if fault is not None:
            raise fault

    def _fault(self) -> ScreenFault | None:
        if self._send is None:
            return ScreenFault(
                "the screen page is not open: open /screen full screen on the pattern screen", "screen_closed"
            )
        if self._size is None:
            return ScreenFault("the screen page has not said yet how large it is", "screen_starting")
        return self._wrong(self._size)

    def _wrong(self, size: PageSize) -> ScreenFault | None:
        if not size.visible:
            return ScreenFault(
                "the screen page is hidden or asleep: bring it to the front and keep the screen awake", "screen_hidden"
            )
        if size.ratio != 1:
            return ScreenFault(
                f"the screen page has {size.ratio:g} device pixels for each of its own: set its zoom to 100 % and "
                "the screen's scale factor to 1",
                "screen_zoomed", ratio=size.ratio,
            )  # fmt: skip
        if (size.width, size.height) != (self.width_px, self.height_px):
            return ScreenFault(
                f"the screen page is {size.width} x {size.height} px, the settings say "
                f"{self.width_px} x {self.height_px}: show it full screen, or correct capture.screen",
                "screen_size", size=f"{size.width} x {size.height}", set=f"{self.width_px} x {self.height_px}",
            )  # fmt: skip
        return None
