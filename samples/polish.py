"""Marks that a way of working leaves all over a panel: rotary arcs, random-orbital loops, straight sanding.

As in `samples.scuffs` every mark is a furrow far narrower than a pixel that throws light into a fan across itself;
what differs is how the furrows lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from samples.scuffs import Trail

Floats = NDArray[np.float64]

#: Distance of the points by which a furrow is followed, mm: below a pixel.
STEP_MM: Final = 0.15
#: Length of a straight stroke and of one loop of an orbital machine, mm.
_STROKE_MM, _LOOP_MM = 25.0, 3.0
#: Radius of an orbital machine's loops, mm.
_LOOP_RADIUS_MM: Final = (1.5, 4.0)


@dataclass(frozen=True, slots=True)
class Polish:
    """One way of working, over a rectangle around the panel's centre.

    Attributes
    ----------
    way : str
        ``rotary``: arcs of a tilted pad that runs along `direction_deg`; across its path their direction turns from
        one side to the other, as the pad's edge does. ``orbital``: small loops, every direction alike.
        ``straight``: strokes along `direction_deg`.
    width_mm, height_mm : float
        Of the rectangle.
    coverage : float
        Share of the area that furrows take.
    furrow_um : float
        Width of one furrow: how many there are.
    direction_deg : float
        Counter-clockwise from +x as seen.
    spread_deg : float
        Standard deviation of the single furrow's direction around what the way of working gives.
    pad_mm : float
        Radius of the rotary pad; its paths lie 1.6 radii apart.
    alpha_along, alpha_across : float
        GGX widths of the micro-slopes inside a furrow.
    """

    way: Literal["rotary", "orbital", "straight"]
    width_mm: float
    height_mm: float
    coverage: float = 0.08
    furrow_um: float = 15.0
    direction_deg: float = 0.0
    spread_deg: float = 5.0
    pad_mm: float = 60.0
    alpha_along: float = 0.02
    alpha_across: float = 0.2
    seed: int = 0


@lru_cache(maxsize=4)
def polish_trail(polish: Polish) -> Trail:
    """Every furrow as points, each standing for the same area."""
    rng = np.random.default_rng([polish.seed, 97])
    total_mm = polish.coverage * polish.width_mm * polish.height_mm / (polish.furrow_um * 1e-3)
    middle, heading, curve, length = _furrows(polish, rng, total_mm)
    count = np.maximum(2, np.round(length / STEP_MM).astype(int))
    of = np.repeat(np.arange(len(count)), count)
    along = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    s = (along + rng.random(len(count))[of]) * STEP_MM - length[of] / 2
    angle = heading[of] + s * curve[of]
    # A piece of a circle through its middle; sinc keeps the straight one exact.
    chord, mean = s * np.sinc(s * curve[of] / (2 * np.pi)), heading[of] + s * curve[of] / 2
    x, y = middle[of, 0] + chord * np.cos(mean), middle[of, 1] + chord * np.sin(mean)
    kept = (np.abs(x) < polish.width_mm / 2) & (np.abs(y) < polish.height_mm / 2)
    area = polish.coverage * polish.width_mm * polish.height_mm / max(1, int(kept.sum()))
    ones = np.ones(int(kept.sum()))
    return Trail(x[kept], y[kept], np.cos(angle[kept]), np.sin(angle[kept]), area * ones)


def _furrows(polish: Polish, rng: np.random.Generator, total_mm: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Middle (n, 2), heading, curvature (1/mm) and length of every furrow; local coordinates, y down."""
    length_mm = {"straight": _STROKE_MM, "orbital": _LOOP_MM, "rotary": 0.5 * polish.pad_mm}[polish.way]
    reach = polish.width_mm + length_mm, polish.height_mm + length_mm
    # As many more as lie outside and are cut off.
    n = max(1, round(total_mm / length_mm * reach[0] * reach[1] / (polish.width_mm * polish.height_mm)))
    at = (rng.random((n, 2)) - 0.5) * reach
    strayed = np.radians(polish.spread_deg) * rng.standard_normal(n)
    along = -np.radians(polish.direction_deg)
    length = np.full(n, length_mm)
    if polish.way == "straight":
        return at, along + strayed, np.zeros(n), length
    if polish.way == "orbital":
        radius = rng.uniform(*_LOOP_RADIUS_MM, n) * rng.choice([-1.0, 1.0], n)
        return at, rng.uniform(0, 2 * np.pi, n), 1 / radius, length
    # A tilted pad touches with its leading edge: at t radii beside the path a mark runs along the circle there.
    path = -at[:, 0] * np.sin(along) + at[:, 1] * np.cos(along)
    apart = 1.6 * polish.pad_mm
    offset = rng.random() * apart
    beside = ((path + offset) % apart - apart / 2) / polish.pad_mm
    return at, along + np.pi / 2 + np.arcsin(beside) + strayed, np.full(n, -1 / polish.pad_mm), length
