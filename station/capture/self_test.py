"""Whether each part of the hardware does what it is told, as the camera sees it: after setting up, or mending."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Role
from station.capture.exposing import well_exposed
from station.capture.exposures import START_ELSEWHERE_MS, START_MS, brightest
from station.capture.hardware import Hardware
from station.capture.lights import DIFFUSE, SCREEN
from station.capture.patterns import BLACK, WHITE, Pattern
from station.capture.rig_settings import RigSettings

#: White is so many times brighter than black on any screen that shows fringes: a tenth of what poor ones have.
LEAST_CONTRAST = 10.0
#: Lit and dark differ by so much at least, or the lamp did not come on: ten times the noise of an eight-bit camera.
LEAST_LIT = 0.04


class Part(StrEnum):
    """What is tested."""

    CAMERA = "camera"
    SCREEN = "screen"
    LAMP = "lamp"


@dataclass(frozen=True, slots=True)
class Tested:
    """One part and what was seen of it.

    Attributes
    ----------
    part : Part
    name : str
        Of a lamp, as the settings have it; empty else.
    works : bool
    quantity : str
        What `value` is, with its unit: ``frame_ms`` (camera: from trigger to picture), ``contrast_ratio`` (screen:
        white over black), ``lit_ratio`` (lamp: light that is there only while it is lit, full scales).
    value, least : float
        Seen, and what is needed (0: nothing).
    settle_ms : float or None
        Of the screen: how long a pattern takes to its light.
    """

    part: Part
    name: str
    works: bool
    quantity: str
    value: float
    least: float
    settle_ms: float | None = None


def self_test(hardware: Hardware, rig: RigSettings, settle_ms: float) -> tuple[Tested, ...]:
    """Take a picture, show white and black, light every lamp alone.

    Whatever lies there will do, that mirrors the screen and is not quite black: a panel.

    Raises
    ------
    CameraFault, ScreenFault, LampFault
        A driver does not answer: its sentence says which.
    """
    hardware.ready()
    seen = [_camera(hardware), _screen(hardware, rig, settle_ms)]
    _show(hardware, BLACK, settle_ms)
    try:
        seen += [_lamp(hardware, rig, name) for name in rig.lamp_names]
    finally:
        hardware.lamps.light(None)
    return tuple(seen)


def _camera(hardware: Hardware) -> Tested:
    begun = time.perf_counter()
    hardware.camera.grab()
    return Tested(Part.CAMERA, "", True, "frame_ms", 1e3 * (time.perf_counter() - begun), 0.0)


def _screen(hardware: Hardware, rig: RigSettings, settle_ms: float) -> Tested:
    _show(hardware, WHITE, settle_ms)
    white = _light(well_exposed(hardware, rig.exposure, START_MS[SCREEN], Role.WHITE), hardware, Role.WHITE)
    _show(hardware, BLACK, settle_ms)
    black = _light(hardware.camera.grab().pixels, hardware, Role.WHITE)
    # Less than a thousandth of full scale is noise, not light.
    contrast = white / max(black, 1e-3)
    return Tested(Part.SCREEN, "", contrast >= LEAST_CONTRAST, "contrast_ratio", contrast, LEAST_CONTRAST, settle_ms)


def _lamp(hardware: Hardware, rig: RigSettings, name: str) -> Tested:
    role = Role.DIFFUSE if name == DIFFUSE else Role.SPOT
    hardware.lamps.light(name)
    lit = _light(well_exposed(hardware, rig.exposure, START_MS.get(name, START_ELSEWHERE_MS), role), hardware, role)
    hardware.lamps.light(None)
    dark = _light(hardware.camera.grab().pixels, hardware, role)
    return Tested(Part.LAMP, name, lit - dark >= LEAST_LIT, "lit_ratio", lit - dark, LEAST_LIT)


def _show(hardware: Hardware, pattern: Pattern, settle_ms: float) -> None:
    hardware.screen.show(hardware.grid.draw(pattern))
    time.sleep(settle_ms / 1000)


def _light(pixels: NDArray[np.uint8] | NDArray[np.uint16], hardware: Hardware, role: Role) -> float:
    return brightest(pixels, hardware.camera.sensor, role)
