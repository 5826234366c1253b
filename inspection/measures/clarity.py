"""Image clarity: how sharp the mirror image is, per fringe period."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inspection.averages import counted, mean
from inspection.falloff import SHAPE_RMS, SHAPES, shape_through, transfer
from inspection.maps.kinds import Area, ClarityMap
from inspection.maps.lobe import Lobe
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import Joins, Knobs, measure

#: Lobes are no pure power laws: a shape that runs through two captured periods is too flat by about this at the coarser
#: one and too steep by as much at the finer one (a microfacet lobe falls like a Gaussian first, then with long tails).
BEND = 0.1
#: Clarity below this tells nothing of a shape.
LEAST_PCT = 1.0


def captured(clarity: ClarityMap) -> Iterator[Knobs]:
    """Every captured period but the coarsest."""
    for period in sorted(clarity.pct, reverse=True):
        yield {"period_mm": period}


@measure(
    version=1,
    sources=(Source.NOISE, Source.FLAT_FIELD, Source.GEOMETRY, Source.MODEL),
    sweep=captured,
    possible=(0, 100),
    joins=Joins.MEAN,
)
def clarity_pct(clarity: ClarityMap, area: Area, *, period_mm: float = 12.0) -> Reading:
    """Image clarity at one fringe period on the screen; 100 % = black glass.

    Free of the strength of the reflection and of noise bias: where no fringe is left it is 0 with its u.
    A period that was not captured is interpolated through the fitted reflection lobe (INTERPOLATED); outside the
    captured range, and at the coarsest period, which is the reference: OUT_OF_RANGE. Counterpart of the comb method of
    ISO 17221.

    Uncertainty: pixel noise, noise of the glass's frames, the screen's distance through the lobe's shape, and for
    interpolated periods that shape itself.
    """
    if not min(clarity.pct) <= period_mm < clarity.coarsest_mm:
        raise Missing(Quality.OUT_OF_RANGE)
    values = {period: mean(pct)[0] for period, pct in clarity.pct.items()}
    seen = {period: _mean(clarity, area, period, values) for period in clarity.pct}
    if period_mm in seen:
        return seen[period_mm]
    return _interpolated(seen, clarity.coarsest_mm, period_mm)


@measure(version=2, sources=(Source.NOISE, Source.GEOMETRY, Source.MODEL), possible=(0, math.inf), joins=Joins.MEAN)
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

    Uncertainty: pixel noise, the screen's distance, shape of the lobe and 0.1 % of clarity. Right for lobes of any
    shape; where all are GGX, as in the sample world, errors are about half of u.
    References: Walter et al. 2007 (GGX); the pair of density and transfer is that of Student and Matérn.
    """
    value, u = lobe.fitted.mean(lobe.fitted.width_mrad, lobe.fitted.u_mrad)
    budget = {
        Source.NOISE: lobe.by_noise_mrad,
        Source.GEOMETRY: lobe.distance_u_relative * value,
        Source.MODEL: math.sqrt(max(u**2 - lobe.by_noise_mrad**2, 0.0)),
    }
    return Reading.of_terms(value, budget, lobe.n_px, lobe.quality)


def _mean(clarity: ClarityMap, area: Area, period: float, values: dict[float, float]) -> Reading:
    n, doubts = counted(clarity.pct[period], area.n_px)
    value = values[period]
    share = min(max(value / 100, 1e-6), 1.0)
    # A lobe of fixed angle is a blur in mm that grows with the distance: d ln c = q ln c · dD/D.
    u_distance = 100 * abs(share * math.log(share)) * _shape_at(period, values, clarity) * clarity.distance_u_relative
    budget = {
        Source.NOISE: dict(clarity.noise_pct)[period] / math.sqrt(n),
        Source.FLAT_FIELD: 100 * share * dict(clarity.grain_relative)[period] / math.sqrt(n),
        Source.GEOMETRY: u_distance,
        Source.MODEL: dict(clarity.glow_u_pct)[period],
    }
    return Reading.of_terms(value, budget, n, doubts)


def _shape_at(period: float, values: dict[float, float], clarity: ClarityMap) -> float:
    """Exponent of the lobe there, with its uncertainty: from the nearest other period, if one was captured."""
    clear = [p for p, pct in values.items() if pct > LEAST_PCT]
    others = sorted((p for p in clear if p != period), key=lambda p: abs(math.log(p / period)))
    if not others or period not in clear:
        return SHAPE_RMS
    fine, coarse = sorted((period, others[0]))
    through = _through(fine, values[fine], coarse, values[coarse], clarity.coarsest_mm)
    bent = min(max(through + (BEND if period == coarse else -BEND), SHAPES[0]), SHAPES[1])
    return math.hypot(bent, BEND)


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
        through = [_through(finer, base.value, other, seen[other].value, coarsest)]
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
    return 100 * transfer(at, pct / 100, shape, coarsest, period)


def _through(fine: float, fine_pct: float, coarse: float, coarse_pct: float, coarsest: float) -> float:
    """Exponent of the lobe through two captured periods."""
    return shape_through((fine, fine_pct / 100), (coarse, coarse_pct / 100), coarsest)
