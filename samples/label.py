"""A printed label on a panel: matt paper with dark squares, such as a panel code."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: CIE L* of the paper and of the ink on it.
PAPER, INK = 92.0, 18.0


@dataclass(frozen=True, slots=True)
class Label:
    """Paper with a print of square modules.

    Attributes
    ----------
    ink : tuple of tuple of bool
        Rows of the print, True where it is dark; its blank rim belongs to it.
    module_mm : float
        Side of a module.
    x_mm, y_mm : float
        Centre, local coordinates (mm from the panel's centre, x right, y down).
    rotation_deg : float
        Counter-clockwise.
    """

    ink: tuple[tuple[bool, ...], ...]
    module_mm: float
    x_mm: float = 0.0
    y_mm: float = 0.0
    rotation_deg: float = 0.0

    def seen(self, lx: Floats, ly: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where the label lies, and where there is ink on it, at places in local coordinates."""
        turn = radians(self.rotation_deg)
        x, y = lx - self.x_mm, ly - self.y_mm
        # y runs down: a counter-clockwise turn of the label is undone by this one.
        along, down = x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)
        printed = np.array(self.ink, bool)
        rows, columns = printed.shape
        column = np.floor(along / self.module_mm + columns / 2).astype(int)
        row = np.floor(down / self.module_mm + rows / 2).astype(int)
        covered = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return covered, covered & printed[row.clip(0, rows - 1), column.clip(0, columns - 1)]
