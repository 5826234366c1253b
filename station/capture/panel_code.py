"""The code on a panel, read by the camera: DataMatrix, QR or Code 128 on a label in the field."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from inspection.frames import Role, Sensor
from station.capture.exposing import well_exposed
from station.capture.exposures import START_MS
from station.capture.hardware import Hardware
from station.capture.lights import DIFFUSE, SCREEN
from station.capture.patterns import BLACK, WHITE
from station.capture.rig_settings import RigSettings
from station.faults import CodeFault

#: Kinds of code that are read, and what a person calls them.
KINDS: Final = {
    zxingcpp.BarcodeFormat.DataMatrix: "DataMatrix",
    zxingcpp.BarcodeFormat.QRCode: "QR",
    zxingcpp.BarcodeFormat.Code128: "Code 128",
}
#: A code of a panel is no longer than this.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class PanelCode:
    """A code that was seen.

    Attributes
    ----------
    text : str or None
        What it says; None: it was found, and cannot be read.
    kind : str
        "DataMatrix", "QR" or "Code 128".
    corners_px : tuple of (x, y)
        Its four corners in the picture, clockwise from the code's own top left.
    """

    text: str | None
    kind: str
    corners_px: tuple[tuple[int, int], ...]


def look_for_codes(hardware: Hardware, rig: RigSettings, settle_ms: float) -> tuple[PanelCode, ...]:
    """Every code in the field, under the first light that shows one that can be read.

    Raises
    ------
    CameraFault, ScreenFault, LampFault, FrameFault
        The hardware does not answer.
    """
    hardware.ready()
    seen: tuple[PanelCode, ...] = ()
    for pixels in _pictures(hardware, rig, settle_ms):
        found = codes_in(pixels, hardware.camera.sensor)
        if any(code.text is not None for code in found):
            return found
        seen = seen or found
    return seen


def _pictures(hardware: Hardware, rig: RigSettings, settle_ms: float) -> Iterator[NDArray[Any]]:
    """The field in diffuse light, which the paint does not mirror into the camera, then by the screen alone.

    A lamp that a person would have to switch stays as it is.
    """
    if rig.diffuse and rig.lamps.kind != "none":
        hardware.screen.show(hardware.grid.draw(BLACK))
        try:
            hardware.lamps.light(DIFFUSE)
            time.sleep(settle_ms / 1000)
            picture = well_exposed(hardware, rig.exposure, START_MS[DIFFUSE], Role.DIFFUSE)
        finally:
            hardware.lamps.light(None)
        yield picture
    hardware.screen.show(hardware.grid.draw(WHITE))
    time.sleep(settle_ms / 1000)
    yield well_exposed(hardware, rig.exposure, START_MS[SCREEN], Role.WHITE)


def codes_in(pixels: NDArray[Any], sensor: Sensor) -> tuple[PanelCode, ...]:
    """Every code in a picture, those that cannot be read too.

    Parameters
    ----------
    pixels : uint8 or uint16 (rows, cols) or (rows, cols, 3)
        Raw.
    sensor : Sensor
        Its levels and mosaic.
    """
    grey = _grey(pixels, sensor)
    found = tuple(_code(one, np.eye(2, 3)) for one in _read(grey, *KINDS))
    return found or _slanting(grey)


def _read(grey: NDArray[np.uint8], *kinds: zxingcpp.BarcodeFormat) -> list[zxingcpp.Barcode]:
    formats: Any = list(kinds)
    return zxingcpp.read_barcodes(grey, formats=formats, text_mode=zxingcpp.TextMode.Plain, return_errors=True)


def _slanting(grey: NDArray[np.uint8]) -> tuple[PanelCode, ...]:
    """Bars are looked for along rows and columns only: those that lie aslant, in the picture turned by 45 degrees."""
    rows, columns = grey.shape
    turn = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), 45, 1.0)
    side = math.ceil((rows + columns) / math.sqrt(2))
    turn[:, 2] += ((side - columns) / 2, (side - rows) / 2)
    turned = np.asarray(cv2.warpAffine(grey, turn, (side, side), flags=cv2.INTER_LINEAR), np.uint8)
    back = cv2.invertAffineTransform(turn)
    return tuple(_code(one, back) for one in _read(turned, zxingcpp.BarcodeFormat.Code128))


def _grey(pixels: NDArray[Any], sensor: Sensor) -> NDArray[np.uint8]:
    """The picture in 8 bits; darkness is spread as the eye does, because ink in the shadow still counts."""
    plane = pixels.astype(np.float32) if pixels.ndim == 2 else pixels.mean(axis=2, dtype=np.float32)
    if sensor.mosaic is not None:
        # Four neighbours always hold every colour of the mosaic.
        plane = np.asarray(cv2.blur(plane, (2, 2)), np.float32)
    light = (plane - sensor.black_level) / (sensor.white_level - sensor.black_level)
    return np.asarray(255 * np.sqrt(np.clip(light, 0, 1)), np.uint8)


def _code(one: zxingcpp.Barcode, back: NDArray[Any]) -> PanelCode:
    """What was found; `back` leads from the picture it was found in to the camera's."""
    at = one.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    places = [back @ (corner.x, corner.y, 1) for corner in corners]
    text = one.text.strip() if one.valid else ""
    readable = 0 < len(text) <= LONGEST and text.isprintable()
    return PanelCode(text if readable else None, KINDS[one.format], tuple((round(x), round(y)) for x, y in places))


def only_code(seen: Sequence[PanelCode]) -> PanelCode:
    """The one code that a panel has; a label that is there twice says the same.

    Raises
    ------
    CodeFault
        There is none, none can be read, or they do not say the same.
    """
    readable = {code.text: code for code in seen if code.text is not None}
    if len(readable) == 1:
        return next(iter(readable.values()))
    if readable:
        told = ", ".join(sorted(text for text in readable if text is not None))
        raise CodeFault(f"different codes lie in the field ({told}): cover all but the panel's own", "code_several",
                        codes=told)  # fmt: skip
    if seen:
        kind = seen[0].kind
        raise CodeFault(
            f"a {kind} code lies in the field and cannot be read: clean it, lay it flat, or type it", "code_unreadable",
            kind=kind,
        )  # fmt: skip
    raise CodeFault(
        "no code is seen in the field: lay the panel's code (DataMatrix, QR, Code 128) in it, or type it", "code_none"
    )
