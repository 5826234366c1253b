"""The noise model against the scatter of pictures that were taken again and again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspection.frames import Frames, Role
from inspection.noise import fringe_design, light_of, noise_of
from inspection.refused import Refused
from inspection.rig import NoiseModel
from samples.panels import NAMED as PANELS
from samples.scene import render
from samples.stations import NAMED, Station

B = replace(NAMED["B"].sized(96), states_noise=False)
SWIRLED = PANELS["amethyst"](4)
PANEL = replace(SWIRLED, scuffs=())
#: Light at which fringe frames lie, fractions of full scale.
LEVELS = np.array([0.05, 0.2, 0.5, 0.8])


def without(frames: Frames, role: Role) -> Frames:
    return replace(frames, frames=tuple(f for f in frames.frames if f.role is not role))


def true_variance(station: Station, light: np.ndarray) -> np.ndarray:
    """Of one averaged pixel: shot and read noise, and the rounding of the averaged converter (EMVA 1288)."""
    sensor = station.sensor()
    step = max(1.0, 2.0 ** (station.bit_depth - station.adc_bits) / station.frames_averaged)
    rounding = (step / (sensor.white_level - sensor.black_level)) ** 2 / 12
    full = station.electrons_full_scale
    return (light / full + (station.read_noise_e / full) ** 2) / station.frames_averaged + rounding


@pytest.mark.parametrize("name", ["A", "B", "poor"])
def test_the_stated_model_is_the_scatter_of_repeated_frames(name: str) -> None:
    station = replace(NAMED[name].sized(40), states_noise=True, periods_mm=(48.0,), steps=3)
    sets = [render(PANEL, station, seed=seed) for seed in range(24)]
    model = noise_of(sets[0])
    for role in (Role.WHITE, Role.DARK, Role.FRINGE):
        stack = np.stack([light_of(s.with_role(role)[0], s.sensor) for s in sets])
        measured, stated = stack.var(0, ddof=1).mean(), np.mean(model.variance(stack.mean(0)))
        # 1,600 pixels of 23 degrees of freedom: 0.7 %; the rest is rounding, which is no Gaussian in the dark.
        assert measured == pytest.approx(stated, rel=0.05)


@pytest.mark.parametrize("steps", [4, 5, 8])
def test_redundant_steps_tell_the_noise(steps: int) -> None:
    station = replace(B, steps=steps)
    model = noise_of(render(PANEL, station, seed=3))
    assert model.variance(LEVELS) == pytest.approx(true_variance(station, LEVELS), rel=0.15)


def test_three_steps_leave_the_texture_of_the_white_and_the_dark_frame() -> None:
    station = replace(B, steps=3)
    model = noise_of(render(PANEL, station, seed=3))
    assert model.variance(LEVELS) == pytest.approx(true_variance(station, LEVELS), rel=0.15)


def test_a_swirl_is_hardly_taken_for_noise() -> None:
    """Three steps: only the white frame tells, and there the arcs of a swirl look like noise.

    The swirl covers a quarter of this small field; a median of absolute deviations with a quarter of outliers is too
    large by 1.44 at most.
    """
    station = replace(B, steps=3)
    ratio = noise_of(render(SWIRLED, station, seed=3)).variance(LEVELS) / true_variance(station, LEVELS)
    assert (ratio > 0.85).all()
    assert (ratio < 1.44**2).all()


@pytest.mark.parametrize("steps", [3, 4])
def test_a_mosaic_is_not_taken_for_noise(steps: int) -> None:
    station = replace(B, steps=steps, mosaic="RGGB")
    model = noise_of(render(PANEL, station, seed=3))
    assert model.variance(LEVELS) == pytest.approx(true_variance(station, LEVELS), rel=0.15)


@pytest.mark.parametrize("steps", [3, 4])
def test_colour_frames_tell_the_noise_of_their_green_channel(steps: int) -> None:
    frames = render(PANEL, replace(B, steps=steps), seed=3)
    flat = replace(frames, frames=tuple(f for f in frames.frames if f.group == "screen"))
    rgb = tuple(replace(f, pixels=np.stack([f.pixels // 2, f.pixels, f.pixels // 3], axis=-1)) for f in flat.frames)
    assert noise_of(replace(flat, frames=rgb)) == noise_of(flat)


def test_without_a_dark_frame_the_noise_at_the_fringes_level_is_still_known() -> None:
    frames = without(render(PANEL, B, seed=3), Role.DARK)
    level = np.array([np.mean([light_of(f, frames.sensor).mean() for f in frames.with_role(Role.FRINGE)])])
    assert noise_of(frames).variance(level) == pytest.approx(true_variance(B, level), rel=0.15)


@pytest.mark.parametrize("steps", [4, 5])
@pytest.mark.parametrize("gamma", [1.1, 1.3])
def test_a_wrong_gamma_of_the_screen_is_not_taken_for_noise(steps: int, gamma: float) -> None:
    """Its harmonics do not fit the cosine, by far more than the noise: they are smooth, so they are told apart."""
    station = replace(B, steps=steps, screen_gamma=gamma)
    model = noise_of(render(PANEL, station, seed=3))
    assert model.variance(LEVELS) == pytest.approx(true_variance(station, LEVELS), rel=0.15)


def test_marks_on_the_panel_are_not_taken_for_noise() -> None:
    station = replace(B, steps=4)
    model = noise_of(render(PANELS["graphite_defects"](0), station, seed=3))
    assert model.variance(LEVELS) == pytest.approx(true_variance(station, LEVELS), rel=0.15)


def test_an_eight_bit_camera_is_known_too() -> None:
    station = replace(NAMED["poor"].sized(96), screen_gamma=1.0)
    model = noise_of(render(PANEL, station, seed=3))
    assert model.variance(LEVELS) == pytest.approx(true_variance(station, LEVELS), rel=0.15)


def test_nothing_stated_and_nothing_to_tell_from_is_refused() -> None:
    frames = without(render(PANEL, replace(B.sized(24), steps=3), seed=3), Role.WHITE)
    with pytest.raises(Refused, match=r"image\.electrons_full_scale is not given"):
        noise_of(frames)


def test_a_stated_sensor_needs_no_frames() -> None:
    frames = render(PANEL, replace(NAMED["B"].sized(24), steps=3), seed=3)
    assert noise_of(without(without(frames, Role.WHITE), Role.FRINGE)) == noise_of(frames)


def test_without_read_noise_only_shot_noise_and_rounding_are_left() -> None:
    frames = render(PANEL, NAMED["B"].sized(24), seed=3)
    model = noise_of(replace(frames, sensor=replace(frames.sensor, read_noise_e=None)))
    assert model.per_signal == pytest.approx(1 / 15000 / 2)
    assert model.constant < (5 / 15000) ** 2 / 2


def test_light_below_black_is_as_noisy_as_darkness() -> None:
    model = NoiseModel(1e-6, 1e-4)
    assert model.variance(-0.1) == pytest.approx(1e-6)


def test_the_design_of_a_series_follows_the_contract_s_cosine() -> None:
    frames = render(PANEL, replace(NAMED["B"].sized(24), steps=5, phase_deg=25.0), seed=3)
    series = frames.fringe_series()["x", 12.0]
    a, b, phase = 0.4, 0.3, 0.8
    expected = [a + b * np.cos(phase + 2 * np.pi * k / 5 + np.radians(25)) for k in range(5)]
    assert fringe_design(series) @ [a, b * np.cos(phase), b * np.sin(phase)] == pytest.approx(expected)
