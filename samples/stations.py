"""Simulated stations: camera, screen, lamps and sensor, and how they stray from what they declare."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Geometry, Mosaic, Sensor
from inspection.rig import CalibrationTerms
from samples.mounting import Vector3, as_vector, beside, mounted

Matrix3 = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
#: A camera matrix as a colour chart would give it; every row sums to 1: white stays white.
CAMERA_MATRIX: Final[Matrix3] = ((1.25, -0.2, -0.05), (-0.12, 1.22, -0.1), (-0.02, -0.28, 1.3))


@dataclass(frozen=True, slots=True)
class Drift:
    """How the true station differs from what it declares; all zero: a perfect station.

    Attributes
    ----------
    glass_index, screen_distance_mm : float
        True minus declared.
    tile_relative : float
        True over declared reflectance of the white tile, minus 1.
    colour_matrix : 3 × 3
        Relative error of each entry of the declared colour matrix.
    camera_mm, screen_mm : 3-vectors
        True minus declared place of camera and of the screen's centre, station frame. The camera still looks at the
        field's centre: the station frame is tied to what it sees (its rows run along X).
    screen_deg : 3-vector
        Turn of the screen from its declared attitude (rotation vector, station frame).
    bent : (k1, k2, p1, p2)
        Brown's distortion of the lens, seen to ideal pixel place, radius 1 at the picture's corner.
    screen_relative_sd, lamp_relative_sd : float
        Standard deviation of the light's change since the reference set, drawn from the capture's seed.
    """

    glass_index: float = 0.0
    screen_distance_mm: float = 0.0
    tile_relative: float = 0.0
    colour_matrix: Matrix3 = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    screen_relative_sd: float = 0.0
    lamp_relative_sd: float = 0.0
    camera_mm: Vector3 = (0.0, 0.0, 0.0)
    screen_mm: Vector3 = (0.0, 0.0, 0.0)
    screen_deg: Vector3 = (0.0, 0.0, 0.0)
    bent: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Station:
    """Everything about a simulated station; geometry as contracts.md §1 defines it.

    Attributes
    ----------
    mm_per_px : float
        At the field's centre, across the plane of incidence.
    aperture_mm : float
        Diameter of the entrance pupil: the camera focuses on the panel, so the screen is blurred.
    full_scale_per_ms : float
        Light of a perfect mirror of the white screen, in full scales of the sensor per ms.
    screen_gamma : float
        Exponent left in the screen's light after correction; 1 is perfect.
    emission_exponent : float
        The screen's light falls with this power of the cosine of the emission angle.
    exposure_target : float
        Brightest light of a group, in full scales; above 1 the frames saturate.
    ambient_per_ms : float
        Room light, in full scales per ms, in every frame and so in the dark frames too.
    spot_azimuths_deg : tuple of float
        Small lamps around the camera; empty: the station has none.
    spot_per_ms : float
        Light of a perfect white diffuser that faces one of them, in full scales per ms.
    aspecular_deg : tuple of float
        Single lights far away, in the plane of camera and normal, by their angle from the camera's mirror direction;
        empty: the station has none. No part of the name that a capture's hash is made of: captures without them stay
        what they were.
    subsamples : int
        Rays per pixel along each side.
    lens_blur_px : float
        Standard deviation of the lens's Gaussian blur on the sensor.
    states_noise : bool
        Whether the manifest tells electrons and read noise.
    """

    name: str
    width_px: int = 128
    height_px: int = 128
    mm_per_px: float = 0.4
    camera_model: str = "shift"
    camera_angle_deg: float = 20.0
    camera_distance_mm: float = 600.0
    aperture_mm: float = 1.6
    screen_angle_deg: float = 20.0
    screen_distance_mm: float = 350.0
    screen_width_mm: float = 597.0
    screen_height_mm: float = 336.0
    screen_contrast: float = 1000.0
    screen_gamma: float = 1.0
    emission_exponent: float = 0.0
    full_scale_per_ms: float = 1.0
    lamp_per_ms: float = 0.5
    spot_azimuths_deg: tuple[float, ...] = ()
    spot_polar_deg: float = 35.0
    spot_distance_mm: float = 400.0
    spot_per_ms: float = 0.3
    periods_mm: tuple[float, ...] = (48.0, 12.0, 3.0)
    steps: int = 4
    phase_deg: float = 0.0
    exposure_target: float = 0.8
    ambient_per_ms: float = 2e-5
    electrons_full_scale: float = 15000.0
    read_noise_e: float = 5.0
    frames_averaged: int = 2
    adc_bits: int = 12
    bit_depth: int = 16
    mosaic: Mosaic | None = None
    states_noise: bool = True
    glass_n: float = 1.567
    tile_reflectance: float = 0.98
    camera_rgb_to_linear_srgb: Matrix3 = CAMERA_MATRIX
    subsamples: int = 2
    lens_blur_px: float = 0.0
    drift: Drift = field(default_factory=Drift)
    aspecular_deg: tuple[float, ...] = field(default=(), repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.height_px, self.width_px

    def sized(self, width_px: int, height_px: int | None = None) -> Station:
        """The same station with a larger or smaller sensor (same mm per pixel; square by default)."""
        return replace(self, width_px=width_px, height_px=width_px if height_px is None else height_px)

    def drawn(self, seed: int, terms: CalibrationTerms | None = None) -> Station:
        """One station of many built alike: its true values drawn around the declared ones.

        Parameters
        ----------
        seed : int
        terms : CalibrationTerms, optional
            Standard deviations; the defaults of a rig where absent.
        """
        terms = terms or CalibrationTerms()
        g = np.random.default_rng([seed, 7]).standard_normal(12)
        rows = g[3:].reshape(3, 3) * terms.colour_matrix_relative
        matrix: Matrix3 = tuple(tuple(float(v) for v in row) for row in rows)  # type: ignore[assignment]
        return replace(
            self,
            drift=Drift(
                glass_index=float(g[0]) * terms.glass_index,
                screen_distance_mm=float(g[1]) * terms.screen_distance_mm,
                tile_relative=float(g[2]) * terms.tile_reflectance_relative,
                colour_matrix=matrix,
                screen_relative_sd=terms.screen_drift_relative,
                lamp_relative_sd=terms.lamp_drift_relative,
            ),
        )

    def declared(self) -> Station:
        """The station as it describes itself."""
        return replace(self, drift=Drift())

    def true_colour_matrix(self) -> NDArray[np.float64]:
        """The matrix that really takes this camera's balanced RGB to linear sRGB."""
        return np.array(self.camera_rgb_to_linear_srgb) * (1.0 + np.array(self.drift.colour_matrix))

    def sensor(self) -> Sensor:
        """Levels as a 12-bit camera stores them in 16 bits (black 64, white 4095), or in 8 bits."""
        step = 2.0 ** (self.bit_depth - self.adc_bits)
        top = (2**self.adc_bits - 1) * step
        return Sensor(
            width_px=self.width_px,
            height_px=self.height_px,
            bit_depth=self.bit_depth,
            black_level=1024.0 if self.bit_depth == 16 else 4.0,
            white_level=top,
            adc_bits=self.adc_bits,
            frames_averaged=self.frames_averaged,
            mosaic=self.mosaic,
            electrons_full_scale=self.electrons_full_scale if self.states_noise else None,
            read_noise_e=self.read_noise_e if self.states_noise else None,
        )

    def put_together(self, seed: int, *, off_mm: float = 5.0, off_deg: float = 1.0) -> Station:
        """The same station put together by hand: camera and screen beside where they are declared to be.

        Camera and screen are each off by up to `off_mm` towards the panel and by up to `off_deg` in each of the two
        directions across, as seen from the field's centre; the screen is turned by up to `off_deg` about each axis too.
        All evenly distributed.
        """
        g = np.random.default_rng([seed, 13]).uniform(-1, 1, 9)
        plain = self.geometry()
        camera, screen = (
            beside(np.array(place), g[i] * off_mm, g[i + 1 : i + 3] * radians(off_deg))
            for i, place in ((0, plain.camera.position_mm), (3, plain.screen.centre_mm))
        )
        turn = as_vector(g[6:9] * off_deg)
        return replace(self, drift=replace(self.drift, camera_mm=camera, screen_mm=screen, screen_deg=turn))

    def geometry(self) -> Geometry:
        """Declared geometry."""
        return mounted(self.declared())

    def bent(self, k1: float, k2: float = 0.0, p1: float = 0.0, p2: float = 0.0) -> Station:
        """The same station with a lens that distorts (`Drift.bent`)."""
        return replace(self, drift=replace(self.drift, bent=(k1, k2, p1, p2)))

    def true_geometry(self) -> Geometry:
        """Geometry with camera and screen where they really stand."""
        return mounted(self)


NAMED: Final[dict[str, Station]] = {
    station.name: station
    for station in (
        Station(
            "A",
            camera_model="tilted",
            camera_angle_deg=25.0,
            camera_distance_mm=700.0,
            screen_angle_deg=25.0,
            screen_distance_mm=400.0,
            screen_width_mm=708.0,
            screen_height_mm=398.0,
            periods_mm=(64.0, 16.0, 4.0),
            steps=3,
            emission_exponent=1.0,
            spot_azimuths_deg=tuple(45.0 * i for i in range(8)),
        ),
        Station("B"),
        Station(
            "C",
            mm_per_px=0.2,
            periods_mm=(40.0, 10.0, 2.5),
            aperture_mm=1.2,
            lens_blur_px=0.4,
            spot_azimuths_deg=(0.0, 90.0, 180.0, 270.0),
        ),
        Station(
            "poor",
            ambient_per_ms=4e-3,
            screen_gamma=1.15,
            screen_contrast=200.0,
            electrons_full_scale=6000.0,
            read_noise_e=15.0,
            frames_averaged=1,
            adc_bits=8,
            bit_depth=8,
            states_noise=False,
        ),
    )
}
