"""Statistical tolerance limits: from a few panels to what nearly all panels like them will show.

A limit drawn at mean ± 2 s of five panels would hold every fourth good panel: mean and s are known too badly. A
tolerance limit has that doubt in it: with the stated confidence at least the stated share of panels lies within.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, nct, norm, poisson

#: Share of panels that meet a limit. A recipe has some twenty: at 95 % each, every other good panel might be held.
CONTENT: Final = 0.99
#: How sure that share is.
CONFIDENCE: Final = 0.90


def one_sided_factor(n: int, freedom: float, content: float = CONTENT, confidence: float = CONFIDENCE) -> float:
    """Factor k so that mean + k·s is above the share `content` of a normal population, with `confidence`.

    Parameters
    ----------
    n : int
        Panels the mean is of.
    freedom : float
        Degrees of freedom of s: n − 1, or more where s leans on other recipes.

    References: ISO 16269-6:2014, 6.2 (noncentral t).
    """
    return float(nct.ppf(confidence, freedom, norm.ppf(content) * math.sqrt(n))) / math.sqrt(n)


def two_sided_factor(n: int, freedom: float, content: float = CONTENT, confidence: float = CONFIDENCE) -> float:
    """Factor k so that mean ± k·s holds the share `content` of a normal population, with `confidence`.

    References: W. G. Howe, Two-sided tolerance limits for normal populations, J. Am. Stat. Assoc. 64 (1969).
    """
    reach = float(norm.ppf((1 + content) / 2)) * math.sqrt(1 + 1 / n)
    return reach * math.sqrt(freedom / float(chi2.ppf(1 - confidence, freedom)))


def distance_limit(
    steps: NDArray[np.float64], content: float = CONTENT, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Distance from the mean of some points that others of their kind keep, and the degrees of freedom it rests on.

    A distance is not normal: near its mean there is none below 0. The squared distance of a normal point is a weighted
    sum of χ², here one χ² of the same mean and variance; so a spread along one direction counts as one dimension, an
    even one as three.

    Parameters
    ----------
    steps : n × d
        Each point minus the mean of all, in units in which length is what matters.

    References: G. E. P. Box, Some theorems on quadratic forms, Ann. Math. Stat. 25 (1954); reach of a new point as in
    Howe (1969).
    """
    n = len(steps)
    covariance = steps.T @ steps / (n - 1)
    power = float(np.trace(covariance))
    if power == 0:
        return 0.0, float(n - 1)
    dimensions = power**2 / float((covariance**2).sum())
    freedom = dimensions * (n - 1)
    reach = float(chi2.ppf(content, dimensions)) / dimensions * (1 + 1 / n)
    return math.sqrt(power * reach * freedom / float(chi2.ppf(1 - confidence, freedom))), freedom


def count_limit(counts: NDArray[np.float64], content: float = CONTENT, confidence: float = CONFIDENCE) -> int:
    """Count that the share `content` of panels does not exceed, with `confidence`.

    Marks fall independently (Poisson); the upper limit of their mean number is Garwood's.

    References: F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936).
    """
    most = float(chi2.ppf(confidence, 2 * (float(counts.sum()) + 1))) / (2 * len(counts))
    return int(poisson.ppf(content, most))
