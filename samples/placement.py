"""From camera pixels to places on the panel and on the screen: rays in the station frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Geometry, Screen
from inspection.lens import Lens
from samples.paintwork import Panel
from samples.surface import Relief, form_relief, mark_relief, texture_relief

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Points:
    """Places on the panel in the station frame (X right, Y up, Z to the camera), mm."""

    x: Floats
    y: Floats
    z: Floats
    slope_x: Floats
    slope_y_up: Floats


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the mirrored ray of each point meets the screen plane, and the cosines on the way."""

    u_mm: Floats
    v_mm: Floats
    cos_incidence: Floats
    cos_emission: Floats


def plane_points(geometry: Geometry, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Where pixel places fall on the plane Z = 0, station frame."""
    m, lens = np.array(geometry.camera.pixel_to_panel_mm), geometry.camera.lens
    if lens is not None:
        columns, rows = _ideal(lens, columns, rows)
    w = m[2, 0] * columns + m[2, 1] * rows + m[2, 2]
    x = (m[0, 0] * columns + m[0, 1] * rows + m[0, 2]) / w
    y = (m[1, 0] * columns + m[1, 1] * rows + m[1, 2]) / w
    return x - geometry.field_mm[0] / 2, geometry.field_mm[1] / 2 - y


def pixels_of(geometry: Geometry, x: Floats, y_up: Floats) -> tuple[Floats, Floats]:
    """Columns and rows at which places of the plane Z = 0 (station frame) are seen."""
    m, lens = np.linalg.inv(np.array(geometry.camera.pixel_to_panel_mm)), geometry.camera.lens
    px, py = x + geometry.field_mm[0] / 2, geometry.field_mm[1] / 2 - y_up
    w = m[2, 0] * px + m[2, 1] * py + m[2, 2]
    columns = (m[0, 0] * px + m[0, 1] * py + m[0, 2]) / w
    rows = (m[1, 0] * px + m[1, 1] * py + m[1, 2]) / w
    if lens is None:
        return columns, rows
    seen = columns, rows
    for _ in range(20):  # contracts by the lens's distortion, a hundredth or so, a round
        ideal = _ideal(lens, *seen)
        seen = seen[0] + columns - ideal[0], seen[1] + rows - ideal[1]
    return seen


def _ideal(lens: Lens, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Where a lens without distortion would show what is seen at a pixel place (Brown 1971)."""
    k1, k2, p1, p2 = lens.distortion
    a, b = (columns - lens.centre_px[0]) / lens.radius_px, (rows - lens.centre_px[1]) / lens.radius_px
    square = a * a + b * b
    radial = k1 * square + k2 * square * square
    return (
        columns + lens.radius_px * (a * radial + p1 * (square + 2 * a * a) + 2 * p2 * a * b),
        rows + lens.radius_px * (b * radial + p2 * (square + 2 * b * b) + 2 * p1 * a * b),
    )


def to_local(panel: Panel, x: Floats, y_up: Floats) -> tuple[Floats, Floats]:
    """Station frame → the panel's local coordinates (y down)."""
    a = np.radians(panel.pose.rotation_deg)
    dx, dy = x - panel.pose.dx_mm, y_up + panel.pose.dy_mm
    return dx * np.cos(a) + dy * np.sin(a), dx * np.sin(a) - dy * np.cos(a)


def to_station(panel: Panel, x: float, y: float) -> tuple[float, float]:
    """Local coordinates → station frame."""
    sx, sy = to_station_many(panel, np.array(x), np.array(y))
    return float(sx), float(sy)


def to_station_many(panel: Panel, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Local coordinates → station frame, for arrays."""
    a = np.radians(panel.pose.rotation_deg)
    return (
        x * np.cos(a) + y * np.sin(a) + panel.pose.dx_mm,
        x * np.sin(a) - y * np.cos(a) - panel.pose.dy_mm,
    )


def surface(
    panel: Panel, x: Floats, y_up: Floats, *, form: bool = True, texture: bool = True, height: bool = True
) -> Relief:
    """Relief at places in the station frame, its slopes turned into the panel frame (y down).

    Without `height` that of the texture is left out.
    """
    lx, ly = to_local(panel, x, y_up)
    relief = Relief(np.zeros_like(lx), np.zeros_like(lx), np.zeros_like(lx))
    if form:
        relief = relief + form_relief(panel.form, lx, ly)
    if texture:
        relief = relief + texture_relief(panel.texture, lx, ly, height=height)
        for mark in panel.marks:
            relief = relief + mark_relief(mark, lx, ly)
    a = np.radians(panel.pose.rotation_deg)
    return Relief(
        relief.height_mm,
        relief.slope_x * np.cos(a) + relief.slope_y * np.sin(a),
        -relief.slope_x * np.sin(a) + relief.slope_y * np.cos(a),
    )


def hit(panel: Panel, geometry: Geometry, columns: Floats, rows: Floats, *, texture: bool = True) -> Points:
    """Follow camera rays to the panel.

    On a curved panel the ray meets the surface beside the place that the pixel map (made for the
    plane Z = 0) names. The relief of texture and marks is micrometres and moves nothing.
    """
    flat_x, flat_y = plane_points(geometry, columns, rows)
    cx, cy, cz = geometry.camera.position_mm
    x, y, z = flat_x, flat_y, np.zeros_like(flat_x)
    if panel.form.radius_mm is not None:
        for _ in range(4):  # contracts by the factor slope × tan(angle) ≈ 0.02 a round
            z = surface(panel, x, y, texture=False).height_mm
            along = 1 - z / cz
            x, y = cx + (flat_x - cx) * along, cy + (flat_y - cy) * along
    relief = surface(panel, x, y, texture=texture, height=False)
    return Points(x, y, z, relief.slope_x, -relief.slope_y)


def reflect(points: Points, camera_mm: tuple[float, float, float], screen: Screen) -> Seen:
    """Mirror the camera's rays at the points and meet the screen plane."""
    dx, dy, dz = points.x - camera_mm[0], points.y - camera_mm[1], points.z - camera_mm[2]
    length = np.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx / length, dy / length, dz / length
    nz = 1 / np.sqrt(1 + points.slope_x**2 + points.slope_y_up**2)
    nx, ny = -points.slope_x * nz, -points.slope_y_up * nz
    cos_i = -(dx * nx + dy * ny + dz * nz)
    rx, ry, rz = dx + 2 * cos_i * nx, dy + 2 * cos_i * ny, dz + 2 * cos_i * nz
    u, v, c = np.array(screen.u_axis), np.array(screen.v_axis), np.array(screen.centre_mm)
    normal = np.cross(u, v)  # away from the panel
    facing = rx * normal[0] + ry * normal[1] + rz * normal[2]
    qx, qy, qz = c[0] - points.x, c[1] - points.y, c[2] - points.z
    reach = (qx * normal[0] + qy * normal[1] + qz * normal[2]) / np.where(facing > 1e-6, facing, np.nan)
    sx, sy, sz = reach * rx - qx, reach * ry - qy, reach * rz - qz
    return Seen(
        sx * u[0] + sy * u[1] + sz * u[2],
        sx * v[0] + sy * v[1] + sz * v[2],
        cos_i,
        np.maximum(facing, 0.0),
    )
