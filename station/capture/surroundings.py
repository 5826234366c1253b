"""What drivers need beside their settings; the composition root puts it together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.capture.screen_link import ScreenLink
from station.capture.simulation import Simulation

#: Asks a person to switch on a lamp alone, or all off (None); returns when it is done. What it raises ends the capture.
Ask = Callable[[str | None], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The world around camera, screen and lamps.

    Attributes
    ----------
    simulation : Simulation or None
        The world that simulated drivers live in.
    link : ScreenLink or None
        To the page of a screen in a browser.
    ask : callable or None
        Of a person at the station: hand-switched lamps.
    """

    simulation: Simulation | None = None
    link: ScreenLink | None = None
    ask: Ask | None = None
