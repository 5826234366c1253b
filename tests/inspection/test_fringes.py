"""Decoding of fringe pictures that are made here, straight from the formula of contracts.md §1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fringe_pictures import Shown, bent, mirrored
from hypothesis import given, settings
from hypothesis import strategies as st

from inspection.frames import Frames, Role
from inspection.fringes import Decoded, decode, encode
from inspection.noise import noise_of
from inspection.refused import Refused

U, V = bent()
NARROW = settings(max_examples=60, deadline=None, derandomize=True)


def decoded(frames: Frames) -> Decoded:
    return decode(frames, noise_of(frames))


def pulls(result: Decoded, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Error over stated standard uncertainty, per axis."""
    return (result.screen_u_mm - u) / result.screen_u_u_mm, (result.screen_v_mm - v) / result.screen_v_u_mm


def assert_right(result: Decoded, u: np.ndarray, v: np.ndarray) -> None:
    """Everywhere decoded, within 5 standard uncertainties, and these are true within 20 %."""
    assert result.valid.all()
    for pull in pulls(result, u, v):
        # One normal value in 1.7 million lies beyond 5; two pixels of 1,920 are no longer chance.
        assert (np.abs(pull) > 5).sum() <= 1
        assert 0.8 < np.std(pull) < 1.2
        assert abs(pull.mean()) < 0.15


@NARROW
@given(
    steps=st.sampled_from([3, 4, 5, 7, 8]),
    coarsest=st.floats(9.0, 80.0),
    ratios=st.lists(st.floats(2.0, 5.0), min_size=0, max_size=2),
    phase=st.floats(-180.0, 180.0),
    per_frame=st.floats(-8.0, 8.0),
    exposure=st.floats(0.7, 1.1),
    spread=st.floats(0.0, 0.15),
    bits=st.sampled_from([8, 16]),
    contrast=st.floats(0.3, 0.95),
)
def test_position_is_recovered_from_any_steps_periods_offsets_and_exposures(
    steps: int,
    coarsest: float,
    ratios: list[float],
    phase: float,
    per_frame: float,
    exposure: float,
    spread: float,
    bits: int,
    contrast: float,
) -> None:
    periods = [coarsest, *(coarsest / np.cumprod(ratios))]
    frames = Shown(U, V, modulation=lambda p: 0.4 * contrast).pictures(
        periods,
        steps,
        phases_deg=lambda n: phase + per_frame * (n % 3 - 1),
        exposures=lambda n: exposure * (1 + spread * np.sin(5.0 * n)),
        bits=bits,
    )
    assert_right(decoded(frames), U, V)


def test_without_noise_the_position_is_exact() -> None:
    """float32 leaves a hundred-thousandth of a period, 16 bits a little more."""
    result = decoded(Shown(U, V).pictures([48, 12, 3], noise=False))
    assert np.abs(result.screen_u_mm - U).max() < 5e-4
    assert np.abs(result.screen_v_mm - V).max() < 5e-4


def test_what_the_screen_is_told_to_show_is_read_back() -> None:
    """encode() and decode() mean the same by period, step and phase."""
    shown = encode(U, 16.0, 1, 4, 30.0)
    turn = 2 * np.pi * U / 16 + np.pi / 2 + np.radians(30)
    assert shown == pytest.approx(0.5 + 0.5 * np.cos(turn), abs=1e-12)
    assert encode(np.array([0.0, 4.0, 8.0]), 16.0, 0, 4) == pytest.approx([1.0, 0.5, 0.0], abs=1e-12)
    frames = Shown(U, V).pictures([16], phases_deg=lambda n: 30.0, noise=False)
    sensor = frames.sensor

    def again(frame: object, place: np.ndarray) -> np.ndarray:
        light = encode(place, frame.period_mm, frame.step, frame.steps, frame.phase_deg)  # type: ignore[attr-defined]
        return np.round(sensor.black_level + light * 0.9 * (sensor.white_level - sensor.black_level)).astype(np.uint16)

    told = tuple(
        replace(f, pixels=again(f, U if f.axis == "x" else V)) if f.role is Role.FRINGE else f for f in frames.frames
    )
    result = decoded(replace(frames, frames=told))
    assert np.abs(result.screen_u_mm - U).max() < 1e-3
    assert np.abs(result.screen_v_mm - V).max() < 1e-3


