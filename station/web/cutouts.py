"""Cut-outs: a mark and the paint around it, from the colour picture or from the map that shows it best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.kinds import Kind
from station.capture_set import picture_of
from station.web.scales import colours_of, false_colours, scale_of

Row = Mapping[str, Any]

#: The panel's own colour; every panel of which it was measured has this map.
COLOUR = "lab"
#: At least so much paint is shown around a mark: half its box, and this.
MARGIN_MM = 2.0
#: Side of the cut-out of a mark that has no box, such as one that a person has added.
UNBOXED_MM = 8.0
LEAST_PX = 96
#: Maps that show a kind, the best first; a mark without one of them is shown in its colour.
_RELIEF = ("height_um", "slope_x_mrad", "slope_y_mrad")
_DULL = ("clarity_", "haze_pct", "gloss_gu")
_SHOWN_BY = {
    Kind.NIB: _RELIEF,
    Kind.CRATER: _RELIEF,
    Kind.PINHOLE: _RELIEF,
    Kind.SCRATCH: ("slope_x_mrad", "slope_y_mrad", *_DULL),
    Kind.RUN: _RELIEF,
    Kind.DENT: _RELIEF,
    Kind.SWIRL: ("lamp_", *_DULL),
    Kind.HOLOGRAM: ("lamp_", *_DULL),
    Kind.GLOSS_PATCH: ("gloss_gu", "haze_pct"),
}


def best_map(mark: Row, maps: Sequence[Row]) -> str | None:
    """Name of the map that a mark is looked at in; None where the inspection kept none that can show it.

    The measure that told the mark from the paint comes first, then what shows marks of its kind.
    """
    names = [row["name"] for row in maps if row["low"] is not None]
    kind = mark["corrected_kind"] or mark["kind"]
    measure = mark["contrast_measure"]
    wanted = [*([measure] if measure else []), *_SHOWN_BY.get(Kind(kind), ()), COLOUR]
    return next((name for start in wanted for name in names if name.startswith(start)), None)


def box_of(mark: Row) -> tuple[float, float, float, float]:
    """What a cut-out shows, in mm: a square around the mark with some paint around it."""
    x_mm, y_mm = mark["x_mm"], mark["y_mm"]
    if mark["box_mm"] is None:
        half = UNBOXED_MM / 2
    else:
        left, top, right, bottom = mark["box_mm"]
        x_mm, y_mm = (left + right) / 2, (top + bottom) / 2
        side = max(right - left, bottom - top)
        half = side / 2 + max(side / 2, MARGIN_MM)
    return x_mm - half, y_mm - half, x_mm + half, y_mm + half


def pixels_of(
    box_mm: tuple[float, float, float, float], pixel_to_panel_mm: Sequence[Sequence[float]], shape: tuple[int, int]
) -> tuple[slice, slice]:
    """The rows and columns of a picture that hold a box of the panel; at least one pixel of each."""
    left, top, right, bottom = box_mm
    corners = np.array([(x, y, 1.0) for x in (left, right) for y in (top, bottom)]).T
    projected = np.linalg.solve(np.asarray(pixel_to_panel_mm, float), corners)
    columns, rows = projected[:2] / projected[2]

    def span(values: NDArray[np.float64], length: int) -> slice:
        start = int(np.clip(np.floor(values.min()), 0, length - 1))
        return slice(start, int(np.clip(np.ceil(values.max()) + 1, start + 1, length)))

    return span(rows, shape[0]), span(columns, shape[1])


def seen(x_mm: float, y_mm: float, pixel_to_panel_mm: Sequence[Sequence[float]], row: Row) -> bool:
    """Whether a place of the panel is in the picture; `row` describes a map of it."""
    column, line, scale = np.linalg.solve(np.asarray(pixel_to_panel_mm, float), (x_mm, y_mm, 1.0))
    inside = -0.5 <= column / scale < row["columns_px"] - 0.5 and -0.5 <= line / scale < row["rows_px"] - 0.5
    return bool(inside)


def cut_out(values: NDArray[np.float32], name: str, size_px: int) -> NDArray[np.uint8]:
    """A piece of a map as a picture.

    Parameters
    ----------
    values : float32 (rows, cols), or (rows, cols, 3) for CIE L*a*b*
    name : str
        Of the map: it says the colours. Their scale spans the piece, so that the mark stands out.
    size_px : int
        Length of the longer side of the result.

    Returns
    -------
    uint8 (rows, cols, 4)
        RGBA; not measured is transparent.
    """
    if values.ndim == 3:
        picture = picture_of(values)
    else:
        valid = values[np.isfinite(values)]
        low, high = scale_of(name, *np.percentile(valid, (0.5, 99.5)).tolist()) if valid.size else (None, None)
        picture = false_colours(values, low, high, colours_of(name))
    scale = size_px / max(picture.shape[:2])
    size = tuple(max(1, round(length * scale)) for length in picture.shape[1::-1])
    # Area averages going down; going up, each camera pixel stays to be seen.
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return np.ascontiguousarray(cv2.resize(picture, size, interpolation=how), np.uint8)
