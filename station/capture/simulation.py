"""The simulated station: one panel, a screen that shows something, lamps that are lit or not, and what a sensor sees.

Camera, screen and lamps of the kind `simulated` share one of these, so that the camera sees what the screen really
shows. A real camera before a simulated panel (the closed loop) is fed from it too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Sensor
from samples.live import LiveScene, Tile
from samples.paintwork import Panel
from samples.sensor import expose, through_mosaic
from samples.stations import Station
from station.capture.lights import DIFFUSE, aspecular_name, spot_name

#: What lies in the panel's place now.
Placed = Callable[[], Panel | Tile]


class Simulation:
    """A sample station that stands there and waits. Safe to use from several threads.

    Parameters
    ----------
    station : Station
        Of the sample world.
    placed : callable
        Says what lies in the panel's place; asked for every picture.
    seed : int
        Of the sensor's noise.
    gamma : float
        Of the screen before the station's own error of it: light is (grey / 255) to this power.
    """

    def __init__(self, station: Station, placed: Placed, *, seed: int = 0, gamma: float = 1.0) -> None:
        # A camera takes single pictures; averaging them would be the station's business.
        self.station = replace(station, frames_averaged=1)
        self._placed = placed
        self._seed = seed
        self._light_of_grey = ((np.arange(256) / 255) ** (gamma * station.screen_gamma)).astype(np.float32)
        # Each lamp, and the light that comes from it by way of what lies there.
        self._lamps: dict[str, Callable[[LiveScene], NDArray[np.float32]]] = {DIFFUSE: LiveScene.by_diffuse_light}
        for azimuth in station.spot_azimuths_deg:
            self._lamps[spot_name(azimuth)] = partial(LiveScene.by_spot, azimuth_deg=azimuth)
        for angle in station.aspecular_deg:
            self._lamps[aspecular_name(angle)] = partial(LiveScene.by_single_light, aspecular_deg=angle)
        self._lock = threading.RLock()
        self._scene: tuple[Panel | Tile, LiveScene] | None = None
        self._shown: NDArray[np.uint8] = np.zeros((2, 2), np.uint8)
        self._lamp: str | None = None
        self._now: NDArray[np.float32] | None = None
        self._taken = 0

    @property
    def sensor(self) -> Sensor:
        """Of the single pictures."""
        return self.station.sensor()

    @property
    def lamps(self) -> tuple[str, ...]:
        """Names of its lamps."""
        return tuple(self._lamps)

    def show(self, greys: NDArray[np.uint8]) -> None:
        """The screen shows this picture, (rows, columns), seen from in front of it."""
        with self._lock:
            self._shown, self._now = greys, None

    def light(self, lamp: str | None) -> None:
        """This lamp alone is lit, or none."""
        with self._lock:
            self._lamp, self._now = lamp, None

    def light_on_sensor(self) -> NDArray[np.float32]:
        """What falls on the sensor now, full scales per ms: (rows, cols) behind a mosaic, else (rows, cols, 3)."""
        with self._lock:
            return self._light()

    def picture(self, exposure_ms: float) -> NDArray[np.uint16] | NDArray[np.uint8]:
        """What the sensor takes now: (rows, cols) behind a mosaic, else (rows, cols, 3)."""
        with self._lock:
            light = self._light()
            self._taken += 1
            name = f"picture {self._taken}"
        return expose(light, exposure_ms, self.station, seed=self._seed, name=name)

    def _light(self) -> NDArray[np.float32]:
        placed = self._placed()
        if self._scene is None or self._scene[0] != placed:
            self._scene, self._now = (placed, LiveScene(placed, self.station)), None
        if self._now is None:
            self._now = self._fresh(self._scene[1])
        return self._now

    def _fresh(self, scene: LiveScene) -> NDArray[np.float32]:
        station = self.station
        black = 1 / station.screen_contrast
        # A screen that is told to be black keeps its lamp on.
        light = scene.by_screen(black + (1 - black) * self._light_of_grey[self._shown])
        if self._lamp is not None:
            light = light + self._lamps[self._lamp](scene)
        light = light + np.float32(station.ambient_per_ms)
        if station.mosaic is not None:
            light = np.asarray(through_mosaic(light, station.mosaic), np.float32)
        return light
