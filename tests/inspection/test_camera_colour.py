"""Camera RGB to linear sRGB by matrix or root polynomial."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration import calibrate
from inspection.camera_colour import matrix_at, terms_of, to_linear_srgb
from inspection.illuminant import light_change
from inspection.pipeline import examine
from inspection.recipe import parse_recipe
from inspection.reference import maps
from samples.panels import NAMED as PANELS
from samples.scene import render, render_reference
from samples.stations import NAMED

ROOTS = np.array(
    [[1.6, -0.1, 0.1, -0.7, -0.1, 0.2], [-0.3, 1.5, 0.0, 0.3, -0.5, 0.0], [0.1, -0.1, 1.7, 0.0, -0.8, 0.1]]
)
PLAIN = ROOTS[:, :3] / ROOTS[:, :3].sum(axis=1, keepdims=True)
COLOURS = np.random.default_rng(0).uniform(0.01, 0.9, (40, 30, 3))


@pytest.mark.parametrize("matrix", [PLAIN, ROOTS], ids=["plain", "roots"])
def test_single_precision_agrees_with_the_plain_formula(matrix: np.ndarray) -> None:
    exact = terms_of(COLOURS)[..., : matrix.shape[1]] @ matrix.T
    assert np.abs(to_linear_srgb(COLOURS, matrix) - exact).max() < 1e-12
    fast = to_linear_srgb(COLOURS.astype(np.float32), matrix)
    assert fast.dtype == np.float32
    # Six products of numbers below 2, each rounded at 2^-24.
    assert np.abs(fast - exact).max() < 12 * 2**-24


def test_twice_the_light_is_twice_the_result() -> None:
    assert to_linear_srgb(2 * COLOURS, ROOTS) == pytest.approx(2 * to_linear_srgb(COLOURS, ROOTS))


def test_a_local_matrix_has_the_value_and_the_slope_of_the_whole() -> None:
    for colour in COLOURS.reshape(-1, 3)[:20]:
        local = matrix_at(colour, ROOTS)
        assert local @ colour == pytest.approx(terms_of(colour) @ ROOTS.T)
        for step in 1e-6 * np.eye(3):
            slope = (terms_of(colour + step) - terms_of(colour - step)) @ ROOTS.T / 2
            assert local @ step == pytest.approx(slope, abs=1e-12)


def test_noise_below_black_and_saturated_pixels_stay_what_they_are() -> None:
    seen = to_linear_srgb(np.array([[[-0.001, 0.2, 0.1], [np.nan, 0.2, 0.1]]], np.float32), ROOTS)
    assert np.isfinite(seen[0, 0]).all()
    assert np.isnan(seen[0, 1]).all()


@pytest.mark.parametrize("name", ["A", "B"])
def test_a_panel_is_measured_with_roots_as_the_specification_says(name: str) -> None:
    station = NAMED[name].sized(96)
    rig = replace(
        calibrate([render_reference(station, seed=1)]),
        camera_rgb_to_linear_srgb=tuple(tuple(row) for row in ROOTS.tolist()),
    )
    frames = render(PANELS["flat"](0), station, seed=2)
    recipe = parse_recipe(
        'format = "paint-recipe/1"\nname = "flat"\ntitle = { en = "x", zh = "x" }\npasses = 1\nn_clear = 1.5\n'
        '[colour]\nlab = [28.0, 26.0, -34.0]\n[[checks]]\nmeasure = "delta_e00"\nhigh = 2.0\n',
        "test",
    )
    assert recipe.target_lab is not None
    found = examine(frames, rig, recipe, now="2026-11-22T09:30:00+08:00", software="test").maps
    assert np.abs(found["lab"] - maps(frames, rig, recipe.target_lab, recipe.n_clear)["lab"]).max() < 5e-3


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", NAMED)
def test_the_same_lamps_are_no_other_light(name: str, seed: int) -> None:
    """Any rig, drawn anew with its drift, noise and tile; a capture that shows the tile once more."""
    station = NAMED[name].sized(48).drawn(seed)
    change = light_change(render_reference(station, seed=seed + 100), calibrate([render_reference(station, seed=seed)]))
    assert change is not None
    assert not change.changed
    assert abs(change.red_green) < 4 * change.u_cast + 1e-3


def test_without_a_tile_in_the_capture_nothing_is_said_of_the_light() -> None:
    rig = calibrate([render_reference(NAMED["B"].sized(48), seed=1)])
    assert light_change(render(PANELS["flat"](0), NAMED["B"].sized(48), seed=2), rig) is None
