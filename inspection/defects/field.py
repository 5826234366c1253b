"""A map on the search grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.fringes import FloatMap


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Values without holes, and where they were seen and not filled in; both (rows, cols) of the search grid."""

    values: FloatMap
    seen: NDArray[np.bool_]
