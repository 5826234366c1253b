"""Light from single directions: the station takes the frames of the flop itself (all simulated)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_stations import Bench, bench, plain_recipe

from calibration import calibrate
from inspection.areas import whole
from inspection.frames import Frames, Role
from inspection.maps.colour_blocks import aspecular_colours
from inspection.maps.reflectance import aspecular
from inspection.measures.flop import flop_index
from inspection.reading import Reading
from inspection.refused import Refused
from samples.aspecular import true_lightness
from samples.flakes import Flakes
from samples.live import Tile
from samples.paintwork import Panel
from samples.stations import NAMED
from station.capture.exposures import Exposures
from station.capture.rig_settings import RigSettings
from station.capture.sample_rig import sample_rig
from station.capture.shoot import shoot
from station.capture.shots import Shot, glass_shots, shots_of, tile_shots
from station.capture.taking import Subject, capture_set_of

ANGLES = (15.0, 45.0, 110.0)
#: Seen at 45°, as the trade does: the light at 110° stands 25° above the panel.
STATION = replace(
    NAMED["B"].sized(48), camera_angle_deg=45.0, screen_angle_deg=45.0, periods_mm=(48.0, 12.0), aspecular_deg=ANGLES
)
PANEL = Panel("effect", lab=(28.0, 26.0, -34.0), flakes=Flakes(300.0, tilt_deg=12.0))
RECIPE = plain_recipe('[[checks]]\nmeasure = "flop_index"\nlow = 1.0\n')


def taken(made: Bench, shots: tuple[Shot, ...], subject: Subject) -> Frames:
    frames = shoot(
        shots, made.hardware, exposure=made.rig.exposure, exposures=Exposures.empty(), recipe="plain", settle_ms=0.0
    )
    return capture_set_of(
        frames, subject, made.rig, made.hardware.camera.sensor, captured_at="2026-11-22T09:30:00+08:00"
    )


def test_the_flop_of_a_panel_is_measured_from_frames_that_the_station_took() -> None:
    with bench(STATION) as made:
        glass = taken(made, glass_shots(made.rig), Subject(0, reference_set=True))
        made.table.placed = Tile(STATION.tile_reflectance)
        tile = taken(made, tile_shots(made.rig), Subject(0, reference_set=True))
        made.table.placed = PANEL
        frames = taken(made, shots_of(RECIPE, made.rig), Subject(1, panel="effect", recipe="plain"))
    light = aspecular(frames, calibrate([glass, tile]))
    reading = flop_index(aspecular_colours(light, whole(frames.sensor.shape)))
    near, middle, far = (true_lightness(PANEL, STATION, angle) for angle in ANGLES)
    assert isinstance(reading, Reading)
    assert reading.u is not None
    # Twice the stated standard uncertainty (95 %).
    assert reading.value == pytest.approx(2.69 * (near - far) ** 1.11 / middle**0.86, abs=2 * reading.u)


def test_each_light_is_a_group_of_its_own_with_its_dark_for_the_panel_as_for_the_tile() -> None:
    rig = sample_rig(STATION)
    for shots, role in ((shots_of(RECIPE, rig), Role.DIFFUSE), (tile_shots(rig), Role.DIFFUSE_REF)):
        lit = {shot.group: shot for shot in shots if shot.aspecular_deg is not None}
        assert [(shot.aspecular_deg, shot.role) for shot in lit.values()] == [(angle, role) for angle in ANGLES]
        assert all(shot.lamp == group for group, shot in lit.items())
        assert {shot.group for shot in shots if shot.role is Role.DARK} >= set(lit)
        assert all(shot.in_colour for shot in shots if shot.group in lit)


def test_two_single_lights_are_too_few_for_the_flop() -> None:
    rig = sample_rig(replace(STATION, aspecular_deg=ANGLES[:2]))
    with pytest.raises(Refused, match=r"three single directions .* has 2 \(capture\.single_lights\)"):
        shots_of(RECIPE, rig)


@pytest.mark.parametrize(
    ("lights", "words"),
    [
        ([("a", 15.0), ("b", 15.0)], "an aspecular_deg is there twice"),
        ([("a", 15.0), ("a", 45.0)], "a name of its own"),
        ([("diffuse", 15.0)], "a name of its own"),
        ([("a", 0.0)], "greater than 0"),
    ],
)
def test_single_lights_that_cannot_be_told_apart_are_refused(lights: list[tuple[str, float]], words: str) -> None:
    tree = sample_rig(STATION).model_dump()
    tree["single_lights"] = [{"name": name, "aspecular_deg": angle} for name, angle in lights]
    with pytest.raises(ValueError, match=words):
        RigSettings.model_validate(tree)
