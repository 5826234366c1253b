"""The panel as a person sees it: an sRGB picture from its colour map, or grey from the white frame."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Camera, Frames, Role
from inspection.straight import straightened
from station.capture_set import picture_of

#: Longest side of a picture for the eye; maps keep their full size.
LONGEST_SIDE_PX = 2048


def panel_picture(
    frames: Frames | None, maps: Mapping[str, NDArray[np.float32]], camera: Camera
) -> NDArray[np.uint8] | None:
    """Picture of the panel at camera resolution, or reduced to `LONGEST_SIDE_PX`.

    Parameters
    ----------
    frames : Frames or None
        None: of several captures no one is the panel's.
    maps : mapping of str to float32 arrays
        ``lab`` (rows, cols, 3) where the colour was measured.
    camera : Camera
        As the rig has it: a frame is straightened like the maps are already.

    Returns
    -------
    uint8 (rows, cols, 4) in RGBA order, or None
        Pixels without colour are transparent; None where there is neither colour nor a white frame.
    """
    if "lab" in maps:
        return picture_of(shrunk(maps["lab"], LONGEST_SIDE_PX))
    if frames is None:
        return None
    white = next(iter(frames.with_role(Role.WHITE)), None)
    if white is None:
        return None
    light: NDArray[np.float32] = white.pixels.astype(np.float32)
    if light.ndim == 3:
        light = light.mean(axis=2)
    elif frames.sensor.mosaic is not None:
        light = cv2.blur(light, (2, 2)).astype(np.float32)
    light = straightened({"light": light - np.float32(frames.sensor.black_level)}, camera)["light"]
    return _from_light(shrunk(light, LONGEST_SIDE_PX))


def shrunk(values: NDArray[np.float32], longest_side_px: int) -> NDArray[np.float32]:
    """A map reduced by area averaging so that its longer side fits; NaN is left out of the averages."""
    rows, columns = values.shape[:2]
    scale = longest_side_px / max(rows, columns)
    if scale >= 1:
        return values
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    valid = np.isfinite(values)
    weight = cv2.resize(valid.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(np.where(valid, values, np.float32(0)), size, interpolation=cv2.INTER_AREA)
    return np.where(weight >= 0.5, total / np.maximum(weight, np.float32(1e-6)), np.float32(np.nan)).astype(np.float32)


def _from_light(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    there = np.isfinite(light)
    linear = np.clip(np.where(there, light, 0.0) / max(float(np.percentile(light[there], 99)), 1e-6), 0.0, 1.0)
    # Transfer function of sRGB (IEC 61966-2-1).
    grey = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    rgba = np.full((*grey.shape, 4), 255, np.uint8)
    rgba[..., :3] = np.rint(grey * 255.0)[..., None]
    rgba[..., 3] *= there
    return rgba
