"""How long a picture takes from its acknowledgement to its light on the glass, as the camera sees it.

The browser knows when it has handed a picture on, not when the panel of the screen has turned to it. The camera does: a
step from black to white, and back, is followed picture by picture.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from inspection.frames import Role
from station.capture.exposures import brightest, next_exposure
from station.capture.hardware import Hardware
from station.capture.patterns import BLACK, WHITE, Pattern
from station.faults import ScreenFault

#: A screen is steady after this time, s, or something is wrong with it.
STEADY_S = 0.6
#: Steps in each direction.
REPEATS = 3
#: A step is over where the light stays this near to its end, as a share of the step.
OVER = 0.02
#: The next picture may meet the screen at another moment of its refresh: one of 60 Hz more.
MARGIN_MS = 17.0
#: Exposures in which the step is followed: the white of the first ones, ms.
EXPOSURE_MS = (0.05, 20.0)
#: White must be this much brighter than black, in full scales.
LEAST_STEP = 0.02


@dataclass(frozen=True, slots=True)
class Latency:
    """What was seen.

    Attributes
    ----------
    rise_ms, fall_ms : float
        Longest time from the acknowledgement until the light was steady, black to white and white to black. Known
        from above: the step was over when the picture of that moment was taken.
    settle_ms : float
        How long to wait after an acknowledgement.
    """

    rise_ms: float
    fall_ms: float
    settle_ms: float


def measure_latency(hardware: Hardware) -> Latency:
    """Follow steps of the screen with the camera; something that mirrors the screen must lie in front of it.

    Raises
    ------
    ScreenFault
        The camera sees no step, or its light is not steady within `STEADY_S`.
    CameraFault, FrameFault
        The camera does not answer.
    """
    hardware.screen.ready()
    hardware.camera.ready()
    _expose(hardware)
    dark, bright = _steady_light(hardware, BLACK), _steady_light(hardware, WHITE)
    if bright - dark < LEAST_STEP:
        raise ScreenFault(
            "the camera sees no difference between a black and a white screen: is there a panel that mirrors it, "
            "and is the lens open?",
            "screen_not_seen",
        )
    fall, rise = [], []
    for _ in range(REPEATS):
        fall.append(_step_ms(hardware, BLACK, dark, bright))
        rise.append(_step_ms(hardware, WHITE, bright, dark))
    return Latency(max(rise), max(fall), max(*rise, *fall) + MARGIN_MS)


def _expose(hardware: Hardware) -> None:
    """An exposure in which white is well lit and not full: short, so that the step is not smeared."""
    shortest, longest = hardware.camera.exposure_range_ms
    limits = max(shortest, EXPOSURE_MS[0]), min(longest, EXPOSURE_MS[1])
    exposure: float | None = limits[1]
    hardware.screen.show(hardware.grid.draw(WHITE))
    time.sleep(STEADY_S)
    while exposure is not None:
        hardware.camera.expose_for(exposure)
        light = brightest(hardware.camera.grab().pixels, hardware.camera.sensor, Role.WHITE)
        exposure = next_exposure(exposure, light, 0.6, limits)


def _steady_light(hardware: Hardware, pattern: Pattern) -> float:
    hardware.screen.show(hardware.grid.draw(pattern))
    time.sleep(STEADY_S)
    return _light(hardware)


def _light(hardware: Hardware) -> float:
    sensor = hardware.camera.sensor
    mean = float(np.mean(hardware.camera.grab().pixels[::4, ::4]))
    return (mean - sensor.black_level) / (sensor.white_level - sensor.black_level)


def _step_ms(hardware: Hardware, pattern: Pattern, end: float, start: float) -> float:
    """When the first picture that was steady was begun, after the acknowledgement."""
    hardware.screen.show(hardware.grid.draw(pattern))
    shown = time.perf_counter()
    steady_since: float | None = None
    while True:
        begun = time.perf_counter() - shown
        if abs(_light(hardware) - end) > OVER * abs(end - start):
            steady_since = None
        elif steady_since is None:
            steady_since = begun
        if begun > STEADY_S:
            break
    if steady_since is None or steady_since > STEADY_S:
        raise ScreenFault(
            f"the screen's light is not steady {STEADY_S:g} s after a step: look for a power-saving or "
            "dynamic-contrast mode of the screen, and for light from elsewhere",
            "screen_unsteady",
        )
    return 1000 * steady_since
