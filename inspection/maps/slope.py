"""Slope of the surface from the screen position that each pixel sees (phase-measuring deflectometry)."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from inspection.filters import robust_fit
from inspection.frames import Geometry
from inspection.fringes import Decoded, FloatMap
from inspection.maps.kinds import SlopeMap
from inspection.optics import mirrored_mm, panel_mm, pitch_mm, slopes_from_screen
from inspection.registry import builds
from inspection.rig import Rig
from inspection.strips import in_strips

#: The form is fitted on a grid of about this many points along the longer side.
FORM_CELLS = 80
#: A form that rises less than this over the field is a plane: it moves no ray by a measurable amount.
FLAT_MM = 2e-3
#: Passes over the grid: slopes give the form, the form tells where the rays really meet the panel.
FORM_ROUNDS = 3
#: The glass shows where the assumed geometry is off; that is smooth: a polynomial of this degree.
GLASS_DEGREE = 4
#: What the glass of each rig in memory shows.
_GLASS: WeakKeyDictionary[Rig, NDArray[np.float64]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Form:
    """Height of the panel, second order about the field's centre: mm, station frame with y down.

    ``z = a x + b y + c x² + d x y + e y²``; ``glass_x`` and ``glass_y`` are Chebyshev coefficients of the
    slope error that the flat black glass shows.
    """

    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0

    def height(self, x: FloatMap, y: FloatMap) -> FloatMap:
        """Height at places relative to the centre, without the tilt (a panel is held by hand: its level is unknown)."""
        return np.asarray(self.c * x * x + self.d * x * y + self.e * y * y)

    def slopes(self, x: FloatMap, y: FloatMap) -> tuple[FloatMap, FloatMap]:
        """dz/dx and dz/dy at places relative to the centre."""
        return np.asarray(self.a + 2 * self.c * x + self.d * y), np.asarray(self.b + self.d * x + 2 * self.e * y)


@builds
def slope(decoded: Decoded, rig: Rig) -> SlopeMap:
    """Slopes of every pixel in mrad, with the geometry of that very pixel; second-order form removed.

    NaN where the screen position is NaN. Valid for slopes up to some 50 mrad (small-angle use of the
    result; the geometry itself is exact). Needs 30 valid pixels on the form's grid, else all is NaN.
    """
    geometry = rig.geometry
    shape = rig.sensor.shape
    stride = max(1, max(shape) // FORM_CELLS)
    glass = _glass_error(rig, stride)
    form = _fit_form(geometry, decoded, glass, stride)
    x_mrad, y_mrad = np.empty(shape, np.float32), np.empty(shape, np.float32)
    cols = np.arange(shape[1], dtype=np.float32)[None, :]

    def work(rows: slice) -> None:
        row = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
        x, y = _centred(geometry, *panel_mm(geometry, cols, row))
        place, x, y = _on_form(geometry, form, x, y)
        sx, sy = slopes_from_screen(geometry, place, decoded.screen_u_mm[rows], decoded.screen_v_mm[rows])
        fx, fy = form.slopes(x, y)
        gx, gy = _evaluate(glass, shape, row, cols)
        np.multiply(sx - (fx + gx), 1e3, out=x_mrad[rows])
        np.multiply(sy - (fy + gy), 1e3, out=y_mrad[rows])

    in_strips(shape, work)
    per_u, per_v = _mrad_per_mm(geometry)
    thin = (slice(None, None, stride), slice(None, None, stride))
    seen = bool(decoded.valid[thin].any())
    noise = tuple(
        factor * float(np.sqrt(np.nanmean(np.square(sigma[thin], dtype=np.float64)))) if seen else np.nan
        for factor, sigma in ((per_u, decoded.screen_u_u_mm), (per_v, decoded.screen_v_u_mm))
    )
    return SlopeMap(
        to_panel_mm=geometry.camera.pixel_to_panel_mm,
        pitch_mm=pitch_mm(geometry, shape),
        x_mrad=x_mrad,
        y_mrad=y_mrad,
        noise_mrad=(noise[0], noise[1]),
        scale_u_relative=rig.terms.screen_distance_mm / geometry.screen.distance_mm,
    )


def _centred(geometry: Geometry, x: FloatMap, y: FloatMap) -> tuple[FloatMap, FloatMap]:
    width, height = geometry.field_mm
    return x - np.float32(width / 2), y - np.float32(height / 2)


def _on_form(
    geometry: Geometry, form: Form, x: FloatMap, y: FloatMap
) -> tuple[tuple[FloatMap, FloatMap, FloatMap | float], FloatMap, FloatMap]:
    """Where the camera's rays through the plane places meet the form: (X, Y up, Z), and x, y (down) again."""
    width, height = geometry.field_mm
    if abs(form.c) * width**2 + abs(form.d) * width * height + abs(form.e) * height**2 < 4 * FLAT_MM:
        return (x, -y, 0.0), x, y
    cx, cy, cz = geometry.camera.position_mm
    z = form.height(x, y)
    up = z / np.float32(cz)
    x, y = x + (np.float32(cx) - x) * up, y + (np.float32(-cy) - y) * up
    return (x, -y, z), x, y


