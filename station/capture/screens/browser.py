"""A full-screen page of a browser: exact greys, one acknowledgement for every picture."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Literal

from pydantic import Field

from station.capture.patterns import BLACK, Drawn, ScreenGrid
from station.capture.screen import Screen, ScreenForm
from station.capture.screen_link import ScreenLink
from station.capture.surroundings import Surroundings
from station.faults import ScreenFault


class BrowserForm(ScreenForm):
    """The page `/screen` of this station in a kiosk browser.

    Attributes
    ----------
    acknowledge_ms : float
        How long the page may take to show a picture; three refreshes of the screen are usual.
    appear_s : float
        How long to wait for the page at the start of a capture: it comes back by itself when it was lost.
    """

    kind: Literal["browser"] = "browser"
    acknowledge_ms: Annotated[float, Field(ge=50, le=60_000)] = 1000.0
    appear_s: Annotated[float, Field(ge=0, le=60)] = 3.0

    def open(self, around: Surroundings) -> Screen:
        """Use the wire that the web server holds the other end of."""
        if around.link is None:
            raise ScreenFault("capture.screen.kind: a browser screen needs the station's pages: `serve`", "settings")
        return BrowserScreen(self, around.link)


class BrowserScreen:
    """See `station.capture.screen.Screen`."""

    def __init__(self, form: BrowserForm, link: ScreenLink) -> None:
        self._form, self._link = form, link
        self.width_px, self.height_px = form.width_px, form.height_px

    def ready(self) -> None:
        """See `Screen`."""
        self._link.wait_ready(self._form.appear_s)

    def show(self, picture: Drawn) -> None:
        """See `Screen`."""
        self._link.show(picture, self._form.acknowledge_ms / 1000)

    def close(self) -> None:
        """Black, where anybody still looks; a page that goes just now is the next capture's fault."""
        if self._link.fault() is None:
            grid = ScreenGrid(self.width_px, self.height_px, 1.0, 1.0)
            with suppress(ScreenFault):
                self._link.show(grid.draw(BLACK), self._form.acknowledge_ms / 1000)
