"""What polishing leaves in the sun: holograms, sanding marks and the haze of random-orbital work."""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from inspection.fans import one_direction_pct_of
from inspection.maps.kinds import Target
from inspection.maps.polishing import Polishing
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import measure

#: A soft pattern of this contrast to the paint around it is seen (Weber's fraction of 2 % is the limit in good light,
#: twice that in a workshop).
VISIBLE_RATIO = 0.04
#: Paint mirrors its surroundings over its marks: those of a workshop send about a twentieth of the light of a white
#: sheet under the lamp, and a clearcoat mirrors 4 % of it. As a luminance factor; an assumption.
GLARE_Y = 0.002
#: A contrast counts as there beyond this many of its uncertainties.
THERE_SIGMA = 3.0
#: A contrast of this size that could hide in the uncertainty leaves it open whether there are marks.
HIDDEN_RATIO = 0.15
#: One direction that explains at least this share: straight marks.
STRAIGHT_PCT = 88.0
#: Fewer azimuths tell that marks have a direction, but not how it turns: four lamps around a tilted camera have three
#: half-vectors of different direction.
LEAST_AZIMUTHS = 6
#: Random draws of tiles for the uncertainty of a share.
DRAWS = 200


class Work(StrEnum):
    """What left the marks."""

    NONE = "none"
    ROTARY = "rotary"
    ORBITAL = "orbital"
    STRAIGHT = "straight"
    UNSURE = "unsure"


@measure(version=2, sources=(Source.NOISE, Source.LAMPS, Source.MODEL), possible=(0, math.inf))
def hologram_ratio(polishing: Polishing) -> Reading:
    """Contrast of polishing marks that share a direction: holograms, and straight sanding marks.

    Light that they throw to the camera over the paint's own light at the same place, in the lamp that shows them best,
    mean over the area on tiles of 8 mm: 0.1 = a tenth brighter. The same marks show more on dark paint, and the
    value says so, because the paint's own light stands in the denominator: what counts is what the eye sees. A soft
    pattern is seen from about 0.04. Lamps at a half-vector tilt under 0.3, where gloss and haze shine, do not count;
    marks that lie across none of the lamps are not seen, so that few lamps see less. On paint lighter than about
    L* = 50 ordinary marks stay below the lamps' uncertainty.

    Uncertainty: noise and grain of single marks, lamps that are alike to 2 % only, widths of the fans.
    References: microfacet model of Walter et al. 2007 (GGX); VDA 16 position 28c.
    """
    return _reading(
        float(polishing.oriented.mean()),
        polishing.u_oriented,
        (polishing.lamps_u_oriented, polishing.model_u_oriented),
        polishing,
    )


@measure(version=2, sources=(Source.NOISE, Source.LAMPS, Source.MODEL), possible=(0, math.inf))
def orbital_haze_ratio(polishing: Polishing) -> Reading:
    """Contrast of polishing marks that lie every way: haze of random-orbital work.

    As `hologram_ratio`, of furrows without a common direction: told from the paint's own light, which is the same at
    every tilt of the half-vector, by its fall with the tilt. A wide haze of the clearcoat itself counts too.

    Uncertainty: as `hologram_ratio`.
    """
    return _reading(
        float(polishing.every_way.mean()),
        polishing.u_every_way,
        (polishing.lamps_u_every_way, polishing.model_u_every_way),
        polishing,
    )


@measure(version=2, sources=(Source.NOISE, Source.LAMPS, Source.MODEL), possible=(0, math.inf))
def hologram_visibility_ratio(polishing: Polishing, target: Target) -> Reading:
    """Visibility of holograms and sanding marks on the recipe's colour: 1 = just seen.

    `hologram_ratio` over the contrast from which a soft pattern is seen on paint of the recipe's lightness L*:
    ``0.04 (1 + 0.002 / Y)``, Y = ((L* + 16) / 116)³ (below L* = 8: L*/903.3). The same furrows show the more the
    darker the paint, as the contrast already says; on near-black paint (Y about 0.002, L* = 2) mirrored surroundings
    take half of that back. So one limit holds for every colour: furrows that are just seen on a purple of L* = 28
    would need 15 times as much light to be seen on white. A recipe without a colour: NO_TARGET.

    Uncertainty: as `hologram_ratio`; half of the glare.
    References: Weber's fraction of contrast; CIE 15:2018 (L*). The glare is an assumption: see `GLARE_Y`.
    """
    if target.lab is None:
        raise Missing(Quality.NO_TARGET)
    base, limit = hologram_ratio(polishing), visible_ratio(target.lab[0])
    budget = {source: u / limit for source, u in base.budget.items()}
    value = base.value / limit
    glare = 0.5 * (1 - VISIBLE_RATIO / limit) * value
    budget[Source.MODEL] = math.hypot(budget[Source.MODEL], glare)
    return Reading.of_terms(value, budget, base.n_px, base.quality)


