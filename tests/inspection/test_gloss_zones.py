"""Gloss by zones: the steepest step between neighbours, the dullest square, and the picture of both."""

from __future__ import annotations

import numpy as np
import pytest
from sample_captures import examined, finding, value_of

from inspection.areas import whole
from inspection.maps.gloss_blocks import gloss_blocks
from inspection.maps.gloss_zones import gloss_zone_map, gloss_zones
from inspection.maps.kinds import GlossMap
from inspection.measures.gloss import gloss_gradient_gupercm, gloss_worst_zone_gu
from inspection.reading import Missing, Quality, Source
from samples.panels import Panel, Patch
from samples.scene import truth
from samples.stations import NAMED

PITCH_MM = 0.5
#: A dull disc in an even panel, on a field of 51 mm.
B = NAMED["B"].sized(128)
PATCHED = Panel("zones", alpha=0.0015, patches=(Patch("gloss_patch", -14.0, 10.0, 22.0, 3.0, alpha=0.005),))


def gloss_of(gu: np.ndarray, noise_gu: float = 0.0) -> GlossMap:
    return GlossMap(
        to_panel_mm=((PITCH_MM, 0.0, PITCH_MM / 2), (0.0, PITCH_MM, PITCH_MM / 2), (0.0, 0.0, 1.0)),
        pitch_mm=(PITCH_MM, PITCH_MM), gu=gu.astype(np.float32), ceiling_gu=88.0, noise_gu=noise_gu,
        grain_relative=0.0, wide_grain_relative=0.0, scale_u_relative=((Source.DRIFT, 0.002),), distance_u_relative=0.0,
    )  # fmt: skip


def ramp(along: int, per_cm: float) -> np.ndarray:
    """Gloss that rises evenly along an axis of the array, on a field of 80 by 100 mm."""
    at = np.indices((160, 200))[along] * PITCH_MM
    return np.asarray(70.0 + per_cm * at / 10)


@pytest.mark.parametrize("along", [0, 1])
@pytest.mark.parametrize("zone_mm", [8.0, 20.0, 40.0])
def test_an_even_slope_of_gloss_has_its_own_gradient_whatever_the_zone(along: int, zone_mm: float) -> None:
    gloss = gloss_of(ramp(along, 0.8))
    found = gloss_gradient_gupercm(gloss_blocks(gloss, whole(gloss.gu.shape)), zone_mm=zone_mm)
    assert found.value == pytest.approx(0.8, rel=1e-4)


def test_gradient_of_a_step_is_the_step_over_the_distance_of_the_zones() -> None:
    gu = np.full((160, 200), 80.0)
    gu[:, 104:] = 74.0
    found = gloss_gradient_gupercm(gloss_blocks(gloss_of(gu), whole(gu.shape)), zone_mm=20.0)
    assert found.value == pytest.approx(6.0 / 2.0, rel=1e-4)


def test_even_paint_shows_no_more_gradient_than_its_noise() -> None:
    """The largest of some 500 pairs of overlapping squares, a few dozen of them independent: within four u."""
    noisy = 80.0 + np.random.default_rng(1).normal(0, 2.0, (160, 200))
    found = gloss_gradient_gupercm(gloss_blocks(gloss_of(noisy, 2.0), whole(noisy.shape)))
    assert found.u_noise == pytest.approx(2.0 * np.sqrt(2 / 1600) / 2.0, rel=0.05)
    assert found.u < 1.2 * found.u_noise  # even paint is as even wherever it lies
    assert found.value < 4 * found.u


def test_a_zone_that_was_not_seen_has_no_neighbours() -> None:
    """Two levels with a hole of 30 mm between them: no squares of 20 mm meet across it."""
    gu = np.full((160, 200), 80.0)
    gu[:, 70:130] = np.nan
    gu[:, 130:] = 60.0
    assert gloss_gradient_gupercm(gloss_blocks(gloss_of(gu), whole(gu.shape))).value == 0.0
    lone = np.full((160, 200), np.nan)
    lone[:8, :8] = 80.0
    with pytest.raises(Missing, match="TOO_FEW_PIXELS"):
        gloss_gradient_gupercm(gloss_blocks(gloss_of(lone), whole(lone.shape)), zone_mm=4.0)


