"""Numerics on maps with holes: integration of slopes, filling, binning, robust fits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspection.filters import binned, filled, robust_fit, spread, surface

F = np.float32
SOME = settings(max_examples=40, deadline=None, derandomize=True)


def wave(rows: int, cols: int, j: int, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A standing cosine wave that fits the mirrored domain: height, slope to the right, slope down."""
    kx, ky = np.pi * i / cols, np.pi * j / rows
    x, y = np.arange(cols)[None, :] + 0.5, np.arange(rows)[:, None] + 0.5
    height = np.cos(kx * x) * np.cos(ky * y)
    return height, -kx * np.sin(kx * x) * np.cos(ky * y), -ky * np.cos(kx * x) * np.sin(ky * y)


@SOME
@given(
    shape=st.tuples(st.integers(16, 70), st.integers(16, 70)),
    waves=st.lists(st.tuples(st.floats(0, 0.95), st.floats(0, 0.95), st.floats(-3, 3)), min_size=1, max_size=6),
)
def test_slopes_of_waves_that_the_pixels_resolve_give_their_height_exactly(
    shape: tuple[int, int], waves: list[tuple[float, float, float]]
) -> None:
    rows, cols = shape
    total = [np.zeros(shape) for _ in range(3)]
    for down, right, amplitude in waves:
        for sum_, part in zip(total, wave(rows, cols, int(down * rows), int(right * cols)), strict=True):
            sum_ += amplitude * part
    height, x, y = surface(total[1].astype(F), total[2].astype(F))
    scale = sum(abs(a) for *_, a in waves) + 1e-6
    # float32 of the slopes, up to pi times the amplitude per pixel, through six transforms.
    assert np.abs(height - (total[0] - total[0].mean())).max() < 2e-5 * scale * max(shape)
    assert np.abs(x - total[1]).max() < 2e-5 * scale
    assert np.abs(y - total[2]).max() < 2e-5 * scale


@pytest.mark.parametrize(("sx", "sy"), [(0.02, 0.0), (0.0, -0.05), (0.03, 0.01)])
def test_a_tilt_stays_a_tilt(sx: float, sy: float) -> None:
    rows, cols = 60, 80
    height, x, y = surface(np.full((rows, cols), sx, F), np.full((rows, cols), sy, F))
    assert np.abs(x - sx).max() < 1e-6
    assert np.abs(y - sy).max() < 1e-6
    row, col = np.mgrid[:rows, :cols]
    plane = sx * (col - (cols - 1) / 2) + sy * (row - (rows - 1) / 2)
    # The corners of the mirrored plane are rounded off by the pixels: some tenths of one pixel's rise.
    assert np.abs(height - plane).max() < 0.5 * (abs(sx) + abs(sy))


def test_the_height_of_a_bump_is_found() -> None:
    row, col = np.mgrid[:96, :128].astype(float)
    dx, dy, s = col - 50, row - 40, 6.0
    bump = 7.0 * np.exp(-(dx * dx + dy * dy) / (2 * s * s))
    height, _, _ = surface((-bump * dx / s**2).astype(F), (-bump * dy / s**2).astype(F))
    assert np.abs(height - (bump - bump.mean())).max() < 1e-3 * 7


def test_half_of_the_noise_is_the_slope_of_no_surface_and_goes() -> None:
    rng = np.random.default_rng(3)
    shape = (256, 256)
    noise = rng.standard_normal((2, *shape)).astype(F)
    _, x, y = surface(noise[0], noise[1])
    # 65,536 degrees of freedom are left of 131,072: the ratio is known to 0.5 * sqrt(2/65536).
    ratio = (x.var() + y.var()) / (noise[0].var() + noise[1].var())
    assert ratio == pytest.approx(0.5, abs=4 * 0.5 * np.sqrt(2 / 65536) + 1 / 256)


def test_the_gradient_that_comes_back_has_no_curl() -> None:
    """Integrating it again changes nothing."""
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((2, 40, 50)).astype(F)
    height, x, y = surface(noise[0], noise[1])
    again, x2, y2 = surface(x, y)
    assert np.abs(again - height).max() < 1e-4
    assert np.abs(x2 - x).max() < 1e-4
    assert np.abs(y2 - y).max() < 1e-4


