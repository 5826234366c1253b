"""Stated uncertainties against what really scatters: within a factor 1.5, as the work order asks.

A standard deviation of 32 draws is itself known to 1/sqrt(62) = 13 % only; the seeds are fixed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pytest
from sample_captures import PLAIN, finding, judged, rig_of

from calibration import calibrate
from inspection.colour import delta_e00, lab_of
from inspection.report import Report
from samples.colour import lab_to_linear_srgb
from samples.paintwork import Panel, Patch
from samples.panels import Texture
from samples.scene import render, render_reference, truth
from samples.stations import NAMED
from samples.surface import BANDS_MM, texture_relief

DRAWS = 32
FACTOR = 1.5
#: A screen of twelve by seven coarse fringes, and dark paint: the screen's own light on the paint, whose unevenness the
#: library does not know (see test_stations), is small.
STATION = replace(NAMED["B"].sized(96), screen_width_mm=576.0)
AIM = (8.0, 6.0, -8.0)
#: Off its target by 2 units, with a dull and a discoloured spot: no measure is near zero, where a root bends.
PANEL = Panel(
    "U", lab=(9.2, 4.8, -6.6), alpha=0.0016, haze=0.02, texture=Texture((0.0, 0.0, 0.0, 0.5, 0.0)),
    patches=(
        Patch("gloss_patch", 4.0, 3.0, 14.0, 5.0, alpha=0.004),
        Patch("colour_patch", -6.0, -4.0, 20.0, 12.0, delta_lab=(3.0, 2.0, -3.0)),
    ),
)  # fmt: skip
TARGET = PLAIN.replace("[28.0, 26.0, -34.0]", str(list(AIM)))
BAND = (3.0, 10.0)
BANDED = {"band_from_mm": BAND[0], "band_to_mm": BAND[1]}
MEASURES = [
    ("gloss_gu", {}), ("gloss_of_ceiling_pct", {}), ("gloss_cv_pct", {}), ("gloss_worst_zone_gu", {}),
    ("clarity_pct", {"period_mm": 12.0}), ("clarity_pct", {"period_mm": 3.0}),
    ("delta_e00", {}), ("delta_l_lab", {}), ("delta_a_lab", {}), ("delta_b_lab", {}), ("delta_c_lab", {}),
    ("delta_h_lab", {}), ("delta_e00_p95", {}), ("colour_spread_e00", {}),
    ("waviness_rms_um", BANDED), ("waviness_rms_mrad", BANDED),
]  # fmt: skip
NAMES = [name + "".join(f" {v:g}" for v in knobs.values()) for name, knobs in MEASURES]


@dataclass(frozen=True)
class Drawn:
    """One measured value with its two uncertainties, and the truth where it was drawn anew."""

    value: float
    u: float
    u_noise: float


def read(report: Report, measure: str, knobs: dict[str, float]) -> Drawn:
    found = finding(report, measure, **knobs)
    assert found.value is not None, found
    assert found.u is not None
    assert found.u_noise is not None
    return Drawn(found.value, found.u, found.u_noise)


@lru_cache(maxsize=1)
def repeats() -> dict[str, list[Drawn]]:
    """One station, one rig, one panel; only the noise is new."""
    rig, found = rig_of(STATION), defaultdict(list)
    for seed in range(DRAWS):
        report = judged(render(PANEL, STATION, seed=100 + seed), rig, TARGET)
        for name, (measure, knobs) in zip([*NAMES, "haze_pct"], [*MEASURES, ("haze_pct", {})], strict=True):
            found[name].append(read(report, measure, knobs))
    return found


@lru_cache(maxsize=1)
def stations() -> tuple[dict[str, list[Drawn]], dict[str, list[float]]]:
    """Rig, frames and orange peel all drawn anew: readings and truths."""
    real = true_values()
    found, truths = defaultdict(list), defaultdict(list)
    for seed in range(DRAWS):
        station = STATION.drawn(seed)
        panel = replace(PANEL, texture=replace(PANEL.texture, seed=seed))
        rig = calibrate([render_reference(station, seed=900 + seed)])
        report = judged(render(panel, station, seed=500 + seed), rig, TARGET)
        waves = true_waviness(panel)
        for name, (measure, knobs) in zip(NAMES, MEASURES, strict=True):
            found[name].append(read(report, measure, knobs))
            truths[name].append(waves[measure] if measure in waves else real[name])
    return found, truths


def true_waviness(panel: Panel) -> dict[str, float]:
    """RMS of the band's own waves over the field."""
    x, y = (np.arange(0, size, 0.4) - size / 2 for size in STATION.geometry().field_mm)
    relief = texture_relief(panel.texture, *np.meshgrid(x, y), (BANDS_MM.index(BAND),))
    return {
        "waviness_rms_um": 1e3 * float(relief.height_mm.std()),
        "waviness_rms_mrad": 1e3 * float(np.sqrt((relief.slope_x**2 + relief.slope_y**2).mean() / 2)),
    }


def four_mm(values: np.ndarray) -> np.ndarray:
    """Means of 10 × 10 pixels; what does not fill a block is cut off."""
    n = values.shape[0] // 10
    return values[: 10 * n, : 10 * n].reshape(n, 10, n, 10, *values.shape[2:]).mean((1, 3))


