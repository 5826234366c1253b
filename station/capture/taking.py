"""One capture from start to end: the frames of a panel or of a reference, with all that a capture set says."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspection.frames import Conditions, Frame, Frames, Geometry, Sensor
from inspection.refused import Refused
from station.capture.averaging import sensor_of_mean
from station.capture.rig_settings import RigSettings
from station.capture_set import sealed
from station.capture_set.placing import geometry_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What lies in front of the camera, as far as the station was told."""

    pass_number: int
    panel: str | None = None
    part: str | None = None
    recipe: str | None = None
    coat_number: int = 1
    view: str | None = None
    view_to_panel_mm: tuple[tuple[float, float, float], ...] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    operator: str | None = None
    conditions: Conditions = field(default_factory=Conditions)
    reference_set: bool = False
    check_panel: str | None = None


def capture_set_of(
    frames: tuple[Frame, ...], subject: Subject, rig: RigSettings, sensor: Sensor, *, captured_at: str
) -> Frames:
    """Frames that were shot, as one capture set.

    Parameters
    ----------
    captured_at : str
        ISO 8601 with offset.

    Returns
    -------
    Frames
        Its `sha256` is that which reading it back from a folder of TIFF files gives.
    """
    return sealed(unsealed(frames, subject, rig, sensor, captured_at=captured_at))


def unsealed(
    frames: tuple[Frame, ...], subject: Subject, rig: RigSettings, sensor: Sensor, *, captured_at: str
) -> Frames:
    """As `capture_set_of`, without a hash: the first frames of a capture that is not complete yet."""
    return Frames(
        frames=frames,
        sensor=sensor_of_mean(sensor, rig.exposure.pictures),
        geometry=geometry(rig, sensor),
        sha256="",
        pass_number=subject.pass_number,
        panel=subject.panel,
        part=subject.part,
        recipe=subject.recipe,
        coat_number=subject.coat_number,
        view=subject.view,
        view_to_panel_mm=subject.view_to_panel_mm,
        captured_at=captured_at,
        station=rig.station,
        operator=subject.operator,
        simulated=rig.camera.simulated,
        camera_rgb_to_linear_srgb=rig.camera_rgb_to_linear_srgb,
        conditions=subject.conditions,
        reference_set=subject.reference_set,
        glass_n=rig.glass_n,
        check_panel=subject.check_panel,
    )


def geometry(rig: RigSettings, sensor: Sensor) -> Geometry:
    """Where camera and screen stand, for a camera of this size.

    Raises
    ------
    Refused
        The camera's picture does not map onto the panel.
    """
    try:
        return geometry_of(rig.camera_place, rig.screen_place, (sensor.width_px, sensor.height_px))
    except ValueError as fault:
        raise Refused(f"station.toml: {str(fault).replace('geometry.camera', 'capture.camera_place')}") from None