@measure(version=2, sources=(Source.NOISE, Source.LAMPS, Source.SAMPLING), possible=(0, 100))
def one_direction_pct(polishing: Polishing) -> Reading:
    """How much of the oriented marks a single direction explains: sanding 100 %, rotary holograms less.

    Light explained by furrows of the one best direction over light explained by the best direction of every tile of
    8 mm. Straight strokes give above 90, arcs of a rotary pad 50 to 85 on an area as large as the pad. Where there
    is nothing to explain, the share is not known and its uncertainty says so. Fewer than six lamp azimuths:
    UNRESOLVED.

    Uncertainty: the draw of tiles, which stand for more of the same work, the share that noise has in the
    marks, and lamps that are not quite alike.
    """
    if polishing.azimuths < LEAST_AZIMUTHS:
        raise Missing(Quality.UNRESOLVED)
    gain = polishing.explained
    value = one_direction_pct_of(gain)
    draws = np.random.default_rng(0).integers(0, len(gain), (DRAWS, len(gain)))
    by_draw = float(np.std([one_direction_pct_of(gain[draw]) for draw in draws], ddof=1))
    # Between 0 and 100, if nothing is known.
    doubt = _doubt(polishing.oriented.mean(), polishing.u_oriented)
    flat = 100 / math.sqrt(12)
    # Directions that a lamp turns, and marks that it feigns.
    feigned = _doubt(polishing.oriented.mean(), polishing.lamps_u_oriented)
    by_lamps = min(max(polishing.lamps_u_one_direction_pct, flat * feigned), flat)
    budget = {Source.NOISE: flat * doubt, Source.LAMPS: by_lamps, Source.SAMPLING: by_draw}
    return Reading.of_terms(value, budget, polishing.n_px, polishing.quality)


def visible_ratio(lightness: float | None) -> float:
    """Contrast from which a soft pattern is seen on paint of this L*; None: on paint that is not dark."""
    if lightness is None:
        return VISIBLE_RATIO
    y = ((lightness + 16) / 116) ** 3 if lightness > 8 else max(lightness, 0.1) * (3 / 29) ** 3
    return VISIBLE_RATIO * (1 + GLARE_Y / y)


def work_of(polishing: Polishing, visible: float = VISIBLE_RATIO) -> Work:
    """What left the marks; `visible`: contrast from which they are seen.

    A contrast counts if it is visible and beyond three uncertainties by noise and by lamps that are not alike. Marks
    that share a direction outweigh those that do not, as they do for the eye. `UNSURE`: fewer than six azimuths, or
    visible marks could hide in the uncertainty.
    """
    if polishing.azimuths < LEAST_AZIMUTHS:
        return Work.UNSURE
    oriented, every_way = float(polishing.oriented.mean()), float(polishing.every_way.mean())
    u_oriented = math.hypot(polishing.u_oriented, polishing.lamps_u_oriented)
    u_every_way = math.hypot(polishing.u_every_way, polishing.lamps_u_every_way)
    there = oriented >= max(visible, THERE_SIGMA * u_oriented)
    haze = every_way >= max(visible, THERE_SIGMA * u_every_way)
    if not there and not haze:
        return Work.UNSURE if THERE_SIGMA * max(u_oriented, u_every_way) > HIDDEN_RATIO else Work.NONE
    if not there or (haze and every_way > oriented):
        return Work.ORBITAL
    return Work.STRAIGHT if one_direction_pct_of(polishing.explained) >= STRAIGHT_PCT else Work.ROTARY


def _reading(value: float, u_noise: float, others: tuple[float, float], polishing: Polishing) -> Reading:
    budget = {Source.NOISE: u_noise, Source.LAMPS: others[0], Source.MODEL: others[1]}
    return Reading.of_terms(value, budget, polishing.n_px, polishing.quality)


def _doubt(value: float, u: float) -> float:
    """Share of a value that may be nothing but its uncertainty, 0 … 1."""
    return min(1.0, u / value) if value > 0 else 1.0
