"""The plan of a part that is larger than the field: its outline and the views it is captured in (`paint-plan/1`)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from inspection.areas import polygon, polygon_area_mm2
from inspection.frames import Geometry
from inspection.maps.kinds import Area
from inspection.optics import panel_mm, pitch_mm, pixel_px
from inspection.recipe_schema import WHOLE, TitleForm
from inspection.written import written

Matrix = tuple[tuple[float, float, float], ...]
Corners = tuple[tuple[float, float], ...]

#: Where a view lies on the part: a person or a robot puts it there within a millimetre or so (standard uncertainty).
PLACED_U_MM = 1.0
#: Coverage is looked at on a raster of this many mm.
CELL_MM = 2.0
#: Borders between views are laid out on a raster of this many pixels.
_COARSE_PX = 8

_Length = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e4, le=1e4)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ViewForm(_Strict):
    """One view, see `View`."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    title: TitleForm
    x_mm: _Length
    y_mm: _Length
    rotation_deg: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-360, le=360)] = 0.0


class PlanForm(_Strict):
    """The whole file."""

    format: Literal["paint-plan/1"]
    part: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
    outline_mm: Annotated[
        list[Annotated[list[_Length], Field(min_length=2, max_length=2)]], Field(min_length=3, max_length=1000)
    ]
    views: Annotated[list[ViewForm], Field(min_length=2, max_length=64)]


