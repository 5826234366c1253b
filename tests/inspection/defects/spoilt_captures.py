"""Captures with something wrong: dead pixels, parts without light, a panel that ends inside the field."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frames, Role

Mask = NDArray[np.bool_]


def stuck(frames: Frames, where: Mask, level: float) -> Frames:
    """Some pixels show the same share of white in every frame."""
    value = round(level * frames.sensor.white_level)
    changed = []
    for frame in frames.frames:
        pixels = frame.pixels.copy()
        pixels[where] = value
        changed.append(replace(frame, pixels=pixels))
    return replace(frames, frames=tuple(changed))


def ended(frames: Frames, seen: Mask, behind: float) -> Frames:
    """Outside `seen` there is no paint: dark, but for so much of white in the lamps' light; its edge is blurred."""
    share = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), 0.7).astype(np.float64)
    span = frames.sensor.white_level - frames.sensor.black_level
    changed = []
    for frame in frames.frames:
        dark = frames.dark_of(frame)
        if frame.role is not Role.DARK and dark is not None:
            lit = behind * span if frame.role in (Role.DIFFUSE, Role.SPOT) else 0.0
            part = share if frame.pixels.ndim == 2 else share[..., None]
            mixed = part * frame.pixels + (1 - part) * np.minimum(dark.pixels + lit, frames.sensor.white_level)
            frame = replace(frame, pixels=np.round(mixed).astype(frame.pixels.dtype))
        changed.append(frame)
    return replace(frames, frames=tuple(changed))
