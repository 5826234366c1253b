"""Regions of a recipe as pixels of a picture."""

from __future__ import annotations

import math

import cv2
import numpy as np

from inspection.lens import Lens
from inspection.maps.kinds import Area, Homography

#: Binary digits after the point with which a polygon's corners are drawn.
_SHIFT = 4


def whole(shape: tuple[int, int]) -> Area:
    """Every pixel."""
    return Area(slice(0, shape[0]), slice(0, shape[1]), None, shape[0] * shape[1])


def polygon(
    corners_mm: tuple[tuple[float, float], ...],
    to_panel_mm: Homography,
    shape: tuple[int, int],
    pixel_mm2: float,
    lens: Lens | None = None,
) -> Area | None:
    """Pixels whose centre lies in a polygon on the panel; None where the picture holds none of it.

    Parameters
    ----------
    corners_mm : panel places (x right, y down).
    to_panel_mm : from (column, row, 1) to mm.
    shape : rows, columns of the picture.
    pixel_mm2 : area of a pixel on the panel, for the part of the polygon that the picture does not hold.
    lens : the one that bends the picture, to the same frame; the polygon's sides are drawn straight in the picture.
    """
    places = np.array([(x, y, 1.0) for x, y in corners_mm]) @ np.linalg.inv(np.array(to_panel_mm)).T
    pixels = places[:, :2] / places[:, 2:]
    if lens is not None:
        pixels = np.stack(lens.pixels_px(*np.array(corners_mm, float).T), axis=1)
    low, high = np.floor(pixels.min(0)), np.ceil(pixels.max(0)) + 1
    left, top = (int(max(0, v)) for v in low)
    right, bottom = int(min(shape[1], high[0])), int(min(shape[0], high[1]))
    if left >= right or top >= bottom:
        return None
    mask = np.zeros((bottom - top, right - left), np.uint8)
    points = np.round((pixels - (left, top)) * 2**_SHIFT).astype(np.int32)
    cv2.fillPoly(mask, [points], (1,), shift=_SHIFT)
    inside = mask.astype(bool)
    if not inside.any():
        return None
    expected = math.ceil(polygon_area_mm2(corners_mm) / pixel_mm2)
    return Area(slice(top, bottom), slice(left, right), inside, max(int(inside.sum()), expected))


def polygon_area_mm2(corners_mm: tuple[tuple[float, float], ...]) -> float:
    """Area by the shoelace formula."""
    x, y = np.array(corners_mm, float).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
