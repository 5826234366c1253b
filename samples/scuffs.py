"""Fine arcs that polishing leaves: swirls (any direction) and holograms (one direction).

An arc is far narrower than a pixel. It is a furrow without a mirror image: light falls into a fan
across it, so the place loses fringes of every period and shines when a lamp lights it across.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Distance of the points by which an arc is followed, mm.
STEP_MM: Final = 0.04


@dataclass(frozen=True, slots=True)
class Scuff:
    """A disk of fine arcs; local coordinates as for `samples.surface.Mark`.

    Attributes
    ----------
    kind : str
        ``swirl`` or ``hologram``.
    size_mm : float
        Diameter of the disk.
    arcs : int
        How many there are.
    coverage : float
        Share of the disk's area that they take.
    direction_deg : float or None
        Of all arcs, counter-clockwise from +x as seen (rotary machine); None: each has its own (orbital).
    alpha_along, alpha_across : float
        GGX widths of the micro-slopes inside an arc.
    gain : float
        Factor on the roughness of the paint between the arcs.
    seed : int
    identity : str
        Name that it keeps from pass to pass.
    """

    kind: str
    x_mm: float
    y_mm: float
    size_mm: float
    arcs: int = 600
    coverage: float = 0.08
    direction_deg: float | None = None
    alpha_along: float = 0.008
    alpha_across: float = 0.2
    gain: float = 1.1
    seed: int = 0
    identity: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """Arcs as points, local coordinates (y down): place, unit tangent, and the area each point stands for."""

    x_mm: Floats
    y_mm: Floats
    along_x: Floats
    along_y: Floats
    area_mm2: Floats


@lru_cache(maxsize=64)
def trail(scuff: Scuff) -> Trail:
    """Every arc of a scuff.

    An arc is a piece of a circle, 0.25 to 0.7 of the disk long, bent with 0.6 to 3 times its diameter;
    it ends within the last tenth of the disk's radius.
    """
    rng = np.random.default_rng([scuff.seed, 83])
    n, size = scuff.arcs, scuff.size_mm
    radius = size / 2
    at, turn = radius * np.sqrt(rng.random(n)), rng.uniform(0, 2 * np.pi, n)
    length = rng.uniform(0.25, 0.7, n) * size
    if scuff.direction_deg is None:
        heading = rng.uniform(0, 2 * np.pi, n)
        bend = size * rng.uniform(0.6, 3.0, n) * rng.choice([-1.0, 1.0], n)
    else:
        heading = -np.radians(scuff.direction_deg) + rng.normal(0, 0.06, n)
        bend = np.full(n, 1.5 * size)
    count = np.maximum(2, np.round(length / STEP_MM).astype(int))
    arc = np.repeat(np.arange(n), count)
    along = np.arange(len(arc)) - np.repeat(np.cumsum(count) - count, count)
    s = (along + rng.random(n)[arc]) * STEP_MM - length[arc] / 2
    angle = heading[arc] + s / bend[arc]
    # Circle through the arc's middle (x0, y0) with the heading there.
    x = (at * np.cos(turn))[arc] + bend[arc] * (np.sin(angle) - np.sin(heading[arc]))
    y = (at * np.sin(turn))[arc] - bend[arc] * (np.cos(angle) - np.cos(heading[arc]))
    kept = np.hypot(x, y) < radius * rng.uniform(0.9, 1.0, n)[arc]
    area = np.full(int(kept.sum()), scuff.coverage * np.pi * radius**2 / kept.sum())
    return Trail(x[kept] + scuff.x_mm, y[kept] + scuff.y_mm, np.cos(angle[kept]), np.sin(angle[kept]), area)


def furrow(x_mm: float, y_mm: float, length_mm: float, width_mm: float, angle_deg: float) -> Trail:
    """A straight furrow of this width, as points."""
    n = max(2, round(length_mm / STEP_MM))
    s = (np.arange(n) + 0.5) / n * length_mm - length_mm / 2
    a = np.radians(angle_deg)
    ones = np.ones(n)
    return Trail(
        x_mm + s * np.cos(a), y_mm - s * np.sin(a), ones * np.cos(a), -ones * np.sin(a), ones * length_mm / n * width_mm
    )
