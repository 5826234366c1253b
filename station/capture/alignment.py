"""How well camera, panel and screen stand to each other: one look, for a person who moves them.

With the screen's width and height as fringe periods each pixel knows at once which place of the screen it sees.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis, Role, Sensor
from station.capture.exposing import well_exposed
from station.capture.exposures import START_MS
from station.capture.hardware import Hardware
from station.capture.lights import SCREEN
from station.capture.patterns import BLACK, WHITE, Fringe, Pattern
from station.capture.rig_settings import Exposure

#: Steps of the two fringes.
STEPS = 4
#: A pixel sees the screen where white is this share of the brightest brighter than black, …
SEEN_RATIO = 0.15
#: … and by this much in full scales: below it is noise.
SEEN_LIGHT = 0.01
#: A border is a strip of this share of the picture.
BORDER_RATIO = 0.04
#: Detail that tells sharp from blurred: finer than this, pixels (sigma).
DETAIL_PX = 2.0

FloatMap = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """What one look tells.

    Attributes
    ----------
    seen_pct : float
        Share of the picture in which the screen is mirrored.
    edges_pct : dict of str to float
        The same of the strips along its ``left``, ``right``, ``top`` and ``bottom``: 100 where the field is filled.
    centre_u_mm, centre_v_mm : float or None
        Place of the screen that the middle of the picture sees; 0, 0 where the reflection is centred. None: no screen.
    margins_mm : dict of str to float
        From the seen part of the screen to its ends ``-u``, ``+u``, ``-v``, ``+v``: how far the reflection may wander.
    focus_pct : float
        Contrast of the finest detail of what lies there, free of noise; it is greatest in focus. To be compared with
        itself only, over something with detail: a printed plate, dust.
    brightest_ratio : float
        Brightest light, full scales.
    picture : uint8 (rows, cols)
        What the camera sees of the white screen.
    """

    seen_pct: float
    edges_pct: dict[str, float]
    centre_u_mm: float | None
    centre_v_mm: float | None
    margins_mm: dict[str, float]
    focus_pct: float
    brightest_ratio: float
    picture: NDArray[np.uint8]


def look(hardware: Hardware, exposure: Exposure, settle_ms: float) -> Alignment:
    """Look once at the mirrored screen.

    Raises
    ------
    CameraFault, ScreenFault, LampFault, FrameFault
        The hardware does not answer.
    """
    hardware.ready()
    sensor = hardware.camera.sensor

    def light(pattern: Pattern) -> FloatMap:
        hardware.screen.show(hardware.grid.draw(pattern))
        time.sleep(settle_ms / 1000)
        return _light(hardware.camera.grab().pixels, sensor)

    hardware.screen.show(hardware.grid.draw(WHITE))
    time.sleep(settle_ms / 1000)
    # Whatever it is: the person sees in `brightest_ratio` that it is too bright or dark.
    white = _light(well_exposed(hardware, exposure, START_MS[SCREEN], Role.WHITE), sensor)
    again, black = light(WHITE), light(BLACK)
    lit = white - black
    seen = lit > max(SEEN_RATIO * float(np.quantile(lit, 0.99)), SEEN_LIGHT)
    places = {
        axis: _place_mm([light(Fringe(axis, size, step, STEPS)) for step in range(STEPS)], size)
        for axis, size in _sizes(hardware)
    }
    rows, columns = seen.shape
    strip_r, strip_c = max(1, int(rows * BORDER_RATIO)), max(1, int(columns * BORDER_RATIO))
    strips = {
        "left": seen[:, :strip_c], "right": seen[:, -strip_c:], "top": seen[:strip_r], "bottom": seen[-strip_r:],
    }  # fmt: skip
    centre = slice(rows // 2 - 1, rows // 2 + 1), slice(columns // 2 - 1, columns // 2 + 1)
    middle = bool(seen[centre].all())
    return Alignment(
        seen_pct=100 * float(seen.mean()),
        edges_pct={name: 100 * float(strip.mean()) for name, strip in strips.items()},
        centre_u_mm=float(places["x"][centre].mean()) if middle else None,
        centre_v_mm=float(places["y"][centre].mean()) if middle else None,
        margins_mm=_margins(hardware, places, seen),
        focus_pct=_focus_pct(white, again),
        brightest_ratio=float(white.max()),
        picture=np.clip(255 * white, 0, 255).astype(np.uint8),
    )


def _sizes(hardware: Hardware) -> tuple[tuple[Axis, float], tuple[Axis, float]]:
    return ("x", hardware.grid.width_mm), ("y", hardware.grid.height_mm)


def _light(pixels: NDArray[np.uint8] | NDArray[np.uint16], sensor: Sensor) -> FloatMap:
    plane = (pixels if pixels.ndim == 2 else pixels[..., 1]).astype(np.float32)
    return np.asarray((plane - sensor.black_level) / (sensor.white_level - sensor.black_level), np.float32)


def _place_mm(steps: list[FloatMap], size_mm: float) -> FloatMap:
    """Place on the screen by one fringe as long as the screen: from -size/2 to size/2."""
    cos, sin = steps[0] - steps[2], steps[3] - steps[1]
    return np.asarray(np.arctan2(sin, cos) * (size_mm / (2 * np.pi)), np.float32)


def _margins(hardware: Hardware, places: dict[Axis, FloatMap], seen: NDArray[np.bool_]) -> dict[str, float]:
    if not seen.any():
        return {}
    margins: dict[str, float] = {}
    for axis, size in _sizes(hardware):
        low, high = np.quantile(places[axis][seen], (0.01, 0.99))
        name = "u" if axis == "x" else "v"
        margins |= {f"-{name}": float(low + size / 2), f"+{name}": float(size / 2 - high)}
    return margins


def _focus_pct(one: FloatMap, two: FloatMap) -> float:
    """Covariance of the detail of two pictures of the same: their noise has none."""
    fine = [part - cv2.GaussianBlur(part, (0, 0), DETAIL_PX) for part in (one, two)]
    mean = float(one.mean())
    return 100 * float(np.sqrt(max(0.0, float(np.mean(fine[0] * fine[1]))))) / mean if mean > 0 else 0.0
