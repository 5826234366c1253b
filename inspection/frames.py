"""Frames as they come from a camera, with what is known about how they were taken.

Pixels stay raw; `Sensor.linear` says what they mean. See CONVENTIONS.md for axes and signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inspection.lens import Lens

Axis = Literal["x", "y"]
Mosaic = Literal["RGGB", "BGGR", "GRBG", "GBRG"]
#: Sets of markers that a plate may carry: side in bits and number of markers, as OpenCV names them.
MarkerSet = Literal[
    "DICT_4X4_50", "DICT_4X4_100", "DICT_4X4_250", "DICT_4X4_1000",
    "DICT_5X5_50", "DICT_5X5_100", "DICT_5X5_250", "DICT_5X5_1000",
    "DICT_6X6_50", "DICT_6X6_100", "DICT_6X6_250", "DICT_6X6_1000",
    "DICT_7X7_50", "DICT_7X7_100", "DICT_7X7_250", "DICT_7X7_1000",
]  # fmt: skip
AXES: tuple[Axis, Axis] = ("x", "y")


class Role(StrEnum):
    """What a frame shows."""

    FRINGE = "fringe"
    WHITE = "white"
    DARK = "dark"
    DIFFUSE = "diffuse"
    DIFFUSE_REF = "diffuse_ref"
    SPOT = "spot"
    CHART = "chart"
    GRID = "grid"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Sensor:
    """The camera's pixels: size, levels and noise.

    Light is ``(dn - black_level) / (white_level - black_level)``; a pixel at or above
    `white_level` is saturated. `electrons_full_scale` and `read_noise_e` are None where the maker
    of the set did not state them: noise is then estimated from the frames.
    """

    width_px: int
    height_px: int
    bit_depth: int
    black_level: float
    white_level: float
    adc_bits: int
    frames_averaged: int = 1
    mosaic: Mosaic | None = None
    electrons_full_scale: float | None = None
    read_noise_e: float | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.height_px, self.width_px


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera stands and how its pixels fall on the panel (station frame, mm).

    `lens`: its distortion, where a calibration found some. Then `pixel_to_panel_mm` is the homography nearest to the
    true map: pictures and maps that are handed on are drawn anew to lie by it (`inspection.straight`). Places of marks,
    regions, zones and rays follow the lens; the rasters of texture and fingerprint take the homography.
    """

    model: Literal["shift", "tilted"]
    position_mm: tuple[float, float, float]
    pixel_to_panel_mm: tuple[tuple[float, float, float], ...]
    angle_deg: float
    distance_mm: float
    aperture_mm: float | None = None
    focal_px: float | None = None
    right: tuple[float, float, float] | None = None
    up: tuple[float, float, float] | None = None
    forward: tuple[float, float, float] | None = None
    lens: Lens | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """The pattern screen (station frame, mm)."""

    centre_mm: tuple[float, float, float]
    u_axis: tuple[float, float, float]
    v_axis: tuple[float, float, float]
    width_mm: float
    height_mm: float
    distance_mm: float
    angle_deg: float


@dataclass(frozen=True, slots=True)
class Geometry:
    """Camera, screen and the seen field: ``field_mm`` is its width and height on the panel."""

    camera: Camera
    screen: Screen
    field_mm: tuple[float, float]

    def told(self) -> dict[str, Any]:
        """As plain values; a lens that bends nothing is not named, so that rigs without one keep their hash."""
        told = asdict(self)
        if self.camera.lens is None:
            del told["camera"]["lens"]
        return told


