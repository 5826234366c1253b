"""What every measure promises, whatever it measures: one suite over the whole registry."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inspection
import inspection.measures
from calibration import calibrate
from inspection.areas import whole
from inspection.catalogue import catalogue
from inspection.defects.marks import Marks
from inspection.frames import Frames, Role
from inspection.maps.kinds import Area, Map, Target
from inspection.pipeline import inspect
from inspection.reading import BLOCKING, Missing, Quality, Reading, Source
from inspection.recipe import parse_recipe
from inspection.registry import BUILDERS, MEASURES, Measure, discover
from inspection.report import Finding, Report
from inspection.rig import Rig
from inspection.units import UNIT_OF_SUFFIX, unit_of
from inspection.verdict import Verdict, judge
from samples.panels import amethyst_story
from samples.scene import CAPTURED_AT, render, render_reference
from samples.stations import NAMED
from samples.surface import Mark

STATION = replace(
    NAMED["B"].sized(64),
    spot_azimuths_deg=tuple(45.0 * i for i in range(8)),
    # Seen at 20° a light at 110° stands on the horizon.
    aspecular_deg=(15.0, 45.0, 108.0),
)
TARGET = Target((28.0, 26.0, -34.0), 1.5)
#: Contradicted by no value that a paint could have.
WIDE_OPEN = (-1e9, 1e9)

discover(inspection.measures)
every_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.id)


@pytest.fixture(scope="module")
def frames() -> Frames:
    """A polished panel without marks."""
    return render(replace(amethyst_story(4), marks=(), patches=(), scuffs=()), STATION, seed=3)


@pytest.fixture(scope="module")
def rig() -> Rig:
    return calibrate([render_reference(STATION, seed=2)])


def reading_of(measure: Measure, frames: Frames, rig: Rig, *, blind: bool = False, **knobs: float | str) -> Reading:
    """The measure's own answer on the whole picture; blind: no pixel of any map is there."""
    area = whole(frames.sensor.shape)
    given: dict[type, Any] = {Frames: frames, Rig: rig, Target: TARGET, Area: area}

    @cache
    def get(kind: type) -> Any:
        if kind in given:
            return given[kind]
        made = BUILDERS[kind].function(*(given_or_none(kind, need) for need in BUILDERS[kind].needs))
        return emptied(made) if blind and isinstance(made, Map) else made

    def given_or_none(kind: type, need: type) -> Any:
        try:
            return get(need)
        except Missing:
            if need not in BUILDERS[kind].optional:
                raise
            return None

    try:
        return measure.function(*(get(need) for need in measure.needs), **(measure.knobs | knobs))
    except Missing as doubt:
        return Reading.missing(doubt.quality)


def emptied(given: Map) -> Map:
    """The same map with NaN in every pixel."""
    changes: dict[str, Any] = {}
    for field in fields(given):
        value = getattr(given, field.name)
        if isinstance(value, np.ndarray):
            changes[field.name] = np.full_like(value, np.nan)
        elif isinstance(value, dict):
            changes[field.name] = {
                key: emptied(part) if isinstance(part, Map) else np.full_like(part, np.nan)
                for key, part in value.items()
            }
    return replace(given, **changes)


def judged(frames: Frames, rig: Rig, corners_mm: list[list[float]] | None = None) -> Report:
    """A report of a recipe that asks for every measure, in a region where corners are given, within any limits."""
    region = "" if corners_mm is None else f'[[regions]]\nname = "A"\npolygon_mm = {corners_mm}\n'
    where = "" if corners_mm is None else 'region = "A"\n'
    text = 'format = "paint-recipe/1"\nname = "all"\ntitle = { zh = "全部", en = "All" }\npasses = 5\nn_clear = 1.5\n'
    text += f"[colour]\nlab = {list(TARGET.lab or ())}\n{region}"
    for measure in MEASURES.values():
        text += f'[[checks]]\nmeasure = "{measure.id}"\nlow = {WIDE_OPEN[0]}\n{where}'
    return inspect(frames, rig, parse_recipe(text, "all.toml"), now=CAPTURED_AT, software="test")


