"""Effect paint under single lights: what flakes that lie nearly flat send to the camera, by the light's direction.

Each light gives a white diffuser what the 45° lamps give it (`light.lamp_light`): only the ratio to the tile counts.
"""

from __future__ import annotations

from math import atan2, hypot, pi, radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from samples.appearance import appearance
from samples.colour import lab_to_linear_srgb, linear_srgb_to_lab
from samples.flakes import Flakes
from samples.light import camera_reflectance, lamp_light
from samples.paintwork import Panel
from samples.placement import hit
from samples.stations import Station

Floats = NDArray[np.float64]

#: Share of the light that comes back: both ways through the clearcoat's surface, and off the metal.
BACK: Final = 0.92 * 0.65
#: Refractive index of the coat that the flakes lie in.
COAT_N: Final = 1.5


def aspecular_pictures(panel: Panel, station: Station) -> dict[float, Floats]:
    """Light on the sensor from each single light alone, by its aspecular angle: full scales per ms, (rows, cols, 3).

    The base coat is Lambert's; the clearcoat's own mirror image, narrower than 15°, does not show.
    """
    if not station.aspecular_deg:
        return {}
    geometry = station.true_geometry()
    column, row = np.meshgrid(np.arange(station.width_px, dtype=float), np.arange(station.height_px, dtype=float))
    points = hit(panel, geometry, column, row, texture=False)
    colour = camera_reflectance(
        appearance(panel, points.x, points.y, station.mm_per_px).lab, station.true_colour_matrix()
    )
    at = np.stack([points.x, points.y, points.z], axis=-1)
    to_camera = np.array(geometry.camera.position_mm) - at
    to_camera /= np.linalg.norm(to_camera, axis=-1, keepdims=True)
    pictures = {}
    for angle in station.aspecular_deg:
        flaky = 0.0 if panel.flakes is None else flake_reflectance(panel.flakes, to_light(station, angle), to_camera)
        pictures[angle] = (colour + np.asarray(flaky)[..., None]) * lamp_light(station)
    return pictures


def to_light(station: Station, aspecular_deg: float) -> Floats:
    """Direction of a light, station frame: the camera's mirror direction, turned towards the camera."""
    x, y, z = station.geometry().camera.position_mm
    assert x == 0.0
    polar = radians(aspecular_deg) - atan2(hypot(x, y), z)
    return np.array([0.0, -np.sin(polar), np.cos(polar)])


def flake_reflectance(flakes: Flakes, to_light: Floats, to_camera: Floats) -> Floats:
    """Reflectance factor that flakes add, (…) of directions (…, 3) outside the coat.

    Flat mirrors whose tangents of tilt are normally distributed, under a refracting surface; expected value of many.
    Torrance and Sparrow's microfacets without shadowing inside the coat; radiance falls by n² on its way out.
    """
    inside, outward = _refracted(to_light), _refracted(to_camera)
    half = inside + outward
    half = half / np.linalg.norm(half, axis=-1, keepdims=True)
    spread = np.tan(radians(flakes.tilt_deg))
    slope2 = (half[..., 0] ** 2 + half[..., 1] ** 2) / half[..., 2] ** 2
    density = np.exp(-slope2 / (2 * spread**2)) / (2 * pi * spread**2)
    # Single diameters scatter by 20 %.
    covered = flakes.density_per_mm2 * pi / 4 * (1e-3 * flakes.diameter_um) ** 2 * 1.04
    return np.asarray(
        pi * BACK / COAT_N**2 * covered * density / (4 * half[..., 2] ** 4 * inside[..., 2] * outward[..., 2])
    )


def true_lightness(panel: Panel, station: Station, aspecular_deg: float) -> float:
    """L* of an even panel at the field's centre in one light."""
    camera = np.array(station.geometry().camera.position_mm)
    light = lab_to_linear_srgb(np.array(panel.lab))
    if panel.flakes is not None:
        light = light + flake_reflectance(
            panel.flakes, to_light(station, aspecular_deg), camera / np.linalg.norm(camera)
        )
    return float(linear_srgb_to_lab(light)[0])


def _refracted(direction: Floats) -> Floats:
    """The same direction inside the coat (Snell)."""
    level = direction[..., :2] / COAT_N
    return np.concatenate([level, np.sqrt(1 - (level**2).sum(axis=-1, keepdims=True))], axis=-1)
