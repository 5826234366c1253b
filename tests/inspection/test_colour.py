"""Colour: CIELAB, CIEDE2000 and what reaches them from the diffuse frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from golden_tables import rows
from sample_captures import PLAIN, capture, examined, finding, judged, recipe, rig_of, value_of
from skimage.color import deltaE_ciede2000, xyz2lab
from skimage.color.colorconv import xyz_from_rgb

from inspection.areas import whole
from inspection.colour import WHITE_XYZ, delta_e00, lab_of
from inspection.frames import Frames, Mosaic, Role
from inspection.maps.colour_blocks import ColourBlocks, colour_blocks
from inspection.maps.colour_difference import ciede2000
from inspection.maps.reflectance import reflectance
from inspection.pipeline import examine
from inspection.rig import Rig
from samples.paintwork import Panel
from samples.scene import render
from samples.stations import CAMERA_MATRIX, NAMED, Station

RECIPES = Path(__file__).parent.parent.parent / "samples" / "recipes"
B = NAMED["B"].sized(64)

#: Pairs 7, 8 and 9 to 16 lie at the jumps of the mean hue. In pair 14 the hues are opposite to the last digit: whether
#: their mean is 0 or 180 degrees hangs on the rounding of one bit, and the table prints 4.8045, that of the side where
#: the difference is at most 180 degrees. The two sides differ by 0.058, far above the tolerance.
PAIRS = rows("ciede2000_sharma")


def pair(row: dict[str, float]) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return (row["L1"], row["a1"], row["b1"]), (row["L2"], row["a2"], row["b2"])


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: f"pair {row['pair']:.0f}")
def test_published_pairs_come_out_in_both_orders(row: dict[str, float]) -> None:
    first, second = pair(row)
    for one, other in ((first, second), (second, first)):
        assert delta_e00(np.array([one]), other)[0] == pytest.approx(row["dE00"], abs=5.1e-5)


def test_the_whole_table_is_here() -> None:
    assert [row["pair"] for row in PAIRS] == list(range(1, 35))


def test_the_fast_map_agrees_with_the_exact_formula_around_paint_colours() -> None:
    rng = np.random.default_rng(5)
    worst = 0.0
    files = sorted(RECIPES.glob("*.toml"))
    assert len(files) >= 9
    for path in files:
        aim = recipe(path.read_text(encoding="utf-8")).target_lab
        assert aim is not None
        colours = np.array(aim) + rng.standard_normal((100, 120, 3)) * (3, 4, 4)
        exact = deltaE_ciede2000(np.broadcast_to(np.array(aim), colours.shape), colours)
        fast = ciede2000(colours.astype(np.float32), aim)
        assert fast.dtype == np.float32
        worst = max(worst, float(np.abs(fast - exact).max()))
    assert worst < 1e-3


def test_the_fast_map_agrees_on_any_colours_of_like_hue() -> None:
    """Ten thousand pairs all over the solid, hues up to 170 degrees apart (at 180 the formula itself jumps)."""
    rng = np.random.default_rng(6)
    for aim in [(50.0, 60.0, 0.0), (30.0, -20.0, 25.0), (70.0, 0.5, -0.5), (20.0, 3.0, -40.0)]:
        colours = rng.uniform((0, -80, -80), (100, 80, 80), (25, 100, 3))
        apart = np.arctan2(colours[..., 2], colours[..., 1]) - np.arctan2(aim[2], aim[1])
        like = np.cos(apart) > np.cos(np.radians(170))
        exact = deltaE_ciede2000(np.broadcast_to(np.array(aim), colours.shape), colours)
        fast = ciede2000(colours.astype(np.float32), aim)
        assert np.abs(fast - exact)[like].max() < 2e-3


def test_a_pixel_that_is_not_there_leaves_the_others_alone() -> None:
    """Of any hue: the mean hue and the opposite one are told apart pixel by pixel."""
    colours = np.random.default_rng(9).uniform((0, -80, -80), (100, 80, 80), (20, 30, 3)).astype(np.float32)
    aim = (28.0, 26.0, -34.0)
    whole = ciede2000(colours, aim)
    colours[3, 4] = np.nan
    holed = ciede2000(colours, aim)
    assert np.isnan(holed[3, 4])
    holed[3, 4] = whole[3, 4]
    assert np.abs(holed - whole).max() < 1e-4  # vectors with a NaN take another way through sine and arctangent


def test_lab_is_that_of_scikit_image() -> None:
    linear = np.random.default_rng(7).random((5000, 3)) ** 2
    # scikit-image rounds its white to five digits, so white is made its own here.
    xyz = linear @ xyz_from_rgb.T / WHITE_XYZ * np.array([0.95047, 1.0, 1.08883])
    # … and the constants of its straight foot (0.008856, 7.787) to four: 2e-4 below L* = 8, nothing above.
    light = xyz.min(-1) > 0.01
    assert lab_of(linear[light]) == pytest.approx(xyz2lab(xyz[light]), abs=1e-9)
    assert lab_of(linear) == pytest.approx(xyz2lab(xyz), abs=2e-4)


@pytest.mark.parametrize(
    ("linear", "lab"),
    # Primaries of IEC 61966-2-1 in CIELAB as commonly tabulated, two decimals.
    [((1, 0, 0), (53.24, 80.09, 67.20)), ((0, 1, 0), (87.73, -86.18, 83.18)), ((0, 0, 1), (32.30, 79.19, -107.86)),
     ((1, 1, 1), (100, 0, 0)), ((0, 0, 0), (0, 0, 0)), ((0.18418651851, 0.18418651851, 0.18418651851), (50, 0, 0))],
)  # fmt: skip
def test_lab_of_known_colours(linear: tuple[float, ...], lab: tuple[float, ...]) -> None:
    assert lab_of(np.array(linear, float)) == pytest.approx(lab, abs=0.02)


def test_noise_around_black_has_no_bias() -> None:
    """Below zero the foot of the cube root goes on straight: light that scatters about 0 is black on average."""
    dark = 1e-3 * np.random.default_rng(8).standard_normal((200_000, 3))
    # The first bend of the curve is nine standard deviations away.
    assert lab_of(dark).mean(0) == pytest.approx([0, 0, 0], abs=0.03)


def test_noise_does_not_make_an_even_grey_panel_differ() -> None:
    """Pixels that scatter by 2 units make every pixel differ, the mean colour of the panel does not."""
    grey = Panel("GREY", lab=(50.0, 0.0, 0.0))
    loud = replace(B, electrons_full_scale=300.0, read_noise_e=4.0, frames_averaged=1)
    text = PLAIN.replace("[28.0, 26.0, -34.0]", "[50.0, 0.0, 0.0]")
    taken = examine(capture(grey, loud), rig_of(B), recipe(text), now="2026-11-22T10:00:00+08:00", software="test")
    assert np.nanmean(taken.maps["delta_e00"]) > 2
    # 4,096 pixels: the noise of the mean is a 64th of a pixel's.
    mean = finding(taken.report, "delta_e00")
    assert mean.u_noise is not None
    assert mean.u_noise < 0.12
    assert value_of(taken.report, "delta_e00") < 3 * mean.u_noise


def test_reflectance_is_light_over_tile_times_matrix() -> None:
    """From the raw frames, in float64, by another way."""
    panel = Panel("P", lab=(28.0, 26.0, -34.0))
    frames, reference = capture(panel, B), rig_of(B)
    sensor = frames.sensor

    def light(role: Role, group: str) -> np.ndarray:
        frame = next(f for f in frames.frames if f.role is role and f.group == group)
        per = (sensor.white_level - sensor.black_level) * frame.exposure_ms
        return (frame.pixels.astype(float) - sensor.black_level) / per

    assert reference.tile is not None
    ratio = (light(Role.DIFFUSE, "diffuse") - light(Role.DARK, "diffuse")) / reference.tile
    expected = lab_of((ratio @ np.array(CAMERA_MATRIX).T).reshape(-1, 3).mean(0))
    assert expected == pytest.approx([28.0, 26.0, -34.0], abs=0.15)
    report = examined(panel, B).report
    for measure, i, aim in (("delta_l_lab", 0, 28.0), ("delta_a_lab", 1, 26.0), ("delta_b_lab", 2, -34.0)):
        assert value_of(report, measure) == pytest.approx(expected[i] - aim, abs=2e-3)


def test_the_matrix_of_the_rig_goes_row_by_row() -> None:
    """A matrix that swaps red and blue turns red into the blue that swapped light has."""
    frames = capture(Panel("P", lab=(45.0, 40.0, 10.0)), B)

    def mean_lab(matrix: tuple[tuple[float, float, float], ...]) -> np.ndarray:
        rig = replace(rig_of(B), camera_rgb_to_linear_srgb=matrix)
        taken = examine(frames, rig, recipe(), now="2026-11-22T10:00:00+08:00", software="test")
        return taken.maps["lab"].reshape(-1, 3).mean(0)

    red, blue = mean_lab(((1, 0, 0), (0, 1, 0), (0, 0, 1))), mean_lab(((0, 0, 1), (0, 1, 0), (1, 0, 0)))
    assert red[1] > 20
    assert red[2] > 5
    assert blue[2] < -5


@pytest.mark.parametrize("mosaic", ["RGGB", "BGGR", "GRBG", "GBRG"])
def test_a_bayer_camera_sees_the_same_colour(mosaic: str) -> None:
    panel = Panel("P", lab=(28.4, 25.5, -33.2))
    report = judged(
        capture(panel, Station("m", width_px=64, height_px=64, mosaic=mosaic)),
        rig_of(Station("m", width_px=64, height_px=64, mosaic=mosaic)),
    )
    assert value_of(report, "delta_l_lab") == pytest.approx(0.4, abs=0.08)
    assert value_of(report, "delta_a_lab") == pytest.approx(-0.5, abs=0.08)
    assert value_of(report, "delta_b_lab") == pytest.approx(0.8, abs=0.08)
    aim = np.array([[28.4, 25.5, -33.2]])
    assert value_of(report, "delta_e00") == pytest.approx(float(delta_e00(aim, (28.0, 26.0, -34.0))[0]), abs=0.08)


@pytest.mark.parametrize(
    ("lab", "measure", "value"),
    [((28.0, 30.0, -34.0), "delta_a_lab", 4.0), ((28.0, 26.0, -30.0), "delta_b_lab", 4.0),
     ((31.0, 26.0, -34.0), "delta_l_lab", 3.0), ((28.0, 31.2, -40.8), "delta_c_lab", 0.2 * np.hypot(26, 34)),
     # 10 degrees further round at the same chroma: 2 C sin(5 degrees), counter-clockwise positive.
     ((28.0, 31.50905, -28.96863), "delta_h_lab", 2 * np.hypot(26, 34) * np.sin(np.radians(5)))],
)  # fmt: skip
def test_signs_and_sizes_of_the_differences(lab: tuple[float, float, float], measure: str, value: float) -> None:
    assert value_of(examined(Panel("P", lab=lab), B).report, measure) == pytest.approx(value, abs=0.1)


@pytest.mark.parametrize("mosaic", [None, "RGGB"])
def test_blocks_scatter_as_their_covariance_says(mosaic: Mosaic | None) -> None:
    """Of all colours together: a matrix mixes the camera's noise, and a mosaic has a quarter of the reds."""
    station, panel = replace(B.sized(128), mosaic=mosaic, periods_mm=(48.0,)), Panel("P", lab=(28.0, 26.0, -34.0))
    rigs = [rig_of(station, seed) for seed in (1, 2)]
    sets = [render(panel, station, seed=seed) for seed in (3, 4)]

    def of(frames: Frames, rig: Rig) -> ColourBlocks:
        return colour_blocks(reflectance(frames, rig), whole(station.shape))

    one = of(sets[0], rigs[0])
    for other, stated in ((of(sets[1], rigs[0]), one.block_noise), (of(sets[0], rigs[1]), one.block_grain)):
        apart = other.blocks - one.blocks - (other.blocks - one.blocks).mean(0)
        # 143 independent differences; half of their covariance is that of one.
        found = apart.T @ apart / 2 / (len(apart) - 1)
        shown = np.linalg.solve(np.linalg.cholesky(stated), np.linalg.cholesky(found))
        assert np.linalg.svd(shown)[1] == pytest.approx(1.0, rel=0.3)
