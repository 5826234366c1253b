"""What every set of lamps can do; one file in `lamps/` is one driver."""

from __future__ import annotations

from typing import Protocol

from station.capture.form import Form
from station.capture.surroundings import Surroundings


class Lamps(Protocol):
    """The lamps of a station, by the names of `Shot.lamp`. All methods are called from one thread."""

    def ready(self) -> None:
        """Make ready for a capture.

        Raises
        ------
        LampFault
            They do not answer.
        """

    def light(self, lamp: str | None) -> None:
        """Switch on this lamp alone, or none; returns when its light is steady.

        Raises
        ------
        LampFault
            The lamps do not answer, or have none of that name.
        """

    def close(self) -> None:
        """Switch all off and give them back; may be called twice."""


class LampsForm(Form):
    """Settings of the lamps: `kind` names the driver, whose form adds to these."""

    kind: str

    def open(self, names: tuple[str, ...], around: Surroundings) -> Lamps:
        """Connect to the lamps of these names.

        Raises
        ------
        LampFault
            They are not there, or one of the names is not theirs.
        """
        raise NotImplementedError
