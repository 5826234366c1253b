"""Geometry of the mirrored screen, and Fresnel's reflectance. Station frame, mm; see CONVENTIONS.md."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Geometry
from inspection.lens import Lens

Array = NDArray[Any]


def fresnel(n: float | Array, angle_rad: float | Array) -> Array:
    """Unpolarised reflectance of a smooth dielectric in air (Fresnel; ISO 2813 uses n = 1.567).

    Parameters
    ----------
    n : float or array
        Refractive index, above 1.
    angle_rad : float or array
        Angle of incidence from the normal, 0 … π/2.
    """
    cos = np.cos(angle_rad)
    q = np.sqrt(np.square(n) - np.square(np.sin(angle_rad)))
    s, p = (cos - q) / (cos + q), (np.square(n) * cos - q) / (np.square(n) * cos + q)
    return np.asarray((s * s + p * p) / 2)


def panel_mm(geometry: Geometry, col: Array, row: Array) -> tuple[Array, Array]:
    """Place on the panel plane (panel frame: x right, y down, mm) that each pixel sees.

    The formula works in the dtype of `col` and `row`; they must broadcast.
    """
    if geometry.camera.lens is not None:
        return geometry.camera.lens.places_mm(col, row)
    return _by_homography(geometry, col, row)


def _by_homography(geometry: Geometry, col: Array, row: Array) -> tuple[Array, Array]:
    (a, b, c), (d, e, f), (g, h, i) = geometry.camera.pixel_to_panel_mm
    if g == 0.0 and h == 0.0:
        return (a / i) * col + (b / i) * row + c / i, (d / i) * col + (e / i) * row + f / i
    w = g * col + h * row + i
    return (a * col + b * row + c) / w, (d * col + e * row + f) / w


def pixel_px(
    to_panel_mm: tuple[tuple[float, float, float], ...], lens: Lens | None, x_mm: Array | float, y_mm: Array | float
) -> tuple[Array, Array]:
    """Column and row at which places on the panel plane (panel frame, mm) are seen, beyond the picture too."""
    if lens is not None:
        return lens.pixels_px(x_mm, y_mm)
    x, y = np.broadcast_arrays(np.asarray(x_mm, float), np.asarray(y_mm, float))
    (a, b, c), (d, e, f), (g, h, i) = _inverse(to_panel_mm)
    ahead = g * x + h * y + i
    return (a * x + b * y + c) / ahead, (d * x + e * y + f) / ahead


@lru_cache(maxsize=8)
def _inverse(matrix: tuple[tuple[float, float, float], ...]) -> list[list[float]]:
    return cast(list[list[float]], np.linalg.inv(np.array(matrix)).tolist())


def pitch_mm(geometry: Geometry, shape: tuple[int, int]) -> tuple[float, float]:
    """Mean pixel pitch along x and y at the centre of the picture, mm.

    Through a lens that bends the picture: of the nearest homography, which is nearer to the mean over the picture.
    """
    row, col = (shape[0] - 1) / 2, (shape[1] - 1) / 2
    (x0, y0), (x1, y1), (x2, y2) = (
        _by_homography(geometry, np.array(c), np.array(r)) for c, r in ((col, row), (col + 1, row), (col, row + 1))
    )
    return float(np.hypot(x1 - x0, y1 - y0)), float(np.hypot(x2 - x0, y2 - y0))


def mirrored_mm(geometry: Geometry, x_mm: Array, y_mm: Array) -> tuple[Array, Array]:
    """Screen position (u, v) that a flat panel mirrors into the camera at panel places (x, y).

    The camera is reflected in the plane Z = 0; the line from its mirror image through the place
    meets the screen. NaN where it never does beyond the panel.
    """
    screen = geometry.screen
    place = _station_mm(geometry, x_mm, y_mm)
    eye = np.array(geometry.camera.position_mm) * (1, 1, -1)
    ray = place - eye
    u_axis, v_axis = np.array(screen.u_axis), np.array(screen.v_axis)
    normal = np.cross(u_axis, v_axis)
    along = ray @ normal
    with np.errstate(divide="ignore", invalid="ignore"):
        t = ((np.array(screen.centre_mm) - eye) @ normal) / along
    t = np.where((np.abs(along) > 1e-12) & (t > 1), t, np.nan)
    spot = eye + t[..., None] * ray - np.array(screen.centre_mm)
    return spot @ u_axis, spot @ v_axis


def _station_mm(geometry: Geometry, x_mm: Array, y_mm: Array) -> Array:
    """Panel places in the station frame, (…, 3)."""
    width, height = geometry.field_mm
    return np.stack(np.broadcast_arrays(x_mm - width / 2, height / 2 - y_mm, np.zeros(1)), axis=-1).astype(np.float64)


#: Patches of the screen, across (u) and down (v), over which its light is summed: exact to 1e-3 for a screen as wide
#: as twice its distance.
SCREEN_PATCHES = (48, 32)


def screen_patches_sr(geometry: Geometry, x_mm: Array, y_mm: Array, falloff: float = 0.0) -> Array:
    """Projected solid angle of every patch of the screen at panel places (…,): (…, u, v) in sr.

    Irradiance of the panel = this times the radiance of the screen where the panel mirrors it, summed.

    Parameters
    ----------
    falloff : power of the cosine of the emission angle with which the screen's radiance falls; 0: Lambertian
    """
    screen = geometry.screen
    place = _station_mm(geometry, x_mm, y_mm)
    u_axis, v_axis = np.array(screen.u_axis), np.array(screen.v_axis)
    u, v = (centre[:, None] for centre in screen_patch_centres_mm(geometry))
    spots = np.array(screen.centre_mm) + (u * u_axis)[:, None] + (v * v_axis)[None]
    d = spots - place[..., None, None, :]
    area = screen.width_mm * screen.height_mm / (SCREEN_PATCHES[0] * SCREEN_PATCHES[1])
    normal = np.cross(u_axis, v_axis)
    away2 = (d * d).sum(-1)
    off = np.abs(d @ normal)
    seen = off * np.maximum(d[..., 2], 0.0) / np.square(away2) * area
    if falloff:
        ray = place - np.array(geometry.camera.position_mm) * (1, 1, -1)
        mirrored = np.abs(ray @ normal) / np.linalg.norm(ray, axis=-1)
        seen *= (off / np.sqrt(away2) / mirrored[..., None, None]) ** falloff
    return np.asarray(seen)


def screen_patch_centres_mm(geometry: Geometry) -> tuple[Array, Array]:
    """Centres of the patches along u and along v, from the screen's centre."""
    sizes = (geometry.screen.width_mm, geometry.screen.height_mm)
    u, v = (((np.arange(n) + 0.5) / n - 0.5) * size for n, size in zip(SCREEN_PATCHES, sizes, strict=True))
    return u, v


