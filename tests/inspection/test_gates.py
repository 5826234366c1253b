"""Gates: a capture that cannot be believed is found out, releases nothing, and a good one is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bad_captures import FAULTS, OF_WORDS, RIGS, Case, drawn, good, moved, recipe_for, relit, taken
from sample_captures import NOW, check_of, rig_of

from inspection.frames import Frames, Role
from inspection.gates.gate import GATES, DailyCheck, spoilt
from inspection.passes.advice import Case as Advised
from inspection.passes.advice import Demand, advise
from inspection.pipeline import examine
from inspection.report import Finding, Gate, GateState, Report
from inspection.verdict import Verdict, overall
from samples import faults
from samples.paintwork import Pose
from samples.panels import NAMED as PANELS

RANDOM_BAD = 500


def said(case: Case) -> dict[str, Gate]:
    return {one.id: one for one in case.gates()}


def red(case: Case) -> list[str]:
    return [one.id for one in case.gates() if one.state is GateState.RED]


def full_report(case: Case, **more: object) -> Report:
    return examine(
        case.frames, case.rig, case.recipe, now=NOW, software="test", daily_check=case.daily_check,
        allow_expired=case.expired, **more,
    ).report  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize("rig", sorted(RIGS))
def test_a_good_capture_opens_every_gate(rig: str) -> None:
    for seed, panel in ((2, "amethyst"), (3, "amethyst"), (5, "white")):
        case = replace(good(rig, panel, seed=seed), daily_check=DailyCheck("2026-11-22T07:00:00+08:00", True))
        assert red(case) == []
        answers = said(case)
        assert answers.keys() == GATES.keys()
        assert {name for name, one in answers.items() if one.state is GateState.UNKNOWN} == set()


def test_a_set_of_lamp_frames_alone_leaves_the_screen_s_exposure_open() -> None:
    case = good("A", "amethyst")
    kept = tuple(f for f in case.frames.frames if f.role in (Role.SPOT, Role.DARK))
    assert said(replace(case, frames=replace(case.frames, frames=kept)))["exposure"].state is GateState.UNKNOWN


@pytest.mark.parametrize("panel", ["amethyst_patches", "curved", "graphite_defects", "sanded"])
def test_marks_bends_and_sanding_shut_no_gate(panel: str) -> None:
    for rig in ("A", "poor"):
        assert red(good(rig, panel)) == []


def test_no_red_gate_releases_a_panel_in_500_random_bad_captures() -> None:
    """Everything else about the panel is perfect: only the gates stand between it and its release."""
    fine = Finding(0, "whole", "gloss_gu", 1, {}, 80.0, "GU-eq", 0.1, 0.1, 999, (), 70.0, None, Verdict.PASS)
    # What is said about a capture is cheap to get wrong, pictures take time to render and measure.
    draws = [(fault, seed) for fault in FAULTS for seed in range(97 if fault in OF_WORDS else 2)]
    assert len(draws) >= RANDOM_BAD
    for fault, seed in draws:
        case = drawn(fault, seed)
        gates = case.gates()
        shut = [one for one in gates if one.state is GateState.RED]
        assert case.gate in {one.id for one in shut}, (fault, seed)
        wiped = case.frames.conditions.wiped
        step = advise(Advised([fine], [Demand(fine, 1.0)], "plain", 5, 5, wiped, gates=gates))
        assert step.action in ("wipe_and_measure_again", "stop"), (fault, seed)
        assert any(one.sentence in {reason.text for reason in step.reasons} for one in shut)
    assert overall([Verdict.PASS], barred=True) is Verdict.HOLD


def test_every_gate_is_shut_by_a_fault_of_the_drill() -> None:
    assert {drawn(fault, 0).gate for fault in FAULTS} == set(GATES)
    assert len(GATES) == 12


def test_a_simulated_rig_judges_no_real_capture() -> None:
    case = good("B")
    assert red(replace(case, frames=replace(case.frames, simulated=False))) == ["rig"]


@pytest.mark.parametrize("fault", ["pattern kept", "another paint", "expired", "late check"])
def test_the_report_of_a_bad_capture_holds_and_says_why(fault: str) -> None:
    case = drawn(fault, 3)
    if fault == "expired":
        late = replace(case.frames, captured_at="2026-11-24T09:30:00+08:00")
        case = replace(case, frames=late)
    report = full_report(case)
    assert report.verdict == "hold"
    assert report.next_step.action == ("stop" if fault == "another paint" else "wipe_and_measure_again")
    shut = [one for one in report.gates if one.state is GateState.RED]
    assert case.gate in {one.id for one in shut}
    assert report.next_step.reasons[0].text == shut[0].sentence
    tree = report.as_dict()["gates"]
    assert {"id", "state", "value", "unit", "limit", "sentence"} <= tree[0].keys()
    spoils = spoilt(report.gates)
    assert spoils is (fault == "pattern kept")
    assert check_of(report, 0).verdict == ("hold" if spoils else "pass")
    assert ("SPOILT" in check_of(report, 0).quality) is spoils


def test_a_panel_nobody_said_was_wiped_is_released_with_the_wish_to_confirm_it() -> None:
    case = good("B")
    unsaid = replace(case.frames, conditions=replace(case.frames.conditions, wiped=None))
    report = full_report(replace(case, frames=unsaid))
    assert said(replace(case, frames=unsaid))["wiped"].state is GateState.DOUBT
    assert (report.verdict, report.next_step.action) == ("pass", "release")
    assert "confirm" in report.next_step.reasons[-1].text


@pytest.mark.parametrize("shift_deg", [4.0, -6.0])
def test_a_screen_that_was_nudged_between_two_series_is_found(shift_deg: float) -> None:
    """4° of a period is 70 mrad of phase; the limit is 50 mrad."""
    station, panel = RIGS["B"], PANELS["flat"](5)
    frames = faults.shifted(panel, station, seed=4, shift_deg=shift_deg, after=2 * station.steps)
    steady = replace(frames, frames=tuple(replace(f, phase_deg=0.0) for f in frames.frames))
    assert red(Case(steady, rig_of(station), recipe_for(panel))) == ["moved"]


def test_a_bent_panel_that_slid_between_two_series_is_found() -> None:
    station, panel = RIGS["A"], PANELS["curved"](5)
    slid = moved(panel, station, Pose(1.0), 2 * station.steps)
    assert "moved" in red(Case(slid, rig_of(station), recipe_for(panel)))


def test_a_pattern_that_the_screen_kept_is_found_in_any_series_the_paint_mirrors() -> None:
    for rig in ("A", "B"):
        station, panel = RIGS[rig], PANELS["amethyst"](5)
        frames, again = taken(panel, station), taken(panel, station, 3)
        places = faults.fringe_places(frames)
        for number in range(0, len(places), station.steps):
            kept = faults.with_pixels(frames, places[number + 1], again.frames[places[number]])
            assert "steps" in red(Case(kept, rig_of(station), recipe_for(panel))), (rig, number)


def test_oil_that_wiping_did_not_take_off_is_in_the_paint() -> None:
    case = drawn("oily", 1)
    first = said(case)["oil"]
    assert first.state is GateState.RED
    assert first.value is not None
    again = full_report(case, before_wiping=first.value + 0.1)
    [oil] = [one for one in again.gates if one.id == "oil"]
    assert oil.state is GateState.OK
    assert "in the paint" in oil.sentence
    assert oil.values["told"] == "in_paint"
    clean = full_report(good(str(case.frames.station)), before_wiping=first.value)
    [oil] = [one for one in clean.gates if one.id == "oil"]
    assert (oil.state, oil.values["told"]) == (GateState.OK, "wiped_off")
    assert oil.value is not None
    assert oil.values["taken"] == pytest.approx(first.value - oil.value)


def test_oil_that_came_on_after_wiping_is_oil() -> None:
    """Haze that is higher than before the wiping is not what was there before."""
    case = drawn("oily", 1)
    [oil] = [one for one in full_report(case, before_wiping=2.0).gates if one.id == "oil"]
    assert (oil.state, oil.fault) == (GateState.RED, "hazy")


def test_streaks_without_anything_to_compare_are_a_doubt_only() -> None:
    case = drawn("oily", 1)
    assert said(replace(case, recipe=recipe_for(PANELS["amethyst"](5))))["oil"].state is GateState.DOUBT


@pytest.mark.parametrize(("celsius", "state"), [(23.0, "ok"), (27.9, "ok"), (29.0, "doubt"), (17.0, "doubt"),
                                                (33.1, "red"), (None, "unknown")])  # fmt: skip
def test_the_panel_s_temperature_has_stated_limits(celsius: float | None, state: str) -> None:
    case = good("B")
    there = replace(case.frames.conditions, surface_temperature_c=celsius)
    assert said(replace(case, frames=replace(case.frames, conditions=there)))["temperature"].state == state


@pytest.mark.parametrize(("at", "met", "state"), [("2026-11-22T07:00:00+08:00", True, "ok"),
                                                  ("2026-11-22T07:00:00+08:00", False, "red"),
                                                  ("2026-11-21T09:00:00+08:00", True, "red"),
                                                  ("2026-11-23T09:00:00+08:00", False, "unknown")])  # fmt: skip
def test_a_daily_check_holds_for_a_day(at: str, met: bool, state: str) -> None:
    assert said(replace(good("B"), daily_check=DailyCheck(at, met)))["daily_check"].state == state


@pytest.mark.parametrize(("check", "fault"), [
    (DailyCheck(None, met=False), "never"),
    (DailyCheck("2026-11-22T07:00:00+08:00", met=True, same_rig=False), "calibrated"),
    (DailyCheck("2026-11-22T07:00:00+08:00", met=True, valid_hours=2.0), "late"),
    (DailyCheck("2026-11-01T07:00:00+08:00", met=False, valid_hours=None), "failed"),
    (DailyCheck("2026-11-01T07:00:00+08:00", met=True, valid_hours=None, same_rig=False), ""),
    (None, ""),
])  # fmt: skip
def test_a_daily_check_that_is_asked_for_has_to_be_there_in_time_and_of_this_calibration(
    check: DailyCheck | None, fault: str
) -> None:
    one = said(replace(good("B"), daily_check=check))["daily_check"]
    assert (one.fault, one.state is GateState.RED) == (fault, fault != "")


def test_what_cannot_be_looked_at_is_said_and_bars_nothing() -> None:
    case = good("B")
    bare = replace(case.frames, frames=tuple(f for f in case.frames.frames if f.role is Role.FRINGE))
    answers = said(replace(case, frames=bare, rig=replace(case.rig, dark_per_ms=None)))
    unknown = {name for name, one in answers.items() if one.state is GateState.UNKNOWN}
    assert unknown == {"ambient", "colour", "daily_check", "light", "oil"}
    assert all(one.value is None for name, one in answers.items() if name in unknown)


def test_a_room_as_bright_as_at_calibration_is_no_fault() -> None:
    """The poor station stands in a lit room: what counts is the change."""
    one = said(good("poor"))["ambient"]
    assert one.state is GateState.OK
    assert one.value is not None
    assert abs(one.value) < 2.0


def test_a_slightly_brighter_room_is_a_doubt() -> None:
    case = good("B")
    change = 0.05 * float(np.median(taken_offset(case.frames)))
    rng = np.random.default_rng(3)
    lit = relit(case.frames, (Role.DARK, Role.FRINGE, Role.WHITE), lambda f, light: light + change * f.exposure_ms, rng)
    assert said(replace(case, frames=lit))["ambient"].state is GateState.DOUBT


def taken_offset(frames: Frames) -> np.ndarray:
    """Mean light of the fringe frames per ms."""
    span = frames.sensor.white_level - frames.sensor.black_level
    fringes = frames.with_role(Role.FRINGE)
    return np.mean([(f.pixels - frames.sensor.black_level) / span / f.exposure_ms for f in fringes], axis=0)


def test_gates_say_the_same_of_the_same_capture() -> None:
    case = drawn("moved", 4)
    assert case.gates() == case.gates()
