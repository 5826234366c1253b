"""Haze of the reflection."""

from __future__ import annotations

import math

from inspection.averages import counted, mean
from inspection.maps.kinds import Area, HazeMap
from inspection.maps.lobe import Lobe
from inspection.reading import Quality, Reading, Source
from inspection.registry import Joins, measure

#: From this ratio of diffuse to mirrored light on, the reading carries a doubt.
DIFFUSE_LIMIT = 5.0


@measure(version=2, sources=(Source.NOISE, Source.MODEL), possible=(0, 100), joins=Joins.MEAN)
def haze_pct(haze: HazeMap, area: Area) -> Reading:
    """Haze: share of the mirrored light thrown outside the coarsest fringe, beyond black glass.

    0 % = as clear as polished glass. Contains the tails of an unsharp reflection as well as true haze (`veil_pct`). The
    paint's own diffuse light is taken off; where it is over five times the mirrored light the reading
    carries DIFFUSE_DOMINATES, and where nothing mirrored is left it has no value.

    Uncertainty: pixel noise; level of the diffuse light: index of the clearcoat within 0.005, 5 % for paint that is not
    Lambert's, screens that radiate less to the side (power 0 to 1.5 of the cosine), share of the camera's colours.
    """
    n, doubts = counted(haze.pct, area.n_px)
    if haze.diffuse_ratio > DIFFUSE_LIMIT:
        doubts += (Quality.DIFFUSE_DOMINATES,)
    budget = {Source.NOISE: haze.noise_pct / math.sqrt(n), Source.MODEL: haze.u_pct}
    return Reading.of_terms(mean(haze.pct)[0], budget, n, doubts)


@measure(version=2, sources=(Source.NOISE, Source.MODEL), possible=(0, 100), joins=Joins.MEAN)
def veil_pct(haze: HazeMap, lobe: Lobe, area: Area) -> Reading:
    """Veil: mirrored light thrown so wide that no fringe carries it, without the tails of the sharp lobe.

    `haze_pct` holds both: what a wide lobe takes, and what a merely unsharp one takes from the coarsest fringe. The
    second is known from the fitted lobe's width and taken off: ``100 (1 - (1 - haze/100) / T(P0))``, T(P0) being what
    that lobe keeps of the coarsest fringe. So paint that is only unsharp has no veil, and paint with a veil can be
    sharp. Doubts as `haze_pct`.

    Uncertainty: as `haze_pct`; shape and width of the lobe.
    """
    n, doubts = counted(haze.pct, area.n_px)
    if haze.diffuse_ratio > DIFFUSE_LIMIT:
        doubts += (Quality.DIFFUSE_DOMINATES,)
    # What is lost of the coarsest fringe grows about as the width's square.
    fitted, all_kept = lobe.fitted, lobe.coarsest_kept
    kept, u_kept = fitted.mean(all_kept, 2 * (1 - all_kept) * fitted.u_mrad / fitted.width_mrad)
    sharp = 1 - mean(haze.pct)[0] / 100
    budget = {
        Source.NOISE: haze.noise_pct / math.sqrt(n) / kept,
        Source.MODEL: math.hypot(haze.u_pct / kept, 100 * sharp / kept**2 * u_kept),
    }
    return Reading.of_terms(100 * (1 - sharp / kept), budget, n, doubts)
