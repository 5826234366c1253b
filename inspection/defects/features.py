"""A description as the numbers that its kind is told from."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Each with what is done to it: sizes and strengths count by their logarithm, shares as they are.
_LOG = (
    ("length_mm", 0.05), ("width_mm", 0.05), ("slope_mrad", 0.3), ("relief_significance", 1.0), ("delta_e00", 0.3),
    ("colour_sigma", 2.0), ("lamp_excess_ratio", 0.03), ("grain_ratio", 0.003), ("specks", 1.0),
)  # fmt: skip
_PLAIN = (
    "is_bump", "is_line", "is_region", "explained_ratio", "gloss_loss_ratio", "clarity_loss_ratio", "fine_loss_ratio",
    "lamp_direction_ratio", "grain_direction_ratio", "unseen_ratio", "glare_ratio",
)  # fmt: skip
_BOUND = 2.0
_DERIVED = (
    "aspect", "width_px", "up", "down", "log_height", "rim", "haze", "lightness", "wide_up", "wide_down",
    "gloss_by_clarity", "length_squared", "width_squared", "coloured_and_small",
)  # fmt: skip

#: In this order in every vector.
NAMES: tuple[str, ...] = (*(f"log_{name}" for name, _ in _LOG), *_PLAIN, *_DERIVED)


def vector_of(features: Mapping[str, float]) -> Floats:
    """The numbers of one mark, (len(NAMES),), from `Description.features`; every one is finite.

    Raises
    ------
    KeyError
        A feature is missing.
    """
    f = features
    logs = [math.log(max(f[name], 0.0) + floor) for name, floor in _LOG]
    plain = [_clip(f[name], -_BOUND, _BOUND) for name in _PLAIN]
    height, length, width = f["height_um"], max(f["length_mm"], 0.05), max(f["width_mm"], 0.05)
    log_length, log_width = math.log(length), math.log(width)
    up, down = float(height > 0), float(height < 0)
    derived = [
        log_length - log_width,
        math.log(width / f["pixel_mm"]),
        up,
        down,
        math.log(abs(height) + 0.3),
        float(min(f["rim_um"] / max(abs(height), 0.3), 1.0)),
        _clip(f["haze_gain_pct"] / 20, -1.0, 3.0),
        _clip(f["delta_l_lab"] / 10, -3.0, 3.0),
        up * log_width,
        down * log_width,
        _clip(f["gloss_loss_ratio"], 0.0, 1.0) - _clip(f["clarity_loss_ratio"], 0.0, 1.0),
        log_length**2,
        log_width**2,
        math.log(f["delta_e00"] + 0.3) * float(length < SMALL_MM),
    ]
    return np.array(logs + plain + derived)


def _clip(value: float, least: float, most: float) -> float:
    return float(min(max(value, least), most))


#: Dust is smaller, patches are larger.
SMALL_MM = 3.0
