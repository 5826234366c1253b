"""What the pattern screen shows: relative light along one of its axes, drawn in whole greys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis
from inspection.fringes import encode

Greys = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Even:
    """The whole screen at one relative light: 0 black, 1 white."""

    light: float


@dataclass(frozen=True, slots=True)
class Fringe:
    """One step of a fringe series, as `inspection.fringes.encode` writes it."""

    axis: Axis
    period_mm: float
    step: int
    steps: int
    phase_deg: float = 0.0


Pattern = Even | Fringe
BLACK, WHITE = Even(0.0), Even(1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture for the screen, as small as it can be told.

    Attributes
    ----------
    greys : uint8, (1, 1), (1, columns), (rows, 1) or (rows, columns)
        Repeated over the screen; column 0 is at its left, row 0 at its top, as seen from in front of it.
    """

    greys: Greys

    def over(self, width_px: int, height_px: int) -> Greys:
        """The whole picture, (rows, columns); read-only."""
        return np.broadcast_to(self.greys, (height_px, width_px))


@dataclass(frozen=True, slots=True)
class ScreenGrid:
    """How the screen's pixels lie on its axes u and v.

    Attributes
    ----------
    turned : bool
        The screen hangs the other way up: its columns run against u and its rows against v.
    gamma : float
        Light is (grey / 255) to this power.
    """

    width_px: int
    height_px: int
    width_mm: float
    height_mm: float
    gamma: float = 1.0
    turned: bool = False

    def draw(self, pattern: Pattern) -> Drawn:
        """A pattern in greys; rounding is the only difference to the light asked for."""
        if isinstance(pattern, Even):
            return Drawn(self._greys(np.array([[pattern.light]])))
        count, size_mm = (self.width_px, self.width_mm) if pattern.axis == "x" else (self.height_px, self.height_mm)
        place_mm = (np.arange(count) + 0.5) * (size_mm / count) - size_mm / 2
        if self.turned:
            place_mm = -place_mm
        light = encode(place_mm, pattern.period_mm, pattern.step, pattern.steps, pattern.phase_deg)
        return Drawn(self._greys(light[None, :] if pattern.axis == "x" else light[:, None]))

    def _greys(self, light: NDArray[np.floating]) -> Greys:
        return np.round(255 * np.clip(light, 0, 1) ** (1 / self.gamma)).astype(np.uint8)
