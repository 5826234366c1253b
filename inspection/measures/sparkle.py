"""Effect paint: sparkle under small lamps, graininess in diffuse light."""

from __future__ import annotations

import math

import numpy as np

from inspection.maps.effect import Glints, Grain
from inspection.reading import Reading, Source
from inspection.registry import Joins, measure

#: Light of a glint, relative standard uncertainty: how it falls on its pixels.
LIGHT_U_RELATIVE = 0.03
#: Of what glints that hide each other do to their number, relative, and of the light that others add to one: places at
#: random are an assumption.
HIDDEN_U_RELATIVE, BESIDE_U_RELATIVE = 0.3, 0.1

#: Of what is put right for the pixels, that grain coarser than they are may not need: from none of it, which is
#: likeliest, to all (a triangle's standard deviation).
COARSER = 1 / math.sqrt(18)


@measure(version=2, sources=(Source.NOISE, Source.MODEL, Source.SAMPLING), possible=(0, math.inf), joins=Joins.MEAN)
def sparkle_percm2(glints: Glints) -> Reading:
    """Sparkle: glints per square centimetre that are seen, mean over the small lamps.

    Seen is a glint that sends as much light beyond its surroundings as 0.02 mm² of the paint does (twice the paint's
    light on a spot of one arc minute at 0.5 m), whatever the size of a pixel. Two glints in one 3 × 3 of pixels look
    like one; that is put right as for random places, and is sure only below one glint in 18 pixels. Fine scratches
    lit across glint too: measure polished, wiped panels.

    Uncertainty: the glints' own number (Poisson), noise at the limit of what is seen, glints that hide each other,
    saturated ones that may not be bright enough.
    References: none of the trade's scales (their formulas are not public); definition as above.
    """
    shown = len(glints.light_mm2) * glints.own_px / max(glints.area_mm2 / glints.pixel_mm2, 1.0)
    shown = min(shown, 0.98)
    apart = -math.log1p(-shown) / shown if shown > 0 else 1.0
    per_cm2 = 100 / glints.area_mm2
    value = len(glints.light_mm2) * apart * per_cm2
    hidden = HIDDEN_U_RELATIVE * (value - len(glints.light_mm2) * per_cm2)
    clipped = per_cm2 * glints.clipped / math.sqrt(12)
    budget = {
        Source.NOISE: per_cm2 * apart * math.sqrt(glints.marginal / 6),
        # A count of none may be one that was just missed.
        Source.SAMPLING: per_cm2 * apart * math.sqrt(max(len(glints.light_mm2), 1)),
        Source.MODEL: math.hypot(hidden, clipped),
    }
    return Reading.of_terms(value, budget, glints.n_px, glints.quality)


@measure(version=2, sources=(Source.NOISE, Source.MODEL, Source.SAMPLING), possible=(0, math.inf), joins=Joins.MEAN)
def sparkle_light_mm2(glints: Glints) -> Reading:
    """Sparkle: light of a glint that is seen, mean, as the area of paint that sends as much.

    0.02 mm² is just seen. The 3 × 3 pixels of a glint hold light of others too: as much as eight pixels that are not
    brighter hold on average is taken off, and glints that a brighter neighbour may hide count for those it does. No
    glint: 0. Saturated glints count with the least they can be (SATURATED): a few of the brightest carry most of the
    light, so expose for them.

    Uncertainty: scatter of the glints, noise, how a glint falls on its pixels, the light of others (10 % of it), and of
    saturated glints as much again as is counted.
    """
    light = glints.light_mm2
    if not len(light):
        return Reading.of_terms(0.0, {Source.NOISE: glints.noise_mm2}, glints.n_px, glints.quality)
    weight = glints.hidden / glints.hidden.sum()
    own = light - glints.beside_mm2
    value = max(float(weight @ own), 0.0)
    spread = math.sqrt(float(np.square(weight) @ np.square(own - value))) if len(light) > 1 else value
    beside, full = float(weight @ glints.beside_mm2), glints.saturated_mm2 / len(light)
    budget = {
        Source.NOISE: glints.noise_mm2 * float(np.linalg.norm(weight)),
        Source.SAMPLING: spread,
        Source.MODEL: math.hypot(LIGHT_U_RELATIVE * value, BESIDE_U_RELATIVE * beside, full),
    }
    return Reading.of_terms(value, budget, glints.n_px, glints.quality)


@measure(version=2, sources=(Source.SAMPLING,), possible=(0, 100), joins=Joins.MEAN)
def sparkle_area_pct(glints: Glints) -> Reading:
    """Sparkle: share of the pixels that glint.

    A pixel glints if it is brighter than its surroundings by what makes a glint seen. Depends on the size of a
    pixel: compare panels of one station.

    Uncertainty: how uneven the glints lie on places of 5 mm, at least their number (Poisson): one flake can glint for
    two lamps.
    """
    total = glints.area_mm2 / glints.pixel_mm2
    value = 100 * glints.covered_px / total
    u = 100 / total * math.sqrt(max(glints.covered_px, 1) * max(1.0, glints.covered_px / max(len(glints.light_mm2), 1)))
    u = max(u, 100 / total * glints.uneven_px)
    return Reading.of_terms(value, {Source.SAMPLING: u}, glints.n_px, glints.quality)


@measure(
    version=2,
    sources=(Source.NOISE, Source.FLAT_FIELD, Source.MODEL, Source.SAMPLING),
    possible=(0, 100),
    joins=Joins.MEAN,
)
def graininess_pct(grain: Grain) -> Reading:
    """Graininess: contrast of the diffuse light in waves of about 1 to 4 mm, where the eye sees it best.

    Root-mean-square of the luminance over its mean, weighted by a difference of Gaussians of 0.2 and 1.0 mm; noise of
    pixels and of the white tile's frame taken off, so that an even solid colour gives 0 within its uncertainty. What
    pixels of this size pass of grain far finer than they are, as that of flakes is, is put right. Single marks and
    colour patches with sharp edges count too.

    Uncertainty: how uneven the grain is on places of 5 mm, at least what its independent places leave; a quarter of
    what is put right for the pixels; 5 % of the noise's power.
    """
    variance = grain.contrast2 - grain.noise2 - grain.tile2
    value = math.sqrt(max(variance, 0.0))

    power = max(variance, 0.0)

    def of(variance_u: float, scatter: float) -> float:
        """A variance's uncertainty as its root's, which near zero cannot be steeper than the scatter allows."""
        return 100 * variance_u / (2 * math.sqrt(max(power, scatter / 4, 1e-30)))

    own = grain.noise2 + grain.tile2
    scatter = math.sqrt((2 * own**2 + 4 * own * power) / grain.independent)
    by_noise = math.sqrt((2 * grain.noise2**2 + 4 * grain.noise2 * power) / grain.independent)
    # The paint's own grain is one draw of many; few large flakes draw more unevenly than a Gaussian field.
    gaussian = value**2 * math.sqrt(2 / grain.independent)
    uneven = math.sqrt(max(grain.by_place2**2 - scatter**2, gaussian**2))
    budget = {
        Source.NOISE: of(by_noise, scatter),
        Source.FLAT_FIELD: of(math.sqrt(max(scatter**2 - by_noise**2, 0.0)), scatter),
        Source.MODEL: math.hypot(of(0.05 * own, scatter), 100 * value * grain.shape_relative / 2 * COARSER),
        Source.SAMPLING: of(uneven, scatter),
    }
    return Reading.of_terms(100 * value, budget, grain.n_px, grain.quality)
