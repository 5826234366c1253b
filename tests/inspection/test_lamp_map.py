"""Lamp maps: ratios to the paint's own light, with the noise they state."""

from dataclasses import replace

import numpy as np
import pytest
from sample_captures import rig_of

from inspection.frames import Frames, Role
from inspection.maps.lamps import lamps
from inspection.reading import Missing, Quality
from samples.paintwork import Panel
from samples.scene import render
from samples.stations import NAMED

STATION = replace(NAMED["B"].sized(96), spot_azimuths_deg=(0.0, 90.0), ambient_per_ms=2e-4)
PANEL = Panel("paint", lab=(45.0, 10.0, 5.0), haze=0.01)


def without(frames: Frames, role: Role) -> Frames:
    return replace(frames, frames=tuple(f for f in frames.frames if f.role is not role))


@pytest.mark.parametrize("mosaic", [None, "RGGB"])
def test_stated_noise_is_what_repeats_show(mosaic: str | None) -> None:
    station = replace(STATION, mosaic=mosaic)
    one, two = (lamps(render(PANEL, station, seed=s), rig_of(station)) for s in (2, 3))
    for azimuth, ratio in one.ratio.items():
        assert np.nanmedian(ratio) == pytest.approx(1.0, abs=0.02)
        near = (ratio > 0.8) & (ratio < 1.2)
        spread = np.nanstd((ratio - two.ratio[azimuth])[near]) / np.sqrt(2)
        # In a mosaic the three colours are differently bright, so that one number holds within a third.
        assert spread == pytest.approx(one.noise_ratio[azimuth], rel=0.35 if mosaic else 0.1)


def test_full_pixels_are_not_there() -> None:
    frames = render(replace(PANEL, alpha=0.01), replace(STATION, spot_polar_deg=20.0), seed=2)
    full = frames.with_role(Role.SPOT)[1].pixels >= frames.sensor.white_level
    assert full.any()
    np.testing.assert_array_equal(np.isnan(lamps(frames, rig_of(STATION)).ratio[90.0]), full)


def test_without_a_dark_frame_the_black_level_is_taken_off() -> None:
    frames = render(PANEL, replace(STATION, ambient_per_ms=0.0), seed=2)
    with_dark, level = (lamps(f, rig_of(STATION)) for f in (frames, without(frames, Role.DARK)))
    assert np.nanmean(np.abs(with_dark.ratio[0.0] - level.ratio[0.0])) < 3 * with_dark.noise_ratio[0.0]


def test_no_lamp_frames_no_map() -> None:
    frames = without(render(PANEL, STATION, seed=2), Role.SPOT)
    with pytest.raises(Missing) as doubt:
        lamps(frames, rig_of(STATION))
    assert doubt.value.quality is Quality.NO_FRAMES


def test_a_dead_lamp_is_no_signal() -> None:
    frames = render(PANEL, STATION, seed=2)
    black = tuple(
        replace(f, pixels=np.full_like(f.pixels, frames.sensor.black_level)) if f.role is Role.SPOT else f
        for f in without(frames, Role.DARK).frames
    )
    with pytest.raises(Missing) as doubt:
        lamps(replace(frames, frames=black), rig_of(STATION))
    assert doubt.value.quality is Quality.NO_SIGNAL
