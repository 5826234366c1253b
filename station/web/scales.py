"""Colours of a map: which values the scale spans, and a perceptually uniform table of colours."""

from __future__ import annotations

import re
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import lab2rgb

#: Maps whose zero means "as it should be" and whose sign matters.
_SIGNED = re.compile(r"height_um|slope_[xy]_mrad|delta_[labch]_lab")
#: No map spans less than this, in its unit: an even panel shall look even, not like its noise.
_LEAST_SPAN = (
    (re.compile(r"gloss_gu|gloss_zone_gu|clarity_.*_pct"), 10.0),
    (re.compile(r"haze_pct"), 5.0),
    (re.compile(r"lobe_width_mrad"), 2.0),
    (re.compile(r"lamp_.*deg_ratio"), 0.5),
    (re.compile(r"hologram_ratio"), 0.2),
    (re.compile(r"delta_e00|height_um|slope_[xy]_mrad|delta_[labch]_lab"), 1.0),
)
_LEVELS = 256
# CIE L*, chroma and hue angles of the ends of the diverging table: blue below, orange-brown above, pale grey at 0.
_PALE_L, _END_L, _END_CHROMA, _BELOW_DEG, _ABOVE_DEG = 93.0, 34.0, 48.0, 275.0, 52.0


def scale_of(name: str, low: float, high: float) -> tuple[float, float]:
    """The values at the two ends of a map's colours.

    Parameters
    ----------
    low, high : float
        What most of the map's values lie between.

    Returns
    -------
    low, high : float
        Symmetric about 0 for a signed map; never equal. Where the values lie closer together than
        the eye should be led to see, the scale is wider than they are.
    """
    least = next((span for pattern, span in _LEAST_SPAN if pattern.fullmatch(name)), 0.0)
    if _SIGNED.fullmatch(name):
        reach = max(abs(low), abs(high), least / 2) or 1.0
        return -reach, reach
    missing = least - (high - low)
    if missing <= 0:
        return (low, high) if high > low else (low - 0.5, low + 0.5)
    # These quantities are never negative.
    start = max(0.0, low - missing / 2) if low >= 0 else low - missing / 2
    return start, start + least


def colours_of(name: str) -> NDArray[np.uint8]:
    """Table of 256 RGB colours, low first: viridis, or a diverging one for a signed map; shape (256, 3)."""
    return _diverging() if _SIGNED.fullmatch(name) else _viridis()


@cache
def _viridis() -> NDArray[np.uint8]:
    levels = np.arange(_LEVELS, dtype=np.uint8)[:, None]
    return np.ascontiguousarray(cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS)[:, 0, ::-1])


@cache
def _diverging() -> NDArray[np.uint8]:
    position = np.linspace(-1.0, 1.0, _LEVELS)
    away = np.abs(position)
    hue = np.radians(np.where(position < 0, _BELOW_DEG, _ABOVE_DEG))
    lightness = _PALE_L + (_END_L - _PALE_L) * away
    lab = np.stack([lightness, _END_CHROMA * away * np.cos(hue), _END_CHROMA * away * np.sin(hue)], axis=1)
    return np.rint(np.clip(lab2rgb(lab), 0.0, 1.0) * 255.0).astype(np.uint8)


def false_colours(
    values: NDArray[np.float32], low: float | None, high: float | None, colours: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """A map as RGBA.

    Parameters
    ----------
    values : float32 (rows, cols)
    low, high : float or None
        Values of the first and last colour, beyond which the colour stays; None only where nothing is valid.
    colours : uint8 (256, 3)
        RGB, low first; see `colours_of`.
    """
    valid = np.isfinite(values)
    rgba = np.zeros((*values.shape, 4), np.uint8)
    if low is None or high is None:
        return rgba
    span = max(high - low, float(np.finfo(np.float32).tiny))
    # Far beyond a narrow range is infinitely far: the colour stays all the same.
    with np.errstate(over="ignore"):
        level = np.clip((np.where(valid, values, low) - low) / span, 0.0, 1.0)
    rgba[..., :3] = colours[np.rint(level * 255).astype(np.uint8)]
    rgba[..., 3] = np.where(valid, 255, 0)
    return rgba
