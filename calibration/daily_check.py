"""Is the station still what it was? The check panel, seen today, against what its first checks saw.

Each quantity is watched by two control charts. A single check (Shewhart's chart of individuals) finds what jumped: a
lamp that failed, a dirty panel or glass at calibration, a camera that was knocked. The exponentially weighted mean of
all checks (EWMA) finds what creeps: an ageing lamp, a lens that grows dull.

Limits. σ is the standard uncertainty of this check. From 20 checks on it is what the checks themselves scatter by (mean
moving range over d₂ = 1.128), where that is smaller, but not below the noise of this capture, and the factor 3 is then
Student's t, for σ is only estimated. History may narrow the limits, it never widens them, or a station that grew
restless would allow itself to. A single check may be off by 3 σ, the weighted mean by 3 σ·√(λ/(2−λ)·(1−(1−λ)^2i)) with
λ = 0.2; to both, σ/√n of the n first checks' mean is added in squares, for the aim is no truer than that.

A colour difference is a length: its σ is the root of the summed squares of what σ of L*, a* and b* each make in ΔE00.
For independent errors, whichever of them leads, at most 0.27 % of lengths are beyond 3 of it, as for a single value.

References: ISO 7870-2:2013 (individuals, d₂, three standard deviations); NIST/SEMATECH e-Handbook of Statistical
Methods, 6.3.2.2 (individuals) and 6.3.2.4 (EWMA, k = 3, λ from 0.2 to 0.3); J. D. Cryer, T. P. Ryan, Journal of
Quality Technology 22 (1990) 187 (what moving ranges are worth); ISO/CIE 11664-6:2014.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from inspection.colour import delta_e00

Floats = NDArray[np.float64]

GLOSS: Final = "gloss_gu"
#: With the fringe period in it.
CLARITY: Final = "clarity_{:g}mm_pct"
LAB: Final = ("l_lab", "a_lab", "b_lab")
SCALE: Final = "scale_pct"
COLOUR: Final = "delta_e00"

#: So many first checks, each with the panel laid in anew, make a mean; fewer do not show how they scatter.
LEAST_FIRST: Final = 3
#: So many checks say how they scatter (ISO 7870-2: 20 to 25 subgroups).
LEAST_HISTORY: Final = 20
SIGMAS: Final = 3.0
EWMA_WEIGHT: Final = 0.2
#: Mean range of two values of one normal distribution, in its standard deviations.
_D2: Final = 1.128
#: A mean moving range of n values is worth this share of their n − 1 degrees of freedom.
_EFFICIENCY: Final = 0.605
#: Beyond three standard deviations on one side.
_BEYOND: Final = 1.35e-3


@dataclass(frozen=True, slots=True)
class Taken:
    """A quantity of one check with its combined standard uncertainty, and the part that a repeat would show."""

    value: float
    u: float
    u_noise: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A quantity of one check against its control limits.

    Attributes
    ----------
    quantity : str
        Its last part is the unit. The three coordinates of colour are judged together, as ``delta_e00``.
    value, u, aim : float or None
        None where nothing was measured.
    mean, mean_low, mean_high : float or None
        The weighted mean (EWMA) up to this check, and its limits.
    fault : str
        ``outside`` (this check), ``drifts`` (the weighted mean), ``not_measured`` (the first checks had it), or empty.
    """

    quantity: str
    value: float | None
    u: float | None
    aim: float | None
    low: float | None
    high: float | None
    mean: float | None = None
    mean_low: float | None = None
    mean_high: float | None = None
    fault: str = ""


Check = Mapping[str, Taken]


def judge_check(check: Check, first: Sequence[Check], met: Sequence[Check]) -> tuple[Judged, ...]:
    """Judge one check of a check panel.

    Parameters
    ----------
    check : mapping of quantity to Taken
    first : sequence of checks
        The panel's first ones, at least `LEAST_FIRST`: their means are its values. What one of them lacks is not
        checked.
    met : sequence of checks
        Those after them that were met, in order of time. What failed was no state of a station in order, and does
        not move its limits.

    Returns
    -------
    tuple of Judged
        One for each quantity that all first checks have. The check is met where none has a fault.

    Raises
    ------
    ValueError
        Too few first checks.
    """
    if len(first) < LEAST_FIRST:
        raise ValueError(f"{len(first)} first checks, at least {LEAST_FIRST} are needed")
    watched = [name for name in first[0] if all(name in one for one in first)]
    judged = [_scalar(name, check, first, met) for name in watched if name not in LAB]
    if all(name in watched for name in LAB):
        judged.append(_colour(check, first, met))
    return tuple(judged)