@dataclass(frozen=True, slots=True)
class Gauged:
    """One reading of a film gauge with its own standard uncertainty, µm."""

    film_um: float
    u_um: float


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the station knew about the panel at capture; None where nobody said.

    `film_um`: gauge readings by zone; a plain number is as sure as gauges are.
    """

    wiped: bool | None = None
    surface_temperature_c: float | None = None
    film_um: Mapping[str, float | Gauged] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """The plate that a `GRID` frame shows: a chessboard with markers in its white squares (ChArUco).

    `squares`: number across and down. `height_mm`: of its face above the panel's
    plane, where it lies on a spacer.
    """

    squares: tuple[int, int]
    square_mm: float
    marker_mm: float
    dictionary: MarkerSet
    height_mm: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Attributes
    ----------
    pixels : ndarray of uint8 or uint16, (rows, cols) or (rows, cols, 3) in RGB order
        Raw values; a Bayer frame is (rows, cols).
    step, steps, period_mm, axis, phase_deg
        Fringe frames only (`phase_deg` is the known offset of this frame's pattern).
    reflectance
        Of the white tile (`DIFFUSE_REF` only).
    board
        What was printed on the plate (`GRID` only); None: nobody said, nothing can be measured from it.
    level
        Even grey that the screen is told to show, 0 … 1 (`GREY` only).
    aspecular_deg
        Of a `DIFFUSE` or `DIFFUSE_REF` frame that is lit from one direction: angle between the light and the mirror
        image of the camera at the field's centre, towards the camera. None: lit by the ordinary diffuse lamps.
    """

    file: str
    role: Role
    pixels: NDArray[Any]
    exposure_ms: float
    group: str = ""
    axis: Axis | None = None
    period_mm: float | None = None
    step: int | None = None
    steps: int | None = None
    phase_deg: float = 0.0
    azimuth_deg: float | None = None
    polar_deg: float | None = None
    distance_mm: float | None = None
    reflectance: float | None = None
    board: Board | None = None
    level: float | None = None
    aspecular_deg: float | None = None

    def plane(self) -> NDArray[Any]:
        """The picture as one plane: itself, or the green channel of a colour frame.

        One channel keeps its own noise and its own saturation, which a mean of three would blur.
        """
        return self.pixels if self.pixels.ndim == 2 else np.ascontiguousarray(self.pixels[..., 1])


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """One capture set in memory.

    `sha256` identifies the content: the manifest and every frame it names. `check_panel`: the name of the panel that
    the station is checked with, where this is a capture of it.
    """

    frames: tuple[Frame, ...]
    sensor: Sensor
    geometry: Geometry
    sha256: str
    pass_number: int
    panel: str | None = None
    part: str | None = None
    recipe: str | None = None
    coat_number: int = 1
    view: str | None = None
    view_to_panel_mm: tuple[tuple[float, float, float], ...] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    captured_at: str | None = None
    station: str | None = None
    operator: str | None = None
    simulated: bool = False
    camera_rgb_to_linear_srgb: tuple[tuple[float, float, float], ...] | None = None
    conditions: Conditions = field(default_factory=Conditions)
    reference_set: bool = False
    glass_n: float = 1.567
    check_panel: str | None = None

    def with_role(self, role: Role) -> tuple[Frame, ...]:
        """Every frame of a role, in manifest order, without those of `aspecular`."""
        return tuple(f for f in self.frames if f.role is role and f.aspecular_deg is None)

    def aspecular(self, role: Role) -> dict[float, Frame]:
        """Frames of a role that are lit from one direction, by their aspecular angle."""
        return {f.aspecular_deg: f for f in self.frames if f.role is role and f.aspecular_deg is not None}

    def fringe_series(self) -> dict[tuple[Axis, float], tuple[Frame, ...]]:
        """Fringe frames by (axis, period), each sorted by step; x before y, coarse before fine."""
        series: dict[tuple[Axis, float], list[Frame]] = {}
        for frame in self.with_role(Role.FRINGE):
            assert frame.axis is not None
            assert frame.period_mm is not None
            series.setdefault((frame.axis, frame.period_mm), []).append(frame)
        order = sorted(series, key=lambda key: (key[0], -key[1]))
        return {key: tuple(sorted(series[key], key=lambda f: f.step or 0)) for key in order}

    def dark_of(self, frame: Frame) -> Frame | None:
        """The dark frame of the frame's group, or None: then only the black level is subtracted."""
        return next((f for f in self.with_role(Role.DARK) if f.group == frame.group), None)
