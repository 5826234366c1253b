"""What a way of working left all over the panel, in one word, with direction and visibility: for the report."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspection.maps.polishing import Polishing
from inspection.measures.hologram import Work, visible_ratio, work_of

#: Directions of the tiles that scatter more than this (circular standard deviation) have no common one.
COMMON_SPREAD_DEG = 30.0


@dataclass(frozen=True, slots=True)
class PolishingMarks:
    """Marks of polishing as the small lamps show them.

    Attributes
    ----------
    work : Work
        ``rotary``, ``orbital``, ``straight``; ``none`` where no marks are to be seen; ``unsure``.
    oriented_ratio, every_way_ratio : float
        Contrasts as `hologram_ratio` and `orbital_haze_ratio`, with their standard uncertainties.
    visible_ratio : float
        Contrast from which such marks are seen on the recipe's colour (`visible_ratio`).
    direction_deg, spread_deg : float or None
        Mean direction of marks that share one, counter-clockwise from +x as seen, −90 … 90, and how far it turns
        from tile to tile; None where there is none in common.
    azimuths : int
        Lamps that this rests on.
    """

    work: Work
    oriented_ratio: float
    u_oriented_ratio: float
    every_way_ratio: float
    u_every_way_ratio: float
    visible_ratio: float
    direction_deg: float | None
    spread_deg: float | None
    azimuths: int


def polishing_marks(polishing: Polishing, lightness: float | None) -> PolishingMarks:
    """Name the marks.

    Parameters
    ----------
    lightness : float or None
        L* of the recipe's colour; None: the limit of visibility for paint that is not dark.
    """
    limit = visible_ratio(lightness)
    work = work_of(polishing, limit)
    direction, spread = _common_direction(polishing) if work in (Work.ROTARY, Work.STRAIGHT) else (None, None)
    u_oriented = (polishing.u_oriented, polishing.lamps_u_oriented, polishing.model_u_oriented)
    u_every_way = (polishing.u_every_way, polishing.lamps_u_every_way, polishing.model_u_every_way)
    return PolishingMarks(
        work=work,
        oriented_ratio=float(polishing.oriented.mean()),
        u_oriented_ratio=math.hypot(*u_oriented),
        every_way_ratio=float(polishing.every_way.mean()),
        u_every_way_ratio=math.hypot(*u_every_way),
        visible_ratio=limit,
        direction_deg=direction,
        spread_deg=spread,
        azimuths=polishing.azimuths,
    )


def _common_direction(polishing: Polishing) -> tuple[float | None, float | None]:
    """Mean of the tiles' directions by their contrast, as axes (doubled angles), and their circular deviation."""
    doubled = np.exp(2j * np.radians(polishing.direction_deg))
    mean = complex(np.average(doubled, weights=polishing.oriented))
    spread_deg = math.degrees(math.sqrt(-2 * math.log(max(min(abs(mean), 1.0), 1e-9)))) / 2
    if spread_deg > COMMON_SPREAD_DEG:
        return None, None
    return math.degrees(math.atan2(mean.imag, mean.real)) / 2, spread_deg
