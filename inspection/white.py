"""The white tile in one light of a station, as a rig keeps it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatMap = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class White:
    """Light of a perfect white diffuser in one light of the station.

    Attributes
    ----------
    per_ms : float32 (rows, cols, 3), or (rows, cols) of a Bayer camera
    noise_relative : float
        Standard deviation of one pixel, as a fraction of it.
    """

    per_ms: FloatMap
    noise_relative: float


def aspecular_name(angle_deg: float) -> str:
    """Name of the array that holds the tile lit from this aspecular angle."""
    return f"tile_{angle_deg!r}deg"
