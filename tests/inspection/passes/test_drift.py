"""How a measure moved since the last pass, and when that means something."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspection.passes.drift import drift
from inspection.report import Finding

HAZE = Finding(None, "whole", "haze_pct", 1, {}, 5.0, "%", 0.3, 0.1, 100, (), None, None, None)


def test_a_change_is_told_with_its_uncertainty() -> None:
    [one] = drift([replace(HAZE, value=4.0, u=0.4)], [HAZE])
    assert (one.measure, one.value, one.change, one.u_change) == ("haze_pct", 4.0, -1.0, pytest.approx(0.5))
    assert one.significant  # two standard uncertainties
    assert not drift([replace(HAZE, value=4.1, u=0.4)], [HAZE])[0].significant


def test_only_like_is_compared_with_like() -> None:
    for other in (
        replace(HAZE, region="A"), replace(HAZE, version=2), replace(HAZE, knobs={"zone_mm": 20.0}),
        replace(HAZE, value=None), replace(HAZE, u=None), replace(HAZE, measure="gloss_gu", unit="GU-eq"),
    ):  # fmt: skip
        assert drift([HAZE], [other]) == ()
        assert drift([other], [HAZE]) == ()


def test_a_measure_that_several_checks_ask_for_is_told_once() -> None:
    assert len(drift([HAZE, replace(HAZE, check_no=3)], [HAZE])) == 1


def test_distances_of_colour_are_told_by_their_signed_parts() -> None:
    distance, part = replace(HAZE, measure="delta_e00"), replace(HAZE, measure="delta_l_lab")
    assert [one.measure for one in drift([distance, part], [distance, part])] == ["delta_l_lab"]


def test_noise_alone_is_significant_once_in_twenty() -> None:
    rng = np.random.default_rng(1)
    pairs = rng.normal(5.0, 0.3, (4000, 2))
    told = [drift([replace(HAZE, value=float(b))], [replace(HAZE, value=float(a))])[0].significant for a, b in pairs]
    assert 0.04 < np.mean(told) < 0.06
