"""Gloss and its uniformity over the area."""

from __future__ import annotations

import math

import numpy as np

from inspection.averages import BLOCK_MM
from inspection.falloff import SHAPE_RMS
from inspection.filters import FloatMap
from inspection.maps.gloss_blocks import GlossBlocks
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import Joins, measure
from inspection.zones import ZONE_MM, paired_side, squares

#: Terms of a mean of gloss (see `GlossBlocks.reading`).
SOURCES = (
    Source.NOISE,
    Source.FLAT_FIELD,
    Source.REFERENCE,
    Source.DRIFT,
    Source.GEOMETRY,
    Source.MODEL,
    Source.PLACEMENT,
)


@measure(version=1, sources=SOURCES, possible=(0, math.inf), joins=Joins.MEAN)
def gloss_gu(gloss: GlossBlocks) -> Reading:
    """Gloss, mean over the area.

    GU-equivalent at the station's angle: black glass of n = 1.567 is 100. Valid from about 5 GU to the
    Fresnel ceiling of the clearcoat. Pixels that are NaN are left out; below 16: TOO_FEW_PIXELS;
    under 95 % of the area seen: LOW_COVERAGE.

    Uncertainty: pixel noise, noise and index of the glass, drift of the screen since calibration, its distance, its own
    light on the paint, where the panel lies.
    References: ISO 2813 (scale), Fresnel's equations.
    """
    return gloss.reading(gloss.mean_gu, gloss.n_px)


@measure(version=1, sources=SOURCES, possible=(0, 100), joins=Joins.MEAN)
def gloss_of_ceiling_pct(gloss: GlossBlocks) -> Reading:
    """Gloss as a share of what a perfect coat of the recipe's refractive index would reach.

    100 % = smooth clearcoat (Fresnel at the station's angle). Bad data and uncertainty as `gloss_gu`.
    """
    percent = gloss.ceiling_gu / 100
    return gloss.reading(gloss.mean_gu / percent, gloss.n_px, percent)


@measure(
    version=1, sources=(Source.NOISE, Source.FLAT_FIELD, Source.GEOMETRY, Source.PLACEMENT), possible=(0, math.inf)
)
def gloss_cv_pct(gloss: GlossBlocks) -> Reading:
    """Unevenness of gloss: standard deviation over mean, on blocks of 4 mm.

    The share of pixel noise in the blocks' variance is taken off, so an even panel gives 0 and not the
    camera's noise. Needs two blocks. Scale errors cancel.

    Uncertainty: noise of the blocks, grain of the reference, the screen's distance (a dull spot looks duller from
    further away), where the panel lies.
    """
    values = gloss.blocks_gu[np.isfinite(gloss.blocks_gu)]
    if values.size < 2:
        raise Missing(Quality.TOO_FEW_PIXELS)
    level = float(values.mean())
    noise = gloss.noise_gu**2 / gloss.per_block
    grain = (gloss.block_grain_relative * level) ** 2
    variance = float(values.var(ddof=1)) - noise - grain

    def scatter(power: float, wide: float) -> float:
        """Of a variance estimate by noise of this power; unevenness wider than a block meets its `wide` part."""
        return math.sqrt((2 * power**2 + 4 * wide * max(variance, 0.0)) / (values.size - 1))

    by_noise = scatter(noise, noise)
    by_grain = scatter(grain, (gloss.wide_grain_relative * level) ** 2 / gloss.per_block)
    root = math.sqrt(max(variance, math.hypot(by_noise, by_grain) / 4, 1e-30))
    further = values * np.maximum(values / gloss.ceiling_gu, 1e-3) ** (SHAPE_RMS * gloss.distance_u_relative)
    value = 100 / level * math.sqrt(max(variance, 0.0))
    budget = {
        Source.NOISE: 50 / level * by_noise / root,
        Source.FLAT_FIELD: 50 / level * by_grain / root,
        Source.GEOMETRY: 100 * abs(float(further.std(ddof=1) / further.mean() - values.std(ddof=1) / level)),
        Source.PLACEMENT: gloss.elsewhere.u_of(lambda means: 100 * float(np.nanstd(means) / np.nanmean(means))),
    }
    return Reading.of_terms(value, budget, gloss.n_px, gloss.quality)


@measure(version=1, sources=SOURCES, possible=(0, math.inf), joins=Joins.LEAST)
def gloss_worst_zone_gu(gloss: GlossBlocks, *, zone_mm: float = ZONE_MM) -> Reading:
    """Gloss of the dullest zone: lowest mean of a square of `zone_mm`.

    The square slides in steps of a 4 mm block and counts where at least half of it is valid. An area
    smaller than the square is one zone.
    """
    side = max(1, round(zone_mm / BLOCK_MM))
    found = squares(gloss.blocks_gu, side)
    at = found.lowest()
    if at is None:
        raise Missing(Quality.TOO_FEW_PIXELS)
    rows, cols = found.size
    pixels = round(float(found.share[at]) * rows * cols * gloss.per_block)
    return gloss.reading(float(found.means[at]), pixels, of_blocks=lambda means: _lowest(means, side))


@measure(
    version=1,
    sources=(Source.NOISE, Source.FLAT_FIELD, Source.REFERENCE, Source.DRIFT, Source.MODEL, Source.PLACEMENT),
    possible=(0, math.inf),
)
def gloss_gradient_gupercm(gloss: GlossBlocks, *, zone_mm: float = ZONE_MM) -> Reading:
    """Steepest change of gloss between two neighbouring zones.

    Largest difference between the means of two squares of `zone_mm` that lie side by side, along x or y, over the
    distance of their centres. The pair slides in steps of a 4 mm block; a square counts where at least half of it is
    valid. An area less than two squares long: squares of half its length. The largest of many: on even paint it
    shows the steepest pair's noise, some three of its u.

    Uncertainty: noise and grain of the reference in both squares; the scale of gloss; where the panel lies.
    References: zone statistics in the sense of ISO/IEC 19799 (gloss uniformity within a page; made for prints, here
    with zones of its own).
    """
    found = squares(gloss.blocks_gu, paired_side(gloss.blocks_gu.shape, max(1, round(zone_mm / BLOCK_MM))))
    step = found.step(gloss.block_mm)
    if step is None:
        raise Missing(Quality.TOO_FEW_PIXELS)
    per_cm, apart_cm = 10 * step.per_mm, step.apart_mm / 10
    rows, cols = found.size
    pixels = [float(found.share[at]) * rows * cols * gloss.per_block for at in (step.duller, step.brighter)]
    # Standard deviation of the difference of two means per that of one pixel.
    spread = math.sqrt(sum(1 / n for n in pixels)) / apart_cm
    budget = {
        Source.NOISE: gloss.noise_gu * spread,
        Source.FLAT_FIELD: gloss.wide_grain_relative * gloss.mean_gu * spread,
        Source.PLACEMENT: gloss.elsewhere.u_of(lambda means: _steepest(means, zone_mm, gloss.block_mm)),
    } | {source: relative * per_cm for source, relative in gloss.scale_u_relative}
    return Reading.of_terms(per_cm, budget, round(sum(pixels)), gloss.quality)


def _lowest(means: FloatMap, side: int) -> float:
    found = squares(means.astype(np.float64), side)
    at = found.lowest()
    return math.nan if at is None else float(found.means[at])


def _steepest(means: FloatMap, zone_mm: float, block_mm: tuple[float, float]) -> float:
    step = squares(means.astype(np.float64), paired_side(means.shape, max(1, round(zone_mm / BLOCK_MM)))).step(block_mm)
    return math.nan if step is None else 10 * step.per_mm
