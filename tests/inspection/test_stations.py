"""The sample world measured by its stations, against its exact truth: contracts.md §5 within the promised errors.

Stations A (tilted camera in perspective, three steps, 64, 16, 4 mm), B (48, 12, 3 mm), C (0.2 mm per pixel, soft lens)
and poor (eight bits, one exposure, room light, wrong gamma, noise not stated).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from sample_captures import PLAIN, blocks, examined, finding, value_of

from inspection.maps.kinds import SurfaceMap
from inspection.pipeline import Examination
from samples.paintwork import Panel
from samples.panels import NAMED as PANELS
from samples.panels import Form, Mark, amethyst_story
from samples.placement import hit, surface
from samples.scene import Truth, truth
from samples.stations import NAMED as STATIONS
from samples.stations import Station
from samples.surface import BANDS_MM, texture_relief

A, B, C, POOR = (STATIONS[name].sized(200) for name in ("A", "B", "C", "poor"))
WHITE = PANELS["white"](0)
SANDED = PANELS["sanded"](2)
CURVED = PANELS["curved"](5)
truth_of = lru_cache(maxsize=32)(truth)


def measured(panel: Panel, station: Station) -> Examination:
    """With the panel's own colour as target and its clearcoat known, as a recipe would."""
    return examined(panel, station, PLAIN.replace("[28.0, 26.0, -34.0]", str([float(v) for v in panel.lab])))


@lru_cache(maxsize=32)
def true_slopes(panel: Panel, station: Station) -> tuple[np.ndarray, np.ndarray]:
    """Slopes without form, averaged over each pixel: those of nine places in it."""
    n = 3
    fine = replace(station.sized(n * station.width_px, n * station.height_px), mm_per_px=station.mm_per_px / n)
    column, row = np.meshgrid(np.arange(fine.width_px, dtype=float), np.arange(fine.height_px, dtype=float))
    points = hit(panel, fine.geometry(), column, row, texture=False)
    relief = surface(panel, points.x, points.y, form=False)
    x, y = (
        1e3 * s.reshape(station.height_px, n, station.width_px, n).mean((1, 3))
        for s in (relief.slope_x, relief.slope_y)
    )
    return x, y


def slope_errors(panel: Panel, station: Station) -> tuple[float, float]:
    """Median absolute error along x and y, mrad."""
    maps = measured(panel, station).maps
    x, y = (
        float(np.nanmedian(np.abs(maps[f"slope_{axis}_mrad"] - true)))
        for axis, true in zip("xy", true_slopes(panel, station), strict=True)
    )
    return x, y


SLOPES = [
    ("A finished", amethyst_story(5), A, 0.025), ("A curved", CURVED, A, 0.025),
    ("A pass 3", amethyst_story(3), A, 0.05), ("A pass 1", amethyst_story(1), A, 0.05),
    ("B finished", amethyst_story(5), B, 0.025), ("B curved", CURVED, B, 0.025),
    ("B marks", PANELS["graphite_defects"](0), B, 0.025), ("B pass 1", amethyst_story(1), B, 0.05),
    ("C finished", amethyst_story(5), C, 0.025), ("C curved", CURVED, C, 0.025),
    ("C pass 3", amethyst_story(3), C, 0.05),
    ("A sanded", SANDED, A, 0.20), ("B sanded", SANDED, B, 0.20),
    ("C sanded", SANDED, C, 0.20),
]  # fmt: skip


@pytest.mark.parametrize(("name", "panel", "station", "most_mrad"), SLOPES)
def test_slopes_are_right(name: str, panel: Panel, station: Station, most_mrad: float) -> None:
    assert max(slope_errors(panel, station)) <= most_mrad, name


@pytest.mark.parametrize(
    ("panel", "station"),
    [(WHITE, B), (WHITE, POOR), (amethyst_story(3), POOR), (replace(SANDED, lab=(0.0, 0.0, 0.0)), A)],
    ids=["white", "white poor", "pass 3 poor", "black sanded A"],
)
def test_where_light_is_scarce_slopes_are_as_good_as_their_noise(panel: Panel, station: Station) -> None:
    """0.6745 of the standard deviation is the median; half of the power went with the curl."""
    noise = measured(panel, station).workbench.get(SurfaceMap).noise_mrad
    for error, sigma in zip(slope_errors(panel, station), noise, strict=True):
        assert error < 1.2 * 0.6745 * sigma / np.sqrt(2)


