"""Pixel formats by their names in GenICam (PFNC): what a sensor's levels are, and its mosaic."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Mosaic, Sensor
from station.capture.camera import CameraForm

#: Formats that are not packed; the noise of paint needs 12 bits.
PixelFormat = Literal[
    "Mono8", "Mono10", "Mono12", "Mono14", "Mono16", "RGB8",
    "BayerRG8", "BayerRG10", "BayerRG12", "BayerRG16", "BayerBG8", "BayerBG10", "BayerBG12", "BayerBG16",
    "BayerGR8", "BayerGR10", "BayerGR12", "BayerGR16", "BayerGB8", "BayerGB10", "BayerGB12", "BayerGB16",
]  # fmt: skip
COLOUR: Final = "RGB8"
_MOSAIC: Final[dict[str, Mosaic]] = {"RG": "RGGB", "BG": "BGGR", "GR": "GRBG", "GB": "GBRG"}


def sensor_of(form: CameraForm, pixel_format: PixelFormat, width_px: int, height_px: int) -> Sensor:
    """Size and levels that a pixel format gives, with what the settings say of black, white and noise."""
    bits = int(re.sub(r"\D", "", pixel_format))
    return Sensor(
        width_px=width_px,
        height_px=height_px,
        bit_depth=8 if bits == 8 else 16,
        black_level=form.black_level,
        white_level=form.white_level if form.white_level is not None else float(2**bits - 1),
        adc_bits=bits,
        mosaic=_MOSAIC[pixel_format[5:7]] if pixel_format.startswith("Bayer") else None,
        electrons_full_scale=form.electrons_full_scale,
        read_noise_e=form.read_noise_e,
    )


def pixels_of(content: bytes, pixel_format: PixelFormat, sensor: Sensor) -> NDArray[Any]:
    """Bytes as they came in the order of their rows, as a picture with memory of its own.

    Raises
    ------
    ValueError
        There are fewer bytes than the picture has.
    """
    shape = (*sensor.shape, 3) if pixel_format == COLOUR else sensor.shape
    dtype = np.dtype(np.uint8 if sensor.bit_depth == 8 else "<u2")
    return np.frombuffer(bytearray(content), dtype, int(np.prod(shape))).reshape(shape)
