"""The colour chart: found, read, fitted, and refused when it cannot be trusted."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from calibration import calibrate
from calibration.colour_chart import chart_difference
from calibration.colour_reference import colour_of, patches_of
from calibration.rig_file import pack, unpack
from calibration.targets.classic24 import LINEAR_SRGB
from inspection.camera_colour import entry_errors, matrix_at, terms_of
from inspection.colour import lab_of
from inspection.frames import Frames, Role
from inspection.illuminant import light_change
from inspection.pipeline import inspect
from inspection.recipe import parse_recipe
from inspection.refused import Refused
from inspection.rig import Rig
from samples.charts import Scene, camera_colour, render_colour_set, render_paint, uneven
from samples.colour import lab_to_linear_srgb
from samples.scene import render_reference
from samples.spectra import LAMPS
from samples.stations import NAMED, Station

AT = "2026-11-22T09:30:00+08:00"
B = NAMED["B"].sized(160, 128)
RIGS = {"A": NAMED["A"].sized(160, 128), "B": B, "C": NAMED["C"].sized(128), "poor": NAMED["poor"].sized(160, 128)}
BAYER = replace(B.sized(256, 192), mosaic="RGGB")
#: Colours that the chart does not show: the sample recipes' kind of paint.
PAINTS = {"amethyst": (28.0, 26.0, -34.0), "black": (6.0, 0.5, -1.0), "white": (92.0, -1.0, 2.0), "red": (38, 55, 35)}


def colour_set(station: Station = B, seed: int = 1, **scene: object) -> Frames:
    return render_colour_set(station, LINEAR_SRGB, Scene(**scene), seed=seed, captured_at=AT)  # type: ignore[arg-type]


@cache
def glass() -> Frames:
    frames = render_reference(B, seed=1)
    keep = (Role.FRINGE, Role.WHITE)
    return replace(frames, frames=tuple(f for f in frames.frames if f.role in keep or f.group == "screen"))


@cache
def rig(lamp: str = "LED 4000 K") -> Rig:
    return calibrate([glass(), colour_set(lamp=lamp, light=uneven(B, vignetting=0.3, across=0.1))])


def error_e00(rig: Rig, lab: tuple[float, float, float], lamp: str) -> float:
    """How far off the rig's matrix is for a paint with a spectrum."""
    matrix = np.array(rig.camera_rgb_to_linear_srgb)
    seen = camera_colour(lab_to_linear_srgb(np.array(lab)), lamp)
    return float(deltaE_ciede2000(np.array(lab), lab_of(terms_of(seen)[: matrix.shape[1]] @ matrix.T)))


#: The maker's sRGB values of the chart (D65, whole numbers, charts made before November 2014).
MAKERS_SRGB = (
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
)  # fmt: skip


def test_the_chart_under_d65_is_what_its_maker_says_in_srgb() -> None:
    """Two statements of the maker, of two makings of the chart, which differ by some ΔE00, neighbours by tens."""
    srgb = np.array(MAKERS_SRGB) / 255
    linear = np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)
    off = deltaE_ciede2000(lab_of(linear), lab_of(LINEAR_SRGB))
    assert off.mean() < 2.0
    assert off.max() < 4.0
    assert np.abs(lab_of(LINEAR_SRGB)[19:, 1:]).max() < 1.0


@pytest.mark.parametrize("lamp", LAMPS)
def test_under_the_lamp_it_was_calibrated_for_the_fit_is_good_to_1_delta_e(lamp: str) -> None:
    """With vignetting of 30 % and a gradient of 10 %, which the white tile shows too."""
    made = rig(lamp)
    assert made.colour is not None
    assert made.colour.mean_e00 <= 1.0
    assert made.colour.left_out == ()
    for name, lab in PAINTS.items():
        linear = lab_to_linear_srgb(np.array([lab]))
        assert error_e00(made, lab, lamp) < 3 * _predicted(linear, made, lamp), name


@pytest.mark.parametrize("other", LAMPS)
@pytest.mark.parametrize("calibrated", LAMPS)
def test_another_lamp_is_reported_as_changed_light_and_the_same_lamp_is_not(calibrated: str, other: str) -> None:
    made, seen = rig(calibrated), colour_set(seed=5, lamp=other, light=uneven(B, vignetting=0.3, across=0.1))
    change = light_change(seen, made)
    assert change is not None
    assert change.changed is (other != calibrated)


