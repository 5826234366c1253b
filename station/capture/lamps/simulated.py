"""The lamps of the simulated station."""

from __future__ import annotations

from typing import Literal

from station.capture.lamp import Lamps, LampsForm
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.faults import LampFault


class SimulatedForm(LampsForm):
    """Lamps that are steady at once."""

    kind: Literal["simulated"] = "simulated"

    def open(self, names: tuple[str, ...], around: Surroundings) -> Lamps:
        """Use the simulated station's."""
        if around.simulation is None:
            raise LampFault("capture.lamps.kind: simulated lamps work in a simulated station only: `demo`", "settings")
        unknown = [name for name in names if name not in around.simulation.lamps]
        if unknown:
            raise LampFault(f'capture: the simulated station has no lamp "{unknown[0]}"', "settings")
        return SimulatedLamps(around.simulation)


class SimulatedLamps:
    """See `station.capture.lamp.Lamps`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def ready(self) -> None:
        """They always are."""

    def light(self, lamp: str | None) -> None:
        """See `Lamps`."""
        self._simulation.light(lamp)

    def close(self) -> None:
        """All off."""
        self._simulation.light(None)
