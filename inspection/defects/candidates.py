"""What the search hands over to be described: a footprint and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Sign(StrEnum):
    """Kind of evidence a mark is seen by."""

    RELIEF = "relief"
    MIRROR = "mirror"
    COLOUR = "colour"
    LAMP = "lamp"


class Shape(StrEnum):
    """How a footprint extends."""

    POINT = "point"
    LINE = "line"
    REGION = "region"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One mark, not yet described.

    Attributes
    ----------
    rows, cols : slice
        Box in camera pixels that holds the footprint.
    inside : bool (rows, cols) of the box
        The footprint.
    sigma : dict of Sign to float
        Peak significance by each kind of evidence; absent where it shows nothing.
    scale_mm : float
        Scale (Gaussian sigma) at which it stands out most.
    specks : int
        Separate specks that were merged into it (arcs of a swirl, pieces of a scratch).
    streaks : bool
        The footprint is that of many streaks side by side, each of them thinner than a pixel.
    """

    rows: slice
    cols: slice
    inside: NDArray[np.bool_]
    shape: Shape
    sigma: dict[Sign, float]
    scale_mm: float
    specks: int = 1
    streaks: bool = False
