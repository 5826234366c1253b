"""Frames for the colour calibration: a 24-patch chart in a holder with markers, a white tile, a paint; under any lamp.

Here colours are spectra (`samples.spectra`), so that another lamp and a camera with its own view of colour have their
true effect. Geometry, sensor and noise are the station's; the lamps' unevenness is `light.lamp_light` and what the
scene adds. All simulated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Conditions, Frame, Frames, Role
from samples.colour import RGB_TO_XYZ, WHITE_XYZ, lab_to_linear_srgb
from samples.light import lamp_light
from samples.placement import plane_points
from samples.sensor import expose, through_mosaic
from samples.spectra import cast, reflectance_of, white_balanced
from samples.stations import Station

Floats = NDArray[np.float64]

ROWS: Final = 4
COLUMNS: Final = 6
#: Width of a patch and of a marker in cells of the chart; the holder is one cell wider than the chart on every side.
PATCH: Final = 0.84
MARKER: Final = 0.8
#: Rays per pixel along each side: edges of patches fall on fractions of pixels.
SUBSAMPLES: Final = 3
#: Grey of the chart's own frame, of the holder, of a marker's ink and of what covers a patch.
FRAME, HOLDER, INK, COVER = 0.03, 0.75, 0.03, 0.2
NOMINAL: Final = "LED 4000 K"


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What lies under the lamps.

    Attributes
    ----------
    lamp : str
        One of `samples.spectra.LAMPS`.
    turned_deg : float
        Counter-clockwise as seen.
    mirrored : bool
        The camera's picture is flipped.
    covered : tuple of int
        Patches that a grey card lies on.
    bare : bool
        Without the holder's markers.
    light : (rows, cols)
        Factor on the light of all frames: vignetting, uneven lamps. `uneven` makes one.
    between : (rows, cols)
        Factor on the chart's frame alone: a lamp moved after the tile was taken.
    """

    lamp: str = NOMINAL
    turned_deg: float = 0.0
    mirrored: bool = False
    covered: tuple[int, ...] = ()
    bare: bool = False
    light: Floats | float = 1.0
    between: Floats | float = 1.0


def uneven(station: Station, *, vignetting: float = 0.0, across: float = 0.0, down: float = 0.0) -> Floats:
    """Light that falls by `vignetting` to the corners and rises by `across` and `down` from edge to edge."""
    y, x = np.mgrid[-1 : 1 : station.height_px * 1j, -1 : 1 : station.width_px * 1j]
    return np.asarray((1 - vignetting * (x**2 + y**2) / 2) * (1 + across * x / 2) * (1 + down * y / 2))


def camera_colour(linear_srgb: Floats, lamp: str) -> Floats:
    """White-balanced camera RGB (…, 3) of smooth reflectances that have these colours under D65."""
    flat = linear_srgb.reshape(-1, 3)
    spectra = np.stack([reflectance_of(RGB_TO_XYZ @ colour / WHITE_XYZ) for colour in flat])
    return white_balanced(spectra, lamp).reshape(linear_srgb.shape)


def render_colour_set(station: Station, patches: Floats, scene: Scene, *, seed: int, captured_at: str) -> Frames:
    """White tile and chart, one after the other: a reference set.

    Parameters
    ----------
    patches : (24, 3)
        Linear sRGB of the patches under D65, row by row; cyan may lie outside the gamut.
    """
    chart = _chart(station, camera_colour(patches, scene.lamp), scene)
    return _taken(station, scene, {"chart": chart}, seed=seed, captured_at=captured_at)


def render_paint(
    station: Station, lab: tuple[float, float, float], scene: Scene, *, seed: int, captured_at: str
) -> Frames:
    """A panel of one colour in the diffuse light, and the white tile with it: a capture without fringes."""
    colour = camera_colour(lab_to_linear_srgb(np.array(lab)), scene.lamp)
    paint = np.broadcast_to(colour, (*station.shape, 3))
    return _taken(station, scene, {"diffuse": paint}, seed=seed, captured_at=captured_at)


