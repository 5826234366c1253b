"""Height and slopes of the surface: the two measured slope maps brought into agreement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspection.filters import filled, surface
from inspection.frames import Camera
from inspection.fringes import FloatMap
from inspection.lens import Lens
from inspection.maps.kinds import SlopeMap, SurfaceMap
from inspection.registry import builds
from inspection.rig import Rig
from inspection.strips import in_strips


@builds
def surface_map(slope: SlopeMap, rig: Rig) -> SurfaceMap:
    """Integrate the slopes to a height in µm and take its gradient as the final slopes.

    Holes are bridged from their surroundings for the integration and are NaN in the result. A map
    without a single valid pixel stays NaN.
    """
    known = np.isfinite(slope.x_mrad)
    if not known.any():
        return _pack(slope, slope.x_mrad, slope.y_mrad, np.full_like(slope.x_mrad, np.nan))
    x, y = filled(slope.x_mrad, known), filled(slope.y_mrad, known)
    camera = rig.geometry.camera
    height, along_x, along_y = surface(*_turned(camera, x, y, per_mm=False))
    x, y = _turned(camera, along_x, along_y, per_mm=True)
    if not known.all():
        hole = ~known
        for array in (x, y, height):
            array[hole] = np.nan
    return _pack(slope, x, y, height)


def _pack(slope: SlopeMap, x: FloatMap, y: FloatMap, height: FloatMap) -> SurfaceMap:
    return SurfaceMap(
        to_panel_mm=slope.to_panel_mm,
        pitch_mm=slope.pitch_mm,
        x_mrad=x,
        y_mrad=y,
        height_um=height,
        noise_mrad=slope.noise_mrad,
        scale_u_relative=slope.scale_u_relative,
    )


def _turned(camera: Camera, x: FloatMap, y: FloatMap, *, per_mm: bool) -> tuple[FloatMap, FloatMap]:
    """A gradient per pixel as one per mm, or one per mm as one per pixel (mrad · mm = µm)."""
    result = np.empty_like(x), np.empty_like(y)

    def work(rows: slice) -> None:
        (a, b), (c, d) = _jacobian(camera, rows, x.shape[1], per_mm=per_mm)
        for out, (by_x, by_y) in zip(result, ((a, b), (c, d)), strict=True):
            np.multiply(x[rows], by_x, out=out[rows])
            if by_y.any():
                out[rows] += y[rows] * by_y

    in_strips(x.shape, work)
    return result


Floats = NDArray[np.float64]
Turn = tuple[tuple[FloatMap, FloatMap], tuple[FloatMap, FloatMap]]


def _jacobian(camera: Camera, rows: slice, cols: int, *, per_mm: bool) -> Turn:
    """How a gradient per mm turns into one per pixel, or back (`per_mm`); arrays broadcast over the rows."""
    if camera.lens is not None:
        return _bent(camera.lens, rows, cols, per_mm=per_mm)
    h = np.array(camera.pixel_to_panel_mm)
    square_on = h[2, 0] == h[2, 1] == 0.0  # the same for every pixel
    row = np.arange(rows.start, rows.start + 1 if square_on else rows.stop, dtype=np.float64)[:, None]
    col = np.arange(1 if square_on else cols, dtype=np.float64)[None, :]
    w = h[2, 0] * col + h[2, 1] * row + h[2, 2]
    x, y = ((h[i, 0] * col + h[i, 1] * row + h[i, 2]) / w for i in (0, 1))
    # Derivatives of (x, y) by column and row.
    xc, xr = (h[0, 0] - h[2, 0] * x) / w, (h[0, 1] - h[2, 1] * x) / w
    yc, yr = (h[1, 0] - h[2, 0] * y) / w, (h[1, 1] - h[2, 1] * y) / w
    return _turn(xc, xr, yc, yr, per_mm=per_mm)


def _bent(lens: Lens, rows: slice, cols: int, *, per_mm: bool) -> Turn:
    """The same through a lens that bends: by what lies half a pixel to each side."""
    row = np.arange(rows.start, rows.stop, dtype=np.float64)[:, None]
    col = np.arange(cols, dtype=np.float64)[None, :]
    (left_x, left_y), (right_x, right_y) = (lens.places_mm(col + half, row) for half in (-0.5, 0.5))
    (above_x, above_y), (below_x, below_y) = (lens.places_mm(col, row + half) for half in (-0.5, 0.5))
    return _turn(right_x - left_x, below_x - above_x, right_y - left_y, below_y - above_y, per_mm=per_mm)


def _turn(xc: Floats, xr: Floats, yc: Floats, yr: Floats, *, per_mm: bool) -> Turn:
    if per_mm:
        det = xc * yr - xr * yc
        xc, yc, xr, yr = yr / det, -yc / det, -xr / det, xc / det
    a, b, c, d = (part.astype(np.float32) for part in (xc, yc, xr, yr))
    return (a, b), (c, d)
