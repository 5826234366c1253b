"""The corrected view of a stored inspection: what people say changes the advice, never what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW
from records import RECIPE_TEXT, defect_of, frames_of, maps_of, recipe_of, report_of, rig_of

from inspection.defects.kinds import Kind
from inspection.recipe import Recipe
from inspection.report import Action, Defect, Finding, NextStep
from inspection.verdict import Verdict
from station.store.corrected import corrected
from station.store.db import Correction, FilmReading, Store, What
from station.store.saved import saved

CHECKS = """
[[checks]]
measure = "defect_count"
kind = "nib"
high = 0
[[checks]]
measure = "scratch_length_mm"
high = 5.0
[film]
start_um = 95.0
removable_um = 16.0
per_pass_um = 3.0
"""
RECIPE = recipe_of(RECIPE_TEXT + CHECKS)
Look = Callable[[], dict[str, Any] | None]


@pytest.fixture
def ticking(tmp_path: Path) -> Any:
    ticks = iter(range(10_000))
    opened = Store.open(tmp_path / "station.db", clock=lambda: NOW + timedelta(seconds=next(ticks)))
    yield opened
    opened.close()


def about_marks(marks: tuple[Defect, ...]) -> tuple[Finding, ...]:
    nibs = float(sum(mark.kind == Kind.NIB for mark in marks))
    doubt = (sum(mark.confidence * (1 - mark.confidence) for mark in marks if mark.kind == Kind.NIB)) ** 0.5
    verdict = Verdict.FAIL if nibs else Verdict.PASS
    count = Finding(3, "whole", "defect_count", 1, {"kind": "nib", "min_length_mm": 0.0}, nibs, "1", doubt, doubt, 480,
                    (), None, 0.0, verdict)  # fmt: skip
    length = Finding(4, "whole", "scratch_length_mm", 1, {}, 0.0, "mm", 0.0, 0.0, 480, (), None, 5.0, Verdict.PASS)
    return count, length


def keep(store: Store, *marks: Defect, recipe: Recipe = RECIPE) -> int:
    """The last pass of a panel that is good but for its marks."""
    frames = frames_of(3)
    rig = rig_of(frames)
    plain = report_of(frames, rig, recipe, defects=marks, next_id=9)
    report = replace(plain, findings=(*plain.findings, *about_marks(marks)), verdict=about_marks(marks)[0].verdict)
    if report.verdict is not Verdict.PASS:
        report = replace(report, next_step=NextStep(Action.WORK_HERE, 0.0, ()))
    return store.save(report, frames=frames, rig=rig, recipe=recipe, maps=maps_of(3))


def view(store: Store, inspection: int) -> dict[str, Any] | None:
    with store.reader() as reader:
        row = reader.inspection(inspection)
        assert row is not None
        told = corrected(reader, row)
    json.dumps(told, allow_nan=False)
    return told


def say(store: Store, inspection: int, defect: str | None, what: What, **more: Any) -> None:
    store.add_correction(
        Correction(inspection_id=inspection, defect_id=defect, what=what, who="wren", why="seen", **more)
    )


def test_nothing_said_is_nothing_corrected(ticking: Store) -> None:
    one = keep(ticking, defect_of(1))
    assert view(ticking, one) is None
    say(ticking, one, "D1", What.NOTE)
    assert view(ticking, one) is None


def test_a_false_alarm_taken_out_turns_a_fail_into_a_release(ticking: Store) -> None:
    one = keep(ticking, defect_of(1))
    with ticking.reader() as reader:
        before = reader.report_text(one)
    say(ticking, one, "D1", What.FALSE_ALARM)
    told = view(ticking, one)
    assert told is not None
    assert (told["verdict"], told["next_step"]["action"], told["defects"]) == ("pass", "release", [])
    [count] = told["findings"]
    assert (count["measure"], count["value"], count["verdict"]) == ("defect_count", 0.0, "pass")
    with ticking.reader() as reader:
        assert reader.report_text(one) == before
    say(ticking, one, "D1", What.KIND, kind=Kind.NIB)
    again = view(ticking, one)
    assert again is not None
    assert (again["verdict"], again["next_step"]["action"]) == ("fail", "work_here")
    assert again["next_step"]["tasks"][0]["place"] == "D1"


def test_another_kind_counts_as_the_person_said(ticking: Store) -> None:
    one = keep(ticking, defect_of(1, Kind.DUST))
    say(ticking, one, "D1", What.KIND, kind=Kind.NIB)
    told = view(ticking, one)
    assert told is not None
    assert told["verdict"] == "fail"
    assert [mark["kind"] for mark in told["defects"]] == ["nib"]


def test_a_mark_that_was_missed_is_counted_but_has_no_length(ticking: Store) -> None:
    one = keep(ticking)
    say(ticking, one, None, What.MISSED, kind=Kind.SCRATCH, x_mm=4.0, y_mm=4.0)
    told = view(ticking, one)
    assert told is not None
    [length] = told["findings"]
    assert (length["measure"], length["value"], length["verdict"]) == ("scratch_length_mm", None, "hold")
    assert told["verdict"] == "hold"
    assert told["next_step"]["action"] != "release"
    say(ticking, one, None, What.MISSED, kind=Kind.NIB, x_mm=5.0, y_mm=4.0)
    told = view(ticking, one)
    assert told is not None
    assert told["verdict"] == "fail"
    assert [mark["id"] for mark in told["defects"]] == ["M1", "M2"]


def test_a_reading_that_came_late_stops_work_that_was_advised(ticking: Store) -> None:
    one = keep(ticking, defect_of(1))
    for number, film_um in ((0, 95.0), (3, 80.0)):
        ticking.add_film_reading(
            "AM-0007", FilmReading(coat_number=1, pass_number=number, zone="whole", film_um=film_um, who="heron")
        )
    told = view(ticking, one)
    assert told is not None
    whole = next(zone for zone in told["film"] if zone["zone"] == "whole")
    assert (whole["state"], whole["start_um"]) == ("stop", pytest.approx(95.0, abs=1.5))
    assert whole["film_um"] == pytest.approx(80.0, abs=1.5)
    assert (told["verdict"], told["next_step"]["action"]) == ("fail", "stop")


def test_a_region_of_the_panel_is_found_again_in_the_view_that_shows_it(ticking: Store) -> None:
    """Regions are in the panel's mm, marks in those of the view's field: 500 mm further left and 300 mm further up."""
    region = '[[regions]]\nname = "far"\npolygon_mm = [[500, 300], [900, 300], [900, 700], [500, 700]]\n'
    nib_there = '[[checks]]\nmeasure = "defect_count"\nkind = "nib"\nregion = "far"\nhigh = 0\n'
    recipe = recipe_of(RECIPE_TEXT + region + nib_there)
    frames = replace(frames_of(3), view_to_panel_mm=((1.0, 0.0, 500.0), (0.0, 1.0, 300.0), (0.0, 0.0, 1.0)))
    rig = rig_of(frames)
    nib = defect_of(1, kind=Kind.NIB, x_mm=1.0, y_mm=1.0, region="far", confidence=1.0)
    count = replace(about_marks((nib,))[0], region="far")
    plain = report_of(frames, rig, recipe, defects=(nib,), next_id=9)
    report = replace(plain, findings=(*plain.findings, count), verdict=Verdict.FAIL)
    inspection = ticking.save(report, frames=frames, rig=rig, recipe=recipe, maps=maps_of(3))
    say(ticking, inspection, None, What.MISSED, kind=Kind.DUST, x_mm=2.0, y_mm=2.0)
    told = view(ticking, inspection)
    assert told is not None
    assert told["verdict"] == "fail"
    assert not any(f["measure"] == "defect_count" and f["value"] == 0 for f in told["findings"])


def counted(store: Store) -> list[tuple[int, int, int]]:
    with store.reader() as reader:
        return [(row["panels"], row["panels_by_word"], row["passes_saved"]) for row in saved(reader)]


def test_savings_count_what_people_released_and_not_what_they_took_back(ticking: Store) -> None:
    five = recipe_of((RECIPE_TEXT + CHECKS).replace("passes = 3", "passes = 5"))
    one = keep(ticking, defect_of(1), recipe=five)
    assert counted(ticking) == []
    say(ticking, one, "D1", What.NOTE)
    assert counted(ticking) == []
    say(ticking, one, "D1", What.FALSE_ALARM)
    assert counted(ticking) == [(1, 1, 5 - 3)]
    say(ticking, one, None, What.MISSED, kind=Kind.NIB, x_mm=5.0, y_mm=4.0)
    assert counted(ticking) == []


def test_a_release_by_the_station_that_people_left_standing_is_not_by_their_word(ticking: Store) -> None:
    dust = defect_of(1, Kind.DUST)
    frames = frames_of(3)
    rig = rig_of(frames)
    released = replace(
        report_of(frames, rig, RECIPE, defects=(dust,), next_id=9), next_step=NextStep(Action.RELEASE, 0.99, ())
    )
    released = replace(released, findings=(*released.findings, *about_marks((dust,))))
    one = ticking.save(released, frames=frames, rig=rig, recipe=RECIPE, maps=maps_of(3))
    assert counted(ticking) == [(1, 0, 0)]
    say(ticking, one, "D1", What.FALSE_ALARM)
    assert counted(ticking) == [(1, 0, 0)]
    say(ticking, one, "D1", What.KIND, kind=Kind.NIB)
    assert counted(ticking) == []
