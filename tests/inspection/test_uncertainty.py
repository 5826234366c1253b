"""Stated uncertainties against what really scatters: within a factor 1.5, as the work order asks.

A standard deviation of 24 draws is itself known to 1/sqrt(46) = 15 % only, of 40 to 11 %; the seeds are fixed.
`drawn_stations.py` draws hundreds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from drawn_effects import draw_flakes
from drawn_stations import (
    AIM,
    MEASURES,
    NAMES,
    OF_PAINT,
    PANEL,
    RECIPE,
    STATION,
    Drawn,
    covered,
    draw,
    draw_lobe,
    draw_paint,
    read,
)
from replaced_panels import replaced
from sample_captures import PLAIN, finding, judged, rig_of
from scipy.stats import binom

from calibration import calibrate
from inspection.reading import Reading
from samples.paintwork import Panel
from samples.scene import render, render_reference

DRAWS = 24
STATIONS_DRAWN = 40
FACTOR = 1.5


@lru_cache(maxsize=1)
def repeats() -> dict[str, list[Drawn]]:
    """One station, one rig, one panel; only the noise is new."""
    rig, found = rig_of(STATION), defaultdict(list)
    for seed in range(DRAWS):
        report = judged(render(PANEL, STATION, seed=100 + seed), rig, RECIPE.text)
        for name, (measure, knobs) in zip([*NAMES, "haze_pct"], [*MEASURES, ("haze_pct", {})], strict=True):
            found[name].append(read(report, measure, knobs))
    return found


@lru_cache(maxsize=1)
def stations() -> tuple[dict[str, tuple[Drawn, float]], ...]:
    """Rig, frames and orange peel all drawn anew."""
    return tuple(draw(seed) for seed in range(STATIONS_DRAWN))


@lru_cache(maxsize=1)
def paints() -> tuple[dict[str, tuple[Drawn, float]], ...]:
    """Even paint of any colour, sharpness and haze, each under a station of its own."""
    return tuple(draw_paint(seed) for seed in range(DRAWS))


@lru_cache(maxsize=1)
def effects() -> tuple[dict[str, tuple[Reading, float]], ...]:
    """Effect paint from fine to coarse, each with flakes and under a station of its own."""
    return tuple(draw_flakes(seed) for seed in range(18))


def assert_within_factor(stated: float, real: float) -> None:
    assert 1 / FACTOR <= stated / real <= FACTOR, f"stated {stated:.3g}, real {real:.3g}"


@pytest.mark.parametrize("name", [*NAMES, "haze_pct"])
def test_repeats_scatter_as_u_noise_says(name: str) -> None:
    drawn = repeats()[name]
    stated = np.sqrt(np.mean([d.u_noise**2 for d in drawn]))
    assert_within_factor(stated, np.std([d.value for d in drawn], ddof=1))


@pytest.mark.parametrize("name", NAMES)
def test_readings_of_stations_built_alike_err_as_u_says(name: str) -> None:
    found = [drawn[name] for drawn in stations()]
    errors = [reading.value - real for reading, real in found]
    stated = np.sqrt(np.mean([reading.u**2 for reading, _ in found]))
    assert_within_factor(stated, np.sqrt(np.mean(np.square(errors))))


@pytest.mark.parametrize("name", NAMES)
def test_intervals_cover_the_truth_as_often_as_they_say(name: str) -> None:
    """Between the bounds of a binomial count of 95 %, of which all measures together break one in 1 % of seeds."""
    hits = covered(stations())[name]
    least = int(binom.ppf(0.01 / len(NAMES), len(hits), 0.95))
    assert sum(hits) >= least, f"{sum(hits)} of {len(hits)}"


@pytest.mark.parametrize("name", NAMES)
def test_noise_is_a_part_of_the_whole_uncertainty(name: str) -> None:
    for drawn in repeats()[name]:
        assert 0 < drawn.u_noise <= drawn.u


def test_haze_errs_as_u_says_when_index_paint_and_screen_are_not_known_exactly() -> None:
    """Its u holds model errors: ±0.005 of the clearcoat's index, 10 % of the diffuse light's model."""
    found = [drawn["haze_pct"] for drawn in paints()]
    stated = np.sqrt(np.mean([reading.u**2 for reading, _ in found]))
    assert_within_factor(stated, np.sqrt(np.mean([(reading.value - real) ** 2 for reading, real in found])))


@pytest.mark.parametrize("name", OF_PAINT)
def test_intervals_cover_what_even_paint_is(name: str) -> None:
    """Of width and veil they are wider than this world needs: they allow for other shapes of the lobe."""
    hits = covered(paints())[name]
    assert sum(hits) >= int(binom.ppf(0.01 / len(OF_PAINT), len(hits), 0.95)), f"{sum(hits)} of {len(hits)}"


def test_width_of_lobes_of_any_shape_errs_as_u_says() -> None:
    """Paint of the sample world has one shape, of which the library is not told: its u is for all of them."""
    found = [draw_lobe(seed)["lobe_width_mrad of any shape"] for seed in range(DRAWS)]
    errors = [(reading.value - real) / reading.u for reading, real in found]
    assert_within_factor(1.0, np.sqrt(np.mean(np.square(errors))))


@pytest.mark.parametrize("name", ["sparkle_light_mm2", "sparkle_area_pct", "graininess_pct"])
def test_sparkle_and_grain_of_flakes_drawn_anew_err_as_u_says(name: str) -> None:
    """Truth is that of the paint, by its flakes; 18 draws know a spread to 17 %."""
    found = [drawn[name] for drawn in effects()]
    assert_within_factor(1.0, np.sqrt(np.mean([((reading.value - real) / reading.u) ** 2 for reading, real in found])))


def test_a_colour_on_target_errs_by_its_components() -> None:
    """Near zero the difference is a length and has no sign: ΔL*, Δa*, Δb* tell whether u is right."""
    panel = Panel("T", lab=AIM)
    errors, stated = defaultdict(list), defaultdict(list)
    for seed in range(24):
        station = replace(STATION.sized(40), periods_mm=(48.0,)).drawn(seed)
        rig = calibrate([render_reference(station, seed=70 + seed)])
        report = judged(render(panel, station, seed=seed), rig, RECIPE.text)
        for measure in ("delta_l_lab", "delta_a_lab", "delta_b_lab"):
            drawn = read(report, measure, {})
            errors[measure].append(drawn.value)
            stated[measure].append(drawn.u)
        near = read(report, "delta_e00", {})
        assert near.value < 4 * near.u
    for measure, values in errors.items():
        assert_within_factor(np.sqrt(np.mean(np.square(stated[measure]))), np.sqrt(np.mean(np.square(values))))


def test_a_more_precise_certificate_makes_u_smaller() -> None:
    """The station's own terms count, not constants of the library."""
    rig = rig_of(STATION)
    terms = replace(rig.terms, screen_drift_relative=0.0, glass_index=0.0, screen_distance_mm=0.0)
    better = replace(rig, terms=terms, offset_noise_relative=0.0)
    # Black paint: no diffuse light, whose model has an uncertainty of its own.
    frames = render(replace(PANEL, lab=(0.0, 0.0, 0.0)), STATION, seed=1)
    loose, tight = (finding(judged(frames, r, PLAIN), "gloss_gu") for r in (rig, better))
    assert loose.value == tight.value
    # What is left is the paint's own: where a hand puts the panel.
    assert tight.u == pytest.approx(np.hypot(tight.u_noise, tight.budget["placement"]))
    assert loose.u is not None
    assert tight.u is not None
    assert loose.u > 10 * tight.u


def test_a_panel_put_down_again_reads_the_same_and_u_covers_what_is_left() -> None:
    """Ten times within 1 mm and half a degree; a standard deviation of ten is known to a quarter.

    Counts and extremes of single marks aside: they are no means.
    """
    seen = replaced(PANEL, STATION, 10)
    for name, most in {"gloss_gu": 0.2, "clarity_pct 12.0": 0.5, "clarity_pct 3.0": 0.5, "delta_e00": 0.05}.items():
        assert seen[name][0] <= most, name
    covered_names = {name.split()[0] for name in NAMES} | {"haze_pct", "gloss_gradient_gupercm"}
    for name, (scatter, u) in seen.items():
        if name.split()[0] in covered_names:
            assert scatter <= 1.5 * u, f"{name}: scatters by {scatter:.3g}, u {u:.3g}"
