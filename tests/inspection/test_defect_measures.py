"""Counts and lengths of marks: what counts, what is in doubt, what is not seen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from inspection.areas import polygon
from inspection.defects.kinds import Kind
from inspection.defects.marks import Mark, Marks
from inspection.measures.defects import defect_count, largest_defect_mm, scratch_length_mm
from inspection.reading import Quality
from inspection.verdict import Verdict, judge

PITCH_MM = 0.4
TO_PANEL = ((PITCH_MM, 0.0, 0.0), (0.0, PITCH_MM, 0.0), (0.0, 0.0, 1.0))
LIMITS = {Kind.NIB: 0.3, Kind.SCRATCH: 2.0}  # and for no other kind: they were not looked for


def mark(kind: Kind, length_mm: float, *, x_mm: float = 5.0, y_mm: float = 5.0, **other: Any) -> Mark:
    known: dict[str, Any] = {
        "confidence": 1.0, "width_mm": 0.3, "area_mm2": 0.3, "height_um": None, "angle_deg": None, "contrast": 1.0,
        "contrast_measure": "slope_mrad", "significance": 30.0, "severity": 0.5, "box_mm": (0.0, 0.0, 1.0, 1.0),
        "u_place_mm": 0.1, "u_length_mm": 0.0, "u_width_mm": 0.1,
    }  # fmt: skip
    return Mark(kind=kind, length_mm=length_mm, x_mm=x_mm, y_mm=y_mm, **(known | other))


def marks(*found: Mark, searched_ratio: float = 1.0) -> Marks:
    searched = np.arange(100)[:, None] < np.full(100, 100 * searched_ratio)
    return Marks(found, searched, searched.size, TO_PANEL, LIMITS)


PANEL = marks(mark(Kind.NIB, 0.5), mark(Kind.NIB, 1.2), mark(Kind.SCRATCH, 12.0), mark(Kind.DUST, 0.8))


@pytest.mark.parametrize(
    ("knobs", "count"),
    [({}, 4), ({"kind": "nib"}, 2), ({"kind": "nib", "min_length_mm": 1.0}, 1), ({"min_length_mm": 2.0}, 1)],
)
def test_marks_are_counted_by_kind_and_length(knobs: dict[str, Any], count: int) -> None:
    reading = defect_count(PANEL, **knobs)
    assert (reading.value, reading.u) == (count, 0.0)


def test_a_mark_of_doubtful_length_makes_the_count_doubtful() -> None:
    just_under = marks(mark(Kind.NIB, 0.98, u_length_mm=0.05))
    clearly_under = marks(mark(Kind.NIB, 0.60, u_length_mm=0.05))
    assert judge(defect_count(just_under, min_length_mm=1.0, kind="nib"), None, 0) is Verdict.HOLD
    assert judge(defect_count(clearly_under, min_length_mm=1.0, kind="nib"), None, 0) is Verdict.PASS


def test_a_mark_of_doubtful_kind_makes_the_count_doubtful() -> None:
    reading = defect_count(marks(mark(Kind.NIB, 1.0, confidence=0.6)), kind="nib")
    assert reading.u == pytest.approx(math.sqrt(0.6 * 0.4))
    assert judge(reading, None, 0) is Verdict.HOLD
    assert defect_count(marks(mark(Kind.NIB, 1.0, confidence=0.6))).u == 0.0  # a mark it is in any case


def test_no_pass_for_marks_below_the_limit_of_discrimination() -> None:
    clean = marks()
    assert judge(defect_count(clean, kind="nib", min_length_mm=0.4), None, 0) is Verdict.PASS
    unseen = defect_count(clean, kind="nib", min_length_mm=0.2)
    assert unseen.quality == (Quality.BELOW_LIMIT,)
    assert judge(unseen, None, 0) is Verdict.HOLD
    # A kind that was not looked for is not absent.
    assert judge(defect_count(clean, kind="swirl", min_length_mm=5.0), None, 0) is Verdict.HOLD
    assert judge(defect_count(clean, kind="swirl"), None, 0) is Verdict.HOLD


def test_a_panel_that_was_not_seen_whole_is_held() -> None:
    for measure in (defect_count, largest_defect_mm, scratch_length_mm):
        reading = measure(marks(searched_ratio=0.9))
        assert judge(reading, None, 10) is Verdict.HOLD
        assert judge(measure(marks(searched_ratio=0.96)), None, 10) is Verdict.PASS


def test_the_largest_mark_is_the_longest_one() -> None:
    panel = marks(mark(Kind.NIB, 0.5, u_length_mm=0.1), mark(Kind.SCRATCH, 12.0, u_length_mm=0.4))
    reading = largest_defect_mm(panel)
    assert (reading.value, reading.u) == (12.0, 0.4)


def test_without_a_mark_the_largest_is_zero_within_what_could_be_found() -> None:
    reading = largest_defect_mm(marks())
    assert reading.value == 0.0
    assert reading.u == pytest.approx(2.0 / math.sqrt(3))


def test_scratch_length_adds_scratches_only() -> None:
    scratches = mark(Kind.SCRATCH, 12.0, u_length_mm=0.3), mark(Kind.SCRATCH, 5.0, u_length_mm=0.4)
    panel = marks(*scratches, mark(Kind.RUN, 30.0))
    reading = scratch_length_mm(panel)
    assert reading.value == 17.0
    assert reading.u == pytest.approx(0.5)


def test_a_region_counts_the_marks_whose_centre_lies_in_it() -> None:
    panel = marks(mark(Kind.NIB, 1.0, x_mm=5.0, y_mm=5.0), mark(Kind.NIB, 1.0, x_mm=30.0, y_mm=5.0))
    left = polygon(((0.0, 0.0), (20.0, 0.0), (20.0, 40.0), (0.0, 40.0)), TO_PANEL, (100, 100), PITCH_MM**2)
    assert left is not None
    assert defect_count(panel.within(left)).value == 1
    # The mark lies in the triangle's box, not in the triangle.
    upper_right = polygon(((0.0, 0.0), (40.0, 0.0), (40.0, 40.0)), TO_PANEL, (100, 100), PITCH_MM**2)
    assert upper_right is not None
    assert defect_count(marks(mark(Kind.NIB, 1.0, x_mm=5.0, y_mm=30.0)).within(upper_right)).value == 0
    assert defect_count(marks(mark(Kind.NIB, 1.0, x_mm=30.0, y_mm=5.0)).within(upper_right)).value == 1
