"""Harmonics of the fringes: found where the screen has a gamma, never in noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sample_captures import NOW, recipe

from calibration import calibrate
from inspection.frames import Role
from inspection.harmonics import ripple_mrad, second_harmonic
from inspection.noise import noise_of
from inspection.pipeline import inspect
from inspection.reading import Quality
from samples.panels import NAMED as PANELS
from samples.scene import render, render_reference
from samples.stations import NAMED

FOUR = {name: replace(NAMED[name], steps=4).sized(64) for name in ("A", "B", "C", "poor")}


@pytest.mark.parametrize("name", FOUR)
@pytest.mark.parametrize("gamma", [1.1, 1.2, 0.85])
def test_the_second_harmonic_of_a_gamma_is_found(name: str, gamma: float) -> None:
    """(0.5 + 0.5 cos)^γ has a second harmonic of (γ − 1)/(γ + 2) of the first, a third of (γ − 2)/(γ + 3) of that.

    Eight steps keep them apart at any phase: their powers add.
    """
    frames = render_reference(replace(FOUR[name], steps=8, screen_gamma=gamma), seed=1)
    found = second_harmonic(frames, noise_of(frames))
    assert found is not None
    second, third = (gamma - 1) / (gamma + 2), (gamma - 2) / (gamma + 3)
    # Lens and pupil keep a little less of the shorter waves.
    assert found.ratio == pytest.approx(abs(second) * np.hypot(1, third), rel=0.03)
    assert found.stands_out


@pytest.mark.parametrize("name", FOUR)
@pytest.mark.parametrize("steps", [4, 5, 8])
def test_noise_is_no_harmonic(name: str, steps: int) -> None:
    station = replace(FOUR[name], screen_gamma=1.0, steps=steps)
    for seed in range(4):
        for frames in (render_reference(station, seed=seed), render(PANELS["sanded"](seed), station, seed=seed)):
            found = second_harmonic(frames, noise_of(frames))
            assert found is not None
            assert not found.stands_out


def test_three_steps_say_nothing() -> None:
    frames = render_reference(replace(FOUR["B"], steps=3, screen_gamma=1.5), seed=1)
    assert second_harmonic(frames, noise_of(frames)) is None


def test_a_picture_in_which_every_pixel_is_full_says_nothing() -> None:
    frames = render_reference(FOUR["B"], seed=1)
    full = int(frames.sensor.white_level)
    lost = tuple(replace(f, pixels=np.full_like(f.pixels, full)) if f.role is Role.FRINGE else f for f in frames.frames)
    assert second_harmonic(replace(frames, frames=lost), noise_of(frames)) is None


@pytest.mark.parametrize(("steps", "order"), [(3, 2), (4, 3), (5, 4)])
def test_ripple_is_that_of_the_harmonic_that_the_steps_cannot_tell_from_the_fringe(steps: int, order: int) -> None:
    """To first order the phase turns by the ratio of the harmonic N − 1 to the fringe itself."""
    station = replace(NAMED["B"], steps=steps).sized(16)
    gamma, period, distance = 1.05, min(station.periods_mm), station.screen_distance_mm
    psi = np.arange(4096) * (2 * np.pi / 4096)
    wave = (0.5 + 0.5 * np.cos(psi)) ** gamma
    ratio = abs(np.mean(wave * np.cos(order * psi)) / np.mean(wave * np.cos(psi)))
    expected = 1e3 * ratio * period / (2 * np.pi) / (2 * distance)
    # Harmonics N + 1 and 2N ± 1 add to it: less than half of it for these numbers of steps.
    found = ripple_mrad(render_reference(station, seed=1), gamma)
    assert expected * 0.5 < found < expected * 1.7
    assert ripple_mrad(render_reference(station, seed=1), 1.0) < 1e-9


@pytest.mark.parametrize(("before", "gamma", "said"), [(1.0, 1.0, False), (1.0, 1.1, True), (1.1, 1.1, False)])
def test_an_inspection_says_that_its_fringes_are_no_cosines(before: float, gamma: float, said: bool) -> None:
    """A note on every value; no verdict turns on it. What the glass showed too is taken off and is no news."""
    rig = calibrate([render_reference(replace(FOUR["B"], screen_gamma=before), seed=1)])
    frames = render(PANELS["amethyst"](2), replace(FOUR["B"], screen_gamma=gamma), seed=2)
    report = inspect(frames, rig, recipe(), now=NOW, software="test")
    notes = [Quality.HARMONICS in finding.quality for finding in report.findings if finding.value is not None]
    assert notes
    assert set(notes) == {said}
