"""Where the screen stands, from its mirror image in the flat black glass, once the camera is known from a plate.

Every pixel sees a known place (X, Y, 0) of the glass along a ray from the camera's place C; mirrored in the glass it
comes from the mirror image of C and meets the screen at a measured (u, v). So the mirror image of the camera looks at
a plane whose every point is known in mm — the screen's own pixel pitch fixes the scale — and a plane seen by a known
camera has one pose: three numbers of place, three of attitude, all observable.

How much one flat glass tells beyond that: the map from the glass's plane to the screen's plane through one point is a
homography, eight numbers. Screen (6) and camera place (3) are nine: one family of rigs (camera and screen both
further away, in proportion) shows the same map. With a camera place that is known from elsewhere — a slanted plate
(`tilted`), a plate on a spacer, else what is declared — the two spare equations sharpen it: across the line of sight
the glass tells a shift camera's place to a fraction of a millimetre, along it, it tells nothing. Therefore the camera's
place is fitted together with the screen, held by its covariance from the plate; the result is the covariance of all
nine, in which the noise of the screen position is scaled up to the residuals where they are larger (Birge ratio).

Not observable, and not needed: a common tilt of glass and screen. The glass defines the panel's plane; a glass that
lies 1 mrad askew turns the screen's pose by 2 mrad about the field's centre, and panels are held by hand anyway.
The glass is taken to be flat: what it is not shows in the residuals.

Valid where the declared screen centre is within half of the coarsest period, less a margin, of the place that the
field's centre mirrors: else the fringes' order is wrong by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from calibration.camera import MOST_BENT_MM, MOST_RMS_PX, CameraFit
from calibration.lens import towards_centre
from inspection.frames import Camera, Geometry, Screen
from inspection.fringes import Decoded
from inspection.lens import Lens
from inspection.refused import Refused
from inspection.rig import Measured

Floats = NDArray[np.float64]
Vector3 = tuple[float, float, float]

#: The screen positions are taken on a grid of about this many points along the longer side.
GRID = 48
#: A residual is a slope that a flat glass does not have: this one (RMS) is the station's aim for slopes.
MOST_RESIDUAL_MRAD = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Camera and screen as plate and glass show them.

    `values`: what was measured, each with its standard uncertainty (k = 1) or its limit.
    """

    geometry: Geometry
    screen_distance_u_mm: float
    values: tuple[Measured, ...]


def with_camera(declared: Geometry, camera: CameraFit) -> Geometry:
    """The declared geometry with its camera (pixel map, place, field) as measured; the screen stays.

    The panel frame keeps its meaning: its origin is half the seen field up and left of the field's centre.
    """
    place = camera.position_mm
    matrix, _ = camera.seen_homography()
    rows, cols = camera.shape
    corners = np.array([(c, r) for c in (-0.5, cols - 0.5) for r in (-0.5, rows - 0.5)])
    half = np.abs(cv2.perspectiveTransform(corners[:, None], matrix)[:, 0]).max(axis=0)
    from_corner = np.array([[1, 0, half[0]], [0, 1, half[1]], [0, 0, 1]])
    matrix = from_corner @ matrix
    matrix /= matrix[2, 2]
    tilted = declared.camera.model == "tilted"
    right, up, forward = (_three(axis) if tilted else None for axis in towards_centre(place))
    seen = Camera(
        model=declared.camera.model,
        position_mm=_three(place),
        pixel_to_panel_mm=tuple(_three(row) for row in matrix),
        angle_deg=_angle_deg(place),
        distance_mm=float(np.linalg.norm(place)),
        aperture_mm=declared.camera.aperture_mm,
        focal_px=float(camera.values[3]) if tilted else None,
        right=right,
        up=up,
        forward=forward,
        lens=_lens(camera, from_corner @ camera.to_mm()) if camera.values[8:].any() else None,
    )
    return Geometry(seen, declared.screen, (2 * float(half[0]), 2 * float(half[1])))


def _lens(camera: CameraFit, ideal_to_panel: Floats) -> Lens:
    k1, k2, p1, p2 = (float(v) for v in camera.values[8:])
    centre = (camera.shape[1] - 1) / 2, (camera.shape[0] - 1) / 2
    matrix = ideal_to_panel / ideal_to_panel[2, 2]
    return Lens((k1, k2, p1, p2), centre, float(np.hypot(*centre)), tuple(_three(row) for row in matrix))


