"""Several pictures of one shot as one frame: less noise where the light is weak or the paint dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Sensor
from station.faults import CameraFault


def averaged(pictures: Sequence[NDArray[Any]], sensor: Sensor) -> NDArray[Any]:
    """Their mean, in raw values of the same depth.

    Parameters
    ----------
    pictures : sequence of uint8 or uint16, all of one shape
        One alone stays as it is.

    Returns
    -------
    uint8 or uint16
        Rounded. A pixel that is full in any of them is full: its mean would look like light that was measured.
    """
    first, *others = pictures
    if not others:
        return first
    total = first.astype(np.uint32)
    full = first >= math.ceil(sensor.white_level)
    for one in others:
        total += one
        full |= one >= math.ceil(sensor.white_level)
    mean = ((2 * total + len(pictures)) // (2 * len(pictures))).astype(first.dtype)
    mean[full] = np.iinfo(first.dtype).max
    return np.asarray(mean)


def sensor_of_mean(sensor: Sensor, pictures: int) -> Sensor:
    """What is said of the frames: so many exposures are in each."""
    return replace(sensor, frames_averaged=sensor.frames_averaged * pictures)


def refuse_coarse(sensor: Sensor, pictures: int) -> None:
    """Refuse to average where the mean cannot be told finer than a single picture.

    Raises
    ------
    CameraFault
        The camera hands over 8 bits: rounding would take back what averaging gives.
    """
    if pictures > 1 and sensor.bit_depth < 16:
        raise CameraFault(
            "capture.exposure.pictures: averaging needs 16 bits for each pixel (pixel_format Mono12 or Mono16)",
            "settings",
        )
