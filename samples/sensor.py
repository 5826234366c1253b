"""The simulated sensor: exposure, shot and read noise, averaging, quantisation, mosaic."""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Mosaic
from samples.stations import Station

#: Channel (0 red, 1 green, 2 blue) of the pixels at (row, column) even/odd.
_CFA: Final[dict[Mosaic, tuple[tuple[int, int], tuple[int, int]]]] = {
    "RGGB": ((0, 1), (1, 2)),
    "BGGR": ((2, 1), (1, 0)),
    "GRBG": ((1, 0), (2, 1)),
    "GBRG": ((1, 2), (0, 1)),
}


def through_mosaic(light: NDArray[np.floating], mosaic: Mosaic) -> NDArray[np.floating]:
    """What a Bayer sensor keeps of light in three channels (rows, cols, 3): one channel per pixel."""
    out = np.empty(light.shape[:2], light.dtype)
    for i in (0, 1):
        for j in (0, 1):
            out[i::2, j::2] = light[i::2, j::2, _CFA[mosaic][i][j]]
    return out


def expose(
    light_per_ms: NDArray[np.floating], exposure_ms: float, station: Station, *, seed: int, name: str
) -> NDArray[np.uint16] | NDArray[np.uint8]:
    """Take one averaged picture.

    Parameters
    ----------
    light_per_ms : ndarray (rows, cols) or (rows, cols, 3)
        Full scales per ms, ambient light included.
    exposure_ms : float
    station : Station
    seed, name : int, str
        Same seed and frame name, same noise; frames do not depend on the order they are taken in.

    Returns
    -------
    ndarray of uint16 or uint8
        Raw values. Variance of one pixel in full scales: ``(light/electrons + (read/electrons)² +
        (1/steps)²/12) / frames_averaged``, `steps` being the converter's between black and white
        (EMVA 1288, linear camera model; shot noise as a Gaussian).
    """
    sensor = station.sensor()
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, zlib.crc32(name.encode())])))
    light = (light_per_ms * exposure_ms).astype(np.float32)
    full, read = station.electrons_full_scale, station.read_noise_e
    spread = np.sqrt((np.maximum(light, 0) / full + (read / full) ** 2) / station.frames_averaged)
    light += spread * rng.standard_normal(light.shape, dtype=np.float32)
    span = sensor.white_level - sensor.black_level
    step = 2.0 ** (sensor.bit_depth - sensor.adc_bits) / station.frames_averaged
    grain = max(step, 1.0)
    dn = np.round((light * span + sensor.black_level) / grain) * grain
    np.clip(dn, 0, sensor.white_level, out=dn)
    return dn.astype(np.uint16) if sensor.bit_depth == 16 else dn.astype(np.uint8)