@dataclass(frozen=True, slots=True)
class View:
    """Where the field lies on the part for one capture.

    Attributes
    ----------
    x_mm, y_mm : float
        Of the field's top-left corner, in the part's frame (x right, y down).
    rotation_deg : float
        Of the field about that corner, counter-clockwise as seen.
    """

    name: str
    title: dict[str, str]
    x_mm: float
    y_mm: float
    rotation_deg: float = 0.0

    @property
    def to_part_mm(self) -> Matrix:
        """From places (x, y, 1) of the field to the part."""
        turn = math.radians(self.rotation_deg)
        cos, sin = math.cos(turn), math.sin(turn)
        return ((cos, sin, self.x_mm), (-sin, cos, self.y_mm), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Plan:
    """A part and its views, in the order in which they are asked for. `sha256` is of `text`, the file as written."""

    part: str
    outline_mm: Corners
    views: tuple[View, ...]
    sha256: str
    text: str

    @property
    def box_mm(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the outline."""
        x, y = zip(*self.outline_mm, strict=True)
        return min(x), min(y), max(x), max(y)


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What one view answers for.

    Attributes
    ----------
    to_part_mm : 3 × 3
        From its field.
    part : Area or None
        Its picture within the outline: marks count here. None: it sees nothing of the part.
    own : Area or None
        What no other view sees farther from its picture's edge: values of the part's area are made of these.
    """

    view: str
    to_part_mm: Matrix
    part: Area | None
    own: Area | None


def parse_plan(text: str, source: str) -> Plan:
    """Read a plan from TOML text.

    Raises
    ------
    Refused
        ``source:line: field: what was expected``.
    """
    form, refuse = written(text, source, PlanForm)
    outline = tuple((x, y) for x, y in form.outline_mm)
    if polygon_area_mm2(outline) < CELL_MM**2:
        raise refuse(("outline_mm",), "the corners enclose no area")
    names = [view.name for view in form.views]
    for i, name in enumerate(names):
        if name == WHOLE or name in names[:i]:
            raise refuse(("views", i, "name"), f"{name!r} is taken; every view needs a name of its own")
    views = tuple(
        View(one.name, {"zh": one.title.zh, "en": one.title.en}, one.x_mm, one.y_mm, one.rotation_deg)
        for one in form.views
    )
    return Plan(form.part, outline, views, hashlib.sha256(text.encode()).hexdigest(), text)


def shares(plan: Plan, geometry: Geometry, shape: tuple[int, int]) -> tuple[Share, ...]:
    """What each view of a plan answers for, before a camera that stands as `geometry` says."""
    told = []
    for view in plan.views:
        to_part = times(view.to_part_mm, geometry.camera.pixel_to_panel_mm)
        lens = geometry.camera.lens and geometry.camera.lens.moved(view.to_part_mm)
        part = polygon(plan.outline_mm, to_part, shape, math.inf, lens)
        told.append(Share(view.name, view.to_part_mm, part, part and _own(part, view, plan, geometry, shape)))
    return tuple(told)


def unseen_mm2(plan: Plan, others: Sequence[Corners], geometry: Geometry, shape: tuple[int, int]) -> float:
    """How much of the part, and of other polygons that somebody asks about, no view has in its picture."""
    corners = np.concatenate([np.array(one, float) for one in (plan.outline_mm, *others)])
    low, high = corners.min(0), corners.max(0)
    columns, rows = (max(1, math.ceil(length / CELL_MM)) for length in high - low)
    asked = np.zeros((rows, columns), np.uint8)
    for one in (plan.outline_mm, *others):
        cv2.fillPoly(asked, [np.round((np.array(one, float) - low) / CELL_MM - 0.5).astype(np.int32)], (1,))
    y, x = np.nonzero(asked)
    places = low[0] + (x + 0.5) * CELL_MM, low[1] + (y + 0.5) * CELL_MM
    # Half a cell beyond the picture is seen: the raster is no finer.
    slack = 0.5 * CELL_MM / _pixel_mm(geometry, shape)
    seen = np.zeros(x.shape, np.bool_)
    for view in plan.views:
        seen |= depth_px(view, geometry, shape, *places) > -slack
    return float(np.count_nonzero(~seen)) * CELL_MM**2


def depth_px(
    view: View, geometry: Geometry, shape: tuple[int, int], x_mm: NDArray[np.float64], y_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far places of the part lie from the nearest edge of a view's picture, px; negative beyond it."""
    (a, b, c), (d, e, f), _ = np.linalg.inv(np.array(view.to_part_mm))
    camera = geometry.camera
    column, row = pixel_px(camera.pixel_to_panel_mm, camera.lens, a * x_mm + b * y_mm + c, d * x_mm + e * y_mm + f)
    sides = (column + 0.5, shape[1] - 0.5 - column, row + 0.5, shape[0] - 0.5 - row)
    return np.minimum.reduce(sides)


def _own(part: Area, view: View, plan: Plan, geometry: Geometry, shape: tuple[int, int]) -> Area | None:
    """Where the view sees the part at least as deep in its picture as any other; the first of equals has it."""
    inside = np.zeros(shape, np.bool_)
    inside[part.rows, part.cols] = True if part.inside is None else part.inside
    rows, columns = (max(2, length // _COARSE_PX) for length in shape)
    column = (np.arange(columns) + 0.5) * shape[1] / columns - 0.5
    row = (np.arange(rows) + 0.5) * shape[0] / rows - 0.5
    x, y = places_mm(geometry, view.to_part_mm, *np.meshgrid(column, row))
    mine = depth_px(view, geometry, shape, x, y)
    first = True
    for other in plan.views:
        if other is view:
            first = False
            continue
        ahead = (mine - depth_px(other, geometry, shape, x, y)).astype(np.float32)
        fine = cv2.resize(ahead, shape[::-1], interpolation=cv2.INTER_LINEAR)
        inside &= fine > 0 if first else fine >= 0
    n_px = int(np.count_nonzero(inside))
    return Area(slice(0, shape[0]), slice(0, shape[1]), inside, n_px) if n_px else None


def places_mm(
    geometry: Geometry, to_part_mm: Matrix, column: NDArray[np.float64], row: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places of the part that pixels of a view see."""
    x, y = panel_mm(geometry, column, row)
    (a, b, c), (d, e, f), _ = to_part_mm
    return a * x + b * y + c, d * x + e * y + f


def _pixel_mm(geometry: Geometry, shape: tuple[int, int]) -> float:
    return float(np.mean(pitch_mm(geometry, shape)))


def times(one: Matrix, other: Matrix) -> Matrix:
    """First `other`, then `one`."""
    return tuple((float(a), float(b), float(c)) for a, b, c in np.array(one) @ np.array(other))
