"""A recipe with few panels leans on the others as far as these agree."""

from __future__ import annotations

import numpy as np
import pytest

from inspection.learning.spreads import MOST_BORROWED, Spread, shrunk

OWN = Spread(4.0, 2.0)


def alike(scatter: float, n: int = 40) -> list[Spread]:
    """Sample variances of recipes whose own variances scatter about 1, each of eleven panels."""
    rng = np.random.default_rng(3)
    true = np.exp(scatter * rng.standard_normal(n))
    return [Spread(float(v * rng.chisquare(10) / 10), 10.0) for v in true]


@pytest.mark.parametrize("others", [[], alike(0.0)[:2], [Spread(0.0, 5.0)] * 5])
def test_with_fewer_than_three_other_spreads_it_stays_its_own(others: list[Spread]) -> None:
    assert shrunk(OWN, others) == OWN


def test_recipes_that_agree_lend_the_most() -> None:
    drawn = shrunk(OWN, alike(0.0))
    assert drawn.freedom == pytest.approx(OWN.freedom + MOST_BORROWED)
    assert drawn.variance == pytest.approx((2 * 4.0 + MOST_BORROWED * 1.0) / 22, rel=0.1)


def test_recipes_that_disagree_lend_little() -> None:
    drawn = shrunk(OWN, alike(3.0))
    assert drawn.freedom - OWN.freedom < 1
    assert abs(drawn.variance - OWN.variance) < 1.5


def test_it_lends_less_the_less_they_agree() -> None:
    lent = [shrunk(OWN, alike(scatter)).freedom for scatter in (0.0, 0.5, 1.0, 2.0)]
    assert lent == sorted(lent, reverse=True)
