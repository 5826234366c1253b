"""The word for what polishing left, its direction, and what the eye sees of it on dark and light colours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lamp_panels import STATION, polishing_of
from sample_captures import NOW, finding, recipe, rig_of

from inspection.maps.kinds import Target
from inspection.measures.hologram import (
    VISIBLE_RATIO,
    Work,
    hologram_ratio,
    hologram_visibility_ratio,
    visible_ratio,
)
from inspection.pipeline import examine
from inspection.polishing_marks import PolishingMarks, polishing_marks
from inspection.reading import Missing, Quality
from samples.paintwork import Panel
from samples.polish import Polish
from samples.scene import render_lamps

DARK = Panel("dark", lab=(8.0, 2.0, -2.0), haze=0.01)


def marks_of(*polish: Polish, seed: int = 1) -> PolishingMarks:
    seen = polishing_of(render_lamps(replace(DARK, polish=polish), STATION, seed=seed))
    return polishing_marks(seen, DARK.lab[0])


@pytest.mark.parametrize("direction_deg", [-62.0, 3.0, 41.0])
def test_straight_marks_run_the_way_they_were_sanded(direction_deg: float) -> None:
    """Within the 5° by which directions are tried."""
    found = marks_of(Polish("straight", 71.0, 71.0, coverage=0.12, direction_deg=direction_deg))
    assert found.work is Work.STRAIGHT
    assert found.direction_deg is not None
    assert found.spread_deg is not None
    assert abs((found.direction_deg - direction_deg + 90) % 180 - 90) <= 5.0
    assert found.spread_deg < 10.0


def test_marks_that_lie_every_way_have_no_direction() -> None:
    found = marks_of(Polish("orbital", 71.0, 71.0, coverage=0.14, furrow_um=8.0, alpha_across=0.2))
    assert found.work is Work.ORBITAL
    assert (found.direction_deg, found.spread_deg) == (None, None)
    assert found.every_way_ratio > found.visible_ratio


def test_a_clean_panel_says_so() -> None:
    assert marks_of().work is Work.NONE


def test_the_report_holds_the_word_and_both_contrasts() -> None:
    panel = replace(DARK, polish=(Polish("straight", 71.0, 71.0, coverage=0.12, direction_deg=20.0),))
    frames = render_lamps(panel, STATION, seed=1)
    report = examine(frames, rig_of(STATION), recipe(), now=NOW, software="test").report
    told = report.as_dict()["polishing_marks"]
    assert (told["work"], told["azimuths"]) == ("straight", 8)
    assert told["oriented_ratio"] == pytest.approx(finding(report, "hologram_ratio").value)
    assert told["u_oriented_ratio"] == pytest.approx(finding(report, "hologram_ratio").u)
    assert told["every_way_ratio"] == pytest.approx(finding(report, "orbital_haze_ratio").value)


def test_a_report_without_lamps_names_no_marks() -> None:
    frames = replace(render_lamps(DARK, STATION, seed=1), frames=())
    assert examine(frames, rig_of(STATION), recipe(), now=NOW, software="test").report.polishing_marks is None


def test_only_near_black_paint_hides_marks_in_its_surroundings() -> None:
    """At L* = 2 (Y = 0.0022) the mirrored surroundings are about as bright as the paint: the limit doubles."""
    limits = [visible_ratio(light) for light in (2.0, 8.0, 28.0, 93.0)]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] == pytest.approx(1.9 * VISIBLE_RATIO, rel=0.01)
    assert limits[2:] == pytest.approx([VISIBLE_RATIO] * 2, rel=0.04)
    assert visible_ratio(8.0) == pytest.approx(visible_ratio(8.001), rel=1e-3)
    assert visible_ratio(None) == VISIBLE_RATIO


def test_one_limit_of_visibility_holds_for_every_colour() -> None:
    """The same furrows: far above the limit on black, below it on light grey."""
    strokes = (Polish("straight", 71.0, 71.0, coverage=0.12, direction_deg=-70.0),)
    found = []
    for light in (4.0, 60.0):
        panel = replace(DARK, lab=(light, 0.0, 0.0), polish=strokes)
        seen = polishing_of(render_lamps(panel, STATION, seed=2))
        reading = hologram_visibility_ratio(seen, Target(panel.lab, 1.5))
        assert reading.value == pytest.approx(hologram_ratio(seen).value / visible_ratio(light))
        assert reading.u >= hologram_ratio(seen).u / visible_ratio(light)
        found.append(reading.value)
    assert found[0] > 3
    assert found[1] < 1


def test_a_recipe_without_a_colour_gives_no_visibility() -> None:
    seen = polishing_of(render_lamps(DARK, STATION, seed=1))
    with pytest.raises(Missing) as doubt:
        hologram_visibility_ratio(seen, Target(None, 1.5))
    assert doubt.value.quality is Quality.NO_TARGET