@pytest.mark.parametrize("period", [7.0, 9.0, 12.0])
def test_order_at_the_centre_comes_from_the_geometry(period: float) -> None:
    """30 mm of screen are seen: the only period repeats 2.5 to 4 times, and the panel is tilted by a third of it."""
    u, v = bent(u_mm=0.33 * period / 1.4, v_mm=-0.33 * period / 1.4)
    assert np.ptp(u) > 2.4 * period
    assert_right(decoded(Shown(u, v).pictures([period])), u, v)


def test_order_is_carried_outwards_where_the_panel_bends_by_more_than_a_period() -> None:
    """At the rim the deviation from a flat mirror is two periods; only continuity tells the order there."""
    u, v = mirrored(60, 60)
    y, x = np.mgrid[-1:1:60j, -1:1:60j]
    u, v = u + 16 * x * np.abs(x), v + 16 * y * np.abs(y)
    assert_right(decoded(Shown(u, v).pictures([8, 2])), u, v)


def test_a_part_without_a_way_from_the_centre_is_not_there() -> None:
    """Behind an unlit bar the order could be any: contracts.md says NaN."""
    lit = np.ones(U.shape)
    lit[:, 32:35] = 0.0
    frames = Shown(U, V, modulation=lambda p: 0.3 * lit, mean=0.4 * lit).pictures([12, 3])
    result = decoded(frames)
    assert result.valid[:, :32].all()
    assert not result.valid[:, 32:].any()
    assert np.isnan(result.screen_u_mm[:, 32:]).all()
    assert np.isnan(result.modulation["y", 3][:, 32:]).all()
    assert_right(decoded(Shown(U, V).pictures([12, 3])), U, V)  # the bar alone made the difference


def test_unlit_pixels_are_not_there_and_their_neighbours_are() -> None:
    lit = np.ones(U.shape)
    lit[5:12, 30:41] = 0.0
    result = decoded(Shown(U, V, modulation=lambda p: 0.3 * lit, mean=0.4 * lit).pictures([48, 12]))
    assert np.array_equal(result.valid, lit > 0)
    assert np.array_equal(np.isnan(result.screen_u_mm), lit == 0)
    assert result.saturated_ratio == 0.0


@pytest.mark.parametrize("role", [Role.FRINGE, Role.WHITE])
def test_pixels_that_saturate_in_any_frame_are_left_out_and_counted(role: Role) -> None:
    frames = Shown(U, V).pictures([48, 12])
    spoilt = frames.with_role(role)[-1]
    spoilt.pixels[10:14, 20:26] = frames.sensor.white_level
    result = decoded(frames)
    assert np.isnan(result.screen_u_mm[10:14, 20:26]).all()
    assert result.valid.sum() == U.size - 24
    assert result.saturated_ratio == pytest.approx(24 / U.size)


def test_an_invisible_fine_period_is_left_to_the_coarse_one() -> None:
    """Sanded paint: no bias of its modulation by noise, and the uncertainty is that of the coarse fringe."""
    frames = Shown(U, V, modulation=lambda p: 0.3 if p > 20 else 0.0).pictures([48, 3])
    result = decoded(frames)
    assert_right(result, U, V)
    alone = decoded(Shown(U, V).pictures([48]))
    assert np.median(result.screen_u_u_mm) == pytest.approx(np.median(alone.screen_u_u_mm), rel=0.01)
    for axis in ("x", "y"):
        nothing = result.modulation[axis, 3]
        assert abs(nothing.mean()) < 3 * nothing.std() / np.sqrt(nothing.size)


