"""A simulated screen: what it shows is seen by whatever camera looks into the simulated station."""

from __future__ import annotations

from typing import Literal

import numpy as np

from station.capture.patterns import Drawn
from station.capture.screen import Screen, ScreenForm
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.faults import ScreenFault


class SimulatedForm(ScreenForm):
    """A screen without glass: it shows at once."""

    kind: Literal["simulated"] = "simulated"

    def open(self, around: Surroundings) -> Screen:
        """Hang in the simulated station."""
        if around.simulation is None:
            raise ScreenFault(
                "capture.screen.kind: a simulated screen works in a simulated station only: `demo`", "settings"
            )
        return SimulatedScreen(around.simulation, self.width_px, self.height_px)


class SimulatedScreen:
    """See `station.capture.screen.Screen`."""

    def __init__(self, simulation: Simulation, width_px: int, height_px: int) -> None:
        self._simulation = simulation
        self.width_px, self.height_px = width_px, height_px

    def ready(self) -> None:
        """It always is."""

    def show(self, picture: Drawn) -> None:
        """See `Screen`."""
        self._simulation.show(picture.over(self.width_px, self.height_px))

    def close(self) -> None:
        """Black."""
        self._simulation.show(np.zeros((self.height_px, self.width_px), np.uint8))