def test_holes_are_filled_from_around_and_known_pixels_stay() -> None:
    row, col = np.mgrid[:64, :80].astype(F)
    plane = 0.1 * col - 0.2 * row
    known = np.ones(plane.shape, bool)
    known[20:30, 30:44] = False
    full = filled(np.where(known, plane, F(np.nan)), known)
    assert np.array_equal(full[known], plane[known])
    rim = plane[19:31, 29:45]
    assert full[~known].min() >= rim.min()
    assert full[~known].max() <= rim.max()
    assert np.abs(full - plane)[~known].max() < 0.35 * np.ptp(rim)


def test_a_level_is_carried_into_holes_as_it_is() -> None:
    known = np.random.default_rng(1).random((33, 47)) > 0.4
    full = filled(np.where(known, F(2.5), F(np.nan)), known)
    assert full == pytest.approx(2.5, abs=1e-5)


def test_a_map_without_a_known_pixel_is_filled_with_zero() -> None:
    assert not filled(np.full((9, 9), np.nan, F), np.zeros((9, 9), bool)).any()


@SOME
@given(
    rows=st.integers(1, 5), cols=st.integers(1, 5), share=st.floats(0.0, 1.0), seed=st.integers(0, 99),
    channels=st.sampled_from([0, 3]),
)  # fmt: skip
def test_blocks_are_means_of_what_is_there(rows: int, cols: int, share: float, seed: int, channels: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (23, 31) if channels == 0 else (23, 31, channels)
    values = rng.random(shape, F)
    values[rng.random((23, 31)) < share] = np.nan
    means, seen = binned(values, rows, cols)
    height, width = 23 // rows, 31 // cols
    assert means.shape[:2] == seen.shape == (height, width)
    for r in range(height):
        for c in range(width):
            block = values[r * rows : (r + 1) * rows, c * cols : (c + 1) * cols].reshape(rows * cols, -1)
            there = np.isfinite(block[:, 0])
            assert seen[r, c] == pytest.approx(there.mean(), abs=1e-5)
            if there.any():
                assert means[r, c] == pytest.approx(block[there].mean(0, dtype=float).squeeze(), abs=1e-5)
            else:
                assert np.isnan(means[r, c]).all()


def test_a_picture_smaller_than_one_block_has_none() -> None:
    with pytest.raises(ValueError, match="hold no block"):
        binned(np.zeros((3, 9), F), 4, 4)


def test_the_robust_fit_does_not_see_a_fifth_of_outliers() -> None:
    rng = np.random.default_rng(6)
    x = rng.uniform(-1, 1, 2000)
    design = np.stack([np.ones_like(x), x, x * x], axis=1)
    values = design @ [0.3, -1.2, 2.0] + 0.01 * rng.standard_normal(2000)
    bad = rng.choice(2000, 400, replace=False)
    values[bad] += rng.uniform(0.5, 5, 400)  # all to one side, as nibs are
    found = robust_fit(design, values)
    error = 0.01 * np.sqrt(np.diag(np.linalg.inv(design.T @ design)) / 0.8 / 0.95)
    assert (np.abs(found - [0.3, -1.2, 2.0]) < 4 * error).all()


def test_the_robust_fit_of_exact_points_is_exact() -> None:
    x = np.linspace(-1, 1, 50)
    design = np.stack([np.ones_like(x), x], axis=1)
    assert robust_fit(design, design @ [1.0, 2.0]) == pytest.approx([1.0, 2.0], abs=1e-12)


def test_the_robust_spread_is_the_standard_deviation_and_knows_no_outliers() -> None:
    values = np.random.default_rng(7).standard_normal(40_000)
    assert spread(values) == pytest.approx(1.0, abs=0.03)
    values[:2000] = 1e6
    values[2000:3000] = np.nan
    assert spread(values) == pytest.approx(1.0, abs=0.12)
    assert np.isnan(spread(np.full(5, np.nan)))
