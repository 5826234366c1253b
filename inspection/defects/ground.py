"""Which part of the picture can be searched: holes that are marks, holes that end the panel, pixels that never see."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frame, Frames, Role
from inspection.noise import noise_of

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: A hole no larger than this is a speck that hides the picture; a larger one is a part that was not seen.
SPECK_MM = 4.0
#: … or one that is nowhere at the border and on average no wider than this: a scratch scatters the picture away.
SCRATCH_MM = 1.0
#: More of the field than this in such holes is no dust: the fringe is at the limit of being seen everywhere.
MOST_SPECKS = 0.005
#: A larger one that the panel encloses is a mark too, up to this size, if at least this reflectance factor shines out
#: of nearly all of it: paint burnt through to the primer may mirror nothing. A hole in the panel is dark or larger.
MATT_MM, MATT_REFLECTANCE, MATT_SHARE = 24.0, 0.02, 0.9
#: A part that was not seen holds a square of so many pixels; clusters of dead pixels and dead columns do not.
WIDE_PX = 5
#: The lens mixes what lies on both sides of an edge over this many pixels, a mosaic's interpolation included.
EDGE_PX = 3
#: A pixel whose readings differ by less than this many standard deviations of its dark noise from the dark to the
#: brightest frame shows nothing.
STUCK_SIGMA = 8.0


def specks_of(hole: Mask, pitch_mm: tuple[float, float]) -> Mask | None:
    """Holes as small as a speck or as thin as a scratch; None where there are none, or as many as noise makes."""
    if not hole.any():
        return None
    labels, width, height, area, inner = _holes(hole, pitch_mm)
    fits = (width <= SPECK_MM) & (height <= SPECK_MM)
    fits |= (area <= SCRATCH_MM * np.hypot(width, height)) & inner
    fits[0] = False
    if area[fits].sum() > MOST_SPECKS * hole.size * pitch_mm[0] * pitch_mm[1]:
        return None
    return np.asarray(fits[labels])


def ground_of(hole: Mask, lit: Mask | None, pitch_mm: tuple[float, float], least_mm: float) -> Mask:
    """Where marks can be seen: not in wide holes nor where the lens mixes paint with them.

    Parameters
    ----------
    hole : bool (rows, cols)
        Camera pixels without a mirror image.
    lit : bool (rows, cols) or None
        Those that throw diffuse light; None: nobody knows.
    pitch_mm : along x and y
    least_mm : float
        An island of ground smaller than the square of this holds no mark with its surroundings, and is none.
    """
    if not hole.any():
        return ~hole
    specks = specks_of(hole, pitch_mm)
    unseen = hole if specks is None else hole & ~specks
    if lit is not None:
        unseen = unseen & ~_matt(unseen, lit, pitch_mm)
    wide = cv2.morphologyEx(unseen.astype(np.uint8), cv2.MORPH_OPEN, np.ones((WIDE_PX, WIDE_PX), np.uint8))
    if not wide.any():
        return ~unseen
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * EDGE_PX + 1, 2 * EDGE_PX + 1))
    ground = ~(unseen | cv2.dilate(wide, reach).astype(bool))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ground.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] * pitch_mm[0] * pitch_mm[1] >= least_mm**2
    large[0] = False
    return np.asarray(large[labels])


def _holes(hole: Mask, pitch_mm: tuple[float, float]) -> tuple[NDArray[np.int32], Floats, Floats, Floats, Mask]:
    """Connected holes: labels, and of each its width and height (mm), area (mm²), and whether no border is near."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(hole.astype(np.uint8), connectivity=8)
    x, y = pitch_mm
    left, top, width, height, area = stats.T
    inner = (left > 0) & (top > 0) & (left + width < hole.shape[1]) & (top + height < hole.shape[0])
    return np.asarray(labels), width * x, height * y, area * x * y, inner


def _matt(unseen: Mask, lit: Mask, pitch_mm: tuple[float, float]) -> Mask:
    """Holes that shine though they mirror nothing."""
    labels, width, height, _, inner = _holes(unseen, pitch_mm)
    count = np.bincount(labels.ravel(), minlength=len(width))
    shine = np.bincount(labels.ravel(), weights=lit.ravel(), minlength=len(width)) / np.maximum(count, 1)
    fits = inner & (width <= MATT_MM) & (height <= MATT_MM) & (shine >= MATT_SHARE)
    fits[0] = False
    return np.asarray(fits[labels])


def blind_pixels(frames: Frames, hole: Mask) -> Mask | None:
    """Holes that are the camera's own: single pixels or columns that show the same in the dark and in any light.

    Parameters
    ----------
    frames : Frames
    hole : bool (rows, cols)
        Pixels without a mirror image: only these can be dead.

    Returns
    -------
    bool (rows, cols) or None
        None where there are none. Wide holes are parts that no light reached, and no dead pixels.
    """
    if not hole.any():
        return None
    square = np.ones((WIDE_PX, WIDE_PX), np.uint8)
    row, col = np.nonzero(hole & (cv2.morphologyEx(hole.astype(np.uint8), cv2.MORPH_OPEN, square) == 0))
    if not row.size:
        return None
    low, high = np.full(row.size, np.inf), np.full(row.size, -np.inf)
    for frame in _lights(frames):
        values = frame.pixels[row, col]
        values = values.reshape(row.size, -1)
        np.minimum(low, values.min(1), out=low)
        np.maximum(high, values.max(1), out=high)
    sensor = frames.sensor
    noise = math.sqrt(noise_of(frames).constant) * (sensor.white_level - sensor.black_level)
    stuck = high - low <= STUCK_SIGMA * noise
    if not stuck.any():
        return None
    blind = np.zeros(hole.shape, np.bool_)
    blind[row[stuck], col[stuck]] = True
    return blind


def _lights(frames: Frames) -> list[Frame]:
    """One frame of every light there is, and the dark."""
    chosen: dict[tuple[Role, str], Frame] = {}
    for frame in frames.frames:
        if frame.role in (Role.FRINGE, Role.WHITE, Role.DIFFUSE, Role.DARK):
            chosen.setdefault((frame.role, frame.group), frame)
    # Half a period on: where the first one is dark this one is bright.
    series = next(iter(frames.fringe_series().values()), ())
    return [*chosen.values(), *series[len(series) // 2 : len(series) // 2 + 1]]
