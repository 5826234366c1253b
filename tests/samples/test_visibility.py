"""The ideal signal-to-noise ratio against its definition: all frames with and without the mark."""

from dataclasses import replace

import numpy as np
import pytest

from inspection.frames import Frames
from samples.drawn import Blemish, added
from samples.paintwork import Panel, Patch
from samples.scene import render
from samples.scuffs import Scuff
from samples.stations import NAMED as STATIONS
from samples.surface import Mark, Texture
from samples.visibility import visibility

STATION = replace(STATIONS["B"].sized(64), ambient_per_ms=0.0)
PAINT = Panel("paint", lab=(30.0, 5.0, -5.0), alpha=0.0015)


def light(frames: Frames, role: tuple[str, ...]) -> list[tuple[np.ndarray, float]]:
    """Light of each frame and its exposure."""
    s = frames.sensor
    return [
        ((f.pixels.astype(float) - s.black_level) / (s.white_level - s.black_level), f.exposure_ms)
        for f in frames.frames
        if str(f.role) in role
    ]


def counted_snr(mark: Blemish, roles: tuple[str, ...]) -> float:
    """Square root of the sum over pixels and frames of (difference / noise)², noise as the camera model has it."""
    quiet = replace(STATION, electrons_full_scale=1e14, read_noise_e=0.0, adc_bits=16)
    pairs = [light(render(p, quiet, seed=1), roles) for p in (PAINT, added(PAINT, mark))]
    total = 0.0
    for (without, exposure_ms), (with_, other_ms) in zip(*pairs, strict=True):
        level = exposure_ms / other_ms
        var = (without / STATION.electrons_full_scale + (STATION.read_noise_e / STATION.electrons_full_scale) ** 2) / 2
        total += float((((with_ * level - without) ** 2) / var).sum())
    return total**0.5


@pytest.mark.parametrize(
    ("mark", "roles"),
    [
        # Gentle slopes: the pixel's fringe moves, and nothing else happens.
        (Mark("nib", 0.1, 0.2, 3.0, 3.0, 0.3), ("fringe",)),
        (Mark("dent", 0.0, 0.0, 8.0, 8.0, -0.6), ("fringe",)),
        (Mark("scratch", 0.0, 0.0, 8.0, 0.6, -0.05, angle_deg=40.0, groove=True), ("fringe",)),
        (Patch("gloss_patch", 0.0, 0.0, 8.0, 0.2, alpha=0.002), ("fringe",)),
        (Patch("colour_patch", 0.0, 0.0, 8.0, 0.2, delta_lab=(1.0, 1.0, -1.0)), ("diffuse",)),
    ],
)
def test_ideal_ratio_is_what_all_frames_add_up_to(mark: Blemish, roles: tuple[str, ...]) -> None:
    assert visibility(PAINT, STATION, mark).noise_snr == pytest.approx(counted_snr(mark, roles), rel=0.25)


def test_orange_peel_hides_a_run_but_not_a_scratch() -> None:
    """Waves as wide as the mark hide it; much wider ones do not."""
    rough = replace(PAINT, texture=Texture((0.0, 0.0, 0.0, 0.8, 1.5), 1))
    run, scratch = Mark("run", 0, 0, 20.0, 5.0, 3.0), Mark("scratch", 0, 0, 20.0, 0.2, -1.0, groove=True)
    for mark, least, most in ((run, 0.0, 0.15), (scratch, 0.8, 1.0)):
        clear, hidden = visibility(PAINT, STATION, mark), visibility(rough, STATION, mark)
        assert clear.snr == pytest.approx(clear.noise_snr)
        assert least <= hidden.snr / clear.snr <= most


def test_a_swirl_of_twice_the_coverage_is_twice_as_visible() -> None:
    one, two = (visibility(PAINT, STATION, Scuff("swirl", 0, 0, 10.0, 100, c)).noise_snr for c in (0.04, 0.08))
    assert two == pytest.approx(2 * one)
