"""Camera, screen and lamps of a station, opened together and given back together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from station.capture.camera import Camera
from station.capture.lamp import Lamps
from station.capture.patterns import ScreenGrid
from station.capture.rig_settings import RigSettings
from station.capture.screen import Screen
from station.capture.surroundings import Surroundings


@dataclass(frozen=True, slots=True, eq=False)
class Hardware:
    """What a station takes pictures with."""

    camera: Camera
    screen: Screen
    lamps: Lamps
    grid: ScreenGrid

    def ready(self) -> None:
        """See that all three still answer, before pictures are taken.

        Raises
        ------
        CameraFault, ScreenFault, LampFault
            One of them does not.
        """
        self.lamps.ready()
        self.screen.ready()
        self.camera.ready()


@contextmanager
def open_hardware(rig: RigSettings, around: Surroundings) -> Iterator[Hardware]:
    """Open all three; whatever happens, those that were opened are closed again.

    Raises
    ------
    CameraFault, ScreenFault, LampFault
        One of them is not there.
    """
    with ExitStack() as opened:
        lamps = rig.lamps.open(rig.lamp_names, around)
        opened.callback(lamps.close)
        screen = rig.screen.open(around)
        opened.callback(screen.close)
        camera = rig.camera.open(around)
        opened.callback(camera.close)
        yield Hardware(camera, screen, lamps, grid_of(rig))


def grid_of(rig: RigSettings) -> ScreenGrid:
    """How the screen's pixels lie in the station."""
    place, screen = rig.screen_place, rig.screen
    return ScreenGrid(screen.width_px, screen.height_px, place.width_mm, place.height_mm, screen.gamma, screen.turned)
