"""Maps on a straight raster: what a camera saw, drawn again where a homography alone says its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Camera
from inspection.lens import Lens
from inspection.optics import pixel_px

Array = NDArray[Any]
Homography = tuple[tuple[float, float, float], ...]


def straightened(maps: Mapping[str, NDArray[np.float32]], camera: Camera) -> dict[str, NDArray[np.float32]]:
    """Maps at camera resolution whose pixels lie where `camera.pixel_to_panel_mm` says.

    Through a lens that bends nothing they lie there as they are. Else they are drawn anew, see `resampled`.
    """
    if camera.lens is None or not maps:
        return dict(maps)
    shape = next(iter(maps.values())).shape[:2]
    where = seen_at(camera.pixel_to_panel_mm, shape, camera.pixel_to_panel_mm, camera.lens)
    return {name: resampled(values, *where) for name, values in maps.items()}


def seen_at(
    raster_to_panel_mm: Homography, shape: tuple[int, int], pixel_to_panel_mm: Homography, lens: Lens | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Column and row of a camera's picture at which each place of a raster is seen, beyond the picture too.

    Parameters
    ----------
    raster_to_panel_mm : 3 × 3
        From (column, row, 1) of the raster to mm.
    shape : rows, columns
        Of the raster.
    pixel_to_panel_mm, lens
        Of the camera, to the same frame.
    """
    (a, b, c), (d, e, f), (g, h, i) = raster_to_panel_mm
    col, row = np.arange(shape[1])[None, :], np.arange(shape[0])[:, None]
    w = g * col + h * row + i
    column, line = pixel_px(pixel_to_panel_mm, lens, (a * col + b * row + c) / w, (d * col + e * row + f) / w)
    return column.astype(np.float32), line.astype(np.float32)


def resampled(values: Array, column: NDArray[np.float32], row: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values at (column, row) of a picture, between its pixels; NaN outside it. Channels, if any, come last.

    Beside a pixel that is NaN the nearest one counts: holes keep their size.
    """
    between, near = _remapped(values, column, row, cv2.INTER_LINEAR), nearest(values, column, row)
    return np.where(np.isfinite(between), between, near).astype(np.float32)


def nearest(values: Array, column: NDArray[np.float32], row: NDArray[np.float32]) -> NDArray[np.float32]:
    """As `resampled`, but of the nearest pixel: half a pixel off at most, and no value is made up."""
    return _remapped(values, column, row, cv2.INTER_NEAREST)


def _remapped(values: Array, column: NDArray[np.float32], row: NDArray[np.float32], how: int) -> NDArray[np.float32]:
    edge = (np.nan,) * (1 if values.ndim == 2 else values.shape[2])
    drawn = cv2.remap(
        np.asarray(values, np.float32), column, row, how, borderMode=cv2.BORDER_CONSTANT, borderValue=edge
    )
    return np.asarray(drawn, np.float32)
