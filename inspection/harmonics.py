"""Harmonics of the fringes: what a screen's gamma leaves beside the cosine, and the slope that it feigns.

Four or more steps are more than a mean, a modulation and a phase need. What the fit leaves over is noise and, first of
all, the second harmonic; where it is more than noise the pattern was no cosine: a wrong gamma, a light that flickers,
something that moved. Three steps leave nothing over: there nothing can be said.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from inspection.continuity import Grid
from inspection.frames import Frames
from inspection.noise import fringe_design
from inspection.rig import NoiseModel

#: More than noise explains: its mean power by this many standard deviations, and by this share of it (a noise model is
#: no better known).
SIGNIFICANT, NOISE_DOUBT = 5.0, 0.5
#: A second harmonic below this share of the fringe is that of a screen within 0.03 of a straight line's gamma.
LEAST_RATIO = 0.01


@dataclass(frozen=True, slots=True)
class Harmonic:
    """Second harmonic over the fringe itself (RMS over the field), and whether it is more than noise explains."""

    ratio: float
    stands_out: bool


def second_harmonic(frames: Frames, noise: NoiseModel) -> Harmonic | None:
    """Of the coarsest series with four or more steps, on a coarse grid of pixels; None where there is none.

    The mean power that the fit leaves over in n pixels of N steps scatters by ``sqrt(2 / (n·(N − 3)))`` of itself; a
    second harmonic of amplitude a adds ``a²·N / (2·(N − 3))`` to it (four steps: as a mean over all phases).
    """
    redundant = [series for series in frames.fringe_series().values() if len(series) >= 4]
    if not redundant:
        return None
    series = max(redundant, key=lambda one: one[0].period_mm or 0.0)
    sensor, grid = frames.sensor, Grid.over(frames.sensor.shape).pixels()
    raw = np.stack([frame.plane()[grid].astype(np.float64) for frame in series])
    good = (raw < sensor.white_level).all(axis=0)
    if not good.any():
        return None
    light = (raw[:, good] - sensor.black_level) / (sensor.white_level - sensor.black_level)
    design, steps = fringe_design(series), len(series)
    parts = np.linalg.pinv(design) @ light
    power = float(np.square(light - design @ parts).sum(0).mean()) / (steps - 3)
    expected = float(np.mean(noise.variance(parts[0])))
    fringe = float(np.square(parts[1:]).sum(0).mean())
    if fringe == 0.0:
        return None
    more = power - expected
    scatter = expected * sqrt(2 / (light.shape[1] * (steps - 3)))
    ratio = sqrt(max(0.0, more) * 2 * (steps - 3) / steps / fringe)
    clear = more > max(SIGNIFICANT * scatter, NOISE_DOUBT * expected)
    return Harmonic(ratio, clear and ratio > LEAST_RATIO)


def ripple_mrad(frames: Frames, gamma: float) -> float:
    """Amplitude of the slope that a screen's gamma feigns with this set's finest series; 0 without fringe frames."""
    by_axis = {axis: series for (axis, _), series in frames.fringe_series().items()}  # coarse first: the finest stays
    ripples = []
    for series in by_axis.values():
        steps = len(series)
        phase = np.linspace(0, 2 * np.pi / steps, 64, endpoint=False)
        shift = 2 * np.pi * np.arange(steps) / steps
        light = np.power(0.5 + 0.5 * np.cos(phase[:, None] + shift), gamma)
        seen = np.arctan2(-(light @ np.sin(shift)), light @ np.cos(shift))
        away = np.angle(np.exp(1j * (seen - phase)))
        ripples.append(float(np.abs(away).max()) * (series[0].period_mm or 0.0) / (2 * np.pi))
    return 1e3 * max(ripples, default=0.0) / (2 * frames.geometry.screen.distance_mm)
