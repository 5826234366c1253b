"""What the pages draw: target bars, trends, rulers and colours say the same as the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import rgb2lab

from inspection.reading import Reading
from inspection.verdict import Verdict, judge
from station.web.scales import colours_of, scale_of
from station.web.stage import stage
from station.web.swatch import screen_colour
from station.web.target_bars import target_bar
from station.web.trend import Sample, trend

numbers = st.floats(-1e4, 1e4, allow_subnormal=False)
#: The eye cannot tell a hundredth of a percent of a bar; places are rounded to it.
ROUNDING = 0.011


@given(value=numbers, u=st.floats(1e-3, 1e3), low=st.none() | numbers, room=st.none() | st.floats(1e-2, 1e4))
def test_the_whisker_lies_within_the_good_zone_exactly_when_the_verdict_is_pass(
    value: float, u: float, low: float | None, room: float | None
) -> None:
    high = None if room is None else (low or 0.0) + room
    if low is None and high is None:
        return
    bar = target_bar(value, u, low, high)
    assert bar.whisker_from is not None
    assert bar.whisker_to is not None
    verdict = judge(Reading(value, u, u, 100), low, high)
    if verdict is Verdict.PASS:
        assert bar.whisker_from >= bar.good_from - ROUNDING
        assert bar.whisker_to <= bar.good_to + ROUNDING
    elif verdict is Verdict.FAIL:
        assert bar.whisker_to <= bar.good_from + ROUNDING or bar.whisker_from >= bar.good_to - ROUNDING


@given(value=numbers, u=st.floats(0, 1e3), low=numbers, before=st.none() | numbers)
def test_every_mark_of_a_bar_is_on_the_bar(value: float, u: float, low: float, before: float | None) -> None:
    bar = target_bar(value, u, low, None, before)
    marks = (bar.good_from, bar.good_to, bar.low, bar.value, bar.whisker_from, bar.whisker_to, bar.before)
    assert all(0 <= mark <= 100 for mark in marks if mark is not None)


def test_a_value_that_was_not_measured_has_no_mark() -> None:
    bar = target_bar(None, None, None, 0.8)
    assert bar.value is None
    assert bar.whisker_from is None
    assert bar.high is not None


def test_a_bar_without_a_limit_is_a_fault() -> None:
    with pytest.raises(ValueError, match="limit"):
        target_bar(1.0, 0.1, None, None)


def test_a_better_value_stands_on_the_better_side_of_the_limit() -> None:
    trended = trend([Sample(1, 6.0, 0.1, None, 2.0, "fail"), Sample(3, 1.0, 0.1, None, 2.0, "pass")], passes=5)
    assert trended is not None
    first, third = trended.points
    assert first.y < trended.limits[0].y < third.y
    assert third.x - first.x == pytest.approx(2 * 100 / 5)
    assert [number for number, _ in trended.ticks] == [1, 2, 3, 4, 5]


def test_a_count_of_none_with_a_small_doubt_does_not_fill_its_chart() -> None:
    trended = trend([Sample(n, 0.0, 0.018, None, 0.0, "pass") for n in (1, 2)], passes=2, least_span=1.0)
    assert trended is not None
    assert all(abs(point.y_low - point.y_high) < 5 for point in trended.points)


def test_a_trend_of_nothing_measured_is_none() -> None:
    assert trend([Sample(1, None, None, None, 2.0, "hold")], passes=5) is None


def test_rulers_count_millimetres_from_the_outer_pixel_edge() -> None:
    frame = stage(256, 192, [[0.4, 0, 0.2], [0, 0.4, 0.2], [0, 0, 1]])
    labelled = {tick.mm: tick.at for tick in frame.x_ticks if tick.mm is not None}
    assert labelled[0.0] == 0.0
    assert labelled[20.0] == pytest.approx(20 / 0.4)
    assert max(labelled) <= 256 * 0.4


def test_rulers_of_a_tilted_camera_follow_its_perspective() -> None:
    to_mm = np.array([[0.4, 0.0, 1.0], [0.0, 0.4, 2.0], [2e-4, 5e-4, 1.0]])
    frame = stage(300, 200, to_mm.tolist())
    for tick in frame.x_ticks:
        if tick.mm is not None:
            x, _, w = to_mm @ (tick.at - 0.5, 200 - 0.5, 1.0)
            assert x / w == pytest.approx(tick.mm, abs=0.4 * 0.01)
    column, row = frame.place(*_mm(to_mm, 100, 50))
    assert (column - 0.5, row - 0.5) == pytest.approx((100, 50), abs=0.01)


def test_the_scale_of_a_signed_map_is_symmetric_and_pale_at_zero() -> None:
    assert scale_of("height_um", -0.4, 1.2) == (-1.2, 1.2)
    lightness = rgb2lab(colours_of("height_um")[None] / 255.0)[0, :, 0]
    assert lightness[127] > 90
    assert lightness[0] == pytest.approx(lightness[255], abs=3)


@pytest.mark.parametrize("name", ["gloss_gu", "clarity_3mm_pct", "haze_pct", "delta_e00"])
def test_the_scale_of_other_maps_rises_in_lightness_so_that_it_reads_in_grey(name: str) -> None:
    lightness = rgb2lab(colours_of(name)[None] / 255.0)[0, :, 0]
    assert np.all(np.diff(lightness[::8]) > 0)


def test_a_map_of_one_value_still_has_a_scale() -> None:
    low, high = scale_of("gloss_gu", 80.0, 80.0)
    assert low < 80.0 < high
    assert scale_of("height_um", 0.0, 0.0) == (-0.5, 0.5)
    low, high = scale_of("a_map_to_come", 3.0, 3.0)
    assert low < 3.0 < high


def test_an_even_panel_looks_even_and_an_uneven_one_uses_the_whole_scale() -> None:
    assert scale_of("gloss_gu", 80.0, 82.0) == (76.0, 86.0)
    assert scale_of("haze_pct", 0.5, 1.0) == (0.0, 5.0)
    assert scale_of("gloss_gu", 40.0, 82.0) == (40.0, 82.0)


def test_the_swatch_is_the_recipes_colour() -> None:
    hexadecimal = screen_colour((28.0, 26.0, -34.0))
    assert hexadecimal is not None
    rgb = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    # Half a step of 8 bits is at most 0.6 in L*, a* or b* here.
    np.testing.assert_allclose(rgb2lab(rgb), (28.0, 26.0, -34.0), atol=0.6)
    assert screen_colour(None) is None
    assert screen_colour((0.0, 0.0, 60.0)) is not None


def _mm(to_mm: np.ndarray, column: float, row: float) -> tuple[float, float]:
    x, y, w = to_mm @ (column, row, 1.0)
    return x / w, y / w