def test_another_lamp_of_the_same_white_shows_in_the_patches() -> None:
    """A filter that gives the tube the LED's white leaves the tile alone; the patches tell all the same."""
    made = rig()
    assert made.colour is not None
    matrix = np.array(made.camera_rgb_to_linear_srgb)
    for lamp in LAMPS:
        seen = colour_set(seed=5, lamp=lamp)
        chart, tile = seen.with_role(Role.CHART)[0], seen.with_role(Role.DIFFUSE_REF)[0]
        off = chart_difference(matrix, made.colour, patches_of(seen, chart, seen, tile))
        assert off is not None
        assert off[0] < 0.3 if lamp == "LED 4000 K" else off[0] > 1.0, lamp


@pytest.mark.parametrize("lamp", LAMPS)
def test_under_another_lamp_colour_is_on_hold_and_no_drift_is_stated(lamp: str) -> None:
    recipe = parse_recipe(
        'format = "paint-recipe/1"\nname = "amethyst"\ntitle = { en = "Amethyst", zh = "紫水晶" }\npasses = 5\n'
        'n_clear = 1.51\n[colour]\nlab = [28.0, 26.0, -34.0]\n[[checks]]\nmeasure = "delta_e00"\nhigh = 2.0\n',
        "test",
    )
    light = uneven(B, vignetting=0.3, across=0.1)
    frames = render_paint(B, PAINTS["amethyst"], Scene(lamp=lamp, light=light), seed=3, captured_at=AT)
    report = inspect(frames, rig(), recipe, now=AT, software="test")
    found = next(f for f in report.findings if f.measure == "delta_e00")
    if lamp == "LED 4000 K":
        assert found.value is not None
        assert found.u is not None
        assert found.value < 3 * found.u
        assert found.verdict == "pass"
    else:
        assert (found.value, found.verdict) == (None, "hold")
        assert "LIGHT_CHANGED" in found.quality


PLACED = {
    "upright": ({}, 0, False),
    "upside-down": ({"turned_deg": 180.0}, 180, False),
    "a little turned": ({"turned_deg": 4.0}, 4, False),
    "mirrored": ({"mirrored": True}, 180, True),
    "without markers": ({"bare": True, "turned_deg": 180.0}, 180, False),
}


@pytest.mark.parametrize(("scene", "turned", "mirrored"), PLACED.values(), ids=PLACED)
@pytest.mark.parametrize("name", RIGS)
def test_the_chart_is_found_however_it_lies(name: str, scene: dict[str, object], turned: float, mirrored: bool) -> None:
    fit = colour_of([colour_set(RIGS[name], **scene)])
    assert fit is not None
    assert (fit.reference.turned_deg - turned + 180) % 360 - 180 == pytest.approx(0, abs=2.5)
    assert fit.reference.mirrored is mirrored
    assert fit.reference.mean_e00 <= 1.0
    assert fit.reference.left_out == ()


def test_the_chart_is_read_behind_a_mosaic() -> None:
    fit = colour_of([colour_set(BAYER)])
    assert fit is not None
    assert fit.reference.mean_e00 <= 1.0


@pytest.mark.parametrize("covered", [(0,), (3, 8, 20), (0, 5, 18, 23), (1, 7, 13, 19, 10, 16)])
def test_covered_patches_are_left_out_by_name(covered: tuple[int, ...]) -> None:
    fit = colour_of([colour_set(covered=covered)])
    assert fit is not None
    assert len(fit.reference.left_out) == len(covered)
    assert [p is None for p in fit.reference.patches] == [n in covered for n in range(24)]
    assert fit.reference.mean_e00 <= 1.0


def test_light_that_differs_a_little_between_tile_and_chart_is_corrected() -> None:
    fit = colour_of([colour_set(between=uneven(B, across=0.1))])
    assert fit is not None
    assert fit.reference.mean_e00 <= 1.0
    # The chart is 0.71 of the field wide.
    assert fit.reference.gradient_pct == pytest.approx((7.1, 0.0), abs=0.7)


@cache
def half_covered() -> Frames:
    """A sheet of paper over the lower half."""
    frames = colour_set()
    chart = frames.with_role(Role.CHART)[0]
    pixels = chart.pixels.copy()
    pixels[64:] = 40000
    return replace(frames, frames=tuple(replace(f, pixels=pixels) if f is chart else f for f in frames.frames))


