"""One picture of what lies there now, exposed as it should be: for whoever looks and does not measure."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from inspection.frames import Role
from station.capture.exposures import brightest, next_exposure
from station.capture.hardware import Hardware
from station.capture.rig_settings import Exposure
from station.capture.shoot import MOST_TRIES


def well_exposed(hardware: Hardware, exposure: Exposure, start_ms: float, role: Role) -> NDArray[Any]:
    """A picture of the light that is on, (rows, cols) or (rows, cols, 3); the last one tried, where none is right.

    Parameters
    ----------
    start_ms : float
        Exposure to begin with.
    role : Role
        Says how much of the picture may be brighter than the light it is exposed for.
    """
    camera = hardware.camera
    shortest, longest = camera.exposure_range_ms
    limits = shortest, min(longest, exposure.longest_ms)
    asked: float | None = min(max(start_ms, limits[0]), limits[1])
    for _ in range(MOST_TRIES):
        if asked is None:
            break
        camera.expose_for(asked)
        pixels = camera.grab().pixels
        asked = next_exposure(asked, brightest(pixels, camera.sensor, role), exposure.target, limits)
    return pixels
