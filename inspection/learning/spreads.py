"""How much panels of one recipe differ: a few panels lean on the panels of other recipes.

The variances of recipes scatter about a common one. How closely they do is estimated from them: alike, and a new recipe
borrows much; unlike, and it borrows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

#: Fewer recipes do not tell how much their spreads differ.
LEAST_RECIPES: Final = 3
#: However alike the recipes are, they never weigh more than this many panels.
MOST_BORROWED: Final = 20.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance between panels, in the measure's unit squared, and its degrees of freedom."""

    variance: float
    freedom: float


#: Spreads of other recipes by measure and knobs, see `question`.
Known = Mapping[str, Sequence[Spread]]


def question(measure: str, knobs: Mapping[str, float | str]) -> str:
    """Name of a measure with its knobs."""
    return " ".join([measure, *(f"{name}={value}" for name, value in sorted(knobs.items()))])


def shrunk(own: Spread, others: Sequence[Spread]) -> Spread:
    """The spread of a recipe, drawn towards those of the others as far as these agree.

    With fewer than three others that differ from 0, or with others that disagree, it is the own one.

    References: G. K. Smyth, Linear models and empirical Bayes methods, Stat. Appl. Genet. Mol. Biol. 3 (2004),
    section 6.
    """
    usable = [spread for spread in others if spread.variance > 0]
    if len(usable) < LEAST_RECIPES:
        return own
    halves = np.array([spread.freedom / 2 for spread in usable])
    logs = np.log([spread.variance for spread in usable]) - digamma(halves) + np.log(halves)
    excess = float(logs.var(ddof=1) - polygamma(1, halves).mean())
    borrowed = MOST_BORROWED
    if excess > float(polygamma(1, MOST_BORROWED / 2)):
        borrowed = 2 * float(brentq(lambda half: float(polygamma(1, half)) - excess, 1e-3, MOST_BORROWED / 2))
    common = math.exp(float(logs.mean()) + float(digamma(borrowed / 2)) - math.log(borrowed / 2))
    freedom = own.freedom + borrowed
    return Spread((own.freedom * own.variance + borrowed * common) / freedom, freedom)
