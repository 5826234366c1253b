"""A simulated station like a calibrated one."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt

import numpy as np

from inspection.rig import Rig
from samples.stations import Station

#: Steps per fringe series and entrance pupil where a rig does not tell.
_STEPS, _APERTURE_MM = 4, 1.6


def station_like(rig: Rig) -> Station:
    """The sample world's twin of a rig: its geometry, fringes, sensor and noise.

    A rig tells neither the lens's blur nor the number of phase steps nor small lamps: a sharp lens, four steps and
    no lamps are taken. The screen is perfect, the camera looks along the plane of incidence.
    """
    sensor, camera, screen = rig.sensor, rig.geometry.camera, rig.geometry.screen
    electrons = 1 / max(rig.noise.per_signal, 1e-9)
    step = 2.0 ** (sensor.bit_depth - sensor.adc_bits) / (sensor.white_level - sensor.black_level)
    quantised = step * step / 12 / sensor.frames_averaged
    column, row = (sensor.width_px - 1) / 2, (sensor.height_px - 1) / 2
    here, there = (np.array(camera.pixel_to_panel_mm) @ (column + right, row, 1.0) for right in (0, 1))
    station = Station(
        rig.station or "unnamed",
        width_px=sensor.width_px,
        height_px=sensor.height_px,
        mm_per_px=float(there[0] / there[2] - here[0] / here[2]),
        camera_model=camera.model,
        camera_angle_deg=camera.angle_deg,
        camera_distance_mm=camera.distance_mm,
        aperture_mm=_APERTURE_MM if camera.aperture_mm is None else camera.aperture_mm,
        screen_angle_deg=screen.angle_deg,
        screen_distance_mm=screen.distance_mm,
        screen_width_mm=screen.width_mm,
        screen_height_mm=screen.height_mm,
        periods_mm=rig.periods_mm(),
        steps=_STEPS,
        # The noise model is that of the averaged picture.
        electrons_full_scale=electrons / sensor.frames_averaged,
        read_noise_e=electrons * sqrt(max(rig.noise.constant - quantised, 0.0) / sensor.frames_averaged),
        frames_averaged=sensor.frames_averaged,
        adc_bits=sensor.adc_bits,
        bit_depth=sensor.bit_depth,
        mosaic=sensor.mosaic,
        glass_n=rig.glass_n,
        spot_azimuths_deg=(),
    )
    matrix = rig.camera_rgb_to_linear_srgb
    if matrix is None:
        return station
    r, g, b = ((float(x), float(y), float(z)) for x, y, z in matrix)
    return replace(station, camera_rgb_to_linear_srgb=(r, g, b))


def coarser(station: Station, least_mm_per_px: float) -> Station:
    """The same station with whole blocks of pixels counted as one until they are at least this large."""
    n = max(1, ceil(least_mm_per_px / station.mm_per_px - 1e-6))
    return replace(
        station,
        width_px=station.width_px // n,
        height_px=station.height_px // n,
        mm_per_px=station.mm_per_px * n,
        electrons_full_scale=station.electrons_full_scale * n * n,
        read_noise_e=station.read_noise_e * n,
        mosaic=None,
    )
