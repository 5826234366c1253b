"""Tolerance limits against printed tables, and against populations that are known."""

from __future__ import annotations

import numpy as np
import pytest

from inspection.learning.tolerance import (
    CONFIDENCE,
    CONTENT,
    count_limit,
    distance_limit,
    one_sided_factor,
    two_sided_factor,
)

#: Populations drawn anew; their share with a good limit scatters by √(0.9·0.1/400) = 0.015.
DRAWS = 400
WITHIN = 4 * 0.015


@pytest.mark.parametrize(
    ("n", "content", "confidence", "factor"),
    # NIST/SEMATECH e-Handbook 7.2.6.3 (43); M. G. Natrella, Experimental Statistics (NBS Handbook 91), table A-7.
    [(43, 0.90, 0.99, 1.874), (10, 0.95, 0.95, 2.911), (3, 0.95, 0.90, 5.31), (4, 0.99, 0.90, 5.44)],
)
def test_one_sided_factors_are_those_of_the_tables(n: int, content: float, confidence: float, factor: float) -> None:
    printed = 0.5 * 10 ** -len(str(factor).split(".")[1])
    assert one_sided_factor(n, n - 1, content, confidence) == pytest.approx(factor, abs=4 * printed)


def test_the_two_sided_factor_is_that_of_the_nist_handbook() -> None:
    # NIST/SEMATECH e-Handbook 7.2.6.3, Howe's method.
    assert two_sided_factor(43, 42, 0.90, 0.99) == pytest.approx(2.217, abs=5e-4)


@pytest.mark.parametrize("n", [3, 5, 12])
def test_a_one_sided_limit_holds_its_share_as_often_as_it_says(n: int) -> None:
    x = np.random.default_rng(n).standard_normal((DRAWS, n))
    limits = x.mean(1) + one_sided_factor(n, n - 1) * x.std(1, ddof=1)
    # 2.326: the 99 % point of a standard normal.
    assert (limits >= 2.326).mean() == pytest.approx(CONFIDENCE, abs=WITHIN)


@pytest.mark.parametrize("spreads", [(1.0, 0.0, 0.0), (1.0, 0.5, 0.2), (1.0, 1.0, 1.0)])
@pytest.mark.parametrize("n", [3, 6])
def test_a_colours_reach_holds_its_share_at_least_about_as_often_as_it_says(
    n: int, spreads: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(n)
    many = rng.standard_normal((10_000, 3)) * spreads
    held = []
    for _ in range(DRAWS):
        panels = rng.standard_normal((n, 3)) * spreads
        reach, _ = distance_limit(panels - panels.mean(0))
        held.append((np.linalg.norm(many - panels.mean(0), axis=1) <= reach).mean() >= CONTENT)
    assert np.mean(held) >= CONFIDENCE - WITHIN


def test_panels_that_do_not_differ_have_no_reach() -> None:
    assert distance_limit(np.zeros((4, 3))) == (0.0, 3.0)


@pytest.mark.parametrize(("counts", "limit"), [([0, 0, 0], 3), ([1, 1, 1, 1], 6), ([0] * 40, 1)])
def test_counts_have_a_poisson_limit(counts: list[int], limit: int) -> None:
    # Garwood's upper limits: 2.303 / 3 = 0.768, 7.994 / 4 = 1.998, 2.303 / 40 = 0.058; their 99 % points by the
    # Poisson table.
    assert count_limit(np.array(counts, float)) == limit