def _scalar(name: str, check: Check, first: Sequence[Check], met: Sequence[Check]) -> Judged:
    aim = _aim(name, first)
    taken = check.get(name)
    if taken is None:
        return Judged(name, None, None, aim, None, None, fault="not_measured")
    values = [one[name].value for one in met if name in one] + [taken.value]
    mean, share = _weighted(np.array(values) - aim)
    reach, of_aim = _reach(name, taken, first, met), 1 / math.sqrt(len(first))
    single, weighted = reach * math.hypot(1, of_aim), reach * math.hypot(share, of_aim)
    return Judged(
        name, taken.value, taken.u, aim, aim - single, aim + single, aim + float(mean), aim - weighted, aim + weighted,
        _fault(abs(taken.value - aim), single, abs(float(mean)), weighted),
    )  # fmt: skip


def _colour(check: Check, first: Sequence[Check], met: Sequence[Check]) -> Judged:
    if any(name not in check for name in LAB):
        return Judged(COLOUR, None, None, 0.0, None, None, fault="not_measured")
    aim = np.array([_aim(name, first) for name in LAB])

    def difference(offset: Floats) -> float:
        return float(delta_e00(aim + offset, (float(aim[0]), float(aim[1]), float(aim[2]))))

    def length(each: Sequence[float]) -> float:
        return math.hypot(*(difference(np.eye(3)[i] * size) for i, size in enumerate(each)))

    there = [one for one in met if all(name in one for name in LAB)]
    offsets = np.array([[one[name].value for name in LAB] for one in (*there, check)]) - aim
    mean, share = _weighted(offsets)
    reach, of_aim = length([_reach(name, check[name], first, met) for name in LAB]), 1 / math.sqrt(len(first))
    single, weighted = reach * math.hypot(1, of_aim), reach * math.hypot(share, of_aim)
    value, drifted = difference(offsets[-1]), difference(mean)
    u = length([check[name].u for name in LAB])
    fault = _fault(value, single, drifted, weighted)
    return Judged(COLOUR, value, u, 0.0, None, single, drifted, None, weighted, fault)


def _fault(away: float, single: float, drifted: float, weighted: float) -> str:
    # Written so that a NaN is a fault.
    if not away <= single:
        return "outside"
    return "" if drifted <= weighted else "drifts"


def _aim(name: str, first: Sequence[Check]) -> float:
    return float(np.mean([one[name].value for one in first]))


def _reach(name: str, taken: Taken, first: Sequence[Check], met: Sequence[Check]) -> float:
    """How far one check of a station in order may be off: three standard deviations."""
    stated = SIGMAS * taken.u
    values = [one[name].value for one in (*first, *met) if name in one]
    if len(values) < LEAST_HISTORY:
        return stated
    shown = float(np.mean([abs(b - a) for a, b in pairwise(values)])) / _D2
    # As sure as three standard deviations that are known.
    factor = float(student.isf(_BEYOND, _EFFICIENCY * (len(values) - 1)))
    return min(stated, factor * max(shown, taken.u_noise))


def _weighted(offsets: Floats) -> tuple[Floats, float]:
    """The weighted mean after the last of these offsets from the aim, and its standard deviation as a share of σ."""
    mean = np.zeros(offsets.shape[1:])
    for offset in offsets:
        mean = EWMA_WEIGHT * offset + (1 - EWMA_WEIGHT) * mean
    settled = 1 - (1 - EWMA_WEIGHT) ** (2 * len(offsets))
    return mean, math.sqrt(EWMA_WEIGHT / (2 - EWMA_WEIGHT) * settled)


def sentence(one: Judged) -> str:
    """What is wrong with a quantity, in plain English; empty where nothing is."""
    name = one.quantity
    if one.fault == "not_measured":
        return f"{name} was not measured, and the first checks of this panel have it."
    if one.fault == "outside":
        return f"{name} is {_n(one.value, one)}, its control limits are {_n(one.low, one)} to {_n(one.high, one)}."
    if one.fault == "drifts":
        limits = f"{_n(one.mean_low, one)} to {_n(one.mean_high, one)}"
        return f"{name} drifts: the weighted mean of the checks is {_n(one.mean, one)}, its limits are {limits}."
    return ""


def _n(value: float | None, one: Judged) -> str:
    """A number with two digits of the uncertainty; a limit that is not there is 0, the least that a length can be."""
    digits = 3 if not one.u else max(0, 1 - math.floor(math.log10(one.u)))
    return f"{value or 0.0:.{digits}f}"
