"""A simulated camera: it sees what the simulated station's screen shows, mirrored in a sample panel."""

from __future__ import annotations

from typing import Literal

from inspection.frames import Sensor
from station.capture.camera import Camera, CameraForm, Picture
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.faults import CameraFault

#: As cameras of this kind have it.
EXPOSURE_RANGE_MS = (0.01, 2000.0)


class SimulatedForm(CameraForm):
    """Levels and noise are those of the sample station."""

    kind: Literal["simulated"] = "simulated"

    @property
    def simulated(self) -> bool:
        """It is."""
        return True

    def open(self, around: Surroundings) -> Camera:
        """Stand in the simulated station."""
        if around.simulation is None:
            raise CameraFault(
                "capture.camera.kind: a simulated camera works in a simulated station only: `demo`", "settings"
            )
        return SimulatedCamera(around.simulation)


class SimulatedCamera:
    """See `station.capture.camera.Camera`."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._exposure_ms = 10.0
        self._taken = 0
        self.sensor: Sensor = simulation.sensor
        self.colour = self.sensor.mosaic is None
        self.exposure_range_ms = EXPOSURE_RANGE_MS

    def ready(self) -> None:
        """It always is."""

    def expose_for(self, exposure_ms: float) -> None:
        """See `Camera`."""
        self._exposure_ms = exposure_ms

    def grab(self) -> Picture:
        """See `Camera`; it takes no time to expose."""
        self._taken += 1
        return Picture(self._simulation.picture(self._exposure_ms), self._taken, self._exposure_ms)

    def close(self) -> None:
        """Nothing to give back."""
