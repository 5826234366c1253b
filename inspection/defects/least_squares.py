"""Normal equations of the small fits to marks, every number in its own scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Floats = NDArray[np.float64]

#: Added to a diagonal of ones: numbers that the points do not tell apart stay where they are.
RIDGE = 1e-9


def solved(normal: Floats, right: Floats, damping: float = 0.0) -> Floats:
    """Solution of ``normal · x = right``, its diagonal raised by a share of itself (Levenberg and Marquardt).

    LAPACK itself: around so few numbers numpy's checks take most of the time of a fit.

    Raises
    ------
    numpy.linalg.LinAlgError
        No solution, in spite of the ridge.
    """
    scaled, size = _scaled(normal, damping)
    across = size if right.ndim == 1 else size[:, None]
    _, _, solution, fault = lapack.dgesv(scaled, right / across)
    if fault:
        raise np.linalg.LinAlgError("singular normal equations")
    return np.asarray(solution / across)


def inverse(normal: Floats) -> Floats:
    """Inverse of the normal matrix: the covariance of the solution under noise of one."""
    scaled, size = _scaled(normal, 0.0)
    return np.asarray(np.linalg.inv(scaled) / (size[:, None] * size))


def _scaled(normal: Floats, damping: float) -> tuple[Floats, Floats]:
    size = np.sqrt(np.maximum(normal.diagonal(), 1e-30))
    scaled = normal / (size[:, None] * size)
    scaled.flat[:: len(size) + 1] += damping + RIDGE
    return scaled, size
