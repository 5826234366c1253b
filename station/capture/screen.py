"""What every pattern screen can do; one file in `screens/` is one driver."""

from __future__ import annotations

from typing import Annotated, Protocol

from pydantic import Field

from station.capture.form import Form, Pixels
from station.capture.patterns import Drawn
from station.capture.surroundings import Surroundings


class Screen(Protocol):
    """A screen that shows one picture after another. All methods are called from one thread.

    Attributes
    ----------
    width_px, height_px : int
    """

    @property
    def width_px(self) -> int: ...

    @property
    def height_px(self) -> int: ...

    def ready(self) -> None:
        """Make ready for a capture.

        Raises
        ------
        ScreenFault
            The screen is not there, or not as large as the settings say.
        """

    def show(self, picture: Drawn) -> None:
        """Show a picture; returns when the screen says that it is shown (its glass may follow later).

        Raises
        ------
        ScreenFault
            It was not said in time, or the screen is gone.
        """

    def close(self) -> None:
        """Give the screen back; may be called twice."""


class ScreenForm(Form):
    """Settings of a screen: `kind` names the driver, whose form adds to these.

    Attributes
    ----------
    gamma : float
        Light is (grey / 255) to this power; 2.2 is what most screens are built to.
    turned : bool
        The screen hangs the other way up.
    """

    kind: str
    width_px: Pixels
    height_px: Pixels
    gamma: Annotated[float, Field(ge=0.5, le=4)] = 2.2
    turned: bool = False

    def open(self, around: Surroundings) -> Screen:
        """Make the screen; it need not be there yet."""
        raise NotImplementedError
