"""Maps of several views as one map of the part, each place from the view that has it deepest in its picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Geometry
from inspection.optics import pitch_mm
from inspection.plan import Matrix, Plan, View, depth_px, times
from inspection.straight import nearest, seen_at

#: A part is no pixel longer for rounding.
_WHOLE_PX = 1e-6


class Mosaic:
    """Takes the maps of one view after the other.

    Attributes
    ----------
    pixel_to_panel_mm : 3 × 3
        From its pixels, which are as large as the camera's, to the part: upright, no turn.
    field_mm : (float, float)
        Width and height of the part.
    """

    def __init__(self, plan: Plan, geometry: Geometry, shape: tuple[int, int]) -> None:
        left, top, right, bottom = plan.box_mm
        self._plan, self._geometry, self._shape = plan, geometry, shape
        self._pitch = pitch_mm(geometry, shape)
        self.field_mm = (right - left, bottom - top)
        columns, rows = (
            max(1, math.ceil(mm / pitch - _WHOLE_PX)) for mm, pitch in zip(self.field_mm, self._pitch, strict=True)
        )
        self.pixel_to_panel_mm: Matrix = (
            (self._pitch[0], 0.0, left + self._pitch[0] / 2),
            (0.0, self._pitch[1], top + self._pitch[1] / 2),
            (0.0, 0.0, 1.0),
        )
        outline = (np.array(plan.outline_mm) - (left, top)) / self._pitch - 0.5
        part = np.zeros((rows, columns), np.uint8)
        cv2.fillPoly(part, [np.round(outline * 16).astype(np.int32)], (1,), shift=4)
        # How deep the picture is that each pixel was taken from; nothing beyond the outline is.
        self._depth = np.where(part > 0, np.float32(0), np.float32(np.inf)).astype(np.float32)
        self.maps: dict[str, NDArray[np.float32]] = {}

    def add(self, view: View, maps: Mapping[str, NDArray[np.float32]]) -> None:
        """Lay in the maps of a view, straight ones at camera resolution."""
        where = self._within(view)
        raster = times(self.pixel_to_panel_mm, ((1, 0, where[1].start), (0, 1, where[0].start), (0, 0, 1)))
        shape = (where[0].stop - where[0].start, where[1].stop - where[1].start)
        if 0 in shape:
            return
        (a, _, c), (_, e, f), _ = raster
        x, y = np.broadcast_arrays(a * np.arange(shape[1])[None] + c, e * np.arange(shape[0])[:, None] + f)
        depth = depth_px(view, self._geometry, self._shape, x, y).astype(np.float32)
        mine = depth > self._depth[where]
        self._depth[where][mine] = depth[mine]
        camera = self._geometry.camera
        column, row = seen_at(raster, shape, times(view.to_part_mm, camera.pixel_to_panel_mm), None)
        # A view lies within a millimetre or so: half a pixel is no matter.
        for name, values in maps.items():
            there = mine if values.ndim == 2 else mine[..., None]
            np.copyto(self._map(name, values)[where], nearest(values, column, row), where=there)

    def _map(self, name: str, like: NDArray[Any]) -> NDArray[np.float32]:
        if name not in self.maps:
            self.maps[name] = np.full((*self._depth.shape, *like.shape[2:]), np.nan, np.float32)
        return self.maps[name]

    def _within(self, view: View) -> tuple[slice, slice]:
        """The rows and columns that can lie in a view's picture."""
        rows, columns = self._shape
        corners = np.array([(x, y, 1.0) for x in (-0.5, columns - 0.5) for y in (-0.5, rows - 0.5)]).T
        to_raster = np.linalg.inv(np.array(self.pixel_to_panel_mm))
        x, y, w = to_raster @ np.array(view.to_part_mm) @ np.array(self._geometry.camera.pixel_to_panel_mm) @ corners
        low, high = (np.array(fit((x / w, y / w), axis=1)) for fit in (np.min, np.max))
        (left, top), (right, bottom) = np.floor(low).astype(int) - 2, np.ceil(high).astype(int) + 3
        size = self._depth.shape
        left, right = (int(np.clip(v, 0, size[1])) for v in (left, right))
        top, bottom = (int(np.clip(v, 0, size[0])) for v in (top, bottom))
        return slice(top, bottom), slice(left, right)