def screen_solid_angle_sr(geometry: Geometry, x_mm: Array, y_mm: Array, falloff: float = 0.0) -> Array:
    """Projected solid angle of the whole screen at panel places, sr; `falloff` as in `screen_patches_sr`."""
    return np.asarray(screen_patches_sr(geometry, x_mm, y_mm, falloff).sum((-2, -1)))


def slopes_from_screen(
    geometry: Geometry, place: tuple[Array, Array, Array | float], u_mm: Array, v_mm: Array
) -> tuple[Array, Array]:
    """Surface slopes dz/dx and dz/dy (x right, y down; radians of tangent) from the seen screen position.

    The normal bisects the directions to the camera and to the screen point.

    Parameters
    ----------
    place : X, Y, Z
        Where on the panel the pixel looks, station frame (Y up), mm.
    u_mm, v_mm : arrays
        Screen position seen there; NaN gives NaN.
    """
    screen = geometry.screen
    cx, cy, cz = geometry.camera.position_mm
    (ox, oy, oz), (ux, uy, uz), (vx, vy, vz) = screen.centre_mm, screen.u_axis, screen.v_axis
    x, y, z = place
    ax, ay, az = cx - x, cy - y, cz - z
    bx = _moved(ox - x, (ux, u_mm), (vx, v_mm))
    by = _moved(oy - y, (uy, u_mm), (vy, v_mm))
    bz = _moved(oz - z, (uz, u_mm), (vz, v_mm))
    ratio = np.sqrt((ax * ax + ay * ay + az * az) / (bx * bx + by * by + bz * bz))
    down = az + bz * ratio
    return -(ax + bx * ratio) / down, (ay + by * ratio) / down


