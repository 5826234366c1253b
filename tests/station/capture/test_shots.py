"""What is taken of a panel, of the black glass and of the white tile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_stations import SCREEN_PX, STATION, plain_recipe

from inspection.frames import Role
from inspection.refused import Refused
from samples.stations import NAMED
from station.capture.rig_settings import RigSettings
from station.capture.sample_rig import sample_rig
from station.capture.shots import Shot, glass_shots, shots_of, tile_shots


def rig_of(**changed: object) -> RigSettings:
    return sample_rig(STATION, screen_px=SCREEN_PX).model_copy(update=changed)


def test_every_step_of_every_period_is_taken_along_both_axes_and_each_group_has_its_dark() -> None:
    rig = sample_rig(replace(NAMED["C"].sized(64), steps=3))
    shots = shots_of(plain_recipe(), rig)
    fringes = {(s.axis, s.period_mm, s.step) for s in shots if s.role is Role.FRINGE}
    assert fringes == {(axis, period, step) for axis in "xy" for period in (40.0, 10.0, 2.5) for step in range(3)}
    groups = {shot.group for shot in shots}
    assert groups == {"screen", "diffuse", "spot_000", "spot_090", "spot_180", "spot_270"}
    assert {shot.group for shot in shots if shot.role is Role.DARK} == groups
    assert len({shot.name for shot in shots}) == len(shots)


def test_frames_of_a_group_adjoin_and_its_brightest_comes_first() -> None:
    """The exposure of a group is found on its first frame."""
    shots = shots_of(plain_recipe(), sample_rig(NAMED["C"].sized(64)))
    firsts: dict[str, Shot] = {}
    order = []
    for shot in shots:
        firsts.setdefault(shot.group, shot)
        if not order or order[-1] != shot.group:
            order.append(shot.group)
    assert len(order) == len(set(order))
    assert {shot.role for shot in firsts.values()} == {Role.WHITE, Role.DIFFUSE, Role.SPOT}


def test_the_dark_of_the_lamps_has_no_lamp_lit_and_no_light_on_the_screen() -> None:
    for shot in shots_of(plain_recipe(), sample_rig(NAMED["C"].sized(64))):
        if shot.role is Role.DARK:
            assert (shot.lamp, shot.pattern) == (None, shots_of(plain_recipe(), rig_of())[-1].pattern)
        elif shot.group != "screen":
            assert shot.lamp == shot.group


def test_glass_and_tile_make_a_reference_between_them() -> None:
    rig = rig_of()
    assert {shot.role for shot in glass_shots(rig)} == {Role.WHITE, Role.FRINGE, Role.DARK}
    tile, dark = tile_shots(rig)
    assert (tile.role, tile.reflectance, tile.lamp) == (Role.DIFFUSE_REF, rig.tile_reflectance, "diffuse")
    assert (dark.role, dark.group) == (Role.DARK, tile.group)


@pytest.mark.parametrize(
    ("check", "without", "words"),
    [
        ('[[checks]]\nmeasure = "graininess_pct"\nhigh = 3.0\n', {"diffuse": False}, "graininess_pct.*diffuse light"),
        ('[[checks]]\nmeasure = "hologram_ratio"\nhigh = 0.1\n', {"spots": ()}, "hologram_ratio.*small lamps"),
        ('[[checks]]\nmeasure = "flop_index"\nlow = 3.0\n', {}, "flop_index.*three single directions"),
    ],
)
def test_a_recipe_that_asks_for_light_the_station_has_not_is_refused_before_the_capture(
    check: str, without: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        shots_of(plain_recipe(check), rig_of(**without))


def test_a_station_without_diffuse_light_has_nothing_to_take_of_a_tile() -> None:
    with pytest.raises(Refused, match="no diffuse light"):
        tile_shots(rig_of(diffuse=False))
    assert {shot.group for shot in shots_of(plain_recipe(), rig_of(diffuse=False))} == {"screen"}