def _fit_form(geometry: Geometry, decoded: Decoded, glass: NDArray[np.float64], stride: int) -> Form:
    shape = decoded.screen_u_mm.shape
    grid = (slice(stride // 2, None, stride), slice(stride // 2, None, stride))
    row = np.arange(stride // 2, shape[0], stride, dtype=np.float64)[:, None]
    col = np.arange(stride // 2, shape[1], stride, dtype=np.float64)[None, :]
    u, v = decoded.screen_u_mm[grid].astype(np.float64), decoded.screen_v_mm[grid].astype(np.float64)
    seen = np.isfinite(u) & np.isfinite(v)
    if seen.sum() < 30:
        return Form()
    x0, y0 = (np.broadcast_to(a, seen.shape) for a in _centred(geometry, *panel_mm(geometry, col, row)))
    gx, gy = _evaluate(glass, shape, row, col)
    form = Form()
    for _ in range(FORM_ROUNDS):
        place, x, y = _on_form(geometry, form, x0, y0)
        sx, sy = slopes_from_screen(geometry, place, u, v)
        x, y, sx, sy = x[seen], y[seen], (sx - gx)[seen], (sy - gy)[seen]
        zero, one = np.zeros_like(x), np.ones_like(x)
        design = np.concatenate(
            [
                np.stack([one, zero, 2 * x, y, zero], axis=1),
                np.stack([zero, one, zero, x, 2 * y], axis=1),
            ]
        )
        form = Form(*robust_fit(design, np.concatenate([sx, sy])).tolist())
    return form


def _glass_error(rig: Rig, stride: int) -> NDArray[np.float64]:
    """Slope that the flat black glass seems to have: where the assumed geometry errs. (2, degree+1, degree+1).

    It is the rig's alone, and fitted once while the rig is in memory.
    """
    if rig not in _GLASS:
        _GLASS[rig] = _fit_glass(rig, stride)
    return _GLASS[rig]


def _fit_glass(rig: Rig, stride: int) -> NDArray[np.float64]:
    shape = rig.screen_u_mm.shape
    grid = (slice(stride // 2, None, stride), slice(stride // 2, None, stride))
    row = np.arange(stride // 2, shape[0], stride, dtype=np.float64)[:, None]
    col = np.arange(stride // 2, shape[1], stride, dtype=np.float64)[None, :]
    x, y = _centred(rig.geometry, *panel_mm(rig.geometry, col, row))
    sx, sy = slopes_from_screen(rig.geometry, (x, -y, 0.0), rig.screen_u_mm[grid], rig.screen_v_mm[grid])
    seen = np.isfinite(sx) & np.isfinite(sy)
    terms = (GLASS_DEGREE + 1) ** 2
    if seen.sum() < 4 * terms:
        return np.zeros((2, GLASS_DEGREE + 1, GLASS_DEGREE + 1))
    basis = _basis(row, shape[0])[:, None, :, None] * _basis(col, shape[1])[None, :, None, :]
    design = basis.reshape(*seen.shape, terms)[seen]
    return np.stack([robust_fit(design, s[seen]).reshape(GLASS_DEGREE + 1, GLASS_DEGREE + 1) for s in (sx, sy)])


def _basis(index: NDArray[np.floating], size: int) -> NDArray[np.float64]:
    """Chebyshev polynomials over the picture, (points, degree + 1)."""
    t = (2 * np.asarray(index, np.float64).ravel() + 1) / size - 1
    return np.asarray(np.polynomial.chebyshev.chebvander(t, GLASS_DEGREE), np.float64)


def _evaluate(
    glass: NDArray[np.float64], shape: tuple[int, ...], row: NDArray[np.floating], col: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    by_row, by_col = _basis(row, shape[0]), _basis(col, shape[1])
    dtype = row.dtype
    gx, gy = ((by_row @ g).astype(dtype) @ by_col.T.astype(dtype) for g in glass)
    return gx, gy


def _mrad_per_mm(geometry: Geometry) -> tuple[float, float]:
    """Slope per screen shift at the field's centre, along u and along v."""
    width, height = geometry.field_mm
    u, v = mirrored_mm(geometry, np.array([width / 2]), np.array([height / 2]))
    centre = (np.zeros(1), np.zeros(1), 0.0)
    base = slopes_from_screen(geometry, centre, u, v)
    per_u = slopes_from_screen(geometry, centre, u + 0.1, v)[0] - base[0]
    per_v = slopes_from_screen(geometry, centre, u, v + 0.1)[1] - base[1]
    return abs(float(per_u[0])) * 1e4, abs(float(per_v[0])) * 1e4
