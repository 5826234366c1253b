"""The lobe of a reflection: how the modulation of mirrored fringes falls with their period.

Transfer ``exp(-k P^-q)``: real reflections lie between long tails (q = 1) and a Gaussian (q = 2). With the distance D
of the screen k runs as D^q, and the logarithm of a transfer T by ``q ln T · dD/D``.
"""

from __future__ import annotations

import math

from scipy.optimize import brentq

#: Shapes q between which real lobes lie, and the root mean square of one that lies evenly between them.
SHAPES = (1.0, 2.0)
SHAPE_RMS = 1.53
#: A transfer below this is none.
LEAST = 1e-6


def transfer(at_mm: float, share: float, shape: float, coarsest_mm: float, period_mm: float) -> float:
    """Transfer at `period_mm`, that at `coarsest_mm` being 1, of a lobe of this shape with `share` at `at_mm`."""
    reach = float((period_mm**-shape - coarsest_mm**-shape) / (at_mm**-shape - coarsest_mm**-shape))
    return math.exp(math.log(min(max(share, LEAST), 1.0)) * reach)


def shape_through(first: tuple[float, float], second: tuple[float, float], coarsest_mm: float) -> float:
    """The shape that leads through two periods (period in mm, transfer), kept within what reflections show."""
    (p1, c1), (p2, c2) = ((p, math.log(min(max(share, LEAST), 1 - LEAST))) for p, share in (first, second))

    def miss(q: float) -> float:
        return float(c1 * (p2**-q - coarsest_mm**-q) - c2 * (p1**-q - coarsest_mm**-q))

    low, high = 0.3, 3.0
    return float(brentq(miss, low, high)) if miss(low) * miss(high) < 0 else SHAPES[1]
