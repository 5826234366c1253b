"""The same mark keeps its number; what became of it; no number is given twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from reports import earlier, mark
from sequences import FIELD_MM, Look, aligned, sequence

from inspection.passes.ledger import Ledger, amend, follow
from inspection.passes.places import Pose, Seen
from inspection.passes.register import register
from inspection.report import Defect, Fit, Registration, Status

SEEN = Seen(FIELD_MM, None)
STILL = Registration(Fit.ALIGNED, 1, 0.0, 0.0, 0.0, 0.03)
LINKED = {Status.PERSISTS, Status.SMALLER, Status.LARGER, Status.RETURNED}


def after(*found: Defect, registration: Registration = STILL, pass_number: int = 2, **before: Any) -> Ledger:
    return follow(
        found, earlier(**before), registration, pass_number=pass_number, seen=SEEN, seen_before=SEEN,
    )  # fmt: skip


def told(ledger: Ledger) -> list[tuple[str, Status | None]]:
    return [(one.id, one.status) for one in ledger.defects]


def test_without_an_earlier_report_marks_are_numbered_and_nothing_is_said_of_them() -> None:
    ledger = follow((mark(), mark(x_mm=90)), None, None, pass_number=3, seen=SEEN, seen_before=SEEN)
    assert told(ledger) == [("D1", None), ("D2", None)]
    assert (ledger.next_id, ledger.removed) == (3, ())
    assert {one.since_pass for one in ledger.defects} == {3}
    assert {one.caused_by_pass for one in ledger.defects} == {None}


def test_a_mark_that_stays_keeps_its_number_and_its_first_pass() -> None:
    before = mark("D4", since_pass=0, last_seen_pass=1)
    one = after(mark(x_mm=50.1), defects=(before,), next_id=9).defects[0]
    assert (one.id, one.status, one.since_pass, one.last_seen_pass) == ("D4", Status.PERSISTS, 0, 2)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (mark(height_um=3.0), Status.SMALLER),
        (mark(length_mm=0.6), Status.SMALLER),
        (mark(length_mm=1.6), Status.LARGER),
        (mark(height_um=8.5), Status.PERSISTS),
        # Sanded: flatter and wider.
        (mark(length_mm=1.2, width_mm=1.2, height_um=3.0, u_height_um=0.4), Status.SMALLER),
        (mark(length_mm=1.2, width_mm=1.2, height_um=5.6), Status.PERSISTS),
    ],
)
def test_a_size_has_changed_only_beyond_its_uncertainty(found: Defect, status: Status) -> None:
    assert told(after(found, defects=(mark("D1"),))) == [("D1", status)]


def test_what_is_not_found_is_listed_with_its_last_data_at_its_place_of_now() -> None:
    shifted = replace(STILL, dx_mm=2.0, dy_mm=-1.0)
    gone = after(defects=(mark("D1", since_pass=0, last_seen_pass=1),), registration=shifted).removed[0]
    assert (gone.id, gone.status, gone.last_seen_pass) == ("D1", Status.REMOVED, 1)
    assert (gone.x_mm, gone.y_mm) == (52.0, 39.0)
    assert gone.height_um == 8.0


def test_a_place_that_was_not_seen_now_is_not_called_removed() -> None:
    outside = after(defects=(mark("D1", x_mm=159.0),), registration=replace(STILL, dx_mm=3.0))
    assert [(one.id, one.status) for one in outside.removed] == [("D1", None)]
    # Back in view after the next pass it was there all the time.
    back = after(mark(x_mm=158.9), removed=outside.removed, registration=replace(STILL, dx_mm=-3.0), pass_number=3)
    assert told(back) == [("D1", Status.PERSISTS)]


def test_a_mark_where_the_earlier_capture_saw_nothing_is_not_called_new() -> None:
    moved = replace(STILL, dx_mm=-3.0)
    assert told(after(mark(x_mm=159.0), registration=moved)) == [("D1", None)]


def test_a_mark_that_comes_back_gets_its_old_number() -> None:
    gone = mark("D2", status=Status.REMOVED, since_pass=0, last_seen_pass=0)
    one = after(mark(), removed=(gone,), next_id=7).defects[0]
    assert (one.id, one.status, one.since_pass) == ("D2", Status.RETURNED, 0)


def test_new_numbers_go_on_where_the_last_report_ended() -> None:
    ledger = after(mark(x_mm=10), mark(x_mm=140), defects=(mark("D3"),), next_id=12)
    assert told(ledger) == [("D12", Status.NEW), ("D13", Status.NEW)]
    assert ledger.next_id == 14


@pytest.mark.parametrize(
    ("kind", "earlier_pass", "caused"),
    [
        ("swirl", 1, 2),
        ("hologram", 1, 2),
        ("scratch", 1, 2),
        ("burn_through", 1, 2),
        ("nib", 1, None),
        ("swirl", 0, None),
    ],
)
def test_polishing_is_named_as_the_cause_of_what_polishing_makes(
    kind: str, earlier_pass: int, caused: int | None
) -> None:
    # After a skipped pass nobody knows which of the two made it.
    found = (mark(kind=kind, angle_deg=10.0),)
    before = earlier(pass_number=earlier_pass)
    one = follow(found, before, STILL, pass_number=2, seen=SEEN, seen_before=SEEN).defects[0]
    assert (one.status, one.caused_by_pass) == (Status.NEW, caused)


def test_what_a_pass_made_keeps_that_pass_for_good() -> None:
    swirl = mark("D5", "swirl", length_mm=20.0, width_mm=18.0, height_um=None, caused_by_pass=1, since_pass=1)
    found = mark("", "swirl", 51.0, 41.0, length_mm=18.0, width_mm=17.0, height_um=None)
    one = after(found, defects=(swirl,)).defects[0]
    assert (one.id, one.caused_by_pass, one.since_pass) == ("D5", 1, 1)


def test_kinds_that_turn_into_no_other_are_never_linked() -> None:
    crater = mark(kind="crater", height_um=-6.0)
    assert told(after(crater, defects=(mark("D1"),), next_id=2)) == [("D2", Status.NEW)]


def test_an_unclear_mark_is_followed_all_the_same() -> None:
    assert told(after(mark(kind="unknown"), defects=(mark("D1"),)))[0][0] == "D1"


def test_what_is_left_of_a_scratch_is_the_scratch() -> None:
    long = mark("D1", "scratch", 80.0, 60.0, length_mm=30.0, height_um=-1.5, angle_deg=30.0, u_height_um=0.2)
    # The last third of it: 10 mm along the direction, which rises to the right.
    rest = replace(long, id="", x_mm=88.66, y_mm=55.0, length_mm=9.0, height_um=-1.2, angle_deg=31.0)
    assert told(after(rest, defects=(long,))) == [("D1", Status.SMALLER)]


@pytest.mark.parametrize("change", [{"angle_deg": 60.0}, {"x_mm": 84.0, "y_mm": 66.0}, {"x_mm": 110.0, "y_mm": 42.7}])
def test_another_scratch_across_beside_or_beyond_is_another_one(change: dict[str, float]) -> None:
    long = mark("D1", "scratch", 80.0, 60.0, length_mm=30.0, width_mm=0.3, height_um=-1.5, angle_deg=30.0)
    other = replace(replace(long, id="", length_mm=20.0), **change)  # type: ignore[arg-type]
    assert told(after(other, defects=(long,), next_id=2)) == [("D2", Status.NEW)]


def test_one_mark_of_now_is_one_mark_of_then() -> None:
    ledger = after(mark(x_mm=50.05), mark(x_mm=50.3), defects=(mark("D1"),), next_id=2)
    assert told(ledger) == [("D1", Status.PERSISTS), ("D2", Status.NEW)]


@pytest.mark.parametrize("fit", [Fit.FAILED, Fit.NOT_THE_SAME_PANEL])
def test_nothing_is_linked_on_a_fit_that_is_not_sure(fit: Fit) -> None:
    ledger = after(mark(), registration=Registration(fit, 1), defects=(mark("D1"),), next_id=2)
    assert told(ledger) == [("D2", None)]  # and the number goes on: none is given twice


def test_after_a_failed_fit_old_marks_stay_in_the_book_and_out_of_reach() -> None:
    lost = after(registration=Registration(Fit.FAILED, 1), defects=(mark("D1"),), next_id=2)
    assert [(one.id, one.status) for one in lost.removed] == [("D1", None)]
    again = after(mark(), removed=lost.removed, next_id=lost.next_id, pass_number=3)
    assert told(again) == [("D2", Status.NEW)]
    assert [(one.id, one.status) for one in again.removed] == [("D1", None)]


def test_another_coat_begins_at_one_with_nothing_removed() -> None:
    ledger = after(mark(), registration=Registration(Fit.ANOTHER_COAT, 5), defects=(mark("D8"),), next_id=9)
    assert (told(ledger), ledger.removed, ledger.next_id) == ([("D1", None)], (), 2)


def test_a_turned_panel_is_turned_back_about_the_middle_of_the_field() -> None:
    pose = Pose((80.0, 60.0), -0.6, -0.5, -0.25, 0.02)
    # Computed by hand: (30, -26) turned by a quarter of a degree clockwise, then shifted.
    assert pose.place(110.0, 34.0) == pytest.approx((109.5132, 33.6311), abs=1e-3)
    assert pose.before(*pose.place(17.0, 93.0)) == pytest.approx((17.0, 93.0))


def test_a_correction_takes_no_number_from_anybody() -> None:
    known = (mark("D3"), mark("D5", x_mm=90.0), mark("D6", x_mm=120.0))
    # D5 was a false alarm, one mark was missed, and one had been called removed.
    ledger = amend(
        (known[0], known[2], mark(x_mm=20.0), mark(x_mm=140.0)), (mark("D2", x_mm=140.0, status=Status.REMOVED),), 7,
        pass_number=2, seen=SEEN,
    )  # fmt: skip
    assert [one.id for one in ledger.defects] == ["D3", "D6", "D7", "D2"]
    assert (ledger.next_id, ledger.removed) == (8, ())


def followed(look: Look, before: Any, registration: Registration | None, number: int) -> Ledger:
    return follow(look.defects, before, registration, pass_number=number, seen=SEEN, seen_before=SEEN)


@pytest.mark.parametrize("by_marks", [False, True])
def test_fifty_sequences_of_five_passes(by_marks: bool) -> None:
    """Identity precision at least 0.98, recall at least 0.95; `by_marks`: registered by nothing but the marks."""
    right = linked = kept = due = 0
    for seed in range(50):
        rng = np.random.default_rng(seed)
        looks = sequence(seed)
        before: Any = None
        owner: dict[str, int | None] = {}
        last: dict[int, str] = {}
        for number, look in enumerate(looks):
            pose = None if before is None else aligned(rng, looks[number - 1], look, number - 1, 0.1)
            if pose is not None and by_marks:
                pose = register(
                    before, None, panel=None, part=None, view=None, coat_number=1, relief=None, defects=look.defects,
                    field_mm=FIELD_MM,
                )  # fmt: skip
                if pose.fit is not Fit.ALIGNED:
                    last.clear()
            ledger = followed(look, before, pose, number)
            assert len({one.id for one in ledger.defects + ledger.removed}) == len(ledger.defects + ledger.removed)
            for one, name in zip(ledger.defects, look.names, strict=True):
                if one.status in LINKED:
                    linked += 1
                    right += name is not None and owner[one.id] == name
                if name is not None and name in last:
                    due += 1
                    kept += last[name] == one.id
                owner.setdefault(one.id, name)
                if name is not None:
                    last[name] = one.id
            before = earlier(pass_number=number, defects=ledger.defects, removed=ledger.removed, next_id=ledger.next_id)
    print(f"identity precision {right / linked:.4f}, recall {kept / due:.4f}, {linked} links")
    assert due > 1000
    assert right / linked >= 0.98
    assert kept / due >= 0.95
