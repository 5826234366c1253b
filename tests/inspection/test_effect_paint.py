"""Sparkle and graininess against flakes whose number, size and tilt are known (all simulated)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from sample_captures import rig_of
from scipy.stats import spearmanr

from inspection.areas import whole
from inspection.maps.effect import Glints, Grain, glints, grain
from inspection.maps.lamps import lamps
from inspection.maps.reflectance import reflectance
from inspection.measures.sparkle import graininess_pct, sparkle_area_pct, sparkle_light_mm2, sparkle_percm2
from inspection.reading import Quality, Source
from samples.flakes import Flakes
from samples.paintwork import Panel
from samples.scene import render, render_lamps
from samples.stations import NAMED

#: Exposed for the glints, and averaged for the paint between them.
STATION = replace(
    NAMED["B"].sized(128), mm_per_px=0.3, spot_azimuths_deg=(0.0, 180.0, 270.0), periods_mm=(48.0,),
    exposure_target=0.2, frames_averaged=32,
)  # fmt: skip
SOLID = Panel("solid", lab=(28.0, 5.0, -8.0))
DENSITIES = (3.0, 6.0, 12.0, 25.0, 50.0, 100.0)
SIZES_UM = (10.0, 14.0, 20.0, 28.0, 40.0)


def shown(panel: Panel, seed: int = 1) -> Glints:
    frames = render_lamps(panel, STATION, seed=seed)
    return glints(lamps(frames, rig_of(STATION)), whole(frames.sensor.shape))


def grainy(panel: Panel, seed: int = 1) -> Grain:
    frames, rig = render(panel, replace(STATION, spot_azimuths_deg=()), seed=seed), rig_of(STATION)
    return grain(reflectance(frames, rig), whole(frames.sensor.shape))


@lru_cache(maxsize=1)
def by_density() -> list[tuple[float, Glints, Grain]]:
    panels = [replace(SOLID, flakes=Flakes(n, 20.0, seed=seed)) for n in DENSITIES for seed in (1, 2)]
    return [(p.flakes.density_per_mm2, shown(p), grainy(p)) for p in panels if p.flakes is not None]


@lru_cache(maxsize=1)
def by_size() -> list[tuple[float, Glints, Grain]]:
    panels = [replace(SOLID, flakes=Flakes(20.0, d, seed=seed)) for d in SIZES_UM for seed in (1, 2)]
    return [(p.flakes.diameter_um, shown(p), grainy(p)) for p in panels if p.flakes is not None]


@pytest.mark.parametrize("series", [by_density, by_size], ids=["density", "size"])
@pytest.mark.parametrize("read", [sparkle_percm2, sparkle_area_pct, graininess_pct], ids=lambda f: f.__name__)
def test_more_and_larger_flakes_sparkle_more_and_are_grainier(series, read) -> None:  # type: ignore[no-untyped-def]
    """The work order asks for a rank correlation of 0.95."""
    true, seen, grains = zip(*series(), strict=True)
    values = [read(g).value for g in (grains if read is graininess_pct else seen)]
    assert spearmanr(true, values).statistic >= 0.95, np.round(values, 3)


def test_a_solid_colour_shows_no_effect() -> None:
    """Noise alone: nothing sparkles, and grain is nothing within its uncertainty."""
    seen = shown(SOLID)
    assert sparkle_percm2(seen).value == 0.0
    assert sparkle_light_mm2(seen).value == 0.0
    assert sparkle_area_pct(seen).value < 0.01
    for seed in range(4):
        reading = graininess_pct(grainy(SOLID, seed))
        assert reading.value <= 3 * reading.u


def test_readings_scatter_as_u_says_when_the_flakes_are_drawn_anew() -> None:
    """The same paint, other flakes, other noise; 16 draws know a spread to 18 %. The model errs alike."""
    panels = [replace(SOLID, flakes=Flakes(12.0, 20.0, seed=50 + s)) for s in range(16)]
    seen = [shown(p, s) for s, p in enumerate(panels)]
    grains = [grainy(p, s) for s, p in enumerate(panels)]
    for read, those in ((sparkle_percm2, seen), (sparkle_light_mm2, seen), (graininess_pct, grains)):
        readings = [read(one) for one in those]  # type: ignore[operator]
        stated = np.sqrt(np.mean([r.u**2 - r.budget.get(Source.MODEL, 0.0) ** 2 for r in readings]))
        real = np.std([r.value for r in readings], ddof=1)
        assert 1 / 1.5 <= stated / real <= 1.5, (read.__name__, stated, real)


def test_finer_pixels_count_the_same_glints() -> None:
    """What is seen is defined by a glint's light, not by a pixel: the same flakes, seen by pixels of half the area."""
    fine = replace(STATION.sized(182), mm_per_px=STATION.mm_per_px * 128 / 182)
    panel = replace(SOLID, flakes=Flakes(10.0, 24.0, seed=3))
    frames = render_lamps(panel, fine, seed=1)
    one, other = shown(panel), glints(lamps(frames, rig_of(fine)), whole(frames.sensor.shape))
    assert sparkle_percm2(other).value == pytest.approx(sparkle_percm2(one).value, rel=0.15)


def test_saturated_glints_are_counted_and_said() -> None:
    panel = replace(SOLID, flakes=Flakes(10.0, 40.0, seed=3))
    frames = render_lamps(panel, replace(STATION, exposure_target=0.8), seed=1)
    full = lamps(frames, rig_of(STATION))
    assert any(np.isnan(ratio).any() for ratio in full.ratio.values())
    seen = glints(full, whole(frames.sensor.shape))
    assert Quality.SATURATED in seen.quality
    lost = replace(full, ratio={a: np.nan_to_num(r, nan=1.0) for a, r in full.ratio.items()})
    assert len(seen.light_mm2) > len(glints(lost, whole(frames.sensor.shape)).light_mm2)


def test_noise_that_hides_glints_holds_the_count() -> None:
    frames = render_lamps(SOLID, replace(STATION, frames_averaged=1, electrons_full_scale=300.0), seed=1)
    seen = glints(lamps(frames, rig_of(STATION)), whole(frames.sensor.shape))
    assert Quality.BELOW_LIMIT in seen.quality


def test_grain_of_fine_pixels_is_that_of_the_same_paint_in_coarser_ones() -> None:
    """Blocks of pixels that are finer than the band needs: a pixel's own blur of 0.1 mm is 2 % of the finest waves."""
    station = replace(STATION, mm_per_px=0.1, spot_azimuths_deg=())
    frames = render(replace(SOLID, flakes=Flakes(50.0, 20.0, seed=3)), station, seed=1)
    coarse = reflectance(frames, rig_of(station))
    fine = replace(
        coarse,
        linear_srgb=np.repeat(np.repeat(coarse.linear_srgb, 2, axis=0), 2, axis=1),
        pitch_mm=(coarse.pitch_mm[0] / 2, coarse.pitch_mm[1] / 2),
    )
    one, other = (grain(m, whole(m.linear_srgb.shape[:2])) for m in (coarse, fine))
    assert other.contrast2 == pytest.approx(one.contrast2, rel=0.05)
    assert other.independent == pytest.approx(one.independent, rel=0.05)
    assert other.n_px == 4 * one.n_px
