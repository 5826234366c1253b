"""Holograms, sanding marks and orbital haze on panels whose furrows are known one by one (all simulated)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from lamp_panels import STATION, WAYS, Judged, contrast, judged_work, only, polishing_of, taken, worked
from sample_captures import NOW, finding, recipe, rig_of

from inspection.frames import Frames, Role
from inspection.maps.lamps import lamps
from inspection.maps.polishing import holograms
from inspection.measures.hologram import VISIBLE_RATIO, Work
from inspection.pipeline import examine
from inspection.reading import Missing, Quality
from samples.paintwork import Panel
from samples.polish import Polish
from samples.scene import render, render_lamps
from samples.stations import NAMED

#: Panels of each way of working: 60 in all, as the work order asks.
EACH = 20
FOUR, TWO = (0.0, 90.0, 180.0, 270.0), (0.0, 90.0)
CLEAN = Panel("clean", lab=(8.0, 2.0, -2.0), haze=0.01)
STRAIGHT = Polish("straight", 71.0, 71.0, coverage=0.12, direction_deg=-70.0)


@lru_cache(maxsize=1)
def captures() -> tuple[tuple[str, int, Frames], ...]:
    return tuple((way, seed, taken(worked(seed, way), seed)) for way in WAYS for seed in range(EACH))


@lru_cache(maxsize=1)
def told() -> tuple[tuple[str, int, Judged], ...]:
    return tuple((way, seed, judged_work(frames)) for way, seed, frames in captures())


def test_eight_azimuths_tell_how_a_panel_was_worked() -> None:
    """The work order asks for 95 of 100; lamps are alike to 2 %, paint is black to anthracite."""
    right = [judged.work == way for way, _, judged in told()]
    assert np.mean(right) >= 0.95, f"{sum(right)} of {len(right)}"


def test_contrasts_err_as_their_u_says() -> None:
    """Robust, because a few panels have marks across none of the lamps; 30 draws know a spread to 20 %."""
    off = []
    for way, seed, judged in told():
        if seed < EACH // 2:
            reading = judged.orbital_haze if way == "orbital" else judged.hologram
            off.append((reading.value - contrast(worked(seed, way), STATION)) / reading.u)
    assert 1 / 1.5 <= np.median(np.abs(off)) / 0.6745 <= 1.5, np.round(off, 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_panel_without_marks_shows_none(seed: int) -> None:
    judged = judged_work(taken(CLEAN, seed))
    assert judged.work is Work.NONE
    assert abs(judged.hologram.value) <= 3 * judged.hologram.u
    assert abs(judged.orbital_haze.value) <= 3 * judged.orbital_haze.u


def test_direction_of_sanding_is_found() -> None:
    seen = polishing_of(render_lamps(replace(CLEAN, polish=(STRAIGHT,)), STATION, seed=1))
    strong = seen.oriented > np.median(seen.oriented)
    off = (seen.direction_deg[strong] + 70.0 + 90.0) % 180.0 - 90.0
    # Directions are tried every 5°.
    assert abs(np.median(off)) <= 5.0


def test_the_same_marks_show_less_on_lighter_paint() -> None:
    light = [4.0, 10.0, 20.0, 40.0]
    panels = [replace(CLEAN, lab=(value, 0.0, 0.0), polish=(STRAIGHT,)) for value in light]
    found = [judged_work(render_lamps(panel, STATION, seed=2)).hologram.value for panel in panels]
    assert found == sorted(found, reverse=True)
    assert found[0] > 5 * found[-1]


def test_few_lamps_leave_the_kind_of_work_open() -> None:
    """Four azimuths around a tilted camera have three half-vectors of different direction; two have two."""
    _, _, frames = captures()[0]
    for azimuths in (FOUR, TWO):
        judged = judged_work(only(frames, azimuths))
        assert judged.work is Work.UNSURE
        assert np.isfinite(judged.hologram.value)
        assert judged.one_direction.quality == (Quality.UNRESOLVED,)


def test_four_lamps_still_tell_marks_of_one_direction_from_those_of_every_direction() -> None:
    found = {way: [judged_work(only(f, FOUR)).hologram.value for w, s, f in captures() if w == way and s < 8]
             for way in WAYS}  # fmt: skip
    assert np.median(found["rotary"]) > 2 * np.median(found["orbital"])
    assert np.median(found["straight"]) > 2 * np.median(found["orbital"])


def test_one_lamp_is_no_azimuth() -> None:
    with pytest.raises(Missing) as doubt:
        polishing_of(only(render_lamps(CLEAN, STATION, seed=1), (45.0,)))
    assert doubt.value.quality is Quality.NO_FRAMES


def test_map_shows_where_the_marks_are() -> None:
    """Sanded on the left half only."""
    half = replace(STRAIGHT, width_mm=30.0, height_mm=60.0)
    panel = replace(CLEAN, polish=(half,))
    panel = replace(panel, pose=type(panel.pose)(dx_mm=-15.0))
    frames, rig = render_lamps(panel, STATION, seed=3), rig_of(STATION)
    drawn = holograms(polishing_of(frames), lamps(frames, rig)).layers()
    assert set(drawn) == {"hologram_ratio", "hologram_direction_deg", "orbital_haze_ratio"}
    ratio = drawn["hologram_ratio"]
    assert ratio.shape == STATION.shape
    assert np.nanmean(ratio[:, :60]) > VISIBLE_RATIO + 4 * np.nanmean(ratio[:, 80:])


def test_without_lamps_the_measures_exist_and_say_why_they_have_no_value() -> None:
    station = NAMED["B"].sized(64)
    frames = render(CLEAN, station, seed=1)
    assert not frames.with_role(Role.SPOT)
    report = examine(frames, rig_of(station), recipe(), now=NOW, software="test").report
    for measure in ("hologram_ratio", "orbital_haze_ratio", "one_direction_pct"):
        found = finding(report, measure)
        assert found.value is None
        assert found.quality[0] is Quality.NO_FRAMES
