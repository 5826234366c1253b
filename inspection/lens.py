"""The distortion of a camera's lens: from seen pixels to those of a lens without it, to the panel's plane, and back.

Brown (1971), "Close-range camera calibration": k1, k2 along the radius, p1, p2 for elements off their axis; from the
seen to the ideal place, in units of the distance of the picture's corner from its middle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: Beyond this radius the shift stays what it is there: a polynomial that was fitted inside the picture runs away.
REACH = 1.1
#: Steps of the way back. Each leaves less than half of an error of some pixels, for most lenses less than a tenth.
_STEPS = 20


def shift_px(
    column: Array,
    row: Array,
    distortion: tuple[float, float, float, float],
    centre_px: tuple[float, float],
    radius_px: float,
) -> tuple[Array, Array]:
    """Ideal minus seen place of pixels seen at (column, row), in px; in the dtype of the places."""
    k1, k2, p1, p2 = distortion
    a, b = (column - centre_px[0]) / radius_px, (row - centre_px[1]) / radius_px
    beyond = np.maximum(1.0, np.sqrt(a * a + b * b) / REACH)
    a, b = a / beyond, b / beyond
    square = a * a + b * b
    radial = k1 * square + k2 * square * square
    across = a * radial + p1 * (square + 2 * a * a) + 2 * p2 * a * b
    down = b * radial + p2 * (square + 2 * b * b) + 2 * p1 * a * b
    return radius_px * across, radius_px * down


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens that bends the picture, as a calibration found it.

    Attributes
    ----------
    distortion : k1, k2, p1, p2
    centre_px, radius_px : (column, row), float
        Middle of the picture, and the distance of its corner: the unit of the distortion.
    to_panel_mm : 3 × 3
        From ideal pixels (column, row, 1) to the panel (x right, y down).
    """

    distortion: tuple[float, float, float, float]
    centre_px: tuple[float, float]
    radius_px: float
    to_panel_mm: tuple[tuple[float, float, float], ...]

    def moved(self, matrix: tuple[tuple[float, float, float], ...]) -> Lens:
        """The same lens seen from another frame: `matrix` leads from places (x, y, 1) of this one to it."""
        rows = np.array(matrix, float) @ np.array(self.to_panel_mm)
        return replace(self, to_panel_mm=tuple((float(a), float(b), float(c)) for a, b, c in rows))

    def places_mm(self, column: Array, row: Array) -> tuple[Array, Array]:
        """Places on the panel that pixels see; works in the dtype of `column` and `row`, which must broadcast."""
        right, down = shift_px(column, row, self.distortion, self.centre_px, self.radius_px)
        col, row = column + right, row + down
        (a, b, c), (d, e, f), (g, h, i) = self.to_panel_mm
        w = g * col + h * row + i
        return (a * col + b * row + c) / w, (d * col + e * row + f) / w

    def pixels_px(self, x_mm: Array | float, y_mm: Array | float) -> tuple[Array, Array]:
        """Column and row at which places on the panel are seen; beyond the picture too, where the last shift stays."""
        x, y = np.broadcast_arrays(np.asarray(x_mm, float), np.asarray(y_mm, float))
        ideal = np.einsum("ij,j...->i...", np.linalg.inv(np.array(self.to_panel_mm)), np.stack([x, y, np.ones_like(x)]))
        col, row = ideal[0] / ideal[2], ideal[1] / ideal[2]
        seen = col, row
        for _ in range(_STEPS):
            right, down = shift_px(*seen, self.distortion, self.centre_px, self.radius_px)
            seen = col - right, row - down
        return seen
