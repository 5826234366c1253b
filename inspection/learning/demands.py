"""What accepted panels showed after a pass, as demands on the next ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspection.learning.spreads import Known, Spread, question, shrunk
from inspection.learning.tolerance import count_limit, one_sided_factor, two_sided_factor
from inspection.reading import BLOCKING
from inspection.recipe import WHOLE
from inspection.registry import MEASURES, Knobs
from inspection.report import Finding, Report
from inspection.verdict import CONFIDENCE


class Side(Enum):
    """Where a panel may not go."""

    LOW = "low"
    HIGH = "high"
    BOTH = "both"


#: Measures that a learned recipe asks for. The others say the same in another unit (gloss in GU, slope in mrad), or a
#: person has to decide about them.
SIDES: Final[Mapping[str, Side]] = {
    "delta_e00": Side.HIGH,
    "delta_l_lab": Side.BOTH,
    "delta_e00_p95": Side.HIGH,
    "colour_spread_e00": Side.HIGH,
    "gloss_of_ceiling_pct": Side.LOW,
    "gloss_cv_pct": Side.HIGH,
    "gloss_worst_zone_gu": Side.LOW,
    "clarity_pct": Side.LOW,
    "haze_pct": Side.HIGH,
    "waviness_rms_um": Side.HIGH,
    "defect_count": Side.HIGH,
    "largest_defect_mm": Side.HIGH,
    "scratch_length_mm": Side.HIGH,
}
#: The colour difference to the mean of these same panels: its limit comes from `common_target`.
TO_TARGET: Final = "delta_e00"
#: A release needs 95 % that all checks are met together, and a fine station has up to 25 of them after a pass: each
#: leaves a panel like these 1/25 of the 5 %. (For a single check to be proven 1.645 u would do.)
MOST_CHECKS: Final = 25
GUARD_U: Final = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / MOST_CHECKS)
#: Significant digits of the room between mean and limit.
DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class LearnedCheck:
    """A limit and what it rests on.

    Attributes
    ----------
    mean, spread, u : float
        Of the panels' values: mean, standard deviation (as used, see `shrunk`), root mean square of their u.
    factor : float or None
        Spreads between mean and limit, before the guard band; None where the values are counts, or distances to
        their own mean.
    borrowed : float
        Degrees of freedom that other recipes lent.
    """

    measure: str
    knobs: Knobs
    pass_number: int
    low: float | None
    high: float | None
    panels: int
    mean: float
    spread: float
    u: float
    factor: float | None
    borrowed: float


@dataclass(frozen=True, slots=True)
class NotLearned:
    """A measure that no limit was learned for, and why in one sentence."""

    measure: str
    knobs: Knobs
    pass_number: int
    why: str


def learn_pass(
    reports: Sequence[Report], known: Known, target_reach_e00: float | None
) -> tuple[list[LearnedCheck], list[NotLearned]]:
    """Limits for every measure of `SIDES` from the panels' reports after one pass.

    A limit is the statistical tolerance limit of the values, and beyond it a guard band (`GUARD_U` times u): a panel as
    good as these is then not only within all limits, it is also proven to be. No limit excludes a panel that it was
    learned from.

    Parameters
    ----------
    reports : sequence of Report
        At least two, of one pass, with the final target.
    known : mapping
        Spreads of other recipes after their last pass.
    target_reach_e00 : float or None
        For the pass that the target is the mean of: `ColourTarget.reach_e00`.
    """
    checks: list[LearnedCheck] = []
    left_out: list[NotLearned] = []
    for asked in reports[0].findings:
        if asked.measure not in SIDES or asked.region != WHOLE:
            continue
        same = [_same(report, asked) for report in reports]
        number = reports[0].pass_number
        why = _why_not(same)
        if why is not None:
            left_out.append(NotLearned(asked.measure, asked.knobs, number, why))
            continue
        check = _check(asked, number, same, known, target_reach_e00)
        if _says_nothing(check):
            why = f"panels scatter too much for a limit ({check.mean:.4g} ± {check.spread:.2g}): measure more of them"
            left_out.append(NotLearned(asked.measure, asked.knobs, number, why))
        else:
            checks.append(check)
    return checks, left_out


def _same(report: Report, asked: Finding) -> Finding | None:
    key = (asked.measure, asked.region, asked.knobs)
    return next((f for f in report.findings if (f.measure, f.region, f.knobs) == key), None)


def _why_not(findings: Sequence[Finding | None]) -> str | None:
    blocked = [
        finding
        for finding in findings
        if finding is None or finding.value is None or finding.u is None or BLOCKING.intersection(finding.quality)
    ]
    if not blocked:
        return None
    flags = sorted({str(flag) for finding in blocked if finding is not None for flag in finding.quality})
    return f"not measurable on {len(blocked)} of {len(findings)} panels ({', '.join(flags) or 'not captured'})"


def _check(
    asked: Finding, number: int, findings: Sequence[Finding | None], known: Known, target_reach_e00: float | None
) -> LearnedCheck:
    values = np.array([f.value for f in findings if f is not None], float)
    guards = GUARD_U * np.array([f.u for f in findings if f is not None], float)
    n, mean, side = len(values), float(values.mean()), SIDES[asked.measure]
    spread = Spread(float(values.var(ddof=1)), n - 1.0)
    u = float(np.sqrt((guards**2).mean())) / GUARD_U
    factor: float | None = None
    borrowed = 0.0
    if asked.measure.endswith("_count"):
        most = _whole(count_limit(values), values, guards)
        return LearnedCheck(asked.measure, asked.knobs, number, None, most, n, mean, math.sqrt(spread.variance), u,
                            None, 0.0)  # fmt: skip
    if asked.measure == TO_TARGET and target_reach_e00 is not None:
        reach, centre = target_reach_e00, 0.0
    else:
        pooled = shrunk(spread, known.get(question(asked.measure, asked.knobs), ()))
        borrowed, spread = pooled.freedom - spread.freedom, pooled
        spreads = (two_sided_factor if side is Side.BOTH else one_sided_factor)(n, spread.freedom)
        reach, centre, factor = spreads * math.sqrt(spread.variance), mean, spreads
    room = reach + GUARD_U * u
    low = None if side is Side.HIGH else _rounded(min(centre - room, float((values - guards).min())), centre, -1)
    high = None if side is Side.LOW else _rounded(max(centre + room, float((values + guards).max())), centre, 1)
    return LearnedCheck(asked.measure, asked.knobs, number, low, high, n, mean, math.sqrt(spread.variance), u, factor,
                        borrowed)  # fmt: skip


def _whole(limit: int, values: NDArray[np.float64], guards: NDArray[np.float64]) -> float:
    """A limit for counts: half a count above it is still in (see `judge`)."""
    return float(max(limit, math.ceil(float((values + guards).max()) - 0.5)))


def _rounded(limit: float, centre: float, away: int) -> float:
    """A limit rounded away from the centre, to two digits of the room between them."""
    room = abs(limit - centre)
    decimals = DIGITS - 1 - math.floor(math.log10(room)) if room > 0 else DIGITS
    step = 10.0**-decimals
    return round(away * math.ceil(away * limit / step) * step, max(decimals, 0))


def _says_nothing(check: LearnedCheck) -> bool:
    """Whether every possible value meets the limit."""
    least, most = MEASURES[check.measure].possible
    return (check.low is None or check.low <= least) and (check.high is None or check.high >= most)
