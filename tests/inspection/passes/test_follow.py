"""What the passes put into a report, from the first pass to a corrected one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from reports import mark
from surfaces import SANDED_UM, SPRAYED_UM, surface

from inspection.frames import Conditions
from inspection.passes.earlier import Earlier, parse_earlier
from inspection.passes.fingerprint import fingerprint
from inspection.passes.follow import NOT_ADVISED, after_pass, demands_of
from inspection.recipe import Recipe, parse_recipe
from inspection.refused import Refused
from inspection.report import Defect, Finding, Fit, Report, Status
from inspection.verdict import Verdict
from samples.surface import Texture

FIELD_MM = (120.0, 90.0)
RECIPE = parse_recipe(
    """
format = "paint-recipe/1"
name = "amethyst"
title = { zh = "紫水晶", en = "Amethyst" }
passes = 5
n_clear = 1.5
[film]
start_um = 95.0
removable_um = 16.0
per_pass_um = 2.5
[[checks]]
measure = "haze_pct"
high = 20.0
passes = [1, 2, 3, 4]
[[checks]]
measure = "haze_pct"
high = 6.0
passes = [5]
""",
    "test.toml",
)


def haze(value: float) -> Finding:
    return Finding(0, "whole", "haze_pct", 1, {}, value, "%", 0.2, 0.1, 100, (), None, 20.0, Verdict.PASS)


def report(pass_number: int, *defects: Defect, haze_pct: float = 9.0, **known: Any) -> Report:
    usual: dict[str, Any] = {
        "panel": "AM-0007", "part": "hood", "coat_number": 1, "view": None, "captured_at": None, "station": "A",
        "simulated": True, "recipe": {}, "rig": {}, "capture": {}, "software": "0", "verdict": Verdict.PASS,
        "next_step": NOT_ADVISED, "valid_ratio": 1.0, "saturated_ratio": 0.0, "timing_ms": {},
    }  # fmt: skip
    return Report(pass_number=pass_number, defects=defects, findings=(haze(haze_pct),), **(usual | known))


def done(one: Report, before: Report | Earlier | None = None, recipe: Recipe = RECIPE, **film_um: float) -> Report:
    earlier = Earlier.of(before) if isinstance(before, Report) else before
    return after_pass(
        one, recipe, earlier, field_mm=FIELD_MM, conditions=Conditions(wiped=True, film_um=film_um)
    )  # fmt: skip


def relief(um: tuple[float, float, float, float, float], **placed: float) -> str | None:
    return fingerprint(surface(Texture(um, 7), field_mm=FIELD_MM, **placed))  # type: ignore[arg-type]


FIRST = done(
    report(0, mark(x_mm=20.0), mark(x_mm=70.0), mark(kind="crater", x_mm=100.0, height_um=-4.0),
           fingerprint=relief(SPRAYED_UM)),
    A=95.0,
)  # fmt: skip
SECOND = done(
    report(1, mark(x_mm=22.0, y_mm=41.0, height_um=3.0), mark(kind="crater", x_mm=102.0, y_mm=41.0, height_um=-4.0),
           mark(kind="swirl", x_mm=60.0, y_mm=60.0, length_mm=20.0, width_mm=18.0, height_um=None),
           fingerprint=relief(SANDED_UM, dx_mm=2.0, dy_mm=1.0), haze_pct=8.0),
    FIRST, A=92.4,
)  # fmt: skip


def test_the_first_report_of_a_chain_numbers_its_marks() -> None:
    assert [one.id for one in FIRST.defects] == ["D1", "D2", "D3"]
    assert (FIRST.next_id, FIRST.registration, FIRST.drift) == (4, None, ())
    assert FIRST.film[0].zone == "A"


def test_the_next_report_says_what_the_pass_removed_left_and_caused() -> None:
    assert SECOND.registration is not None
    assert SECOND.registration.fit is Fit.ALIGNED
    assert (SECOND.registration.dx_mm, SECOND.registration.dy_mm) == pytest.approx((2.0, 1.0), abs=0.1)
    assert [(one.id, one.status) for one in SECOND.defects] == [
        ("D1", Status.SMALLER), ("D3", Status.PERSISTS), ("D4", Status.NEW),
    ]  # fmt: skip
    assert SECOND.defects[2].caused_by_pass == 1
    assert [(one.id, one.status) for one in SECOND.removed] == [("D2", Status.REMOVED)]
    assert SECOND.next_id == 5
    assert (SECOND.drift[0].measure, SECOND.drift[0].change) == ("haze_pct", -1.0)
    assert SECOND.film[0].removed_um == pytest.approx(2.6, abs=0.3)
    assert SECOND.next_step.action == "full_pass"


def test_the_file_alone_is_enough_for_the_next_pass() -> None:
    from_file = parse_earlier(json.dumps(SECOND.as_dict(), allow_nan=False), "second.json")
    assert from_file == Earlier.of(SECOND)
    third = report(2, mark(x_mm=20.0, height_um=3.0), fingerprint=relief(SANDED_UM))
    assert done(third, from_file) == done(third, SECOND)
    assert done(third, from_file).defects[0].id == "D1"


def test_a_pass_may_be_skipped() -> None:
    third = done(report(3, mark(x_mm=20.0, height_um=3.0), fingerprint=relief(SANDED_UM)), FIRST)
    assert [(one.id, one.status) for one in third.defects] == [("D1", Status.SMALLER)]
    assert third.film[0].removed_um == pytest.approx(7.5, abs=0.5)


@pytest.mark.parametrize("pass_number", [0, 1])
def test_the_same_or_a_later_pass_is_refused_as_the_earlier_one(pass_number: int) -> None:
    with pytest.raises(Refused, match="pass 1"):
        done(report(pass_number), SECOND)
    from_file = parse_earlier(json.dumps(SECOND.as_dict()), "second.json")
    with pytest.raises(Refused, match=r"^second\.json: pass_number"):
        done(report(pass_number), from_file)


def test_another_coat_begins_anew() -> None:
    fresh = done(report(0, mark(), coat_number=2, fingerprint=relief(SPRAYED_UM)), SECOND, A=97.0)
    assert fresh.registration is not None
    assert fresh.registration.fit is Fit.ANOTHER_COAT
    assert ([one.id for one in fresh.defects], fresh.removed, fresh.next_id) == (["D1"], (), 2)
    assert fresh.film[0].removed_um == 0.0
    assert fresh.drift == ()


def test_another_panel_gets_nothing_of_the_earlier_one() -> None:
    other = done(report(1, mark(), panel="AM-0008", fingerprint=relief(SPRAYED_UM)), SECOND)
    assert other.registration is not None
    assert other.registration.fit is Fit.NOT_THE_SAME_PANEL
    assert (other.defects[0].id, other.defects[0].status, other.removed, other.drift) == ("D1", None, (), ())
    assert other.film[0].zone == "whole"
    assert "not_the_same_panel" in [reason.code for reason in other.next_step.reasons]


def test_under_the_same_code_no_number_is_given_twice_though_the_paint_is_another() -> None:
    other = done(report(2, mark(), fingerprint=relief_of_another()), SECOND)
    assert other.registration is not None
    assert other.registration.fit is Fit.NOT_THE_SAME_PANEL
    assert (other.defects[0].id, other.defects[0].status, other.removed) == ("D5", None, ())


def test_film_that_is_gone_stays_gone_though_the_fit_takes_the_panel_for_another() -> None:
    """Put in turned, or another panel under this code for once: the next pass must not polish through."""
    thin = done(report(1, mark(), fingerprint=relief(SANDED_UM)), FIRST, A=81.0)
    other = done(report(2, mark(), fingerprint=relief_of_another()), thin)
    assert other.registration is not None
    assert other.registration.fit is Fit.NOT_THE_SAME_PANEL
    assert (other.film[0].source, other.film[0].state) == ("gauge", "stop")
    assert other.film[0].removed_um > thin.film[0].removed_um


def test_no_view_and_the_whole_are_the_same_view() -> None:
    whole = replace(Earlier.of(FIRST), view="whole")
    after = done(report(1, mark(x_mm=20.0), fingerprint=relief(SANDED_UM)), whole)
    assert after.registration is not None
    assert after.registration.fit is Fit.ALIGNED


def relief_of_another() -> str | None:
    return fingerprint(surface(Texture(SANDED_UM, 8), field_mm=FIELD_MM))


def test_followed_twice_is_followed_once() -> None:
    assert done(SECOND, FIRST, A=92.4) == SECOND


def test_a_false_alarm_taken_out_is_gone_and_no_other_number_changes() -> None:
    corrected = done(replace(SECOND, defects=SECOND.defects[1:]), FIRST, A=92.4)
    assert [one.id for one in corrected.defects] == ["D3", "D4"]
    assert corrected.removed == SECOND.removed  # it was no mark: polishing has not removed it
    assert (corrected.next_id, corrected.registration) == (SECOND.next_id, SECOND.registration)


def test_a_mark_added_by_hand_gets_the_next_number() -> None:
    corrected = done(replace(SECOND, defects=(*SECOND.defects, mark(x_mm=40.0, y_mm=80.0))), FIRST, A=92.4)
    assert [one.id for one in corrected.defects] == ["D1", "D3", "D4", "D5"]
    assert corrected.next_id == 6


def test_another_kind_set_by_a_person_changes_the_advice() -> None:
    burnt = replace(SECOND.defects[2], kind="burn_through")
    corrected = done(replace(SECOND, defects=(*SECOND.defects[:2], burnt)), FIRST, A=92.4)
    assert corrected.next_step.action == "stop"
    assert corrected.next_step.places == ("D4",)


def test_checks_of_the_last_pass_are_looked_up_and_what_was_not_measured_is_not_met() -> None:
    [demand] = demands_of(report(3, haze_pct=5.0), RECIPE)
    assert demand.probability > 0.999
    assert demand.finding.high == 6.0
    [missing] = demands_of(replace(report(3), findings=()), RECIPE)
    assert (missing.probability, missing.finding.value) == (0.0, None)


def test_a_damaged_fingerprint_of_the_earlier_report_is_refused() -> None:
    damaged = replace(Earlier.of(FIRST), fingerprint='{"v": "relief/1"}')
    with pytest.raises(Refused, match="fingerprint"):
        done(report(1, mark()), damaged)
