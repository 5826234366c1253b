"""The daily check: a station that is as it was meets it, one that changed does not, and both say by how much."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from calibration.daily_check import COLOUR, EWMA_WEIGHT, LAB, LEAST_HISTORY, Check, Taken, judge_check, sentence

U = {"gloss_gu": 0.2, "clarity_3mm_pct": 0.3, "scale_pct": 0.02, "l_lab": 0.05, "a_lab": 0.04, "b_lab": 0.04}
TRUTH = {"gloss_gu": 84.0, "clarity_3mm_pct": 91.0, "scale_pct": 100.01, "l_lab": 28.0, "a_lab": 26.0, "b_lab": -34.0}


def drawn(rng: np.random.Generator, scatter: float = 0.3, **moved: float) -> Check:
    """A check of a station that scatters by a share of its u."""
    return {
        name: Taken(TRUTH[name] + moved.get(name, 0.0) + scatter * u * float(rng.standard_normal()), u, u / 10)
        for name, u in U.items()
    }


def series(count: int, seed: int = 1, scatter: float = 0.3) -> list[Check]:
    rng = np.random.default_rng(seed)
    return [drawn(rng, scatter) for _ in range(count)]


def faults(check: Check, first: list[Check], met: list[Check]) -> dict[str, str]:
    return {one.quantity: one.fault for one in judge_check(check, first, met) if one.fault}


def test_a_station_that_is_as_it_was_meets_its_check() -> None:
    first, rng = series(3), np.random.default_rng(9)
    judged = judge_check(drawn(rng), first, [])
    assert {one.quantity for one in judged} == {"gloss_gu", "clarity_3mm_pct", "scale_pct", COLOUR}
    assert not [one for one in judged if one.fault]
    gloss = judged[0]
    assert gloss.low is not None
    assert gloss.high is not None
    # Three standard uncertainties of the check and of three first ones' mean.
    assert (gloss.high - gloss.low) / 2 == pytest.approx(3 * math.hypot(0.2, 0.2 / math.sqrt(3)))


@pytest.mark.parametrize(("name", "change", "fault"), [("gloss_gu", -1.0, "gloss_gu"), ("gloss_gu", 1.0, "gloss_gu"),
    ("clarity_3mm_pct", -1.5, "clarity_3mm_pct"), ("scale_pct", 0.1, "scale_pct"), ("l_lab", 0.6, COLOUR),
    ("b_lab", -0.8, COLOUR)])  # fmt: skip
def test_what_moved_is_named(name: str, change: float, fault: str) -> None:
    check = drawn(np.random.default_rng(9), **{name: change})
    assert faults(check, series(3), []) == {fault: "outside"}
    [one] = [one for one in judge_check(check, series(3), []) if one.fault]
    assert fault in sentence(one)


def test_the_mean_of_the_first_checks_is_the_panel_s_value() -> None:
    first = series(5)
    judged = {one.quantity: one for one in judge_check(first[0], first, [])}
    assert judged["gloss_gu"].aim == pytest.approx(np.mean([one["gloss_gu"].value for one in first]))
    assert judged[COLOUR].aim == 0.0


def test_history_narrows_the_limits_and_never_widens_them() -> None:
    first = series(3)
    check = drawn(np.random.default_rng(9), gloss_gu=0.4)
    assert faults(check, first, series(LEAST_HISTORY - 4, 2)) == {}
    # A station that scatters by 0.06 GU does not move by 0.4.
    assert faults(check, first, series(LEAST_HISTORY, 2)) == {"gloss_gu": "outside"}
    restless = series(60, 3, scatter=5.0)
    [gloss] = [one for one in judge_check(check, first, restless) if one.quantity == "gloss_gu"]
    [alone] = [one for one in judge_check(check, first, []) if one.quantity == "gloss_gu"]
    assert gloss.low == pytest.approx(alone.low)


def test_what_creeps_is_found_before_a_single_check_is_outside() -> None:
    first, rng, met = series(10), np.random.default_rng(5), []
    for day in range(200):
        check = drawn(rng, gloss_gu=-0.002 * day)
        found = faults(check, first, met)
        if found:
            break
        met.append(check)
    assert found == {"gloss_gu": "drifts"}
    # 3 sigma of the check and the first ones alone: 0.6 GU.
    assert 0.01 * day < 0.6


def test_the_weighted_mean_is_that_of_the_textbook() -> None:
    """NIST/SEMATECH e-Handbook 6.3.2.4: its 20 values, λ = 0.3, mean 50, give 49.21 in the end; here with λ = 0.2."""
    data = [52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4,
            53.6, 52.1]  # fmt: skip
    first: list[Check] = [{"gloss_gu": Taken(50.0, 2.0, 0.1)}] * 3
    mean = 50.0
    for value in data:
        mean = EWMA_WEIGHT * value + (1 - EWMA_WEIGHT) * mean
    checks: list[Check] = [{"gloss_gu": Taken(value, 2.0, 0.1)} for value in data]
    [one] = judge_check(checks[-1], first, checks[:-1])
    assert one.mean == pytest.approx(mean)


def test_a_station_in_order_is_rarely_stopped() -> None:
    """Four charts of each kind at 3 σ: at most some 2 % of checks, the limits being estimated too."""
    stopped, rng = 0, np.random.default_rng(11)
    for seed in range(20):
        first, met = series(3, 100 + seed, 1.0), series(30, 200 + seed, 1.0)
        for _ in range(10):
            check = drawn(rng, 1.0)
            stopped += bool(faults(check, first, met))
            met = [*met[1:], check]
    assert stopped / 200 <= 0.05


def test_what_the_first_checks_have_must_be_measured() -> None:
    first, check = series(3), series(1, 4)[0]
    without = {name: taken for name, taken in check.items() if name not in ("scale_pct", *LAB)}
    assert faults(without, first, []) == {"scale_pct": "not_measured", COLOUR: "not_measured"}


def test_what_a_first_check_lacks_is_not_checked() -> None:
    first, check = series(3), series(1, 4)[0]
    first[1] = {name: taken for name, taken in first[1].items() if name != "scale_pct"}
    assert "scale_pct" not in {one.quantity for one in judge_check(check, first, [])}


def test_two_first_checks_are_too_few() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        judge_check(series(1)[0], series(2), [])


def test_a_value_that_is_no_number_is_a_fault() -> None:
    check = dict(series(1, 4)[0])
    check["gloss_gu"] = replace(check["gloss_gu"], value=math.nan)
    assert faults(check, series(3), []) == {"gloss_gu": "outside"}
