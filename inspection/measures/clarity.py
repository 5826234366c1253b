"""Image clarity: how sharp the mirror image is, per fringe period."""

from __future__ import annotations

import math
from collections.abc import Iterator

from scipy.optimize import brentq

from inspection.averages import counted, mean
from inspection.maps.kinds import Area, ClarityMap
from inspection.maps.lobe import Lobe
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import Knobs, measure

#: Lobe shapes between which real reflections lie: exponent 1 (long tails) to 2 (Gaussian).
SHAPES = (1.0, 2.0)


def captured(clarity: ClarityMap) -> Iterator[Knobs]:
    """Every captured period but the coarsest."""
    for period in sorted(clarity.pct, reverse=True):
        yield {"period_mm": period}


@measure(version=1, sweep=captured, possible=(0, 100))
def clarity_pct(clarity: ClarityMap, area: Area, *, period_mm: float = 12.0) -> Reading:
    """Image clarity at one fringe period on the screen; 100 % = black glass.

    Free of the strength of the reflection and of noise bias: where no fringe is left it is 0 with its u.
    A period that was not captured is interpolated through the fitted reflection lobe (INTERPOLATED); outside the
    captured range, and at the coarsest period, which is the reference: OUT_OF_RANGE. Counterpart of the comb method of
    ISO 17221.

    Uncertainty: pixel noise, the screen's distance, and for interpolated periods the lobe's shape.
    """
    if not min(clarity.pct) <= period_mm < clarity.coarsest_mm:
        raise Missing(Quality.OUT_OF_RANGE)
    seen = {period: _mean(clarity, area, period) for period in clarity.pct}
    if period_mm in seen:
        return seen[period_mm]
    return _interpolated(seen, clarity.coarsest_mm, period_mm)


@measure(version=1, possible=(0, math.inf))
def lobe_width_mrad(lobe: Lobe) -> Reading:
    """Width of the mirrored lobe: how far fine roughness spreads the mirror image, beyond black glass.

    Full width at half maximum of the light that one ray becomes, in the plane of incidence, of the lobe that fits the
    clarity at all captured periods: micro-slopes of density ``(1 + s²/α²)^-(ν + 1)`` keep ``2^(1-ν)/Γ(ν) (αk)^ν
    K_ν(αk)`` of a fringe, k = 2π/P times the run of the mirrored place per slope; the width is ``4 α √(2^(1/(ν+1)) -
    1)``. All ν from 1/2 (long tails) over 1 (GGX) to ∞ (Gaussian) count by how well they fit. Well polished paint: 2 to
    4 mrad; sanded 10 and more. Free of the strength of the reflection and of wide haze (`veil_pct`). Waves shorter than
    a pixel count as roughness: it is also what this camera can say of the wave-scan's class below 0.1 mm (du). Valid
    from about the width at which the finest fringe keeps 99 % up to where the coarsest but one keeps 1 %, beyond:
    NO_SIGNAL.

    Uncertainty: pixel noise, the screen's distance, shape of the lobe and 0.3 % of clarity.
    References: Walter et al. 2007 (GGX); the pair of density and transfer is that of Student and Matérn.
    """
    value, u = lobe.fitted.mean(lobe.fitted.width_mrad, lobe.fitted.u_mrad)
    budget = {
        Source.NOISE: lobe.by_noise_mrad,
        Source.GEOMETRY: lobe.distance_u_relative * value,
        Source.MODEL: math.sqrt(max(u**2 - lobe.by_noise_mrad**2, 0.0)),
    }
    return Reading.of_terms(value, budget, lobe.n_px, lobe.quality)


def _mean(clarity: ClarityMap, area: Area, period: float) -> Reading:
    n, doubts = counted(clarity.pct[period], area.n_px)
    value, u_noise = mean(clarity.pct[period])[0], dict(clarity.noise_pct)[period] / math.sqrt(n)
    share = min(max(value / 100, 1e-6), 1.0)
    # A lobe of fixed angle is a blur in mm that grows with the distance: d ln c = q ln c · dD/D, with q near 1 for
    # the long-tailed lobes of polished coats.
    u_distance = 100 * abs(share * math.log(share)) * clarity.distance_u_relative
    budget = {
        Source.NOISE: u_noise,
        Source.GEOMETRY: u_distance,
        Source.MODEL: dict(clarity.glow_u_pct)[period],
    }
    return Reading.of_terms(value, budget, n, doubts)


def _interpolated(seen: dict[float, Reading], coarsest: float, period: float) -> Reading:
    """Through ``-ln c = k (P^-q - P0^-q)``: k from the next finer period, q from the next coarser one."""
    finer = max(p for p in seen if p < period)
    base = seen[finer]
    coarser = [p for p in seen if period < p < coarsest]
    noise_floor = max(3 * base.u, 0.1)
    if base.value <= noise_floor:
        if not coarser:
            raise Missing(Quality.NO_SIGNAL)
        finer = min(coarser)
        base, coarser = seen[finer], []
    through = list(SHAPES)
    if coarser:
        other = min(coarser)
        through = [_shape(finer, base.value, other, seen[other].value, coarsest)]
    values = [_lobe(finer, base.value, q, coarsest, period) for q in through]
    value = sum(values) / len(values)

    def pulled(u: float) -> float:
        """How the value moves with the captured one."""
        return abs(_lobe(finer, min(base.value + u, 100.0), through[0], coarsest, period) - values[0])

    shapes = [_lobe(finer, base.value, q, coarsest, period) for q in SHAPES]
    spread = (max(shapes) - min(shapes)) / math.sqrt(12) / (1 if len(through) > 1 else 3)
    doubts = (*base.quality, Quality.INTERPOLATED)
    budget = {source: pulled(u) for source, u in base.budget.items()}
    budget[Source.MODEL] = math.hypot(budget[Source.MODEL], spread)
    return Reading.of_terms(value, budget, base.n_px, doubts)


def _lobe(at: float, pct: float, shape: float, coarsest: float, period: float) -> float:
    """Clarity at `period` of a lobe of this shape that has `pct` at the period `at`."""
    share = min(max(pct / 100, 1e-6), 1.0)
    reach = float((period**-shape - coarsest**-shape) / (at**-shape - coarsest**-shape))
    return 100 * math.exp(math.log(share) * reach)


def _shape(p1: float, pct1: float, p2: float, pct2: float, coarsest: float) -> float:
    """The exponent that leads through two captured periods, kept within what reflections show."""
    c1, c2 = (math.log(min(max(pct / 100, 1e-6), 1 - 1e-6)) for pct in (pct1, pct2))

    def miss(q: float) -> float:
        return float(c1 * (p2**-q - coarsest**-q) - c2 * (p1**-q - coarsest**-q))

    low, high = 0.3, 3.0
    return float(brentq(miss, low, high)) if miss(low) * miss(high) < 0 else SHAPES[1]
