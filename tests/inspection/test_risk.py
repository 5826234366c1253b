"""Consumer's and producer's risk, against worked examples that were published."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspection.risk import LEAST_PANELS, Prior, Seen, prior_of, risks

#: Source: D. Deaver, How to maintain your confidence (in a world of declining test uncertainty ratios), Proc. NCSL
#: Workshop & Symposium 1993: limits in σ of the products, σ of the products over that of the test, acceptance limits
#: over tolerance limits, consumer's and producer's risk as printed.
DEAVER = [(2.0, 4.0, 1.0, 0.008, 0.015), (2.0, 2.0, 0.91, 0.008, 0.066)]


def test_resistors_of_jcgm_106() -> None:
    """JCGM 106:2012, 9.5: resistors of 1500 Ω ± 0.2 Ω from a process with 0.12 Ω, measured with 0.04 Ω, accepted
    between 1499.82 Ω and 1500.18 Ω: consumer's risk 1 %, producer's 7 %, both printed in whole percent."""
    found = risks(Prior(1500.0, 0.12, 50), 0.04, 1499.8, 1500.2, guard_factor=0.5)
    assert found.passed_outside == pytest.approx(0.01, abs=0.005)
    assert found.producer == pytest.approx(0.07, abs=0.005)
    assert found.inside == pytest.approx(0.904, abs=0.0005)


@pytest.mark.parametrize(("limit", "ratio", "accepted", "consumer", "producer"), DEAVER)
def test_risks_of_deaver(limit: float, ratio: float, accepted: float, consumer: float, producer: float) -> None:
    u = 1 / ratio
    found = risks(Prior(0.0, 1.0, 50), u, -limit, limit, guard_factor=limit * (1 - accepted) / u)
    assert found.passed_outside == pytest.approx(consumer, abs=0.0005)
    assert found.producer == pytest.approx(producer, abs=0.0005)


@pytest.mark.parametrize(("low", "high"), [(None, 1.0), (-0.8, None), (-0.8, 1.0)])
def test_risks_are_what_drawn_panels_show(low: float | None, high: float | None) -> None:
    rng, n, u = np.random.default_rng(3), 400_000, 0.3
    true = 0.2 + 0.7 * rng.standard_normal(n)
    seen = true + u * rng.standard_normal(n)
    least, most, guard = low or -math.inf, high or math.inf, 1.6448536 * u
    inside, passed = (true >= least) & (true <= most), (seen >= least + guard) & (seen <= most - guard)
    failed = (seen < least - guard) | (seen > most + guard)
    found = risks(Prior(0.2, 0.7, 99), u, low, high)
    near = 4 * math.sqrt(0.25 / n)
    assert found.passed_outside == pytest.approx(np.mean(passed & ~inside), abs=near)
    assert found.failed_inside == pytest.approx(np.mean(failed & inside), abs=near)
    assert found.held_inside == pytest.approx(np.mean(inside & ~passed & ~failed), abs=near)
    assert found.inside == pytest.approx(np.mean(inside), abs=near)


def test_a_panel_that_passes_just_so_is_wrong_in_one_of_twenty_where_nothing_is_known() -> None:
    """A prior that says nothing leaves the guard band's own 5 % (JCGM 106:2012, 8.3.2)."""
    assert risks(Prior(0.0, 1e4, 0), 0.1, None, 1.0).worst_specific == pytest.approx(0.05, abs=1e-4)
    # Panels that are known to be good make a panel at the edge a better one.
    assert risks(Prior(-1.0, 0.4, 0), 0.2, None, 1.0).worst_specific < 0.01


def test_limits_closer_than_the_guard_bands_pass_nothing() -> None:
    found = risks(Prior(0.0, 0.2, 9), 1.0, -0.5, 0.5)
    assert found.passed_outside == 0.0
    assert found.producer == pytest.approx(found.inside)


def test_a_sharp_instrument_makes_no_mistakes() -> None:
    found = risks(Prior(0.0, 1.0, 9), 1e-6, -1.0, 1.0)
    assert found.passed_outside + found.producer < 1e-5


def test_panels_that_were_measured_make_the_prior_without_the_scatter_of_measuring() -> None:
    rng = np.random.default_rng(5)
    values = 80 + 0.5 * rng.standard_normal(4000) + 0.3 * rng.standard_normal(4000)
    prior = prior_of([Seen(float(v), 0.4, 0.3) for v in values], 0.4, 70.0, None)
    assert (prior.mean, prior.sd) == (pytest.approx(80, abs=0.05), pytest.approx(0.5, abs=0.03))
    assert prior.panels == 4000


def test_without_enough_panels_the_prior_is_assumed_and_says_so() -> None:
    few = [Seen(80.0, 0.4, 0.1)] * (LEAST_PANELS - 1)
    for low, high in ((70.0, None), (None, 0.8), (1.0, 3.0)):
        prior = prior_of(few, 0.1, low, high)
        assert prior.panels == 0
        assert risks(prior, 0.1, low, high).inside == pytest.approx(0.95, abs=1e-6)


def test_a_check_without_limits_or_uncertainty_has_no_risks() -> None:
    with pytest.raises(ValueError, match="limit"):
        risks(Prior(0, 1, 9), 0.1, None, None)
    with pytest.raises(ValueError, match="above 0"):
        risks(Prior(0, 1, 9), 0.0, None, 1.0)
