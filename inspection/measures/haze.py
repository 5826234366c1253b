"""Haze of the reflection."""

from __future__ import annotations

import math

from inspection.averages import counted, mean
from inspection.maps.kinds import Area, HazeMap
from inspection.reading import Quality, Reading, Source
from inspection.registry import measure

#: From this ratio of diffuse to mirrored light on, the reading carries a doubt.
DIFFUSE_LIMIT = 5.0


@measure(version=1, possible=(0, 100))
def haze_pct(haze: HazeMap, area: Area) -> Reading:
    """Haze: share of the mirrored light thrown outside the coarsest fringe, beyond black glass.

    0 % = as clear as polished glass. Contains the tails of a wide reflection as well as true haze. The
    paint's own diffuse light is taken off; where it is over five times the mirrored light the reading
    carries DIFFUSE_DOMINATES, and where nothing mirrored is left it has no value.

    Uncertainty: pixel noise; level of the diffuse light (see maps/haze).
    """
    n, doubts = counted(haze.pct, area.n_px)
    if haze.diffuse_ratio > DIFFUSE_LIMIT:
        doubts += (Quality.DIFFUSE_DOMINATES,)
    budget = {Source.NOISE: haze.noise_pct / math.sqrt(n), Source.MODEL: haze.u_pct}
    return Reading.of_terms(mean(haze.pct)[0], budget, n, doubts)
