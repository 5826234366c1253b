"""Relief: stated heights, exact slopes."""

import numpy as np
import pytest

from samples.surface import BANDS_MM, Form, Mark, Relief, Texture, form_relief, mark_relief, texture_relief

GRID = np.meshgrid(np.arange(-6, 6, 0.02), np.arange(-5, 5, 0.02))


def assert_slopes_belong_to_height(relief: Relief, pitch_mm: float, tolerance: float) -> None:
    """Central differences, whose own error is pitch²/6 of the third derivative."""
    dy, dx = np.gradient(relief.height_mm, pitch_mm)
    inner = np.s_[2:-2, 2:-2]
    scale = max(np.abs(relief.slope_x).max(), np.abs(relief.slope_y).max())
    assert np.abs(dx - relief.slope_x)[inner].max() < tolerance * scale
    assert np.abs(dy - relief.slope_y)[inner].max() < tolerance * scale


MARKS = [
    Mark("nib", 0.5, -1.0, 2.0, 1.0, 9.0, angle_deg=30),
    Mark("crater", -1.0, 1.0, 2.0, 2.0, -11.0, rim_um=2.5),
    Mark("scratch", 0.0, 0.0, 6.0, 0.5, -1.5, angle_deg=-24, groove=True),
]


@pytest.mark.parametrize("mark", MARKS, ids=lambda m: m.kind)
def test_slopes_of_a_mark_are_its_gradient(mark: Mark) -> None:
    assert_slopes_belong_to_height(mark_relief(mark, *GRID), 0.02, 0.02)


@pytest.mark.parametrize("mark", MARKS, ids=lambda m: m.kind)
def test_a_mark_has_its_stated_height(mark: Mark) -> None:
    height_um = mark_relief(mark, *GRID).height_mm * 1e3
    extreme = height_um.max() if mark.height_um > 0 else height_um.min()
    assert extreme == pytest.approx(mark.height_um, rel=0.01)


def test_a_mark_measures_its_size_at_a_tenth_of_its_height() -> None:
    x = np.arange(-3, 3, 0.001)[None, :]
    height = mark_relief(Mark("nib", 0.0, 0.0, 2.0, 1.0, 9.0), x, np.zeros_like(x)).height_mm
    assert np.sum(height > 0.1 * height.max()) * 0.001 == pytest.approx(2.0, abs=0.003)


def test_positive_angle_turns_a_scratch_counter_clockwise_as_seen() -> None:
    scratch = Mark("scratch", 0.0, 0.0, 6.0, 0.5, -1.0, angle_deg=30, groove=True)
    up_right = mark_relief(scratch, np.array([[2 * np.cos(np.pi / 6)]]), np.array([[-2 * np.sin(np.pi / 6)]]))
    assert up_right.height_mm[0, 0] == pytest.approx(-1e-3, rel=0.02)


@pytest.mark.parametrize("index", range(len(BANDS_MM)))
def test_texture_has_exactly_the_stated_height_in_each_band(index: int) -> None:
    rms = [0.0] * 5
    rms[index] = 0.25
    tile_mm = 512 * BANDS_MM[index][0] / 6
    x, y = np.meshgrid(*[np.arange(512) * tile_mm / 512] * 2)
    relief = texture_relief(Texture(tuple(rms), 4), x, y)  # type: ignore[arg-type]
    assert relief.height_mm.std() * 1e3 == pytest.approx(0.25, rel=1e-9)


@pytest.mark.parametrize("index", [1, 3])
def test_texture_keeps_to_its_band(index: int) -> None:
    rms = [0.0] * 5
    rms[index] = 1.0
    low, high = BANDS_MM[index]
    pitch = low / 6
    x, y = np.meshgrid(*[np.arange(512) * pitch] * 2)
    power = np.abs(np.fft.fft2(texture_relief(Texture(tuple(rms), 4), x, y).height_mm)) ** 2  # type: ignore[arg-type]
    f = np.hypot(*np.meshgrid(*[np.fft.fftfreq(512, pitch)] * 2))
    inside = (f >= 1 / high * (1 - 1e-9)) & (f < 1 / low * (1 + 1e-9))
    assert power[~inside].sum() < 1e-12 * power.sum()


def test_texture_slopes_are_its_gradient() -> None:
    relief = texture_relief(Texture((0.0, 0.01, 0.05, 0.25, 0.7), 2), *GRID)
    assert_slopes_belong_to_height(relief, 0.02, 0.02)


def test_texture_is_the_same_on_a_grid_and_at_scattered_places() -> None:
    x, y = GRID[0][::40, ::40], GRID[1][::40, ::40]
    texture = Texture((0.0, 0.01, 0.05, 0.25, 0.7), 2)
    grid = texture_relief(texture, x, y)
    order = np.random.default_rng(0).permutation(x.size)
    scattered = texture_relief(texture, x.ravel()[order][None], y.ravel()[order][None])
    assert scattered.slope_y.ravel() == pytest.approx(grid.slope_y.ravel()[order], abs=1e-12)


def test_a_form_of_2_5_m_sags_by_half_the_square_over_the_radius() -> None:
    x, y = np.array([[0.0, 40.0]]), np.array([[0.0, 30.0]])
    ball = form_relief(Form(2500.0), x, y)
    tube = form_relief(Form(2500.0, bends_y=False), x, y)
    assert ball.height_mm[0] == pytest.approx([0.0, -(50.0**2) / 5000], rel=1e-3)
    assert tube.height_mm[0] == pytest.approx([0.0, -(40.0**2) / 5000], rel=1e-3)
    assert ball.slope_y[0, 1] == pytest.approx(-30 / 2500, rel=1e-3)
