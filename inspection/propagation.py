"""Uncertainty through a function: from the covariance of its arguments to the standard uncertainty of its value."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def through(
    function: Callable[[NDArray[np.float64]], float], at: NDArray[np.float64], covariance: NDArray[np.float64]
) -> float:
    """Standard uncertainty of ``function(at)``: one standard deviation along every main axis, both ways.

    For a straight function this is the law of propagation with all correlations; one step instead of a derivative also
    serves functions with a kink, such as a length near zero.

    Parameters
    ----------
    at : n
    covariance : n × n
        Arguments in units in which their variances are within some ten orders of magnitude.

    References: JCGM 100:2008, 5.2.2, H.2.4 and the note to 5.1.4 (finite steps).
    """
    sizes, axes = np.linalg.eigh(covariance)
    middle, total = function(at), 0.0
    for size, axis in zip(sizes, axes.T, strict=True):
        step = math.sqrt(max(size, 0.0)) * axis
        total += ((function(at + step) - middle) ** 2 + (function(at - step) - middle) ** 2) / 2
    return math.sqrt(total)
