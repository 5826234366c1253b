"""From a reading and its limits to pass, fail or hold, with a guard band."""

from __future__ import annotations

import math
from enum import StrEnum
from statistics import NormalDist

from inspection.reading import BLOCKING, Reading

#: One-sided coverage of the guard band: a pass is wrong in at most 5 % of cases (JCGM 106:2012, 8.3.2).
CONFIDENCE = 0.95
GUARD_FACTOR = NormalDist().inv_cdf(CONFIDENCE)


class Verdict(StrEnum):
    """The three answers; `HOLD` means not proven either way, a person decides."""

    PASS = "pass"
    FAIL = "fail"
    HOLD = "hold"


def judge(reading: Reading, low: float | None, high: float | None) -> Verdict:
    """Judge a reading against its limits.

    Proven inside both limits by a guard band of 1.645 u: pass. Proven outside one: fail. Anything
    else, and every reading that is not a number, has no uncertainty or carries a blocking doubt: hold.

    Parameters
    ----------
    reading : Reading
    low, high : float or None
        Limits in the unit of the reading; at least one is given.

    Raises
    ------
    ValueError
        No limit at all: such a check would pass anything.
    """
    if low is None and high is None:
        raise ValueError("a check needs at least one limit")
    if BLOCKING.intersection(reading.quality) or not (math.isfinite(reading.value) and math.isfinite(reading.u)):
        return Verdict.HOLD
    guard = GUARD_FACTOR * reading.u
    low, high = _between_steps(reading.step, low, high)
    inside = [high - reading.value] if high is not None else []
    inside += [reading.value - low] if low is not None else []
    if all(room >= guard for room in inside):
        return Verdict.PASS
    if any(room < -guard for room in inside):
        return Verdict.FAIL
    return Verdict.HOLD


def conformity(reading: Reading, low: float | None, high: float | None) -> float:
    """Probability that the true value lies inside the limits (JCGM 106:2012, 7.5, normal PDF).

    A reading that cannot be judged (see `judge`) proves nothing: 0.
    """
    if BLOCKING.intersection(reading.quality) or not (math.isfinite(reading.value) and math.isfinite(reading.u)):
        return 0.0
    if reading.u == 0.0:
        return float((low is None or reading.value >= low) and (high is None or reading.value <= high))
    low, high = _between_steps(reading.step, low, high)
    truth = NormalDist(reading.value, reading.u)
    return max(0.0, (1.0 if high is None else truth.cdf(high)) - (0.0 if low is None else truth.cdf(low)))


def _between_steps(step: float, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Limits half-way between the last value that is allowed and the next one; as they are where every value exists."""
    if step == 0:
        return low, high
    return (
        None if low is None else (math.ceil(low / step) - 0.5) * step,
        None if high is None else (math.floor(high / step) + 0.5) * step,
    )


def overall(verdicts: list[Verdict], *, barred: bool = False) -> Verdict:
    """The panel's verdict: any fail fails; else any hold, or nothing checked at all, holds.

    `barred`: something else than a check forbids a pass (a red gate, a view of a part only).
    """
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.HOLD if barred or Verdict.HOLD in verdicts or not verdicts else Verdict.PASS