CAPTURES = [
    ("A finished", amethyst_story(5), A), ("A curved", CURVED, A), ("A pass 3", amethyst_story(3), A),
    ("A sanded", SANDED, A), ("B finished", amethyst_story(5), B), ("B curved", CURVED, B), ("B sanded", SANDED, B),
    ("B marks", PANELS["graphite_defects"](0), B), ("B white", WHITE, B), ("C pass 3", amethyst_story(3), C),
    ("C curved", CURVED, C), ("C sanded", SANDED, C), ("poor pass 3", amethyst_story(3), POOR),
    ("poor sanded", SANDED, POOR),
]  # fmt: skip
WHITE_ELSEWHERE = [("A white", WHITE, A), ("C white", WHITE, C)]


@pytest.mark.parametrize(("name", "panel", "station"), CAPTURES + WHITE_ELSEWHERE)
def test_transfer_is_right_at_every_period(name: str, panel: Panel, station: Station) -> None:
    """Mean error on a 10 × 10 grid, clarity as a share of 1."""
    maps = measured(panel, station).maps
    for period, true in truth_of(panel, station).clarity_pct.items():
        error = np.abs(blocks(maps[f"clarity_{period:g}mm_pct"]) - blocks(true)) / 100
        assert error.mean() <= 0.02, f"{name}: {period:g} mm"


@pytest.mark.parametrize(("name", "panel", "station"), [*CAPTURES, ("A white", WHITE, A), ("poor white", WHITE, POOR)])
def test_colour_of_the_mean_is_right(name: str, panel: Panel, station: Station) -> None:
    true = truth_of(panel, station).delta_e00(panel.lab)
    error = abs(value_of(measured(panel, station).report, "delta_e00") - true)
    assert error <= (0.2 if panel is SANDED else 0.08), name


@pytest.mark.parametrize(("name", "panel", "station"), CAPTURES)
def test_gloss_and_haze_are_right(name: str, panel: Panel, station: Station) -> None:
    real, report = truth_of(panel, station), measured(panel, station).report
    assert abs(value_of(report, "gloss_gu") - real.gloss_gu.mean()) <= (1.0 if panel is WHITE else 0.5), name
    haze = finding(report, "haze_pct")
    assert haze.value is not None
    assert haze.u is not None
    assert abs(haze.value - real.haze_pct.mean()) <= 2 * haze.u, name


def test_gloss_follows_a_dull_patch() -> None:
    """Map and worst zone, not only the mean."""
    panel = PANELS["amethyst_patches"](4)
    real, taken = truth_of(panel, B), measured(panel, B)
    assert np.abs(blocks(taken.maps["gloss_gu"]) - blocks(real.gloss_gu)).max() < 1.0
    side = round(20 / B.mm_per_px)
    sums = np.cumsum(np.cumsum(np.pad(real.gloss_gu, ((1, 0), (1, 0))), 0), 1)
    zones = (sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]) / side**2
    # Zones slide in steps of 4 mm.
    assert value_of(taken.report, "gloss_worst_zone_gu") == pytest.approx(zones[::10, ::10].min(), abs=0.5)
    four = real.gloss_gu.reshape(20, 10, 20, 10).mean((1, 3))
    assert value_of(taken.report, "gloss_cv_pct") == pytest.approx(100 * four.std(ddof=1) / four.mean(), abs=0.3)


def field_rms_um(panel: Panel, station: Station, band: tuple[float, float]) -> float:
    """RMS height of the band's own waves over the field, straight from the sample world's texture."""
    x, y = (np.arange(0, size, 0.4) - size / 2 for size in station.geometry().field_mm)
    heights = texture_relief(panel.texture, *np.meshgrid(x, y), (BANDS_MM.index(band),)).height_mm
    return 1e3 * float(heights.std())


LARGE = {name: STATIONS[name].sized(400) for name in ("A", "B")}
BENT = replace(amethyst_story(1), form=Form(2500.0))


@pytest.mark.parametrize(
    ("name", "panel", "station"),
    [("A pass 1", amethyst_story(1), LARGE["A"]), ("A pass 3", amethyst_story(3), LARGE["A"]),
     ("A bent", BENT, LARGE["A"]), ("B bent", BENT, LARGE["B"]), ("A finished", amethyst_story(5), LARGE["A"])],
)  # fmt: skip
def test_waviness_is_that_of_the_paint(name: str, panel: Panel, station: Station) -> None:
    """A field of 160 mm holds the waves of 10–30 mm five times; nibs and scratches are there and do not count."""
    report = measured(panel, station).report
    for low, high in ((3.0, 10.0), (10.0, 30.0)):
        true = field_rms_um(panel, station, (low, high))
        found = value_of(report, "waviness_rms_um", band_from_mm=low, band_to_mm=high)
        assert found == pytest.approx(true, rel=0.10), f"{name}: {low:g}–{high:g} mm"


