"""The scoring of the search keeps to its rules: they decide what counts as found."""

import pytest
from scoring import Score, score

from inspection.defects.kinds import Kind
from inspection.defects.marks import Mark
from samples.marks import MarkTruth
from samples.visibility import Visibility

CLEAR, FAINT = Visibility(100.0, 100.0), Visibility(10.0, 10.0)
NIB = MarkTruth("nib", 20.0, 20.0, 1.0, 1.0, 6.0, 0.0)
SCRATCH = MarkTruth("scratch", 50.0, 50.0, 30.0, 0.2, -1.0, 45.0)
SWIRL = MarkTruth("swirl", 80.0, 20.0, 20.0, 20.0, 0.0, 0.0)


def found(kind: str, x: float, y: float, height_um: float | None = None) -> Mark:
    return Mark(Kind(kind), 0.9, x, y, 1.0, 1.0, 1.0, height_um, None, 1.0, "", 10.0, 0.5, (0, 0, 1, 1), 0.1, 0.1, 0.1)


def of(marks: list[Mark], truth: MarkTruth, seen: Visibility = CLEAR) -> Score:
    return score(marks, [(truth, seen)])


def test_a_point_is_hit_within_two_millimetres_and_only_once() -> None:
    result = of([found("nib", 21.9, 20.0), found("nib", 20.5, 20.0)], NIB)
    assert [h.distance_mm for h in result.hits] == [pytest.approx(0.5)]
    assert len(result.false) == 1
    assert result.precision == 0.5
    assert of([found("nib", 22.1, 20.0)], NIB).recall == 0.0


def test_a_second_hit_on_a_line_is_a_fragment() -> None:
    # 45 degrees counter-clockwise as seen: up to the right, y down.
    result = of([found("scratch", 58.0, 42.0), found("scratch", 44.0, 56.0), found("nib", 58.0, 58.0)], SCRATCH)
    assert (len(result.hits), len(result.fragments), len(result.false)) == (1, 1, 1)


def test_a_region_is_hit_anywhere_inside_and_two_millimetres_around() -> None:
    assert of([found("swirl", 88.0, 20.0)], SWIRL).hits[0].distance_mm == 0.0
    assert of([found("swirl", 91.9, 20.0)], SWIRL).recall == 1.0
    assert of([found("swirl", 92.1, 20.0)], SWIRL).recall == 0.0


def test_a_faint_mark_counts_neither_way() -> None:
    result = of([found("nib", 20.0, 20.0)], NIB, FAINT)
    assert (len(result.hits), len(result.missed), len(result.false)) == (0, 0, 0)


def test_swirl_and_hologram_pass_for_each_other_and_nothing_else_does() -> None:
    assert of([found("hologram", 80.0, 20.0)], SWIRL).kind_accuracy == 1.0
    assert of([found("gloss_patch", 80.0, 20.0)], SWIRL).kind_accuracy == 0.0


def test_heights_are_compared_where_the_mark_is_wide_enough() -> None:
    result = of([found("nib", 20.0, 20.0, 3.0)], NIB)
    assert result.height_ratios() == [0.5]
    assert result.height_ratios(0.2) == [0.5]
    assert result.height_ratios(0.3) == []