def screen_runs_mm(geometry: Geometry, x_mm: Array, y_mm: Array) -> Array:
    """How far the seen place moves along u and v per unit of slope in the steepest direction, (…, 2), mm.

    Of a flat panel at panel places (x, y); at the field's centre 2·D·cos θ and 2·D.
    """
    width, height = geometry.field_mm
    place = (x_mm - width / 2, height / 2 - y_mm, 0.0)
    u, v = mirrored_mm(geometry, x_mm, y_mm)
    by_u, by_v = (
        np.stack(slopes_from_screen(geometry, place, u + du, v + dv), axis=-1)
        - np.stack(slopes_from_screen(geometry, place, u - du, v - dv), axis=-1)
        for du, dv in ((0.5, 0.0), (0.0, 0.5))
    )
    runs = np.linalg.inv(np.stack([by_u, by_v], axis=-1))
    return np.asarray(np.linalg.norm(runs, axis=-1))


def _moved(start: Array | float, *steps: tuple[float, Array]) -> Array | float:
    """A coordinate after steps along axes; most axes of a screen have a part that is 0."""
    for share, length in steps:
        if share:
            start = start + share * length
    return start


def half_vectors(
    geometry: Geometry, lamp: tuple[float, float, float | None], x_mm: Array, y_mm: Array
) -> tuple[Array, Array, Array, Array]:
    """What a microfacet must be to mirror a small lamp into the camera, at panel places (x, y).

    Parameters
    ----------
    lamp : azimuth and polar angle in degrees, distance in mm
        From the field's centre; no distance: far away.

    Returns
    -------
    tilt, towards : arrays
        Of the half-vector: tangent of its angle from the normal, and azimuth (rad, station frame).
    irradiance : array
        The lamp's over that which faces it at its nominal distance.
    factor : array
        Of a microfacet's light per irradiance.
    """
    width, height = geometry.field_mm
    at = np.stack([x_mm - width / 2, height / 2 - y_mm, np.zeros_like(x_mm)], axis=-1)
    azimuth_deg, polar_deg, distance_mm = lamp
    a, p = np.radians(azimuth_deg), np.radians(polar_deg)
    way = np.array([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)])
    to_camera = _unit(np.array(geometry.camera.position_mm) - at)
    if distance_mm is None:
        to_lamp, fall = np.broadcast_to(way, at.shape), np.ones(x_mm.shape)
    else:
        to_lamp = _unit(distance_mm * way - at)
        fall = np.square(distance_mm) / np.square(distance_mm * way - at).sum(axis=-1)
    half = _unit(to_lamp + to_camera)
    hx, hy = half[..., 0] / half[..., 2], half[..., 1] / half[..., 2]
    factor = 1 / (to_lamp[..., 2] * to_camera[..., 2] * half[..., 2] ** 4)
    return np.hypot(hx, hy), np.arctan2(hy, hx), to_lamp[..., 2] * fall, factor


def aspecular_deg(geometry: Geometry, nominal_deg: float, distance_mm: float | None, x_mm: Array, y_mm: Array) -> Array:
    """Angle at panel places between the direction of a light and the camera's mirror direction, degrees.

    Parameters
    ----------
    nominal_deg : float
        The same at the field's centre; the light lies in the plane of camera and normal.
    distance_mm : float or None
        Of the light from the field's centre; None: far away.
    x_mm, y_mm : panel places
    """
    width, height = geometry.field_mm
    at = np.stack([x_mm - width / 2, height / 2 - y_mm, np.zeros_like(x_mm)], axis=-1)
    eye = np.array(geometry.camera.position_mm)
    side = np.hypot(eye[0], eye[1])
    level = np.array([eye[0], eye[1], 0.0]) / side if side > 0 else np.array([0.0, -1.0, 0.0])
    polar = np.radians(nominal_deg) - np.arctan2(side, eye[2])
    way = np.sin(polar) * level + np.array([0.0, 0.0, np.cos(polar)])
    to_light = np.broadcast_to(way, at.shape) if distance_mm is None else _unit(distance_mm * way - at)
    mirrored = _unit(eye - at) * (-1, -1, 1)
    return np.asarray(np.degrees(np.arccos(np.clip((to_light * mirrored).sum(axis=-1), -1, 1))))


def _unit(v: Array) -> Array:
    return np.asarray(v / np.linalg.norm(v, axis=-1, keepdims=True))
