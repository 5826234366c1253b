"""The settings that a simulated station would have."""

from __future__ import annotations

from samples.stations import Station
from station.capture.cameras.simulated import SimulatedForm as CameraForm
from station.capture.lamps.simulated import SimulatedForm as LampsForm
from station.capture.lights import aspecular_name, spot_name
from station.capture.rig_settings import CameraPlace, Exposure, Fringes, RigSettings, ScreenPlace, SingleLight, Spot
from station.capture.screens.simulated import SimulatedForm as ScreenForm
from station.capture_set.placing import stated_places


def sample_rig(station: Station, *, screen_px: tuple[int, int] = (1920, 1080)) -> RigSettings:
    """What `station.toml` of a sample station would say; camera, screen and lamps simulated.

    Parameters
    ----------
    screen_px : tuple of int
        Width and height of its screen.
    """
    sensor = station.sensor()
    camera, screen = stated_places(station.geometry())
    return RigSettings(
        station=station.name,
        camera=CameraForm(
            black_level=sensor.black_level,
            white_level=sensor.white_level,
            electrons_full_scale=sensor.electrons_full_scale,
            read_noise_e=sensor.read_noise_e,
        ),
        screen=ScreenForm(width_px=screen_px[0], height_px=screen_px[1], gamma=1.0),
        lamps=LampsForm(),
        fringes=Fringes(periods_mm=station.periods_mm, steps=station.steps, phase_deg=station.phase_deg),
        camera_place=CameraPlace.model_validate(camera),
        screen_place=ScreenPlace.model_validate(screen),
        diffuse=True,
        spots=tuple(
            Spot(
                name=spot_name(azimuth),
                azimuth_deg=azimuth,
                polar_deg=station.spot_polar_deg,
                distance_mm=station.spot_distance_mm,
            )
            for azimuth in station.spot_azimuths_deg
        ),
        single_lights=tuple(
            SingleLight(name=aspecular_name(angle), aspecular_deg=angle) for angle in station.aspecular_deg
        ),
        exposure=Exposure(target=station.exposure_target),
        settle_ms=0.0,
        glass_n=station.glass_n,
        tile_reflectance=station.tile_reflectance,
        camera_rgb_to_linear_srgb=station.camera_rgb_to_linear_srgb,
    )