def test_waviness_among_all_kinds_of_marks_is_that_of_the_paint_or_its_u_says_so() -> None:
    """Seven marks in the middle of the field, among them a dent of 14 mm and a run of 18 mm: half of it is bridged."""
    panel, station = PANELS["graphite_defects"](0), LARGE["B"]
    report = measured(panel, station).report
    for band in ((3.0, 10.0), (10.0, 30.0)):
        found = next(
            f for f in report.findings if f.measure == "waviness_rms_um" and f.knobs["band_from_mm"] == band[0]
        )
        assert found.value is not None
        assert found.u is not None
        assert abs(found.value - field_rms_um(panel, station, band)) <= 2 * found.u


@pytest.mark.parametrize(
    ("name", "panel", "station"),
    [("C pass 3", amethyst_story(3), C.sized(256)), ("C bent", BENT, C.sized(256)), ("B sanded", SANDED, B),
     ("poor pass 3", amethyst_story(3), POOR), ("A sanded", SANDED, A)],
)  # fmt: skip
def test_waviness_of_3_to_10_mm_shows_on_small_fields_too(name: str, panel: Panel, station: Station) -> None:
    report = measured(panel, station).report
    found = value_of(report, "waviness_rms_um", band_from_mm=3.0, band_to_mm=10.0)
    assert found == pytest.approx(field_rms_um(panel, station, (3.0, 10.0)), rel=0.10), name


def test_the_slope_of_a_band_is_that_along_a_line() -> None:
    panel, station = amethyst_story(1), LARGE["A"]
    report = measured(panel, station).report
    x, y = (np.arange(0, size, 0.4) - size / 2 for size in station.geometry().field_mm)
    relief = texture_relief(panel.texture, *np.meshgrid(x, y), (BANDS_MM.index((3.0, 10.0)),))
    true = 1e3 * np.sqrt((relief.slope_x**2 + relief.slope_y**2).mean() / 2)
    found = value_of(report, "waviness_rms_mrad", band_from_mm=3.0, band_to_mm=10.0)
    assert found == pytest.approx(true, rel=0.10)


def test_nibs_and_scratches_do_not_count_as_waviness() -> None:
    """Marks a hundred times as high as the paint's own short waves."""
    clean = replace(amethyst_story(3), marks=(), patches=())
    marks = tuple(Mark("nib", x, y, 1.2, 1.2, 10.0) for x, y in [(-20, -20), (5, 18), (22, -6), (-8, 3)])
    scratch = Mark("scratch", 8.0, -12.0, 20.0, 0.5, -1.5, angle_deg=30.0, groove=True)
    marked = replace(clean, marks=(*marks, scratch))
    for low, high in ((1.0, 3.0), (3.0, 10.0)):
        without, with_marks = (
            finding(measured(p, B).report, "waviness_rms_um", band_from_mm=low, band_to_mm=high)
            for p in (clean, marked)
        )
        assert without.value is not None
        assert with_marks.value is not None
        assert with_marks.value == pytest.approx(without.value, rel=0.10)


@pytest.mark.parametrize(
    ("station", "low", "high"), [(A, 1.0, 3.0), (B, 0.3, 1.0), (B, 10.0, 30.0), (C, 0.3, 1.0), (POOR, 0.1, 0.3)]
)
def test_a_band_that_pixels_or_field_cannot_hold_is_undecided(station: Station, low: float, high: float) -> None:
    check = f'[[checks]]\nmeasure = "waviness_rms_um"\nband_from_mm = {low}\nband_to_mm = {high}\nhigh = 100.0\n'
    report = examined(amethyst_story(5), station, PLAIN + check).report
    found = next(f for f in report.findings if f.check_no == 1)
    assert (found.value, found.quality, found.verdict) == (None, ("UNRESOLVED",), "hold")


def test_height_of_a_single_dent_is_found() -> None:
    """14 mm wide, 8 µm deep, against the surface around it."""
    panel = replace(PANELS["flat"](0), marks=(Mark("dent", 0.0, 0.0, 14.0, 14.0, -8.0),))
    height = measured(panel, B).maps["height_um"]
    rim = np.concatenate([height[100, 60:70], height[100, 130:140], height[60:70, 100], height[130:140, 100]])
    assert height[97:103, 97:103].mean() - rim.mean() == pytest.approx(-8.0, rel=0.05)


def test_truth_of_the_sample_world_is_one_of_its_kind() -> None:
    """Guards this file: an empty or NaN truth would let every comparison pass."""
    real: Truth = truth_of(amethyst_story(5), A)
    assert set(real.clarity_pct) == {16.0, 4.0}
    assert np.isfinite(real.gloss_gu).all()
    assert 70 < real.gloss_gu.mean() < 83
