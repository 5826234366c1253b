"""The advice for the panel: from its checks, its marks, its film and what a pass usually does."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from reports import mark

from inspection.passes.advice import Case, Demand, advise
from inspection.passes.experience import Experience, Step, key_of
from inspection.report import Action, FilmZone, Finding, Fit, NextStep, Registration
from inspection.verdict import Verdict


def finding(verdict: str | None, measure: str = "gloss_gu", region: str = "whole", **more: Any) -> Finding:
    known: dict[str, Any] = {"value": 60.0, "unit": "GU-eq", "low": 70.0, "high": None, "quality": (), "knobs": {}}
    return Finding(
        check_no=None if verdict is None else 0, region=region, measure=measure, version=1, u=1.0, u_noise=0.1,
        n_px=100, verdict=None if verdict is None else Verdict(verdict), **(known | more),
    )  # fmt: skip


def count(verdict: str | None, value: float, high: float = 0.0, **more: Any) -> Finding:
    knobs = {"kind": "any", "min_length_mm": 0.0} | more.pop("knobs", {})
    return finding(verdict, "defect_count", value=value, unit="1", low=None, high=high, knobs=knobs, **more)


def film(state: str = "ok", zone: str = "A", left: float = 8.0, source: str = "gauge") -> FilmZone:
    return FilmZone(zone, source, 87.0, 0.8, 16.0 - left, left, left - 1.5, state, 95.0, 1.0)


def advised(
    *findings: Finding, last: float = 0.2, pass_number: int = 2, wiped: bool | None = True,
    unmet: tuple[Finding, ...] = (), **more: Any,
) -> NextStep:  # fmt: skip
    """`last`: probability of the checks of the last pass that are not among `unmet`."""
    demands = [Demand(finding(None, "haze_pct"), last), *(Demand(f, 0.1) for f in unmet)]
    if unmet:
        demands[0] = Demand(demands[0].finding, 1.0)
    return advise(Case(findings, demands, "amethyst", pass_number, 5, wiped, **more))


def codes(step: NextStep) -> list[str]:
    return [reason.code for reason in step.reasons]


def test_all_proven_for_the_last_pass_is_released_even_before_it() -> None:
    step = advised(finding("pass"), last=0.97, pass_number=3)
    assert (step.action, step.probability, codes(step)) == ("release", 0.97, ["all_checks_pass"])


def test_95_percent_is_enough_and_less_is_not() -> None:
    assert advised(finding("pass"), last=0.95, pass_number=5).action == "release"
    assert advised(finding("pass"), last=0.949, pass_number=5).action != "release"


def test_a_release_says_that_marks_are_left_which_nobody_asks_about() -> None:
    step = advised(finding("pass"), last=0.97, pass_number=5, defects=(mark("D1"), mark("D2")))
    assert (step.action, codes(step)) == ("release", ["all_checks_pass", "marks_left"])
    assert step.reasons[1].values == {"count": 2}


def test_good_for_this_pass_goes_on_and_says_what_the_last_one_asks() -> None:
    asked = finding("fail", "haze_pct", value=9.0, low=None, high=4.0, unit="%")
    step = advised(finding("pass"), unmet=(asked,), film=(film(),))
    assert step.action == "full_pass"
    assert codes(step) == ["good_for_now", "last_pass_asks", "passes_left"]
    assert step.reasons[1].values == {"measure": "haze_pct", "value": 9.0, "unit": "%", "limit": 4.0}
    assert step.reasons[2].values == {"left": 3}


def test_a_value_inside_the_last_limit_is_called_uncertain_and_not_too_much() -> None:
    near = finding("hold", "haze_pct", value=3.5, low=None, high=4.0, unit="%")
    step = advised(finding("pass"), unmet=(near,), film=(film(),))
    assert codes(step) == ["good_for_now", "last_pass_near", "passes_left"]


def test_a_failed_region_is_worked_on_there() -> None:
    step = advised(finding("pass"), finding("fail", region="B"), finding("fail", region="A"), last=1.0)
    assert (step.action, step.places) == ("work_here", ("A", "B"))
    assert codes(step) == ["check_fails", "check_fails"]
    assert [task.place for task in step.tasks] == ["A", "B"]


def test_a_failed_panel_gets_a_full_pass() -> None:
    step = advised(finding("fail"), finding("fail", region="A"))
    assert step.action == "full_pass"
    assert step.reasons[0].values == {"measure": "gloss_gu", "value": 60.0, "unit": "GU-eq", "limit": 70.0}
    assert "60" in step.reasons[0].text
    assert "70" in step.reasons[0].text


def test_the_limit_that_is_broken_is_named_not_the_other_one() -> None:
    step = advised(finding("fail", "delta_b_lab", value=5.0, low=-1.0, high=4.0))
    assert step.reasons[-1].values["limit"] == 4.0
    step = advised(finding("fail", "gloss_gu", value=5.0, low=50.0, high=90.0))
    assert step.reasons[0].values["limit"] == 50.0


def test_colour_off_stops_since_polishing_does_not_change_it() -> None:
    step = advised(finding("fail"), finding("fail", "delta_e00", value=3.0, low=None, high=1.0))
    assert step.action == "stop"
    assert codes(step) == ["colour_off", "check_fails"]


def test_a_failure_after_the_last_pass_stops() -> None:
    for pass_number in (5, 6):
        step = advised(finding("fail"), pass_number=pass_number)
        assert (step.action, codes(step)[0]) == ("stop", "last_pass_reached")


def test_a_single_mark_after_the_last_pass_is_worked_on_all_the_same() -> None:
    asked = count("fail", 1.0)
    step = advised(asked, unmet=(asked,), pass_number=5, defects=(mark("D4"),), film=(film(),))
    assert (step.action, step.places) == ("work_here", ("D4",))


def test_undecided_is_measured_again() -> None:
    step = advised(finding("hold"), finding("pass"))
    assert (step.action, codes(step)) == ("wipe_and_measure_again", ["check_holds"])


def test_undecided_says_why_there_is_no_value() -> None:
    step = advised(finding("hold", value=None, quality=("NO_FRAMES",)))
    assert step.reasons[0].values["quality"] == "NO_FRAMES"
    assert "NO_FRAMES" in step.reasons[0].text


def test_passed_after_the_last_pass_but_not_proven_is_measured_again() -> None:
    step = advised(finding("pass"), last=0.9, pass_number=5)
    assert (step.action, codes(step)) == ("wipe_and_measure_again", ["not_proven"])


def test_nothing_checked_is_never_released() -> None:
    assert advised(finding(None), last=1.0).action != "release"
    assert advised(last=1.0, pass_number=5).action != "release"
    assert advise(Case((finding("pass"),), (), "amethyst", 5, 5, True)).action != "release"


def test_an_unwiped_panel_is_wiped_first_whatever_it_shows() -> None:
    for verdict in ("pass", "fail", "hold"):
        step = advised(finding(verdict), last=0.99, wiped=False)
        assert (step.action, codes(step)) == ("wipe_and_measure_again", ["not_wiped"])


def test_nobody_saying_whether_it_was_wiped_does_not_stop_the_line() -> None:
    assert advised(finding("pass"), last=0.99, wiped=None).action == "release"


def test_fail_beats_hold() -> None:
    assert advised(finding("hold"), finding("fail")).action == "full_pass"


def test_one_view_of_a_part_releases_nothing() -> None:
    step = advised(finding("pass"), last=0.99, pass_number=5, one_view=True)
    assert (step.action, codes(step)) == ("wipe_and_measure_again", ["one_view"])


def test_up_to_three_marks_are_worked_on_where_they_are() -> None:
    marks = tuple(mark(f"D{n}", x_mm=10.0 * n) for n in (12, 3, 7))
    asked = count("fail", 3.0)
    step = advised(asked, unmet=(asked,), defects=marks, film=(film(),))
    assert (step.action, step.places) == ("work_here", ("D3", "D7", "D12"))
    assert (step.tasks[0].place, step.tasks[0].kind, step.tasks[0].x_mm) == ("D3", "nib", 30.0)
    assert all("D3" in words for words in step.tasks[0].words.values())
    assert set(step.tasks[0].words) == {"en", "zh"}


def test_more_marks_than_three_are_a_full_pass_with_the_worst_named_first() -> None:
    marks = tuple(mark(f"D{n}", x_mm=10.0 * n, severity=n / 10) for n in range(1, 6))
    asked = count("fail", 5.0)
    step = advised(asked, unmet=(asked,), defects=marks, film=(film(),))
    assert step.action == "full_pass"
    assert [task.place for task in step.tasks] == ["D5", "D4", "whole"]


def test_of_a_count_only_the_marks_too_many_are_worked_on_worst_first() -> None:
    marks = tuple(mark(f"D{n}", x_mm=10.0 * n, severity=n / 10) for n in range(1, 6))
    asked = count("fail", 5.0, high=3.0)
    assert advised(asked, unmet=(asked,), defects=marks, film=(film(),)).places == ("D4", "D5")


def test_gloss_that_is_uneven_for_swirls_is_mended_at_the_swirls() -> None:
    swirl = mark("D8", "swirl", length_mm=40.0, width_mm=40.0, height_um=None)
    uneven = finding(None, "gloss_cv_pct", value=2.3, low=None, high=1.0, unit="%")
    worst = finding(None, "gloss_worst_zone_gu", value=72.0, low=76.0)
    step = advised(finding("pass"), unmet=(uneven, worst), pass_number=3, defects=(swirl, mark("D9")), film=(film(),))
    assert (step.action, step.places) == ("work_here", ("D8",))
    # Uneven without any mark to show for it, or with the gloss of everything short: the whole panel.
    assert advised(finding("pass"), unmet=(uneven,), defects=(mark("D9"),), film=(film(),)).action == "full_pass"
    both = (uneven, finding(None, "gloss_gu"))
    assert advised(finding("pass"), unmet=both, defects=(swirl,), film=(film(),)).action == "full_pass"


def test_a_mark_helps_nothing_where_the_gloss_of_the_whole_panel_is_short() -> None:
    asked = count("fail", 1.0)
    gloss = finding(None, "gloss_gu")
    assert advised(asked, unmet=(asked, gloss), defects=(mark("D4"),), film=(film(),)).action == "full_pass"


@pytest.mark.parametrize(
    ("one", "stops"),
    [
        (mark("D1", "crater", height_um=-11.0), True),  # deeper than the film that is left
        (mark("D1", "crater", height_um=-3.0), False),
        (mark("D1", "crater", height_um=None), True),
        (mark("D1", "dent", height_um=-3.0), True),  # in the metal
        (mark("D1", "colour_patch", height_um=None), True),
        (mark("D1", "scratch", height_um=-9.0), True),
        (mark("D1", "scratch", height_um=-1.0), False),
        (mark("D1", "crater", height_um=-11.0, confidence=0.5), False),  # perhaps it is something else
        (mark("D1", "nib", height_um=12.0), False),
    ],
)
def test_what_polishing_cannot_cure_stops_the_panel(one: Any, stops: bool) -> None:
    asked = count("fail", 1.0)
    step = advised(asked, unmet=(asked,), defects=(one,), film=(film(),))  # 6.5 µm are surely left
    assert (step.action == "stop") is stops
    if stops:
        assert codes(step)[0] == "mark_not_curable"
        assert step.places == ("D1",)


def test_a_crater_that_no_check_asks_about_stops_nothing() -> None:
    crater = mark("D1", "crater", height_um=-11.0)
    assert advised(finding("pass"), last=0.97, defects=(crater,)).action == "release"


def test_burn_through_stops_even_a_panel_that_meets_everything() -> None:
    step = advised(finding("pass"), last=0.99, defects=(mark("D9", "burn_through"),))
    assert (step.action, codes(step), step.places) == ("stop", ["burn_through"], ("D9",))


def test_film_that_is_spent_stops_even_a_panel_that_meets_everything() -> None:
    step = advised(finding("pass"), last=0.99, film=(film("stop", left=-0.5),))
    assert (step.action, codes(step)) == ("stop", ["film_spent"])


def test_a_panel_that_is_good_is_released_though_no_further_pass_were_allowed() -> None:
    assert advised(finding("pass"), last=0.99, film=(film("stop", left=1.0),)).action == "release"


def test_counted_film_asks_for_a_reading() -> None:
    step = advised(finding("fail"), film=(film("stop", zone="whole", left=2.0, source="recipe"),))
    assert (step.action, codes(step)[:2]) == ("stop", ["film_limit", "film_not_measured"])


def test_work_at_a_place_asks_for_the_film_of_its_own_zone() -> None:
    asked = count("fail", 1.0)
    zones = (film("stop", "A", 1.0), film("ok", "B"))
    for region, action in (("A", "stop"), ("B", "work_here"), ("whole", "stop")):
        step = advised(asked, unmet=(asked,), defects=(mark("D1", region=region),), film=zones)
        assert step.action == action


@pytest.mark.parametrize("pass_number", [0, 2, 5, 6])
def test_no_advice_crosses_the_film_limit(pass_number: int) -> None:
    verdicts = ("pass", "fail", "hold", None)
    for gloss, marks, last, region in product(verdicts, verdicts, (0.0, 0.6, 0.99), ("whole", "A")):
        asked = count(marks, 2.0)
        unmet = (asked,) if last < 0.5 else ()
        step = advised(
            finding(gloss, region=region), asked, last=last, pass_number=pass_number, unmet=unmet,
            defects=(mark("D1"), mark("D2", region="A")), film=(film("stop", left=1.0),),
        )  # fmt: skip
        assert step.action not in (Action.FULL_PASS, Action.WORK_HERE)


def test_little_film_is_said_and_no_budget_too() -> None:
    assert "film_warning" in codes(advised(finding("fail"), film=(film("warn", left=4.0),)))
    assert "film_unknown" in codes(advised(finding("fail")))
    assert "film_unknown" not in codes(advised(finding("fail"), film=(film(),)))


def test_what_the_last_pass_made_is_said() -> None:
    made = (mark("D5", "swirl", caused_by_pass=2), mark("D6", "scratch", caused_by_pass=1))
    step = advised(finding("fail"), defects=made, film=(film(),))
    [reason] = [reason for reason in step.reasons if reason.code == "caused_by_pass"]
    assert reason.values == {"pass": 2, "count": 1, "kinds": "swirl"}


@pytest.mark.parametrize(
    ("fit", "code"), [(Fit.NOT_THE_SAME_PANEL, "not_the_same_panel"), (Fit.FAILED, "not_aligned"), (Fit.ALIGNED, None)]
)
def test_why_nothing_was_linked_is_said_with_every_advice(fit: Fit, code: str | None) -> None:
    for verdict, last in (("pass", 0.99), ("fail", 0.1), ("hold", 0.1)):
        step = advised(finding(verdict), last=last, registration=Registration(fit, 1, text="Because."))
        assert (code in codes(step)) is (code is not None)


def history(change: float, n: int) -> Experience:
    what = key_of(finding(None, "haze_pct"))
    return Experience(Step("amethyst", 3, what, 60.0, 60.0 + change + 0.1 * (i % 3 - 1)) for i in range(n))


def test_the_forecast_of_one_more_pass_is_said_when_such_passes_are_known() -> None:
    step = advised(finding("fail"), film=(film(),), experience=history(20.0, 12))
    [reason] = [reason for reason in step.reasons if reason.code == "outlook"]
    assert float(reason.values["probability"]) > 0.9
    assert reason.values["count"] == 12
    assert "outlook" not in codes(advised(finding("fail"), film=(film(),), experience=Experience(())))


def test_a_pass_that_usually_makes_it_worse_is_not_advised_to_a_panel_that_is_likely_good() -> None:
    step = advised(finding("pass"), last=0.8, film=(film(),), experience=history(-5.0, 12))
    assert (step.action, codes(step)[0]) == ("wipe_and_measure_again", "pass_would_not_help")
    few = advised(finding("pass"), last=0.8, film=(film(),), experience=history(-5.0, 2))
    assert few.action == "full_pass"  # two passes prove nothing


def test_nobody_gets_more_than_three_tasks_and_each_has_both_languages() -> None:
    marks = tuple(mark(f"D{n}", x_mm=10.0 * n) for n in range(1, 9))
    for verdict, wiped in product(("pass", "fail", "hold"), (True, False)):
        asked = count(verdict, 8.0)
        step = advised(asked, unmet=(asked,), defects=marks, film=(film(),), wiped=wiped)
        assert 1 <= len(step.tasks) <= 3
        assert all(set(task.words) == {"en", "zh"} and all(task.words.values()) for task in step.tasks)


def test_work_is_asked_where_it_can_help_and_not_at_what_lies_under_the_paint() -> None:
    dent = mark("D1", "dent", severity=0.9)
    nib = mark("D2", "nib", severity=0.3)
    step = advised(count("fail", 2, high=1.0), defects=(dent, nib), film=(film(),), last=1.0)
    assert (step.action, step.places) == ("work_here", ("D2",))


@pytest.mark.parametrize("kind", ["burn_through", "dent", "colour_patch"])
def test_a_mark_that_may_lie_under_the_paint_is_looked_at_before_anybody_polishes(kind: str) -> None:
    step = advised(count("fail", 1), defects=(mark("D1", kind, confidence=0.6),), film=(film(),), last=1.0)
    assert (step.action, step.places) == ("wipe_and_measure_again", ())


def test_dust_is_wiped_off_even_where_no_film_is_left() -> None:
    step = advised(count("fail", 1), defects=(mark("D1", "dust"),), film=(film("stop", left=0.5),), last=1.0)
    assert step.action == "wipe_and_measure_again"
    both = (mark("D1", "dust"), mark("D2", "nib"))
    assert advised(count("fail", 2), defects=both, film=(film("stop", left=0.5),), last=1.0).action == "stop"