def place_screen(declared: Geometry, camera: CameraFit, seen: Decoded) -> Placed:
    """Fit the screen's pose (and sharpen the camera's place) to the screen positions seen in the glass.

    Parameters
    ----------
    declared : Geometry
        Where screen and camera are said to be: the start of the fit.
    seen : Decoded
        The black glass, decoded with `with_camera`.

    Raises
    ------
    Refused
        The residuals are larger than `MOST_RESIDUAL_MRAD` allows.
    """
    screen, count = declared.screen, len(camera.free)
    column, row, u, v, noise = _points(camera, seen)
    known = camera.values[camera.free]
    root = np.linalg.inv(np.linalg.cholesky(camera.covariance))
    unit = np.concatenate([np.sqrt(np.diag(camera.covariance)), [1.0] * 3 + [1e-3] * 3])

    def away(p: Floats) -> Floats:
        moved = camera.moved(p[:count])
        one, other = _mirrored(moved.position_mm, p[count:], screen, *moved.places_mm(column, row))
        return np.concatenate([one - u, other - v])

    def residuals(q: Floats) -> Floats:
        p = q * unit
        return np.concatenate([away(p) / noise, root @ (p[:count] - known)])

    start = np.array([*known, *screen.centre_mm, 0.0, 0.0, 0.0])
    done = least_squares(residuals, start / unit, method="lm", xtol=1e-13, ftol=1e-13)
    p = done.x * unit
    left = away(p)
    residual_mm = sqrt(2 * float(np.mean(np.square(left))))
    birge = float(np.mean(np.square(left / noise))) * len(left) / max(1, len(left) - 8)
    jacobian = np.concatenate([done.jac[:-count] / sqrt(max(1.0, birge)), done.jac[-count:]])
    covariance = np.linalg.inv(jacobian.T @ jacobian) * np.outer(unit, unit)
    better = camera.moved(p[:count])
    placed = _screen(p[count:], screen)
    geometry = replace(with_camera(declared, better), screen=placed)
    limit_mm = 2 * placed.distance_mm * MOST_RESIDUAL_MRAD * 1e-3
    if residual_mm > limit_mm:
        raise Refused(
            f"capture.json: frames: the screen seen in the black glass lies {residual_mm:.3f} mm (RMS) from where any "
            f"flat glass would show it, at most {limit_mm:.3f} mm are allowed: is the glass flat and unstrained?"
        )

    def u_of(value: Callable[[Floats], float]) -> float:
        slope = np.array([(value(p + step) - value(p - step)) / 2 for step in np.diag(unit * 1e-2)]) / (unit * 1e-2)
        return sqrt(float(slope @ covariance @ slope))

    named: dict[str, Callable[[Floats], float]] = {
        "camera_distance_mm": lambda q: float(np.linalg.norm(q[:3])),
        "camera_angle_deg": lambda q: _angle_deg(q[:3]),
        "screen_distance_mm": lambda q: float(np.linalg.norm(q[-6:-3])),
        "screen_angle_deg": lambda q: _angle_deg(q[-6:-3]),
        "screen_turn_x_deg": lambda q: float(np.degrees(q[-3])),
        "screen_turn_y_deg": lambda q: float(np.degrees(q[-2])),
        "screen_turn_z_deg": lambda q: float(np.degrees(q[-1])),
    }
    if camera.tilted:
        named["camera_focal_length_px"] = lambda q: float(q[3])
    found = [Measured(name, value(p), u_of(value)) for name, value in named.items()]
    found += [
        Measured("plate_corner_count", float(camera.corners)),
        Measured("reprojection_rms_px", camera.rms_px, limit=MOST_RMS_PX),
        Measured("lens_bends_at_most_mm", better.seen_homography()[1], limit=MOST_BENT_MM),
        Measured("screen_residual_rms_mm", residual_mm, limit=limit_mm),
    ]
    return Placed(geometry, found[2].u or 0.0, tuple(found))


def _points(camera: CameraFit, seen: Decoded) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Columns and rows of pixels, screen positions seen there, and the noise of both positions in one row."""
    stride = max(1, max(camera.shape) // GRID)
    thin = (slice(stride // 2, None, stride), slice(stride // 2, None, stride))
    row, col = (index[thin].astype(np.float64) for index in np.mgrid[: camera.shape[0], : camera.shape[1]])
    maps = (seen.screen_u_mm, seen.screen_v_mm, seen.screen_u_u_mm, seen.screen_v_u_mm)
    u, v, u_u, u_v = (array[thin].astype(np.float64) for array in maps)
    good = seen.valid[thin]
    return col[good], row[good], u[good], v[good], np.concatenate([u_u[good], u_v[good]])


def _axes(p: Floats, screen: Screen) -> tuple[Floats, Floats]:
    """Of a screen whose place and turn from the declared attitude are given."""
    turn = np.asarray(cv2.Rodrigues(p[3:])[0])
    return turn @ np.array(screen.u_axis), turn @ np.array(screen.v_axis)


def _mirrored(camera_mm: Floats, p: Floats, screen: Screen, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Screen position that a flat glass shows at places: the camera's mirror image looks straight at the screen."""
    eye = camera_mm * (1, 1, -1)
    ray = np.stack([x - eye[0], y - eye[1], np.full_like(x, -eye[2])], axis=-1)
    u_axis, v_axis = _axes(p, screen)
    normal = np.cross(u_axis, v_axis)
    to_screen = p[:3] - eye
    spot = ray * ((to_screen @ normal) / (ray @ normal))[:, None] - to_screen
    return spot @ u_axis, spot @ v_axis


def _screen(p: Floats, declared: Screen) -> Screen:
    u_axis, v_axis = _axes(p, declared)
    return replace(
        declared,
        centre_mm=_three(p[:3]),
        u_axis=_three(u_axis),
        v_axis=_three(v_axis),
        distance_mm=float(np.linalg.norm(p[:3])),
        angle_deg=_angle_deg(p[:3]),
    )


def _three(values: Floats) -> Vector3:
    return float(values[0]), float(values[1]), float(values[2])


def _angle_deg(place: Floats) -> float:
    return float(np.degrees(np.arccos(place[2] / np.linalg.norm(place))))