def checked(report: Report, measure: Measure) -> Finding:
    return next(f for f in report.findings if f.measure == measure.id and f.check_no is not None)


@every_measure
def test_measure_says_what_it_is(measure: Measure) -> None:
    """Title in one line, a version, a unit that its name carries, knobs with units."""
    assert 10 <= len(measure.title) <= 120
    assert measure.title == measure.documentation.splitlines()[0].rstrip(".")
    assert measure.version >= 1
    assert measure.id.rsplit("_", 1)[-1] in UNIT_OF_SUFFIX
    assert measure.unit == unit_of(measure.id)
    for knob, default in measure.knobs.items():
        if not isinstance(default, str):
            assert unit_of(knob)
            assert math.isfinite(default)
            assert default >= 0
    assert measure.possible[0] < measure.possible[1]
    assert set(measure.needs) <= {*BUILDERS, Area, Target}


@every_measure
def test_normal_capture_gives_a_number_with_its_uncertainty(measure: Measure, frames: Frames, rig: Rig) -> None:
    reading = reading_of(measure, frames, rig)
    assert math.isfinite(reading.value)
    assert math.isfinite(reading.u)
    assert reading.u >= reading.u_noise >= 0
    # Nothing found is nothing to be unsure about: a clean panel has no marks, and no length of them.
    assert reading.u > 0 or (Marks in measure.needs and reading.value == 0)
    assert 0 < reading.n_px <= frames.sensor.width_px * frames.sensor.height_px
    assert BLOCKING.isdisjoint(reading.quality)
    u = reading.u
    assert measure.possible[0] - 3 * u <= reading.value <= measure.possible[1] + 3 * u


@every_measure
def test_its_uncertainty_is_made_of_the_terms_of_its_budget(measure: Measure, frames: Frames, rig: Rig) -> None:
    reading = reading_of(measure, frames, rig)
    assert reading.budget
    assert min(reading.budget.values()) >= 0
    assert math.hypot(*reading.budget.values()) == pytest.approx(reading.u, rel=1e-9)
    repeats = math.hypot(*(reading.budget.get(source, 0.0) for source in (Source.NOISE, Source.DETECTION)))
    assert repeats == pytest.approx(reading.u_noise, rel=1e-9)


@pytest.fixture(scope="module")
def captures(frames: Frames, rig: Rig) -> tuple[tuple[Frames, Rig], ...]:
    """The polished panel; as sprayed; and a marked one with a scratch, on finer pixels."""
    fine = replace(NAMED["B"].sized(128), spot_azimuths_deg=())
    scratch = Mark("scratch", -2.0, 3.0, 18.0, 0.5, -3.0, angle_deg=-24.0, groove=True)
    marked = replace(amethyst_story(4), marks=(*amethyst_story(0).marks, scratch), patches=(), scuffs=())
    return (
        (frames, rig),
        (render(amethyst_story(0), STATION, seed=3), rig),
        (render(marked, fine, seed=3), calibrate([render_reference(fine, seed=2)])),
    )


@every_measure
def test_declared_sources_are_those_of_its_budgets(measure: Measure, captures: tuple[tuple[Frames, Rig], ...]) -> None:
    """None that is not declared, and each declared one more than zero on some capture: MEASURES.md lists them."""
    knobs: dict[str, float | str] = {"kind": "nib"} if "kind" in measure.knobs else {}
    budgets = [reading_of(measure, *capture, **knobs).budget for capture in captures]
    assert set().union(*budgets) <= set(measure.sources)
    assert {source for budget in budgets for source, u in budget.items() if u > 0} == set(measure.sources)
    assert sorted(measure.sources, key=[*Source].index) == [*measure.sources]


@every_measure
def test_same_capture_gives_the_same_number(measure: Measure, frames: Frames, rig: Rig) -> None:
    assert reading_of(measure, frames, rig) == reading_of(measure, frames, rig)


