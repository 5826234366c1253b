"""From a reading and its limits to pass, fail or hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from inspection.reading import BLOCKING, Quality, Reading
from inspection.verdict import CONFIDENCE, Verdict, conformity, judge, overall

VALUES = st.floats(-1e6, 1e6)
BAND = 1.6448536269514722  # one-sided 95 % of the normal distribution, from tables


def reading(value: float, u: float = 1.0, *quality: Quality) -> Reading:
    return Reading(value, u, u / 2, 100, quality)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (10 - BAND - 0.001, None, 10, "pass"), (10 - BAND + 0.001, None, 10, "hold"), (10.0, None, 10, "hold"),
        (10 + BAND - 0.001, None, 10, "hold"), (10 + BAND + 0.001, None, 10, "fail"),
        (5 + BAND + 0.001, 5, None, "pass"), (5 + BAND - 0.001, 5, None, "hold"), (5 - BAND - 0.001, 5, None, "fail"),
        (7.5, 5, 10, "pass"), (7.5, 6, 9, "hold"), (4 - BAND, 5, 10, "fail"), (11.1 + BAND, 5, 10, "fail"),
    ],
)  # fmt: skip
def test_a_guard_band_of_1_645_u_lies_inside_and_outside_each_limit(
    value: float, low: float | None, high: float | None, verdict: str
) -> None:
    assert judge(reading(value), low, high) == verdict


@given(value=VALUES, u=st.floats(0, 1e5), low=VALUES, high=VALUES)
def test_a_pass_is_right_with_95_percent_on_each_side(value: float, u: float, low: float, high: float) -> None:
    verdict = judge(reading(value, u), low, high)
    if verdict is Verdict.PASS:
        assert low <= value <= high
        if u > 1e-6:
            assert norm.cdf(high, value, u) >= CONFIDENCE - 1e-6
            assert norm.sf(low, value, u) >= CONFIDENCE - 1e-6
    if verdict is Verdict.FAIL:
        assert not low <= value <= high


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("low", "high"), [(None, 1.0), (1.0, None), (0.0, 1.0)])
def test_what_is_not_a_number_is_never_passed_nor_failed(value: float, low: float | None, high: float | None) -> None:
    assert judge(reading(value), low, high) is Verdict.HOLD
    assert judge(reading(0.5, value), low, high) is Verdict.HOLD
    assert conformity(reading(value), low, high) == 0.0
    assert conformity(reading(0.5, value), low, high) == 0.0


@pytest.mark.parametrize("quality", sorted(BLOCKING))
def test_a_blocking_doubt_holds_whatever_the_value(quality: Quality) -> None:
    assert judge(reading(0.0, 0.01, quality), None, 10.0) is Verdict.HOLD
    assert judge(reading(99.0, 0.01, quality), None, 10.0) is Verdict.HOLD
    assert conformity(reading(0.0, 0.01, quality), None, 10.0) == 0.0


@pytest.mark.parametrize("quality", [Quality.INTERPOLATED, Quality.SATURATED, Quality.DIFFUSE_DOMINATES])
def test_a_note_does_not_stop_a_verdict(quality: Quality) -> None:
    assert judge(reading(0.0, 0.01, quality), None, 10.0) is Verdict.PASS
    assert judge(reading(99.0, 0.01, quality), None, 10.0) is Verdict.FAIL


@pytest.mark.parametrize("quality", list(Quality))
def test_every_doubt_is_said_in_a_sentence(quality: Quality) -> None:
    assert quality.meaning.endswith(".")


def test_a_missing_reading_names_its_reason_and_holds() -> None:
    missing = Reading.missing(Quality.NO_FRAMES)
    assert missing.quality == (Quality.NO_FRAMES,)
    assert judge(missing, None, 1.0) is Verdict.HOLD


def test_a_check_without_limits_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="at least one limit"):
        judge(reading(1.0), None, None)


@given(value=st.floats(-5, 5), u=st.floats(0.1, 3), low=st.floats(-5, 0), width=st.floats(0, 5))
def test_probability_of_conformity_is_the_normal_integral_between_the_limits(
    value: float, u: float, low: float, width: float
) -> None:
    """JCGM 106:2012, 7.5: p = Φ((high − y)/u) − Φ((low − y)/u)."""
    high = low + width
    found = conformity(reading(value, u), low, high)
    assert found == pytest.approx(norm.cdf((high - value) / u) - norm.cdf((low - value) / u), abs=1e-9)
    assert conformity(reading(value, u), None, high) == pytest.approx(norm.cdf((high - value) / u), abs=1e-9)
    assert conformity(reading(value, u), low, None) == pytest.approx(norm.sf((low - value) / u), abs=1e-9)


@pytest.mark.parametrize(("value", "sure"), [(0.5, 1.0), (1.0, 1.0), (1.5, 0.0), (-0.1, 0.0)])
def test_without_uncertainty_conformity_is_yes_or_no(value: float, sure: float) -> None:
    assert conformity(reading(value, 0.0), 0.0, 1.0) == sure


@pytest.mark.parametrize(
    ("verdicts", "panel"),
    [(["pass", "pass"], "pass"), (["pass", "hold"], "hold"), (["hold", "fail", "pass"], "fail"), ([], "hold")],
)
def test_the_panel_is_as_good_as_its_worst_check_and_unchecked_is_undecided(verdicts: list[str], panel: str) -> None:
    assert overall([Verdict(v) for v in verdicts]) == panel


@pytest.mark.parametrize(
    ("count", "u", "high", "verdict"),
    [
        (0, 0.0, 0, "pass"), (1, 0.0, 0, "fail"), (2, 0.0, 2, "pass"), (3, 0.0, 2, "fail"),
        # Half a mark of room over the guard band: 0.5 / 1.645.
        (0, 0.30, 0, "pass"), (0, 0.31, 0, "hold"), (1, 0.30, 0, "fail"), (1, 0.31, 0, "hold"),
        (1, 0.03, 0.5, "fail"), (0, 0.03, 0.5, "pass"), (2, 0.03, 1.9, "fail"),
    ],
)  # fmt: skip
def test_a_limit_on_a_count_holds_for_what_rounds_to_it(count: int, u: float, high: float, verdict: str) -> None:
    counted = Reading(count, u, u, 100, (), step=1.0)
    assert judge(counted, None, high) == verdict
    odds = conformity(counted, None, high)
    assert (odds >= CONFIDENCE) == (verdict == "pass")
    assert (odds <= 1 - CONFIDENCE) == (verdict == "fail")
