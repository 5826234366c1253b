"""Lobes of mirrored light: how much of a fringe they keep, and those that fit what was kept.

The family has two numbers, a width and a shape ν: micro-slopes s with the density ``(1 + s²/α²)^-(ν + 1)``, whose
characteristic function ``2^(1-ν)/Γ(ν) (αk)^ν K_ν(αk)`` is the modulation that a fringe keeps, k being the change of its
phase per slope. ν = 1/2 has the longest tails (exponential transfer), ν = 1 is GGX (Walter et al. 2007), ν = ∞ stands
for a Gaussian (Beckmann): density ``exp(-s²/α²)``, transfer ``exp(-(αk)²/4)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import gamma, kv

Floats = NDArray[np.float64]
Model = Callable[[Floats, Floats], Floats]

#: Shapes are taken as equally likely by 1/ν, from a Gaussian to the longest tails; fitted at these …
FITTED_AT = np.linspace(0.0, 2.0, 9)
#: … and read between them at these.
READ_AT = np.linspace(0.0, 2.0, 81)
#: Widths at which a lobe is computed, and between them looked for, evenly by their logarithm.
NODES, STEPS = 90, 3000
#: Widths between which a lobe is looked for, mrad: from below what any fringe shows to matt.
WIDTHS_MRAD = (0.02, 400.0)


@dataclass(frozen=True, slots=True, eq=False)
class Lobes:
    """Lobes of many shapes, each with the width that fits best, what that is uncertain by, and its odds; all (n,)."""

    shape: Floats
    width_mrad: Floats
    u_mrad: Floats
    odds: Floats

    @property
    def best(self) -> tuple[float, float]:
        """Shape and width of the likeliest."""
        at = int(np.argmax(self.odds))
        return float(self.shape[at]), float(self.width_mrad[at])

    def mean(self, values: Floats, u: Floats | float = 0.0) -> tuple[float, float]:
        """Mean of what each lobe says and its standard deviation, `u` of each included."""
        mean = float(self.odds @ values)
        return mean, math.sqrt(float(self.odds @ (np.square(values - mean) + np.square(u))))


def half_slope(shape: float | Floats) -> Floats:
    """Slope at which the density has fallen to a half, over α."""
    nu = np.asarray(shape, float)
    finite = np.where(np.isinf(nu), 1.0, nu)
    return np.where(np.isinf(nu), math.sqrt(math.log(2)), np.sqrt(2 ** (1 / (finite + 1)) - 1))


def transfer(shape: float | Floats, width_mrad: float | Floats, phase_per_slope: float | Floats) -> Floats:
    """Modulation that a fringe keeps, 0 … 1; arguments broadcast.

    Parameters
    ----------
    shape : ν, from 1/2 to ∞
    width_mrad : full width at half maximum of the mirrored lobe: a slope turns light by twice itself
    phase_per_slope : change of the fringe's phase, rad per unit of slope
    """
    nu = np.asarray(shape, float)
    a = np.maximum(width_mrad * 1e-3 / (4 * half_slope(nu)) * phase_per_slope, 1e-9)
    finite = np.where(np.isinf(nu), 1.0, nu)
    tailed = 2 ** (1 - finite) / gamma(finite) * np.power(a, finite) * kv(finite, a)
    # Beyond a = 600 nothing is left, and the power would overflow.
    kept = np.where(np.isinf(nu), np.exp(-np.square(np.minimum(a, 600.0)) / 4), np.where(a > 600, 0.0, tailed))
    return np.minimum(kept, 1.0)


def fit(kept: Sequence[float], u: Sequence[float], model: Model) -> Lobes | None:
    """For each shape the width that fits best, and the odds of the shape (Laplace's approximation of the evidence).

    Parameters
    ----------
    kept, u : sequences of float
        What each fringe kept, with its standard uncertainty. Where no lobe fits that well, all u are enlarged until
        one does (Birge).
    model : callable
        Takes shapes and widths that broadcast, gives what such lobes would keep of each fringe, along a last axis.

    Returns
    -------
    Lobes or None
        None where the widest lobe fits as well: nothing is left of any fringe.
    """
    seen, sigma = np.asarray(kept, float), np.asarray(u, float)
    nodes = np.log(np.geomspace(*WIDTHS_MRAD, NODES))
    smooth = CubicSpline(nodes, model(_shape(FITTED_AT)[:, None], np.exp(nodes)), axis=1)
    at = np.linspace(nodes[0], nodes[-1], STEPS)
    misses = (smooth(at) - seen) / sigma
    badness = np.square(misses).sum(axis=-1)
    found = []
    for of_shape, missed in zip(badness, misses, strict=True):
        lowest = int(of_shape.argmin())
        # One standard deviation upwards: below, a narrow lobe ends at 0.
        above = np.sqrt(of_shape[lowest:] - of_shape[lowest])
        if above[-1] < 1:
            return None
        far = int(np.argmax(above >= 1))
        up = np.interp(1.0, above[far - 1 : far + 1], at[lowest:][far - 1 : far + 1])
        here = at[lowest] + _vertex(of_shape[max(lowest - 1, 0) : lowest + 2]) * (at[1] - at[0])
        step = np.exp(max(float(up) - here, 1e-9)) - 1
        found.append([here, np.log(np.exp(here) * step), *missed[lowest]])
    log_width, log_u, *rest = CubicSpline(FITTED_AT, np.array(found))(READ_AT).T
    least = np.square(rest).sum(axis=0)
    birge = max(1.0, float(least.min()) / max(len(seen) - 2, 1))
    odds = np.exp(log_u - 0.5 * (least - least.min()) / birge)
    return Lobes(_shape(READ_AT), np.exp(log_width), np.exp(log_u) * math.sqrt(birge), odds / odds.sum())


def _shape(tails: Floats) -> Floats:
    """ν of 1/ν."""
    return np.where(tails > 0, 1 / np.maximum(tails, 1e-9), np.inf)


def _vertex(three: Floats) -> float:
    """Where the parabola through three values is lowest, in steps from the middle one; 0 at an end."""
    if len(three) < 3:
        return 0.0
    before, here, after = (float(value) for value in three)
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend > 0 else 0.0
