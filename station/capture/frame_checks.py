"""Whether a picture may count: the right one, whole, of the right size, not full of light.

That the patterns were on the glass in time no single frame tells; a series does: its steps add up to an even light,
the same for every period. A frame that is torn, or shows the pattern before, breaks that in some rows or in all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frame, Role, Sensor
from station.capture.camera import Picture
from station.capture.shots import Shot
from station.faults import FrameFault

#: Share of full pixels from which on a frame is no measurement (capture sets are refused from there on).
SATURATED = {Role.FRINGE: 0.01, Role.WHITE: 0.01, Role.DIFFUSE: 0.01, Role.DIFFUSE_REF: 0.01, Role.SPOT: 0.10}
#: A series is looked at in this many bands of rows, at this many pixels of each.
BANDS, BAND_PX = 16, 1000
#: A frame counts as out of step where its series is off by this share of what the frame before would leave …
MISFIT = 0.5
#: … and by so many standard deviations of noise.
SIGMA = 2.0
#: Pixels count whose white is this bright (full scales) and whose fringe has this much of it.
BRIGHT, CLEAR = 0.05, 0.2
#: Of a band, and of the picture, at least this share must count.
LEAST_SEEN = 0.2


def check_picture(picture: Picture, before: Picture | None, sensor: Sensor, colour: bool, shot: Shot) -> None:
    """Refuse a picture that is not the next one of this camera, or not of its size.

    Raises
    ------
    FrameFault
    """
    shape = (*sensor.shape, 3) if colour else sensor.shape
    depth = 8 * picture.pixels.dtype.itemsize
    if picture.pixels.shape != shape or depth != sensor.bit_depth:
        raise FrameFault(
            f"{shot.name}: the camera sent {_size(picture.pixels.shape)} at {depth} bits instead of "
            f"{_size(shape)} at {sensor.bit_depth}: its settings were changed from outside",
            "frame_size", size=_size(picture.pixels.shape),
        )  # fmt: skip
    if before is None:
        return
    step = picture.number - before.number
    if step == 0 or (shot.lit and _same(picture.pixels, before.pixels, sensor)):
        raise FrameFault(
            f"{shot.name}: the camera sent the picture before a second time", "frame_doubled", frame=shot.name
        )
    if step != 1:
        lost = abs(step - 1)
        raise FrameFault(
            f"{shot.name}: {lost} picture(s) of the camera were lost", "frames_lost", frame=shot.name, count=lost
        )


def _same(pixels: NDArray[Any], before: NDArray[Any], sensor: Sensor) -> bool:
    """Whether two pictures agree in their noise too; where all is black or full there is none to compare."""
    return np.array_equal(pixels, before) and bool(np.any((pixels > 0) & (pixels < math.ceil(sensor.white_level))))


def check_saturation(pixels: NDArray[Any], sensor: Sensor, shot: Shot) -> None:
    """Refuse a frame that is too full of light to be measured.

    Raises
    ------
    FrameFault
    """
    limit = SATURATED.get(shot.role)
    if limit is None:
        return
    full = pixels >= math.ceil(sensor.white_level)
    share = np.count_nonzero(full.any(-1) if full.ndim == 3 else full) / (pixels.shape[0] * pixels.shape[1])
    if share > limit:
        raise FrameFault(
            f"{shot.name}: {100 * share:.1f} % of the pixels are saturated, at most {100 * limit:g} % may be: "
            "other light shines in, or the panel is brighter than the one before",
            "saturated", frame=shot.name, share_pct=100 * share, limit_pct=100 * limit,
        )  # fmt: skip


def check_series(frames: Sequence[Frame], white: Frame, sensor: Sensor) -> None:
    """Refuse a fringe series with a frame that is torn or of another pattern.

    Parameters
    ----------
    frames : sequence of Frame
        Every step of one series, in one exposure with `white`.
    white : Frame
        The screen's white.

    Raises
    ------
    FrameFault
        Names the series.
    """
    steps = len(frames)
    light = np.stack([_sample(frame, sensor) for frame in frames])
    full = _sample(white, sensor)
    angle = 2 * np.pi * np.arange(steps) / steps
    modulation = 2 / steps * np.hypot(np.tensordot(np.cos(angle), light, 1), np.tensordot(np.sin(angle), light, 1))
    counts = (full > BRIGHT) & (modulation > CLEAR * full)
    bands = counts.mean(axis=1) > LEAST_SEEN
    if bands.mean() < LEAST_SEEN:
        return
    # Half of white, whatever the paint; a screen that is not linear moves all pixels alike.
    mean = light.mean(axis=0) / np.maximum(full, BRIGHT)
    away = np.where(counts, mean - np.median(mean[counts]), 0.0)
    contrast = np.where(counts, modulation / np.maximum(full, BRIGHT), 0.0)
    n = np.maximum(counts.sum(axis=1), 1)
    off, fringe = (np.sqrt(np.square(part).sum(axis=1) / n) for part in (away, contrast))
    noise = 1.48 * float(np.median(np.abs(np.diff(mean, axis=1)))) / math.sqrt(2)
    # The frame before in place of this one is off by up to 2·sin(π/n) of the modulation, in a mean of n frames.
    limit = MISFIT * math.sqrt(2) * math.sin(math.pi / steps) / steps * fringe + SIGMA * noise
    wrong = bands & (off > limit)
    if wrong.any():
        first, part = frames[0], "" if wrong[bands].all() else " in part of the picture"
        raise FrameFault(
            f"the steps of the {first.period_mm:g} mm fringe on axis {first.axis} do not add up to an even light"
            f"{part}: a pattern was shown late or a frame is torn; measure the settle time again if it comes back",
            "series_uneven", period_mm=first.period_mm or 0, axis=first.axis or "",
        )  # fmt: skip


def _sample(frame: Frame, sensor: Sensor) -> NDArray[np.float64]:
    """Light of some pixels in each band of rows, full scales: (bands, pixels)."""
    plane = frame.plane()
    rows, columns = plane.shape
    bands = min(BANDS, rows)
    down = rows // bands
    step = max(1, math.isqrt(down * columns // BAND_PX))
    picked = plane[: bands * down].reshape(bands, down, columns)[:, ::step, ::step]
    light = (picked.astype(np.float64) - sensor.black_level) / (sensor.white_level - sensor.black_level)
    return np.asarray(light.reshape(bands, -1))


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]} px" + (" in colour" if len(shape) == 3 else "")