@every_measure
def test_sweep_gives_knobs_that_the_measure_has(measure: Measure, frames: Frames, rig: Rig) -> None:
    """Without any check a report holds the measure, each time with knobs of its own."""
    found = [f for f in judged(frames, rig).findings if f.measure == measure.id]
    assert found
    assert all(set(f.knobs) == set(measure.knobs) for f in found)
    assert len({tuple(f.knobs.items()) for f in found}) == len(found)
    assert {(f.unit, f.version) for f in found} == {(measure.unit, measure.version)}


@every_measure
def test_blind_map_gives_a_doubt_and_no_number(measure: Measure, frames: Frames, rig: Rig) -> None:
    """No pixel is there: no value, no warning of an empty mean, and nothing that could be judged."""
    reading = reading_of(measure, frames, rig, blind=True)
    assert math.isnan(reading.value)
    assert BLOCKING.intersection(reading.quality)
    assert judge(reading, *WIDE_OPEN) is Verdict.HOLD


@every_measure
def test_missing_value_is_held_whatever_the_limits(measure: Measure) -> None:
    for low, high in (WIDE_OPEN, (None, WIDE_OPEN[1]), (WIDE_OPEN[0], None)):
        assert judge(Reading.missing(Quality.NO_FRAMES), low, high) is Verdict.HOLD
        assert judge(Reading(math.nan, 0.0, 0.0, 1000), low, high) is Verdict.HOLD
        assert judge(Reading(1.0, math.nan, math.nan, 1000), low, high) is Verdict.HOLD


@pytest.fixture(scope="module")
def report_of(frames: Frames, rig: Rig) -> Callable[[str], Report]:
    """Reports of a good capture, and of captures that cannot prove anything."""
    black = round(frames.sensor.black_level)
    side = STATION.mm_per_px * STATION.width_px
    captures = {
        "black": replace(frames, frames=tuple(replace(f, pixels=np.full_like(f.pixels, black)) for f in frames.frames)),
        "no frames": replace(frames, frames=frames.with_role(Role.DARK)),
    }
    corners_mm = {
        "fewer than 16 pixels": [[10.0, 10.0], [11.0, 10.0], [11.0, 11.0], [10.0, 11.0]],
        "half outside the picture": [[side / 2, 0.0], [side * 1.5, 0.0], [side * 1.5, side], [side / 2, side]],
        "outside the picture": [[2 * side, 0.0], [3 * side, 0.0], [3 * side, side], [2 * side, side]],
    }
    return cache(lambda name: judged(captures.get(name, frames), rig, corners_mm.get(name)))


@every_measure
def test_good_capture_can_pass(measure: Measure, report_of: Callable[[str], Report]) -> None:
    assert checked(report_of("good"), measure).verdict is Verdict.PASS


@pytest.mark.parametrize("capture", ["black", "no frames", "fewer than 16 pixels", "outside the picture"])
@every_measure
def test_what_was_not_seen_is_held(measure: Measure, capture: str, report_of: Callable[[str], Report]) -> None:
    finding = checked(report_of(capture), measure)
    assert finding.verdict is Verdict.HOLD
    assert BLOCKING.intersection(finding.quality)
    assert (finding.value, finding.u, finding.u_noise) == (None, None, None)


@every_measure
def test_half_an_area_does_not_stand_for_the_whole(measure: Measure, report_of: Callable[[str], Report]) -> None:
    finding = checked(report_of("half outside the picture"), measure)
    assert finding.verdict is Verdict.HOLD
    assert Quality.LOW_COVERAGE in finding.quality


@every_measure
def test_absent_frames_are_named_as_the_reason(measure: Measure, report_of: Callable[[str], Report]) -> None:
    assert checked(report_of("no frames"), measure).quality[0] is Quality.NO_FRAMES


def test_catalogue_is_fresh() -> None:
    """MEASURES.md is what the code says of itself."""
    written = (Path(inspection.__file__).parent / "MEASURES.md").read_text(encoding="utf-8")
    command = "from inspection.catalogue import catalogue; print(catalogue(), end='')"
    assert written == catalogue(), f'stale; write it anew: python -c "{command}" > inspection/MEASURES.md'