def no_chart() -> Frames:
    frames = colour_set()
    plain = frames.with_role(Role.DIFFUSE_REF)[0]
    return replace(
        frames, frames=tuple(replace(f, pixels=plain.pixels) if f.role is Role.CHART else f for f in frames.frames)
    )


def without_tile() -> Frames:
    frames = colour_set()
    return replace(frames, frames=tuple(f for f in frames.frames if f.role is not Role.DIFFUSE_REF))


def shuffled() -> Frames:
    """A chart of other colours."""
    colours = np.random.default_rng(0).permutation(LINEAR_SRGB[:18])
    return render_colour_set(B, np.concatenate([colours, LINEAR_SRGB[18:]]), Scene(), seed=1, captured_at=AT)


REFUSED = {
    "a third covered": (lambda: colour_set(covered=(1, 2, 3, 7, 8, 9, 13)), "17 of 24 patches|16 of 24 patches"),
    "half under paper": (half_covered, "no colour chart|patches of the colour chart can be used"),
    "no chart": (no_chart, "no colour chart of 6 x 4 patches is found"),
    "another chart": (shuffled, "no colour chart|patches"),
    "strong gradient after the tile": (lambda: colour_set(between=uneven(B, across=0.3)), "from edge to edge"),
    "a lamp brighter after the tile": (lambda: colour_set(between=1.15), "differs from that on the white tile"),
    "too small": (lambda: colour_set(B.sized(64)), "too small|no colour chart"),
    "no tile": (without_tile, "needs one frame of the white tile"),
}


@pytest.mark.parametrize(("frames", "words"), REFUSED.values(), ids=REFUSED)
def test_a_chart_that_cannot_be_trusted_is_refused(frames: object, words: str) -> None:
    with pytest.raises(Refused, match=words):
        colour_of([frames()])  # type: ignore[operator]


def test_two_chart_frames_are_refused() -> None:
    with pytest.raises(Refused, match="2 frames of a colour chart"):
        colour_of([colour_set(), colour_set(seed=2)])


@pytest.mark.parametrize("lamp", ["LED 4000 K", "fluorescent 4000 K"])
def test_the_uncertainty_of_the_matrix_covers_paints_that_the_chart_does_not_show(lamp: str) -> None:
    """Colours of paint, each with a smooth spectrum: saturated patches make the statement on the safe side."""
    made = rig(lamp)
    matrix = np.array(made.camera_rgb_to_linear_srgb)
    rng = np.random.default_rng(7)
    lab = np.stack([rng.uniform(20, 65, 120), rng.uniform(-30, 30, 120), rng.uniform(-30, 30, 120)], axis=1)
    linear = lab_to_linear_srgb(lab)
    inside = (linear > 0.02).all(axis=1)
    seen = terms_of(camera_colour(linear[inside], lamp))[:, : matrix.shape[1]] @ matrix.T
    error = float(np.sqrt(np.square(deltaE_ciede2000(lab[inside], lab_of(seen))).mean()))
    assert 0.33 < error / _predicted(linear[inside], made, lamp) < 1.0


def _predicted(linear: np.ndarray, rig: Rig, lamp: str = "LED 4000 K") -> float:
    """Root mean square ΔE00 when every entry of the local matrix errs by its stated uncertainty."""
    matrix, u = np.array(rig.camera_rgb_to_linear_srgb), rig.terms.colour_matrix_relative
    rng = np.random.default_rng(8)
    off = []
    for camera in np.repeat(camera_colour(linear, lamp), max(1, 200 // len(linear)), axis=0):
        local = matrix_at(camera, matrix)
        errors = entry_errors(local, white_kept=True)
        drawn = local + u * np.einsum("n,nij->ij", rng.standard_normal(9), errors)
        off.append(deltaE_ciede2000(lab_of(local @ camera), lab_of(drawn @ camera)))
    return float(np.sqrt(np.square(off).mean()))


def test_a_rig_with_a_chart_comes_back_from_its_file() -> None:
    assert unpack(pack(rig()), "rig").colour == rig().colour
    assert unpack(pack(rig()), "rig").sha256 == rig().sha256
