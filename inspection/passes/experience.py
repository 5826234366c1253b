"""What a pass usually does for a recipe, from the passes that were done: few data give a wide answer.

A normal model with two levels. The change of one measure by one pass number scatters about the recipe's own mean, and
the recipes' means scatter about a common one; how much of each is estimated from the data. A recipe with few passes
leans on the others, one with many on itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from scipy.stats import t as student

from inspection.report import Finding

#: A single change tells its size at best: its scatter is taken to be as large as this share of it.
FIRST_SPREAD_RELATIVE: Final = 1.0
#: Weight of that first guess, in data.
PRIOR_DATA: Final = 1.0

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """What one pass did to one measure of one panel.

    Attributes
    ----------
    pass_number : int
        The pass that was done: `before` was measured after pass_number − 1.
    what : tuple
        Measure, region and knobs, see `key_of`.
    """

    recipe: str
    pass_number: int
    what: Key
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Change:
    """Predictive distribution of a change: Student's t with a mean, a scale and degrees of freedom; `n` changes seen.

    `n_recipe` of them on this very recipe.
    """

    mean: float
    scale: float
    freedom: float
    n: int
    n_recipe: int


class Experience:
    """Steps of the past, by measure and pass."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._groups: dict[tuple[Key, int], dict[str, list[float]]] = {}
        for step in steps:
            group = self._groups.setdefault((step.what, step.pass_number), {})
            group.setdefault(step.recipe, []).append(step.after - step.before)
        self._told: dict[tuple[str, int, Key], Change | None] = {}

    def change(self, recipe: str, pass_number: int, what: Key) -> Change | None:
        """What the next such pass will do; None where nothing like it was ever done."""
        asked = (recipe, pass_number, what)
        if asked not in self._told:
            group = self._groups.get((what, pass_number))
            self._told[asked] = None if not group else _shrunk(group, recipe)
        return self._told[asked]

    def chance(self, recipe: str, next_pass: int, checks: Sequence[Finding]) -> float | None:
        """Probability that the panel meets all checks after one more pass.

        Parameters
        ----------
        checks : sequence of Finding
            Values of now with the limits of the last pass.

        Returns
        -------
        float or None
            None where for some check nothing is known: no value of now, or no such pass in the past. The checks are
            taken as independent.
        """
        total = 1.0
        for finding in checks:
            change = self.change(recipe, next_pass, key_of(finding))
            if change is None or finding.value is None or finding.u is None:
                return None
            scale = math.hypot(change.scale, finding.u)
            centre = finding.value + change.mean
            low = -math.inf if finding.low is None else (finding.low - centre) / scale if scale else -math.inf
            high = math.inf if finding.high is None else (finding.high - centre) / scale if scale else math.inf
            if scale:
                total *= float(student.cdf(high, change.freedom) - student.cdf(low, change.freedom))
            else:
                inside = (finding.low is None or centre >= finding.low) and (
                    finding.high is None or centre <= finding.high
                )
                total *= float(inside)
        return total

    def least_seen(self, recipe: str, next_pass: int, checks: Sequence[Finding]) -> int:
        """On how many passes of this recipe the weakest of those predictions rests."""
        changes = [self.change(recipe, next_pass, key_of(finding)) for finding in checks]
        return min((0 if change is None else change.n_recipe for change in changes), default=0)


def key_of(finding: Finding) -> Key:
    """What was measured: measure, region and knobs as text."""
    return finding.measure, finding.region, ";".join(f"{name}={value}" for name, value in sorted(finding.knobs.items()))


def steps_between(recipe: str, pass_number: int, before: Iterable[Finding], after: Iterable[Finding]) -> list[Step]:
    """The steps that two reports of consecutive passes show; only measures that both have a value of."""
    known: Mapping[Key, float] = {key_of(f): f.value for f in before if f.value is not None}
    told: dict[Key, Step] = {}
    for finding in after:
        key = key_of(finding)
        if finding.value is not None and key in known and key not in told:
            told[key] = Step(recipe, pass_number, key, known[key], finding.value)
    return list(told.values())


def _shrunk(group: Mapping[str, Sequence[float]], recipe: str) -> Change:
    """Empirical Bayes: the recipe's mean drawn towards the common one by what the data say of both scatters."""
    counts = np.array([len(values) for values in group.values()], float)
    means = np.array([float(np.mean(values)) for values in group.values()])
    n = int(counts.sum())
    grand = float(counts @ means / n)
    within = sum(float(np.sum((np.array(values) - np.mean(values)) ** 2)) for values in group.values())
    freedom = n - len(group) + PRIOR_DATA
    # Before anything repeats, the scatter may be as large as the change itself.
    guess = (FIRST_SPREAD_RELATIVE * max(abs(grand), float(np.abs(means).max()))) ** 2
    variance = (within + PRIOR_DATA * guess) / freedom
    between = _between(counts, means, grand, variance, guess)
    own = len(group.get(recipe, ()))
    spread = between + variance / counts
    common_u2 = float(1 / np.sum(1 / spread)) if (spread > 0).all() else 0.0
    if own:
        weight = between / (between + variance / own) if between > 0 else 0.0
        mean = grand + weight * (float(np.mean(group[recipe])) - grand)
        mean_u2 = between * (1 - weight) + (1 - weight) ** 2 * common_u2
    else:
        mean, mean_u2 = grand, between + common_u2
    return Change(float(mean), math.sqrt(variance + mean_u2), float(freedom), n, own)


def _between(counts: np.ndarray, means: np.ndarray, grand: float, variance: float, guess: float) -> float:
    """Variance of the recipes' means about the common one (DerSimonian and Laird); one recipe tells nothing of it."""
    if len(means) == 1:
        return guess
    q = float(np.sum(counts * (means - grand) ** 2)) / variance if variance > 0 else 0.0
    spare = counts.sum() - float(np.sum(counts**2)) / counts.sum()
    return max(0.0, (q - (len(means) - 1)) * variance / spare)


@dataclass(frozen=True, slots=True)
class Finished:
    """A panel that was released: passes planned and done, and the recorded times of its passes (ISO 8601)."""

    planned: int
    done: int
    times: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Savings:
    """Passes saved against always doing the planned number; hours where passes were timed, else None."""

    panels: int
    passes_saved: int
    hours_per_pass: float | None
    hours_saved: float | None


def savings(panels: Sequence[Finished]) -> Savings:
    """What was saved. A panel that took more passes than planned counts against it.

    Raises
    ------
    ValueError
        A time without offset, or a pass that stops before it starts.
    """
    saved = sum(panel.planned - panel.done for panel in panels)
    hours = [_hours(start, stop) for panel in panels for start, stop in panel.times]
    mean = sum(hours) / len(hours) if hours else None
    return Savings(len(panels), saved, mean, None if mean is None else mean * saved)


def _hours(start: str, stop: str) -> float:
    times = [datetime.fromisoformat(text) for text in (start, stop)]
    if any(time.tzinfo is None for time in times):
        raise ValueError(f"{start} … {stop}: a time without offset")
    hours = (times[1] - times[0]).total_seconds() / 3600
    if hours < 0:
        raise ValueError(f"{start} … {stop}: stops before it starts")
    return hours