def _chart(station: Station, patches: Floats, scene: Scene) -> Floats:
    """Reflectance factor in camera RGB of chart, holder and what lies on it, (rows, cols, 3)."""
    rows, cols = station.shape
    fine = (np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5
    row = (np.arange(rows)[:, None] + fine).ravel()
    column = (np.arange(cols)[:, None] + fine).ravel()
    geometry = station.geometry()
    x, y = plane_points(geometry, *np.meshgrid(column, row))
    angle = np.radians(scene.turned_deg)
    right, up = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    width, height = geometry.field_mm
    cell = 0.95 * min(width / (COLUMNS + 2), height / (ROWS + 2))
    across = (-right if scene.mirrored else right) / cell + COLUMNS / 2
    down = ROWS / 2 - up / cell
    grey = np.where(_within(across, down, 0.08), FRAME, HOLDER)
    picture = np.repeat(grey[..., None], 3, axis=2)
    column_no, row_no = np.floor(across).astype(int), np.floor(down).astype(int)
    patch = _within(across, down, 0.0)
    patch &= np.maximum(abs(across - column_no - 0.5), abs(down - row_no - 0.5)) < PATCH / 2
    number = (row_no * COLUMNS + column_no)[patch]
    shown = patches.copy()
    shown[list(scene.covered)] = COVER
    picture[patch] = shown[number]
    if not scene.bare:
        _print_markers(picture, across, down)
    size = (cols, rows)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _within(across: Floats, down: Floats, margin: float) -> NDArray[np.bool_]:
    inside = (across > -margin) & (across < COLUMNS + margin)
    return np.asarray(inside & (down > -margin) & (down < ROWS + margin))


def _print_markers(picture: Floats, across: Floats, down: Floats) -> None:
    """Markers 0 to 3 of ArUco's 4 × 4 dictionary at the holder's corners, clockwise from the top left."""
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    corners = ((-0.5, -0.5), (COLUMNS + 0.5, -0.5), (COLUMNS + 0.5, ROWS + 0.5), (-0.5, ROWS + 0.5))
    for identity, (x, y) in enumerate(corners):
        bits = cv2.aruco.generateImageMarker(dictionary, identity, 6) > 0
        column, row = ((across - x) / MARKER + 0.5) * 6, ((down - y) / MARKER + 0.5) * 6
        on = (column >= 0) & (column < 6) & (row >= 0) & (row < 6)
        white = bits[row[on].astype(int), column[on].astype(int)]
        picture[on] = np.where(white, HOLDER, INK)[:, None]


def _taken(station: Station, scene: Scene, pictures: dict[str, Floats], *, seed: int, captured_at: str) -> Frames:
    lamp = lamp_light(station) * cast(scene.lamp, NOMINAL) * np.broadcast_to(scene.light, station.shape)[..., None]
    tile = np.broadcast_to(station.tile_reflectance * (1 + station.drift.tile_relative), lamp.shape)
    frames = []
    for name, reflectance in {"diffuse_ref": tile, **pictures}.items():
        light = lamp * reflectance
        if name == "chart":
            light = light * np.broadcast_to(scene.between, station.shape)[..., None]
        role = Role(name)
        exposure = round(station.exposure_target / float(light.max() + station.ambient_per_ms), 4)
        known = station.tile_reflectance if role is Role.DIFFUSE_REF else None
        for kind, seen in ((role, light), (Role.DARK, np.zeros_like(light))):
            sharp = seen + station.ambient_per_ms
            if station.mosaic is not None:
                sharp = np.asarray(through_mosaic(sharp, station.mosaic))
            file = name if kind is role else f"{name}_dark"
            pixels = expose(sharp, exposure, station, seed=seed, name=file)
            stated = known if kind is role else None
            frames.append(Frame(f"{file}.png", kind, pixels, exposure, name, reflectance=stated))
    digest = hashlib.sha256(captured_at.encode())
    for frame in frames:
        digest.update(np.ascontiguousarray(frame.pixels).data)
    reference = "chart" in pictures
    return Frames(
        frames=tuple(frames),
        sensor=station.sensor(),
        geometry=station.geometry(),
        sha256=digest.hexdigest(),
        pass_number=0,
        panel="chart" if reference else "paint",
        captured_at=captured_at,
        station=station.name,
        simulated=True,
        camera_rgb_to_linear_srgb=station.camera_rgb_to_linear_srgb,
        conditions=Conditions(wiped=None if reference else True),
        reference_set=reference,
        glass_n=station.glass_n,
    )
