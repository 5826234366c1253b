"""Screens with a gamma: what the phase steps take for the fringe is measured on glass, taken off paint, or said."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from sample_captures import NOW, blocks, check_of, examined, finding, recipe, rig_of, value_of
from test_stations import true_slopes

from calibration import calibrate
from inspection.maps.kinds import SurfaceMap
from inspection.pipeline import inspect
from inspection.reading import Quality
from inspection.refused import Refused
from inspection.waveform import Straight
from samples.light import waveform
from samples.paintwork import Panel, Patch
from samples.panels import NAMED as PANELS
from samples.panels import amethyst_story
from samples.scene import render, render_reference, truth
from samples.stations import NAMED, Station

SIDE_PX = 128
CURVED = PANELS["curved"](5)
truth_of = lru_cache(maxsize=4)(truth)


def station(name: str, steps: int, gamma: float) -> Station:
    return replace(NAMED[name], steps=steps, screen_gamma=gamma, subsamples=1).sized(SIDE_PX)


@pytest.mark.parametrize("steps", [3, 4, 5])
@pytest.mark.parametrize("phase_deg", [0.0, 40.0])
def test_what_a_straight_series_sees_is_the_fringe_itself(steps: int, phase_deg: float) -> None:
    shares, offset = (0.14, 0.02, -0.05), np.radians(phase_deg)
    true = np.linspace(-3.1, 3.1, 999)
    turn = np.exp(1j * steps * (true + offset))
    seen = 0.7 * np.exp(1j * true) * (1 + shares[0] / turn + shares[1] * turn)
    straight = Straight.of(steps, shares, phase_deg)
    cos, sin = straight.fringe(seen.real, seen.imag)
    assert np.abs(np.angle((cos + 1j * sin) * np.exp(-1j * true))).max() < 3e-3  # of 0.14: a table's step and no more
    assert np.hypot(cos, sin) == pytest.approx(0.7, abs=2e-3)
    mean = straight.level(1 + 0.7 * shares[2] * turn.real, seen.real, seen.imag)
    assert mean == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("steps", [3, 4])
@pytest.mark.parametrize("gamma", [0.85, 1.15, 1.5])
def test_glass_tells_the_harmonics_of_the_screen(steps: int, gamma: float) -> None:
    """The coarsest fringes keep them whole."""
    wave = waveform(gamma)
    below, above, level = (wave[n] / wave[1] if n < len(wave) else 0.0 for n in (steps - 1, steps + 1, steps))
    found = [one for one in rig_of(station("poor", steps, gamma)).aliases if one.period_mm == 48.0]
    assert {one.axis for one in found} == {"x", "y"}
    for one in found:
        assert one.below == pytest.approx(below, rel=0.03, abs=1e-3)
        assert (one.above, one.level) == pytest.approx((above, level), abs=1.5e-3)


@pytest.mark.parametrize("steps", [3, 4])
def test_cosines_have_none(steps: int) -> None:
    assert not any(rig_of(station(name, steps, 1.0)).aliases for name in ("A", "poor"))


@pytest.mark.parametrize("name", ["A", "poor"])
@pytest.mark.parametrize("gamma", [1.15, 1.5])
def test_three_steps_under_a_gamma_measure_as_well_as_cosines(name: str, gamma: float) -> None:
    """No grey frames: black glass and the panel's own periods are enough."""
    bent, pure = (station(name, 3, g) for g in (gamma, 1.0))
    real = truth_of(CURVED, pure)
    slopes = true_slopes(CURVED, replace(pure, subsamples=2))

    def errors(one: Station) -> tuple[float, float, float]:
        taken = examined(CURVED, one)
        noise = np.array(taken.workbench.get(SurfaceMap).noise_mrad)
        found = (taken.maps[f"slope_{axis}_mrad"] for axis in "xy")
        slope = max(float(np.nanstd(m - t)) / n for m, t, n in zip(found, slopes, noise, strict=True))
        gloss = float(np.abs(blocks(taken.maps["gloss_gu"], 16) - blocks(real.gloss_gu, 16)).mean())
        return slope, gloss, value_of(taken.report, "gloss_cv_pct")

    (slope, gloss, cv), (pure_slope, pure_gloss, pure_cv) = errors(bent), errors(pure)
    assert slope < 1.1 * pure_slope
    assert gloss < 1.2 * pure_gloss
    assert cv == pytest.approx(pure_cv, abs=0.05)
    report = examined(CURVED, bent).report
    for period, true in real.clarity_pct.items():
        one = finding(report, "clarity_pct", period_mm=period)
        assert one.value == pytest.approx(true.mean(), abs=2 * (one.u or 0.0))
    assert not {Quality.HARMONICS, Quality.OTHER_WAVEFORM} & set(finding(report, "gloss_gu").quality)


@pytest.mark.parametrize(("steps", "gamma"), [(3, 1.5), (4, 1.5), (3, 1.0)])
def test_paint_of_every_kind_shows_no_other_waveform(steps: int, gamma: float) -> None:
    """Dull, sanded, spotted: what the lobe leaves of the harmonics is told well enough."""
    spotted = Panel("S", alpha=0.0016, patches=(Patch("gloss_patch", 6.0, 3.0, 24.0, 6.0, alpha=0.006, haze=0.08),))
    for panel in (PANELS["sanded"](2), amethyst_story(3), PANELS["white"](0), spotted):
        for name in ("A", "poor"):
            quality = finding(examined(panel, station(name, steps, gamma)).report, "gloss_gu").quality
            assert not {Quality.HARMONICS, Quality.OTHER_WAVEFORM} & set(quality), (panel.code, name)


@pytest.mark.parametrize("before", [(3, 1.0), (4, 1.3)], ids=["another gamma", "other steps"])
def test_a_gamma_that_the_calibration_did_not_see_in_three_steps_holds(before: tuple[int, float]) -> None:
    now = render(PANELS["amethyst"](2), station("A", 3, 1.3), seed=2)
    report = inspect(now, rig_of(station("A", *before)), recipe(), now=NOW, software="test")
    checked = check_of(report, 0)
    assert Quality.OTHER_WAVEFORM in checked.quality
    assert (checked.verdict, report.verdict) == ("hold", "hold")


def test_a_screen_too_far_from_cosines_is_refused() -> None:
    with pytest.raises(Refused, match=r"no cosine.*correct the screen's gamma, or take four steps"):
        calibrate([render_reference(station("A", 3, 2.2), seed=1)])
