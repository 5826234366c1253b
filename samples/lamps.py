"""Small lamps at several azimuths: what the paint throws from them to the camera."""

from __future__ import annotations

from math import cos, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

from samples.appearance import appearance
from samples.flakes import glints
from samples.furrows import Furrows
from samples.light import CHANNEL_RESPONSE, camera_reflectance, lens
from samples.optics import fresnel
from samples.paintwork import Panel
from samples.placement import hit
from samples.stations import Station

Floats = NDArray[np.float64]


def lamp_pictures(panel: Panel, station: Station) -> dict[float, Floats]:
    """Light on the sensor from each lamp alone, by azimuth: full scales per ms, (rows, cols).

    Sum of the base coat's diffuse light (Lambert), the lobe of the paint's micro-slopes and its haze (GGX,
    microfacet model of Walter et al. 2007 without shadowing), the fans of furrows, the glints of flakes. A lamp gives
    `Station.spot_per_ms` to a perfect white diffuser that faces it at its nominal distance.
    """
    if not station.spot_azimuths_deg:
        return {}
    geometry = station.true_geometry()
    column, row = np.meshgrid(np.arange(station.width_px, dtype=float), np.arange(station.height_px, dtype=float))
    points = hit(panel, geometry, column, row)
    look = appearance(panel, points.x, points.y, station.mm_per_px)
    grey = camera_reflectance(look.lab, station.true_colour_matrix()) @ np.array(CHANNEL_RESPONSE)
    grey /= sum(CHANNEL_RESPONSE)
    furrows = Furrows(panel, station).within(np.arange(station.height_px))
    covered = furrows.sum() if furrows else np.zeros_like(grey)
    at = np.stack([points.x, points.y, points.z])
    to_camera = _unit(np.array(geometry.camera.position_mm)[:, None, None] - at)
    alpha, wide = np.maximum(look.alpha, 1e-4), np.full_like(look.alpha, panel.haze_alpha)
    pictures = {}
    for azimuth in station.spot_azimuths_deg:
        a, p = radians(azimuth), radians(station.spot_polar_deg)
        way = station.spot_distance_mm * np.array([sin(p) * cos(a), sin(p) * sin(a), cos(p)])[:, None, None] - at
        far = np.sqrt((way**2).sum(axis=0))
        to_lamp = way / far
        half = _unit(to_lamp + to_camera)
        # Micro-slopes that mirror the lamp into the camera, relative to the surface's own.
        sx, sy = -half[0] / half[2] - points.slope_x, -half[1] / half[2] - points.slope_y_up
        density = (1 - look.haze) * _ggx(sx, sy, alpha, alpha) + look.haze * _ggx(sx, sy, wide, wide)
        density *= 1 - covered
        if furrows:
            along, across = furrows.slope_split(furrows.of(sx), furrows.of(sy))
            density += furrows.sum(_ggx(along, across, furrows.along, furrows.across))
        mirrored = fresnel(panel.n_clear, (half * to_camera).sum(axis=0)) * density * (1 - look.hidden)
        if panel.flakes is not None:
            mirrored += glints(panel.flakes, geometry.field_mm, -sx, -sy) * (1 - look.hidden)
        mirrored *= pi / (4 * np.maximum(to_camera[2], 0.1) * half[2] ** 4)
        strength = station.spot_per_ms * (station.spot_distance_mm / far) ** 2
        light = strength * (np.maximum(to_lamp[2], 0.0) * grey + mirrored)
        pictures[azimuth] = lens(station, light.astype(np.float32)).astype(np.float64)
    return pictures


def _ggx(sx: Floats, sy: Floats, ax: Floats, ay: Floats) -> Floats:
    return np.asarray(1 / (pi * ax * ay * (1 + (sx / ax) ** 2 + (sy / ay) ** 2) ** 2))


def _unit(v: Floats) -> Floats:
    return np.asarray(v / np.sqrt((v**2).sum(axis=0)))
