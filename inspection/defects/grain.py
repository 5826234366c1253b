"""Grain: fine arcs and streaks inside a mark that single pixels just resolve."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.window import Window, median

#: Pixels along a side in which grain is looked for: the middle of a large mark tells as much as all of it.
MOST_PX = 160


def grain_of(window: Window, values: NDArray[np.float32]) -> tuple[float, float, float]:
    """Grain of the footprint in a map, and how much it runs one way.

    Parameters
    ----------
    window : Window
    values : float32 (rows, cols)
        The whole map; NaN = not there.

    Returns
    -------
    ratio : float
        Standard deviation of the texture finer than some three pixels, the surroundings' taken off, over the level.
    direction : float
        Coherence of the structure tensor (J. Bigün and G. Granlund, ICCV 1987) after the surroundings' is taken off,
        0 … 1.
    angle_deg : float
        Of the streaks, counter-clockwise from +x as seen, −90 … 90.
    """
    inside = window.inside
    if window.step > 1:
        size = (inside.shape[1] * window.step, inside.shape[0] * window.step)
        inside = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    part = tuple(slice(max(0, n // 2 - MOST_PX // 2), min(n, n // 2 + MOST_PX // 2)) for n in inside.shape)
    inside = inside[part]
    cut = values[window.rows, window.cols][part]
    known = np.isfinite(cut)
    if np.count_nonzero(known & inside) < 9 or np.count_nonzero(known & ~inside) < 9:
        return 0.0, 0.0, 0.0
    level = median(cut[known & ~inside])
    solid = np.where(known, cut, np.float32(level))
    fine = solid - cv2.blur(solid, (5, 5))
    # Roberts' cross, turned to rows and columns: noise of single pixels gives its two parts nothing in common.
    falling, rising = solid[1:, 1:] - solid[:-1, :-1], solid[:-1, 1:] - solid[1:, :-1]
    along, down, fine = falling + rising, falling - rising, fine[1:, 1:]
    whole = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)[1:, 1:]
    here, around = whole & inside[1:, 1:], whole & ~inside[1:, 1:]
    if not (here.any() and around.any()) or not level > 0:
        return 0.0, 0.0, 0.0
    powers = cv2.merge([fine * fine, along * along, along * down, down * down])
    means = (cv2.mean(powers, mask.view(np.uint8)) for mask in (here, around))
    extra, xx, xy, yy = (own - beside for own, beside in zip(*means, strict=True))
    strength = xx + yy
    direction = math.hypot(xx - yy, 2 * xy) / strength if strength > 0 and extra > 0 else 0.0
    # Streaks run across the steepest change; rows count downwards.
    angle = -math.degrees(0.5 * math.atan2(2 * xy, xx - yy)) - 90
    return math.sqrt(max(extra, 0.0)) / level, min(1.0, direction), (angle + 90) % 180 - 90