@pytest.mark.parametrize("fine", [0.3, 0.02, 0.004])
def test_modulation_is_half_of_peak_to_peak_per_ms_without_bias(fine: float) -> None:
    """From a clear fine fringe down to one that is half lost in its noise (4e-3 on a noise of 3e-3)."""
    frames = Shown(U, V, modulation=lambda p: 0.3 if p > 5 else fine).pictures([24, 3], exposures=lambda n: 0.8)
    result = decoded(frames)
    for axis in ("x", "y"):
        found = result.modulation[axis, 3]
        # Phase noise of the coarse fringe turns the projection by some hundredths: below 1 % of the modulation.
        assert abs(found.mean() - fine) < 3 * found.std() / np.sqrt(found.size) + 0.01 * fine
        assert found.std() == pytest.approx(result.noise[axis, 3], rel=0.1)
        assert result.modulation[axis, 24].mean() == pytest.approx(0.3, rel=1e-3)


def test_mean_light_is_free_of_the_dark_frame() -> None:
    result = decoded(Shown(U, V, ambient=0.05, mean=0.4).pictures([48, 12]))
    assert result.offset.mean() == pytest.approx(0.4, abs=1e-3)


def test_without_a_dark_frame_only_the_black_level_is_taken_off() -> None:
    frames = Shown(U, V, ambient=0.05, mean=0.4).pictures([48, 12])
    bare = replace(frames, frames=tuple(f for f in frames.frames if f.role is not Role.DARK))
    assert decoded(bare).offset.mean() == pytest.approx(0.45, abs=1e-3)


def test_white_paint_swamps_the_reflection_and_the_position_holds() -> None:
    """Light of 0.85 with a fringe of 0.04 on it: the noise is that of the light, the order still holds."""
    frames = Shown(U, V, modulation=lambda p: 0.04, mean=0.85, ambient=0.0).pictures([48, 12, 4])
    assert_right(decoded(frames), U, V)


def test_colour_frames_are_read_by_their_green_channel() -> None:
    frames = Shown(U, V).pictures([48, 12])
    other = np.random.default_rng(0)

    def coloured(pixels: np.ndarray) -> np.ndarray:
        noise = other.integers(0, 40000, (*pixels.shape, 2)).astype(pixels.dtype)
        return np.stack([noise[..., 0], pixels, noise[..., 1]], axis=-1)

    rgb = replace(frames, frames=tuple(replace(f, pixels=coloured(f.pixels)) for f in frames.frames))
    assert np.array_equal(decoded(rgb).screen_u_mm, decoded(frames).screen_u_mm)
    assert np.array_equal(decoded(rgb).offset, decoded(frames).offset)


@pytest.mark.parametrize("level", [0, 1024, 30000])
def test_dead_frames_show_no_position(level: int) -> None:
    """All pixels alike, whatever their value: no fringe, nothing valid."""
    frames = Shown(U, V).pictures([48, 12])
    dead = tuple(replace(f, pixels=np.full_like(f.pixels, level)) for f in frames.frames)
    result = decoded(replace(frames, frames=dead))
    assert not result.valid.any()
    assert np.isnan(result.screen_u_mm).all()
    assert np.isnan(result.modulation["x", 48]).all()


def test_noise_alone_shows_next_to_no_position() -> None:
    """A fringe counts from 5 standard deviations on: chance brings exp(-12.5), four in a million."""
    result = decoded(Shown(*bent(200, 200), modulation=lambda p: 0.0).pictures([48]))
    assert result.valid.mean() < 1e-4


def test_an_axis_without_fringes_is_refused() -> None:
    frames = Shown(U, V).pictures([48, 12])
    only_x = replace(frames, frames=tuple(f for f in frames.frames if f.axis != "y"))
    with pytest.raises(Refused, match="axis y"):
        decoded(only_x)


def test_large_pictures_are_decoded_in_strips_like_small_ones() -> None:
    """More pixels than one strip holds: the result must not know where the strips meet."""
    u, v = bent(300, 320)
    assert_right(decoded(Shown(u, v).pictures([64, 16], 3)), u, v)
