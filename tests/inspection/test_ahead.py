"""Maps that are built while later frames still come change no number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration import calibrate
from inspection.ahead import Ahead, build_ahead
from inspection.frames import Frames, Role
from inspection.fringes import Decoded
from inspection.maps.kinds import LampMap, SlopeMap, Target
from inspection.pipeline import examine
from inspection.recipe import Recipe, parse_recipe
from inspection.rig import Rig
from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED

AT = "2026-11-22T09:30:00+08:00"
STATION = NAMED["C"].sized(128)
RECIPE = parse_recipe(
    'format = "paint-recipe/1"\nname = "plain"\ntitle = { zh = "素", en = "Plain" }\npasses = 2\nn_clear = 1.5\n'
    '[colour]\nlab = [28.0, 26.0, -34.0]\n[[checks]]\nmeasure = "gloss_of_ceiling_pct"\nlow = 50.0\n'
    '[[regions]]\nname = "A"\npolygon_mm = [[5, 5], [15, 5], [15, 15], [5, 15]]\n',
    "plain.toml",
)


@pytest.fixture(scope="module")
def rig() -> Rig:
    return calibrate([render_reference(STATION, seed=0, captured_at=AT)])


@pytest.fixture(scope="module")
def frames() -> Frames:
    """Screen and diffuse light first, then the small lamps, as a station takes them."""
    taken = render(amethyst_story(3), STATION, seed=1, captured_at=AT)
    lamps = {frame.group for frame in taken.frames if frame.role is Role.SPOT}
    assert lamps
    return replace(taken, frames=tuple(sorted(taken.frames, key=lambda frame: frame.group in lamps)))


@pytest.fixture(scope="module")
def ahead(frames: Frames, rig: Rig) -> Ahead:
    lamps = {frame.group for frame in frames.frames if frame.role is Role.SPOT}
    first = tuple(frame for frame in frames.frames if frame.group not in lamps)
    return build_ahead(replace(frames, frames=first, sha256=""), rig, target(RECIPE))


def target(recipe: Recipe) -> Target:
    return Target(recipe.target_lab, recipe.n_clear)


def test_report_and_maps_are_the_same_to_the_last_bit(frames: Frames, rig: Rig, ahead: Ahead) -> None:
    assert {Decoded, SlopeMap} <= set(ahead.built)
    assert LampMap not in ahead.built
    plain, begun = (examine(frames, rig, RECIPE, now=AT, software="0", ahead=one) for one in (None, ahead))
    assert replace(begun.report, timing_ms={}) == replace(plain.report, timing_ms={})
    assert begun.maps.keys() == plain.maps.keys()
    for name, layer in plain.maps.items():
        np.testing.assert_array_equal(begun.maps[name], layer, err_msg=name)
    assert any(name.startswith("spot") or "lamp" in name or "hologram" in name for name in plain.maps)


def test_what_was_built_of_another_capture_is_not_taken(frames: Frames, rig: Rig, ahead: Ahead) -> None:
    other = replace(frames, frames=tuple(replace(frame) for frame in frames.frames))
    another_recipe = replace(RECIPE, n_clear=1.52)
    for capture, recipe in ((other, RECIPE), (frames, another_recipe)):
        with pytest.raises(ValueError, match="another capture"):
            examine(capture, rig, recipe, now=AT, software="0", ahead=ahead)
