"""No lamps that a program can switch: a person is asked to, and says when it is done."""

from __future__ import annotations

from typing import Literal

from station.capture.lamp import Lamps, LampsForm
from station.capture.surroundings import Ask, Surroundings
from station.faults import LampFault


class HandForm(LampsForm):
    """Lamps with switches of their own, or no lamps at all."""

    kind: Literal["none"] = "none"

    def open(self, names: tuple[str, ...], around: Surroundings) -> Lamps:
        """Remember whom to ask."""
        if names and around.ask is None:
            raise LampFault(
                "capture.lamps.kind: lamps that are switched by hand need a person at the station's page; "
                f"nobody can be asked for {names[0]!r}",
                "settings",
            )
        return HandLamps(around.ask)


class HandLamps:
    """See `station.capture.lamp.Lamps`."""

    def __init__(self, ask: Ask | None) -> None:
        self._ask = ask
        self._lit: str | None = None

    def ready(self) -> None:
        """Nothing can be asked of them."""

    def light(self, lamp: str | None) -> None:
        """See `Lamps`. Nobody is asked for what is so already."""
        if lamp == self._lit:
            return
        if self._ask is None:
            raise LampFault(f"nobody can be asked to switch on the lamp {lamp!r}", "settings")
        self._ask(lamp)
        self._lit = lamp

    def close(self) -> None:
        """They stay as they are."""
