"""Where camera and screen of a simulated station stand, and what the camera's pixels see of the panel's plane."""

from __future__ import annotations

from math import cos, radians, sin
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Camera, Geometry, Screen
from inspection.lens import Lens

if TYPE_CHECKING:
    from samples.stations import Station

Floats = NDArray[np.float64]
Vector3 = tuple[float, float, float]


def mounted(station: Station) -> Geometry:
    """The station's geometry with its drift: contracts.md §1, station frame."""
    a, d = radians(station.camera_angle_deg), station.camera_distance_mm
    camera = np.array([0.0, -d * sin(a), d * cos(a)]) + station.drift.camera_mm
    map_mm, field_mm = _pixel_map(station, camera)
    return Geometry(_camera(station, map_mm, as_vector(camera)), _screen(station), field_mm)


def _screen(station: Station) -> Screen:
    a, drift = radians(station.screen_angle_deg), station.drift
    distance = station.screen_distance_mm + drift.screen_distance_mm
    centre = np.array([0.0, distance * sin(a), distance * cos(a)]) + drift.screen_mm
    turn = np.asarray(cv2.Rodrigues(np.radians(drift.screen_deg))[0], np.float64)
    moved = any(drift.screen_mm)
    return Screen(
        centre_mm=as_vector(centre),
        u_axis=as_vector(turn @ (1.0, 0.0, 0.0)),
        v_axis=as_vector(turn @ (0.0, cos(a), -sin(a))),
        width_mm=station.screen_width_mm,
        height_mm=station.screen_height_mm,
        distance_mm=float(np.linalg.norm(centre)) if moved else distance,
        angle_deg=_angle_deg(centre) if moved else station.screen_angle_deg,
    )


def _camera(station: Station, map_mm: Floats, place: Vector3) -> Camera:
    tilted, moved = station.camera_model == "tilted", any(station.drift.camera_mm)
    right, up, forward = (as_vector(axis) for axis in _towards_centre(np.array(place)))
    rows = tuple(as_vector(row) for row in map_mm)
    centre = (station.width_px - 1) / 2, (station.height_px - 1) / 2
    bent = station.drift.bent
    return Camera(
        model="tilted" if tilted else "shift",
        position_mm=place,
        pixel_to_panel_mm=rows,
        angle_deg=_angle_deg(np.array(place)) if moved else station.camera_angle_deg,
        distance_mm=float(np.linalg.norm(place)) if moved else station.camera_distance_mm,
        aperture_mm=station.aperture_mm,
        focal_px=station.camera_distance_mm / station.mm_per_px if tilted else None,
        right=right if tilted else None,
        up=up if tilted else None,
        forward=forward if tilted else None,
        lens=Lens(bent, centre, float(np.hypot(*centre)), rows) if any(bent) else None,
    )


def _pixel_map(station: Station, camera: Floats) -> tuple[Floats, tuple[float, float]]:
    """Homography (column, row, 1) → (x, y) in mm, and the field's width and height."""
    w, h = station.width_px, station.height_px
    if station.camera_model == "shift":
        # The same lens from nearer: every pixel sees less.
        p = station.mm_per_px * float(camera[2]) / (station.camera_distance_mm * cos(radians(station.camera_angle_deg)))
        return np.array([[p, 0, p / 2], [0, p, p / 2], [0, 0, 1.0]]), (w * p, h * p)
    # Ray of a pixel: right·(c − cx) − up·(r − cy) + forward·f, met with the plane Z = 0.
    focal_px = station.camera_distance_mm / station.mm_per_px
    pinhole = np.array([[1, 0, -(w - 1) / 2], [0, -1, (h - 1) / 2], [0, 0, focal_px]])
    rays = np.stack(_towards_centre(camera), axis=1) @ pinhole
    to_station = np.array([camera[i] * -rays[2] + camera[2] * rays[i] for i in (0, 1)] + [-rays[2]])
    corners = to_station @ np.array([[-0.5, w - 0.5, -0.5, w - 0.5], [-0.5, -0.5, h - 0.5, h - 0.5], [1.0] * 4])
    half_w, half_h = np.abs(corners[:2] / corners[2]).max(axis=1)
    to_panel = np.array([[1, 0, half_w], [0, -1, half_h], [0, 0, 1]]) @ to_station
    return to_panel / to_panel[2, 2], (2 * float(half_w), 2 * float(half_h))


def as_vector(values: Floats) -> Vector3:
    """Three numbers as plain Python floats."""
    return float(values[0]), float(values[1]), float(values[2])


def _towards_centre(place: Floats) -> tuple[Floats, ...]:
    """Right, up and forward of a camera that looks at the field's centre; rows run along X on the panel there."""
    forward = -place / np.linalg.norm(place)
    right = np.array([1.0, 0.0, 0.0]) - forward[0] * forward
    right /= np.linalg.norm(right)
    return right, np.cross(right, forward), forward


def _angle_deg(place: Floats) -> float:
    return float(np.degrees(np.arccos(place[2] / np.linalg.norm(place))))


def beside(place: Floats, nearer_mm: float, across_rad: Floats) -> Vector3:
    """Step from a place to one that is off by a length towards the origin and by two angles across."""
    right, up, forward = _towards_centre(place)
    across = np.linalg.norm(place) * (right * across_rad[0] + up * across_rad[1])
    return as_vector(forward * nearer_mm + across)
