"""Consumer's and producer's risk of a check: how often its decision is wrong, over the panels that come.

The probability of conformity says how sure the verdict on one panel is. The risks of this file are of a check: the
share of all panels that it passes though they are outside its limits (consumer's), and that it does not pass though
they are inside (producer's: failed, or held for a person). They need to know how panels differ: the prior.

Panels' true values are taken to be normal, as is the error of measurement, whose standard uncertainty is `u`. A panel
passes where its value is inside both limits by the guard band of `inspection.verdict`, and fails where it is outside
one by as much.

References: JCGM 106:2012, clause 9 (specific and global risks).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from inspection.verdict import GUARD_FACTOR

Floats = NDArray[np.float64]

#: So many panels show how panels differ: then the spread is known to a quarter of itself.
LEAST_PANELS: Final = 8
#: Without them: as many standard deviations as leave 95 % of panels inside, and a spread of this many u.
ASSUMED_INSIDE: Final = 0.95
ASSUMED_SPREAD_U: Final = 4.0
#: Beyond this many standard deviations nothing counts.
_REACH: Final = 9.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured on one panel."""

    value: float
    u: float
    u_noise: float


@dataclass(frozen=True, slots=True)
class Prior:
    """How panels' true values are distributed: normal.

    `panels`: as many were measured; 0: it is assumed.
    """

    mean: float
    sd: float
    panels: int


@dataclass(frozen=True, slots=True)
class Risks:
    """Shares of all panels.

    Attributes
    ----------
    inside : float
        That are inside the limits.
    passed_outside : float
        Consumer's risk: that pass and are outside.
    held_inside, failed_inside : float
        Producer's risk: that are inside and do not pass; those held for a person, and those failed.
    worst_specific : float
        Of panels that pass just so: that they are outside (the specific consumer's risk at the acceptance limit).
    """

    inside: float
    passed_outside: float
    held_inside: float
    failed_inside: float
    worst_specific: float

    @property
    def producer(self) -> float:
        """Producer's risk: inside and not passed."""
        return self.held_inside + self.failed_inside


def prior_of(seen: Sequence[Seen], u: float, low: float | None, high: float | None) -> Prior:
    """How panels differ: as they were measured, or as is assumed.

    From `LEAST_PANELS` panels on the mean and spread of their values, the scatter of measuring taken off. Otherwise it
    is assumed that 95 % of panels are inside: centred between two limits; beside a single one with a spread of 4 u.
    """
    if len(seen) >= LEAST_PANELS:
        values = np.array([one.value for one in seen])
        noise = float(np.mean([one.u_noise**2 for one in seen]))
        # A spread that cannot be told from noise is not zero.
        return Prior(float(values.mean()), math.sqrt(max(float(values.var(ddof=1)) - noise, (u / 10) ** 2)), len(seen))
    if low is not None and high is not None:
        return Prior((low + high) / 2, (high - low) / 2 / NormalDist().inv_cdf((1 + ASSUMED_INSIDE) / 2), 0)
    sd = ASSUMED_SPREAD_U * u
    away = NormalDist().inv_cdf(ASSUMED_INSIDE) * sd
    if high is not None:
        return Prior(high - away, sd, 0)
    if low is not None:
        return Prior(low + away, sd, 0)
    raise ValueError("a check needs at least one limit")


def risks(
    prior: Prior, u: float, low: float | None, high: float | None, *, guard_factor: float = GUARD_FACTOR
) -> Risks:
    """Risks of one check.

    Parameters
    ----------
    u : float
        Standard uncertainty of a measurement, above 0.
    low, high : float or None
        The check's limits; at least one.
    guard_factor : float
        Guard band in u.

    Raises
    ------
    ValueError
        No limit, or a spread or uncertainty that is not above 0.
    """
    if low is None and high is None:
        raise ValueError("a check needs at least one limit")
    if not (u > 0 and prior.sd > 0):
        raise ValueError("the spread of panels and the uncertainty have to be above 0")
    least, most = -math.inf if low is None else low, math.inf if high is None else high
    guard = guard_factor * u
    true, share = _panels(prior, u, [least, least - guard, least + guard, most, most - guard, most + guard])
    passes = np.maximum(ndtr((most - guard - true) / u) - ndtr((least + guard - true) / u), 0.0)
    fails = ndtr((least - guard - true) / u) + ndtr((true - most - guard) / u)
    inside = (true >= least) & (true <= most)

    def total(what: Floats) -> float:
        return float(np.sum(share * what))

    passed_inside, failed_inside = total(inside * passes), total(inside * fails)
    conform = _between(prior.mean, prior.sd, least, most)
    return Risks(
        inside=conform,
        passed_outside=total(~inside * passes),
        held_inside=max(0.0, conform - passed_inside - failed_inside),
        failed_inside=failed_inside,
        worst_specific=max(_specific(prior, u, at, least, most) for at in (least + guard, most - guard)),
    )


def _panels(prior: Prior, u: float, edges: Sequence[float]) -> tuple[Floats, Floats]:
    """True values and the share of panels at each: Gauss-Legendre between every place where a decision turns."""
    ends = (prior.mean - _REACH * prior.sd, prior.mean + _REACH * prior.sd)
    turns = [at + k * u for at in edges if math.isfinite(at) for k in (-_REACH, -_REACH / 3, 0.0, _REACH / 3, _REACH)]
    places = np.unique(np.clip([*ends, *turns], *ends))
    middle, half = (places[1:] + places[:-1]) / 2, np.diff(places) / 2
    true = (middle[:, None] + half[:, None] * _NODES).ravel()
    density = np.exp(-0.5 * ((true - prior.mean) / prior.sd) ** 2) / (prior.sd * math.sqrt(2 * math.pi))
    return true, density * (half[:, None] * _WEIGHTS).ravel()


def _specific(prior: Prior, u: float, measured: float, least: float, most: float) -> float:
    """That a panel with this value is outside, with what is known of panels (JCGM 106:2012, 7.2.2)."""
    if not math.isfinite(measured):
        return 0.0
    weight = prior.sd**2 / (prior.sd**2 + u**2)
    mean = weight * measured + (1 - weight) * prior.mean
    return 1 - _between(mean, math.sqrt(weight) * u, least, most)


def _between(mean: float, sd: float, least: float, most: float) -> float:
    return float(ndtr((most - mean) / sd) - ndtr((least - mean) / sd))
