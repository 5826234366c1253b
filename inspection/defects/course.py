"""The slow course of a map over the field: the panel's own unevenness, which no mark may bend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspection.defects.least_squares import solved
from inspection.defects.window import median
from inspection.filters import BIWEIGHT
from inspection.fringes import FloatMap

#: What changes more slowly than a polynomial of this degree over the field is the panel's own unevenness.
DEGREE = 3
#: Points along the longer side that are fitted.
_FIT_CELLS = 60
_ROUNDS = 8
#: Relative change of the scatter at which the weights have settled, and at which they are good enough to begin with.
_SETTLED, _NEARLY = 1e-4, 1e-3
#: Marks make a mirror worse, never better: beyond this many standard deviations worse, a cell does not count.
_WORSE = 2.5


def course(values: FloatMap, known: NDArray[np.bool_], *, one_sided: bool) -> tuple[FloatMap, float]:
    """A robust polynomial through the known cells of a map, and the standard deviation of the undisturbed about it.

    Marks may cover a third of the field: the degree rises from 0, so that each fit begins near the one before.

    Parameters
    ----------
    values, known : float32, bool (rows, cols)
        At least one cell is known.
    one_sided : bool
        Marks are only above the course (worse is more); else on both sides.
    """
    rows, cols = values.shape
    step = max(1, max(rows, cols) // _FIT_CELLS)
    down, across = (np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, n), DEGREE) for n in (rows, cols))
    there = known[::step, ::step].ravel()
    if not there.any():
        step, there = 1, known.ravel()
    thin = values[::step, ::step].ravel()[there].astype(np.float64)
    table = np.zeros((DEGREE + 1, DEGREE + 1))
    table[0, 0] = np.median(thin)
    weight, scale = _weights(thin - table[0, 0], one_sided)
    for degree in range(DEGREE + 1):
        terms = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
        design = np.stack([np.outer(down[::step, i], across[::step, j]).ravel()[there] for i, j in terms])
        for _ in range(_ROUNDS):
            before = scale
            weighted = design * weight
            fit = solved(weighted @ design.T, weighted @ thin)
            weight, scale = _weights(thin - fit @ design, one_sided)
            if abs(scale - before) <= (_SETTLED if degree == DEGREE else _NEARLY) * scale:
                break
        for (i, j), value in zip(terms, fit, strict=True):
            table[i, j] = value
    return np.asarray(down @ table @ across.T, np.float32), scale


def _weights(rest: NDArray[np.float64], one_sided: bool) -> tuple[NDArray[np.float64], float]:
    """Biweight of each point, and the standard deviation of those that count."""
    size = np.abs(rest[rest <= 0]) if one_sided and (rest <= 0).any() else np.abs(rest)
    scale = max(1.4826 * median(size), 1e-12)
    weight = np.square(np.maximum(0.0, 1 - np.square(rest / (BIWEIGHT * scale))))
    if one_sided:
        weight[rest > _WORSE * scale] = 0.0
    return weight, scale
