"""Gloss and its uniformity over the area."""

from __future__ import annotations

import math

import cv2
import numpy as np

from inspection.averages import BLOCK_MM
from inspection.maps.gloss_blocks import GlossBlocks
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import measure


@measure(version=1, possible=(0, math.inf))
def gloss_gu(gloss: GlossBlocks) -> Reading:
    """Gloss, mean over the area.

    GU-equivalent at the station's angle: black glass of n = 1.567 is 100. Valid from about 5 GU to the
    Fresnel ceiling of the clearcoat. Pixels that are NaN are left out; below 16: TOO_FEW_PIXELS;
    under 95 % of the area seen: LOW_COVERAGE.

    Uncertainty: pixel noise, the glass's index, drift of the screen since calibration.
    References: ISO 2813 (scale), Fresnel's equations.
    """
    return gloss.reading(gloss.mean_gu, gloss.n_px)


@measure(version=1, possible=(0, 100))
def gloss_of_ceiling_pct(gloss: GlossBlocks) -> Reading:
    """Gloss as a share of what a perfect coat of the recipe's refractive index would reach.

    100 % = smooth clearcoat (Fresnel at the station's angle). Bad data and uncertainty as `gloss_gu`.
    """
    percent = gloss.ceiling_gu / 100
    return gloss.reading(gloss.mean_gu / percent, gloss.n_px, percent)


@measure(version=1, possible=(0, math.inf))
def gloss_cv_pct(gloss: GlossBlocks) -> Reading:
    """Unevenness of gloss: standard deviation over mean, on blocks of 4 mm.

    The share of pixel noise in the blocks' variance is taken off, so an even panel gives 0 and not the
    camera's noise. Needs two blocks. Scale errors cancel.

    Uncertainty: noise of the blocks, grain of the reference, the screen's distance.
    """
    values = gloss.blocks_gu[np.isfinite(gloss.blocks_gu)]
    if values.size < 2:
        raise Missing(Quality.TOO_FEW_PIXELS)
    level = float(values.mean())
    noise = gloss.noise_gu**2 / gloss.per_block
    grain = (gloss.grain_relative * level) ** 2 / gloss.per_block
    variance = float(values.var(ddof=1)) - noise - grain

    def u_of(power: float) -> float:
        """Of the standard deviation, from the scatter of a variance estimate with noise of this power."""
        scatter = math.sqrt((2 * power**2 + 4 * power * max(variance, 0.0)) / (values.size - 1))
        return 100 / level * scatter / (2 * math.sqrt(max(variance, scatter / 4, 1e-30)))

    value = 100 / level * math.sqrt(max(variance, 0.0))
    budget = {
        Source.NOISE: u_of(noise),
        # Noise and grain act together; what grain adds is what is missing without it.
        Source.FLAT_FIELD: math.sqrt(max(u_of(noise + grain) ** 2 - u_of(noise) ** 2, 0.0)),
        Source.GEOMETRY: gloss.distance_u_relative * value,
    }
    return Reading.of_terms(value, budget, gloss.n_px, gloss.quality)


@measure(version=1, possible=(0, math.inf))
def gloss_worst_zone_gu(gloss: GlossBlocks, *, zone_mm: float = 20.0) -> Reading:
    """Gloss of the dullest zone: lowest mean of a square of `zone_mm`.

    The square slides in steps of a 4 mm block and counts where at least half of it is valid. An area
    smaller than the square is one zone.
    """
    means = gloss.blocks_gu
    side = max(1, round(zone_mm / BLOCK_MM))
    size = (min(side, means.shape[1]), min(side, means.shape[0]))
    valid = np.isfinite(means)
    share = cv2.blur(valid.astype(np.float64), size, borderType=cv2.BORDER_CONSTANT)
    total = cv2.blur(np.where(valid, means, 0), size, borderType=cv2.BORDER_CONSTANT)
    # The filter's anchor leaves whole squares only in the inner part.
    top, left = size[1] // 2, size[0] // 2
    inner = (slice(top, means.shape[0] - (size[1] - 1 - top)), slice(left, means.shape[1] - (size[0] - 1 - left)))
    share, total = share[inner], total[inner]
    full = share >= 0.5
    if not full.any():
        raise Missing(Quality.TOO_FEW_PIXELS)
    zones = np.where(full, total / np.maximum(share, 1e-9), np.inf)
    at = np.unravel_index(int(np.argmin(zones)), zones.shape)
    return gloss.reading(float(zones[at]), round(float(share[at]) * size[0] * size[1] * gloss.per_block))
