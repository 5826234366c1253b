"""Marks of every sort on a large panel that is made quickly: for timing, not for judging how well they are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatMap = NDArray[np.float32]

#: Room for one mark and the paint around it.
CELL_MM: Final = 18.0
#: A profile ``exp(−½ |t / half width|^power)``: a bump, a patch, a groove that breaks off at its ends.
BUMP, PATCH, GROOVE = 2, 4, 16


@dataclass(frozen=True, slots=True)
class Sort:
    """Half width (mm) and power of the profile along x and y; what the middle has more than the paint around it."""

    across: tuple[float, int]
    down: tuple[float, int]
    height_um: float = 0.0
    mirror_loss: float = 0.0
    diffuse: float = 0.0


SORTS: Final = (
    Sort((0.20, BUMP), (0.20, BUMP), height_um=6.0),  # nib
    Sort((0.45, BUMP), (0.40, BUMP), height_um=-6.0),  # crater
    Sort((5.0, GROOVE), (0.12, BUMP), height_um=-1.2, mirror_loss=0.2),  # scratch
    Sort((0.15, BUMP), (0.15, BUMP), mirror_loss=0.9, diffuse=0.3),  # dust
    Sort((3.0, BUMP), (2.5, BUMP), height_um=-8.0),  # dent
    Sort((4.0, PATCH), (3.5, PATCH), mirror_loss=0.2),  # gloss patch
    Sort((0.12, BUMP), (5.0, GROOVE), height_um=-1.0, mirror_loss=0.2),  # scratch
    Sort((3.5, PATCH), (4.0, PATCH), diffuse=0.04),  # colour patch
)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What the marks do to every pixel: slopes (x right, y down), share of the mirror image, diffuse light added."""

    slope_x: FloatMap
    slope_y: FloatMap
    mirror: FloatMap
    diffuse: FloatMap


def drawn(rows: int, cols: int, pitch_mm: float, count: int) -> Drawn:
    """So many marks, one sort after the other, in cells of `CELL_MM` from the top left.

    Raises
    ------
    ValueError
        The picture holds fewer cells.
    """
    side = round(CELL_MM / pitch_mm)
    places = [(top, left) for top in range(0, rows - side + 1, side) for left in range(0, cols - side + 1, side)]
    if count > len(places):
        raise ValueError(f"{rows} × {cols} pixels of {pitch_mm:g} mm hold {len(places)} marks, not {count}")
    flat = np.zeros((rows, cols), np.float32)
    panel = Drawn(flat, flat.copy(), np.ones_like(flat), flat.copy())
    for number, (top, left) in enumerate(places[:count]):
        sort = SORTS[number % len(SORTS)]
        # Off the middle of a pixel by another part of it each.
        x, y = (
            (np.arange(side, dtype=np.float32) - np.float32(side / 2 + step * number % 1)) * np.float32(pitch_mm)
            for step in (0.37, 0.61)
        )
        (across, by_x), (down, by_y) = _profile(x, *sort.across), _profile(y, *sort.down)
        shape, height_mm = down[:, None] * across, np.float32(sort.height_um * 1e-3)
        here = (slice(top, top + side), slice(left, left + side))
        panel.slope_x[here] += height_mm * down[:, None] * by_x
        panel.slope_y[here] += height_mm * by_y[:, None] * across
        panel.mirror[here] -= np.float32(sort.mirror_loss) * shape
        panel.diffuse[here] += np.float32(sort.diffuse) * shape
    return panel


def _profile(t: FloatMap, half_mm: float, power: int) -> tuple[FloatMap, FloatMap]:
    """Profile across a mark, 1 in the middle, and its slope per mm."""
    at = t / np.float32(half_mm)
    profile = np.exp(np.float32(-0.5) * at**power)
    return profile, np.float32(-power / 2 / half_mm) * at ** (power - 1) * profile