def test_gradient_and_worst_zone_of_a_dull_patch_are_those_of_its_truth() -> None:
    """Squares of 20 mm in steps of 4 mm, cut from the exact gloss; the promised 0.5 GU for a level, u for a step."""
    report = examined(PATCHED, B).report
    means = truth(PATCHED, B).gloss_gu[:120, :120].reshape(12, 10, 12, 10).mean((1, 3))
    squares = np.array([[means[r : r + 5, c : c + 5].mean() for c in range(8)] for r in range(8)])
    steps = [np.abs(squares[5:] - squares[:-5]).max(), np.abs(squares[:, 5:] - squares[:, :-5]).max()]
    gradient = finding(report, "gloss_gradient_gupercm")
    assert gradient.value is not None
    assert gradient.u is not None
    assert gradient.value == pytest.approx(max(steps) / 2.0, abs=3 * gradient.u + 0.01 * max(steps) / 2)
    assert gradient.unit == "GU-eq/cm"
    assert value_of(report, "gloss_worst_zone_gu") == pytest.approx(squares.min(), abs=0.5)


def test_the_picture_of_the_zones_says_what_the_findings_say() -> None:
    done = examined(PATCHED, B)
    zones = done.report.gloss_zones
    assert zones is not None
    assert zones.worst is not None
    assert zones.worst.gu == pytest.approx(value_of(done.report, "gloss_worst_zone_gu"), abs=1e-3)
    # The patch lies left of the middle and below it.
    assert (zones.worst.x_mm, zones.worst.y_mm) == pytest.approx((25.6 - 14, 25.6 + 10), abs=4.0)
    duller, brighter = zones.steepest
    apart_cm = np.hypot(duller.x_mm - brighter.x_mm, duller.y_mm - brighter.y_mm) / 10
    assert apart_cm == pytest.approx(2.0, abs=1e-6)
    steep = value_of(done.report, "gloss_gradient_gupercm")
    assert (brighter.gu - duller.gu) / apart_cm == pytest.approx(steep, abs=1e-3)
    # 51.2 mm hold three zones of about 20 mm each way.
    assert len(zones.zones) == 9
    for zone in zones.zones:
        col, row = round(zone.x_mm / B.mm_per_px), round(zone.y_mm / B.mm_per_px)
        assert done.maps["gloss_zone_gu"][row, col] == pytest.approx(zone.gu, abs=1e-3)


def test_each_pixel_of_the_map_of_zones_holds_the_mean_of_its_zone() -> None:
    gu = ramp(1, 1.0)
    gu[:40, :30] = np.nan  # more than half of the first zone
    made = gloss_zone_map(gloss_of(gu)).gu
    assert np.isnan(made[:40, :40]).all()
    assert made[:40, 40:80] == pytest.approx(gu[:40, 40:80].mean())
    assert made[150, 199] == pytest.approx(gu[120:, 160:].mean())


def test_an_area_smaller_than_two_zones_is_halved() -> None:
    gu = ramp(1, 1.0)[:40, :60]
    blocks = gloss_blocks(gloss_of(gu), whole(gu.shape))
    assert gloss_gradient_gupercm(blocks).value == pytest.approx(1.0, rel=1e-4)
    assert gloss_worst_zone_gu(blocks).value == pytest.approx(gu[:40, :40].mean(), rel=1e-5)


def test_a_panel_without_gloss_has_no_zones() -> None:
    nothing = gloss_of(np.full((160, 200), np.nan))
    with pytest.raises(Missing, match=Quality.TOO_FEW_PIXELS):
        gloss_zones(nothing, whole((160, 200)))