def true_values() -> dict[str, float]:
    """What a perfect measurement of the panel finds, by the definitions of contracts.md §5."""
    real = truth(PANEL, STATION)
    gloss, ceiling = four_mm(real.gloss_gu), truth(Panel("ideal", alpha=0.0), STATION).gloss_gu.mean()
    zones = [gloss[r : r + 5, c : c + 5].mean() for r in range(5) for c in range(5)]
    light = four_mm(lab_to_linear_srgb(real.lab))
    lab = lab_of(light.reshape(-1, 3))
    mean, aim = real.mean_lab, np.array(AIM)
    turn = np.arctan2(mean[2], mean[1]) - np.arctan2(aim[2], aim[1])
    chroma, chroma_aim = np.hypot(*mean[1:]), np.hypot(*aim[1:])
    own = (float(mean[0]), float(mean[1]), float(mean[2]))
    return {
        "gloss_gu": real.gloss_gu.mean(),
        "gloss_of_ceiling_pct": 100 * real.gloss_gu.mean() / ceiling,
        "gloss_cv_pct": 100 * gloss.std(ddof=1) / gloss.mean(),
        "gloss_worst_zone_gu": min(zones),
        "clarity_pct 12": real.clarity_pct[12.0].mean(),
        "clarity_pct 3": real.clarity_pct[3.0].mean(),
        "delta_e00": real.delta_e00(AIM),
        "delta_l_lab": mean[0] - aim[0],
        "delta_a_lab": mean[1] - aim[1],
        "delta_b_lab": mean[2] - aim[2],
        "delta_c_lab": chroma - chroma_aim,
        "delta_h_lab": 2 * np.sqrt(chroma * chroma_aim) * np.sin(turn / 2),
        "delta_e00_p95": np.percentile(delta_e00(lab, AIM), 95),
        "colour_spread_e00": np.percentile(delta_e00(lab, own), 95),
    }


def assert_within_factor(stated: float, real: float) -> None:
    assert 1 / FACTOR <= stated / real <= FACTOR, f"stated {stated:.3g}, real {real:.3g}"


@pytest.mark.parametrize("name", [*NAMES, "haze_pct"])
def test_repeats_scatter_as_u_noise_says(name: str) -> None:
    drawn = repeats()[name]
    stated = np.sqrt(np.mean([d.u_noise**2 for d in drawn]))
    assert_within_factor(stated, np.std([d.value for d in drawn], ddof=1))


@pytest.mark.parametrize("name", NAMES)
def test_readings_of_stations_built_alike_err_as_u_says(name: str) -> None:
    found, truths = stations()
    errors = np.array([d.value for d in found[name]]) - truths[name]
    assert_within_factor(np.sqrt(np.mean([d.u**2 for d in found[name]])), np.sqrt(np.mean(errors**2)))


@pytest.mark.parametrize("name", NAMES)
def test_noise_is_a_part_of_the_whole_uncertainty(name: str) -> None:
    for drawn in repeats()[name]:
        assert 0 < drawn.u_noise <= drawn.u


def test_haze_errs_as_u_says_when_index_paint_and_screen_are_not_known_exactly() -> None:
    """Its u holds model errors: ±0.005 of the clearcoat's index, 10 % of the diffuse light's model.

    So the index, the paint's colour (the camera's grey is no mean of three colours) and how the screen's light falls
    off to the side are drawn too.
    """
    rng, errors, stated = np.random.default_rng(12), [], []
    small = replace(STATION.sized(48), periods_mm=(48.0, 12.0))
    for seed in range(DRAWS):
        lab = (float(rng.uniform(15, 60)), float(rng.uniform(-30, 40)), float(rng.uniform(-45, 30)))
        panel = replace(PANEL, patches=(), lab=lab, n_clear=1.5 + 0.005 * float(rng.standard_normal()))
        station = replace(small, emission_exponent=float(rng.uniform(0, 1.5))).drawn(seed)
        frames, rig = render(panel, station, seed=seed), calibrate([render_reference(station, seed=50 + seed)])
        drawn = read(judged(frames, rig), "haze_pct", {})
        errors.append(drawn.value - truth(panel, station.declared()).haze_pct.mean())
        stated.append(drawn.u)
    assert_within_factor(np.sqrt(np.mean(np.square(stated))), np.sqrt(np.mean(np.square(errors))))


def test_a_colour_on_target_errs_by_its_components() -> None:
    """Near zero the difference is a length and has no sign: ΔL*, Δa*, Δb* tell whether u is right."""
    panel = Panel("T", lab=AIM)
    errors, stated = defaultdict(list), defaultdict(list)
    for seed in range(24):
        station = replace(STATION.sized(40), periods_mm=(48.0,)).drawn(seed)
        rig = calibrate([render_reference(station, seed=70 + seed)])
        report = judged(render(panel, station, seed=seed), rig, TARGET)
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
    assert tight.u == pytest.approx(tight.u_noise)
    assert loose.u is not None
    assert tight.u is not None
    assert loose.u > 10 * tight.u
