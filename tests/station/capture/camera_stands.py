"""Cameras to test, each with something to look at whose grey the test chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np
from sample_stations import bench

from station.capture.camera import Camera, Picture
from station.capture.patterns import Even


@dataclass(frozen=True)
class Stand:
    """A camera and what it looks at.

    `show` puts an even grey (0 … 255) in front of it, `exposure_ms` is the exposure at which 255 is nearly full
    scale, `tolerance` that of `level`, in full scales.
    """

    camera: Camera
    show: Callable[[int], None]
    exposure_ms: float
    tolerance: float
    full: float

    def level(self, picture: Picture) -> float:
        """Median light of a picture in units of grey 255 at `exposure_ms`."""
        sensor = self.camera.sensor
        plane = picture.pixels if picture.pixels.ndim == 2 else picture.pixels[..., 1]
        light = (float(np.median(plane)) - sensor.black_level) / (sensor.white_level - sensor.black_level)
        return light / self.full


@contextmanager
def simulated() -> Iterator[Stand]:
    """In the simulated station, over black glass."""
    with bench() as made:
        hardware = made.hardware

        def show(grey: int) -> None:
            hardware.screen.show(hardware.grid.draw(Even(grey / 255)))

        exposure_ms = 15.0
        hardware.camera.expose_for(exposure_ms)
        show(255)
        plain = Stand(hardware.camera, show, exposure_ms, 0.01, 1.0)
        yield Stand(hardware.camera, show, exposure_ms, 0.01, plain.level(hardware.camera.grab()))


STANDS: list[Callable[[], AbstractContextManager[Stand]]] = [simulated]
