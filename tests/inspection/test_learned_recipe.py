"""A recipe learned from simulated panels: what it asks, whom it passes, what it refuses to be learned from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pytest
from sample_captures import judged, rig_of

from inspection.frames import Conditions, Frames
from inspection.learning.demands import SIDES
from inspection.learning.learn import learn, read_headlines
from inspection.learning.panels import LEAST_PANELS
from inspection.learning.spreads import Known, Spread, question
from inspection.learning.writing import About
from inspection.recipe import Film, Recipe, parse_recipe
from inspection.refused import Refused
from inspection.registry import MEASURES
from inspection.verdict import Verdict
from samples.panels import amethyst_story
from samples.scene import render
from samples.stations import NAMED

STATION = NAMED["B"].sized(64)
ABOUT = About("amethyst", {"zh": "紫水晶", "en": "Amethyst"}, 1.5, Film(start_um=95.0), "Made up for a test.")
LAB = (28.0, 26.0, -34.0)
N = 4


@lru_cache(maxsize=1)
def captures() -> dict[str, Frames]:
    """Four panels after pass 3 and pass 5, one of them also after pass 4; gloss and colour scatter a little."""
    rng = np.random.default_rng(8)
    made = {}
    for number in range(N):
        lab = tuple(np.array(LAB) + 0.2 * rng.standard_normal(3))
        dull = 1 + 0.05 * rng.standard_normal()
        for pass_number in (3, 4, 5) if number == 0 else (3, 5):
            story = amethyst_story(pass_number)
            panel = replace(story, code=f"AM-{number}", lab=lab, alpha=story.alpha * dull, marks=(), scuffs=())
            when = f"2026-11-22T09:{10 * pass_number + number:02d}:00+08:00"
            made[f"{pass_number}-{number}"] = render(panel, STATION, seed=10 * pass_number + number, captured_at=when)
    return made


def last(**changes: object) -> dict[str, Frames]:
    """The captures after pass 5, with changes to the last of them."""
    found = {source: frames for source, frames in captures().items() if frames.pass_number == 5}
    found["5-3"] = replace(found["5-3"], **changes)
    return found


def learned(sets: Mapping[str, Frames], known: Known | None = None) -> Recipe:
    lines = read_headlines(list(sets), sets.__getitem__)
    now = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    text = learn(
        lines,
        sets.__getitem__,
        lambda source: rig_of(STATION),
        ABOUT,
        known=known or {},
        now=now,
        who="heron",
        software="test",
    )
    return parse_recipe(text, "learned.toml", angle_deg=STATION.camera_angle_deg)


@lru_cache(maxsize=1)
def recipe() -> Recipe:
    return learned(captures())


def limits(of: Recipe, measure: str, pass_number: int) -> tuple[float | None, float | None]:
    """Of the first check of a measure for a pass."""
    return next((c.low, c.high) for c in of.checks if c.measure == measure and c.passes == (pass_number,))


def test_it_asks_for_measures_that_there_are() -> None:
    assert set(SIDES) <= set(MEASURES)


def test_the_target_is_the_mean_of_the_panels_after_their_last_pass() -> None:
    found = recipe()
    assert found.target_lab is not None
    assert found.learned is not None
    assert found.learned.u_lab is not None
    # The panels' own scatter is 0.2 / √4 about the population's mean; u holds that and the calibration.
    errors = np.abs(np.array(found.target_lab) - LAB)
    assert (errors < 3 * np.array(found.learned.u_lab)).all()
    assert (np.array(found.learned.u_lab) > 0.04).all()


def test_it_says_how_many_panels_when_and_with_what() -> None:
    about = recipe().learned
    assert about is not None
    assert (about.panels, about.passes, about.who, about.simulated) == (N, (3, 5), "heron", True)
    assert (about.captured_from[11:16], about.captured_to[11:16]) == ("09:30", "09:53")
    assert about.rig == rig_of(STATION).sha256
    assert set(about.captures) == {frames.sha256 for frames in captures().values() if frames.pass_number != 4}


@pytest.mark.parametrize("source", [f"{p}-{n}" for p in (3, 5) for n in range(N)])
def test_the_panels_it_was_learned_from_pass_it(source: str) -> None:
    report = judged(captures()[source], rig_of(STATION), recipe().text)
    assert report.verdict is Verdict.PASS, [f for f in report.findings if f.verdict not in (None, "pass")]


def test_a_panel_of_another_colour_fails_it() -> None:
    panel = replace(amethyst_story(5), code="AM-X", lab=(28.0, 30.0, -30.0), marks=())
    report = judged(render(panel, STATION, seed=99), rig_of(STATION), recipe().text)
    assert {f.measure for f in report.findings if f.verdict is Verdict.FAIL} >= {"delta_e00", "delta_e00_p95"}


def test_a_duller_panel_fails_it() -> None:
    panel = replace(amethyst_story(2), code="AM-Y", pass_number=5, lab=LAB, marks=())
    report = judged(render(panel, STATION, seed=98), rig_of(STATION), recipe().text)
    assert "clarity_pct" in {f.measure for f in report.findings if f.verdict is Verdict.FAIL}


def test_what_an_earlier_pass_reached_is_asked_of_that_pass() -> None:
    low_3, low_5 = (limits(recipe(), "clarity_pct", number)[0] for number in (3, 5))
    assert low_3 is not None
    assert low_5 is not None
    assert low_3 < low_5


def test_a_pass_with_too_few_panels_has_no_limits_and_the_file_says_so() -> None:
    assert not [check for check in recipe().checks if check.passes == (4,)]
    assert re.search(r"^# Pass 4: no limits, 1 of the panels", recipe().text, re.MULTILINE)


def test_lightness_has_two_sides_and_gloss_and_colour_difference_one() -> None:
    low, high = limits(recipe(), "delta_l_lab", 5)
    assert low is not None
    assert high is not None
    assert low < 0 < high
    assert limits(recipe(), "gloss_of_ceiling_pct", 5)[1] is None
    assert limits(recipe(), "delta_e00", 5)[0] is None


def test_other_recipes_whose_panels_differ_little_make_few_panels_ask_for_more() -> None:
    asked = question("clarity_pct", {"period_mm": 3.0})
    lent = learned(last(), {asked: [Spread(1e-4, 10.0), Spread(1.1e-4, 10.0), Spread(0.9e-4, 10.0)]})

    def low(of: Recipe) -> float:
        found = [c.low for c in of.checks if c.measure == "clarity_pct" and c.knobs == {"period_mm": 3.0}]
        assert found[-1] is not None
        return found[-1]

    assert low(lent) > low(recipe())
    assert "shrunk towards other recipes" in lent.text


@pytest.mark.parametrize(
    ("sets", "sentence"),
    [
        (lambda: dict(list(last().items())[: LEAST_PANELS - 1]), "5-0: pass_number: 2 accepted panels"),
        (lambda: last(recipe="jade"), '5-3: recipe: is "jade", that of 5-0 is "amethyst"'),
        (lambda: last(recipe=None), "5-3: recipe: is missing"),
        (lambda: last(panel="AM-0"), "5-3: panel: AM-0 after pass 5 is given already by 5-0"),
        (lambda: last(panel=None, sha256=captures()["5-1"].sha256), "5-3: panel: .* is given already by 5-1"),
        (lambda: last(conditions=Conditions(False)), "5-3: conditions.wiped: is false"),
        (lambda: last(captured_at=None), "5-3: captured_at: is missing"),
        (lambda: last(reference_set=True), "5-3: reference_set: expected the capture of a panel"),
        (lambda: last(view="left"), "5-3: view: expected captures of whole panels"),
        (lambda: last(simulated=False), "5-3: simulated: expected simulated captures only"),
        (
            lambda: last(frames=tuple(f for f in captures()["5-3"].frames if f.group != "diffuse")),
            "5-3: frames: the colour cannot be learned",
        ),
    ],
)
def test_it_refuses_captures_that_no_recipe_can_be_learned_from(sets, sentence: str) -> None:
    with pytest.raises(Refused, match=f"^{sentence}"):
        learned(sets())


def test_it_refuses_panels_of_two_colours_and_names_the_odd_one() -> None:
    panel = replace(amethyst_story(5), code="AM-Z", lab=(28.0, 20.0, -28.0), marks=())
    with pytest.raises(Refused, match=r"^5-3: another colour than the other panels"):
        learned({**last(), "5-3": render(panel, STATION, seed=97, captured_at="2026-11-22T09:59:00+08:00")})
