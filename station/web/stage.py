"""The picture's frame: rulers in millimetres around an image in camera pixels, exact for a tilted camera too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_LABELLED_MM = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
#: Height of the rulers' numbers: 18 px where the picture is narrowest.
TEXT_OF_WIDTH: Final = 0.037


@dataclass(frozen=True, slots=True)
class Tick:
    """One mark of a ruler: its place along the edge in pixels, and its number where it carries one."""

    at: float
    mm: float | None


@dataclass(frozen=True, slots=True)
class Stage:
    """Drawing coordinates are pixels, origin at the outer corner of the first pixel.

    `to_mm` and `from_mm` are row-major 3 × 3 projective maps between drawing and panel coordinates.
    """

    columns: int
    rows: int
    text: float
    view_box: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    to_mm: str
    from_mm: str

    def place(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """A place of the panel in drawing coordinates."""
        x, y, w = np.array([float(part) for part in self.from_mm.split()]).reshape(3, 3) @ (x_mm, y_mm, 1.0)
        return round(float(x / w), 2), round(float(y / w), 2)


def stage(
    columns: int, rows: int, pixel_to_panel_mm: Sequence[Sequence[float]], *, text_of_width: float = TEXT_OF_WIDTH
) -> Stage:
    """Lay out the frame of an image.

    Parameters
    ----------
    columns, rows : int
        Size of the image in camera pixels.
    pixel_to_panel_mm : 3 × 3
        (column, row, 1) of a pixel's centre to panel millimetres; invertible.
    text_of_width : float
        Height of the rulers' numbers over the width of the image.
    """
    centre_of_pixel = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]], float)
    to_mm = np.asarray(pixel_to_panel_mm, float) @ centre_of_pixel
    text = round(text_of_width * columns, 2)
    left, bottom = round(2.9 * text, 2), round(2.1 * text, 2)
    margin = round(0.5 * text, 2)
    return Stage(
        columns=columns,
        rows=rows,
        text=text,
        view_box=f"{-left} {-margin} {columns + left + margin} {rows + bottom + margin}",
        x_ticks=_ticks(to_mm, np.array([0.0, rows, 1.0]), np.array([1.0, 0.0, 0.0]), columns, row=0),
        y_ticks=_ticks(to_mm, np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0]), rows, row=1),
        to_mm=_numbers(to_mm),
        from_mm=_numbers(np.linalg.inv(to_mm)),
    )


def stage_of(inspection: Mapping[str, Any], *, text_of_width: float = TEXT_OF_WIDTH) -> Stage | None:
    """The frame of an inspection's picture and maps, which lie in one raster; None where it has no map."""
    if not inspection["maps"]:
        return None
    first = inspection["maps"][0]
    return stage(first["columns_px"], first["rows_px"], inspection["pixel_to_panel_mm"], text_of_width=text_of_width)


def _ticks(
    to_mm: NDArray[np.float64], corner: NDArray[np.float64], along: NDArray[np.float64], length: int, *, row: int
) -> tuple[Tick, ...]:
    """Marks where one panel coordinate takes round values along one edge of the image."""
    fixed, moving = to_mm @ corner, to_mm @ along
    ends = [float((fixed + s * moving)[row] / (fixed + s * moving)[2]) for s in (0, length)]
    low, high = min(ends), max(ends)
    if high - low < 1e-6:
        return ()
    step = next((s for s in _LABELLED_MM if (high - low) / s <= 7), _LABELLED_MM[-1])
    fine = step / 5
    marks = []
    slack = 1e-6 * (high - low)
    for count in range(math.ceil((low - slack) / fine), math.floor((high + slack) / fine) + 1):
        mm = count * fine
        at = (mm * fixed[2] - fixed[row]) / (moving[row] - mm * moving[2])
        marks.append(Tick(round(float(at), 2), mm if count % 5 == 0 else None))
    return tuple(marks)


def _numbers(matrix: NDArray[np.float64]) -> str:
    return " ".join(f"{number:.12g}" for number in matrix.ravel())
