"""What is asked of a capture: every check of the recipe and every measure beside, each answered by a finding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace

import numpy as np

from inspection.averages import LEAST_PX
from inspection.defects.kinds import Kind
from inspection.defects.marks import Mark, Marks
from inspection.frames import Frames
from inspection.fringes import Decoded
from inspection.harmonics import LEAST_RATIO
from inspection.passes.advice import Demand
from inspection.reading import Missing, Quality, Reading
from inspection.recipe import WHOLE, Check, Recipe
from inspection.registry import MEASURES, Knobs, Measure
from inspection.report import Defect, Finding
from inspection.rig import Rig
from inspection.verdict import conformity, judge
from inspection.workbench import Workbench

#: Doubts of the whole capture that concern values only.
_OF_VALUES = frozenset({Quality.SPOILT, Quality.HARMONICS, Quality.OTHER_WAVEFORM})
#: From this share of saturated pixels on every finding carries a note.
SATURATED_RATIO = 0.001
_IN_PLACE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def findings_of(bench: Workbench, recipe: Recipe, pass_number: int, doubts: tuple[Quality, ...]) -> tuple[Finding, ...]:
    """One finding for each check of this pass, then one without verdict for each further measure.

    Parameters
    ----------
    doubts
        Those of the whole capture: every finding carries them.
    """
    asked = recipe.checks_for(pass_number)
    findings = [_finding(number, check, _read(bench, check, doubts)) for number, check in asked]
    # What the last pass will ask is in every report: the next step can be made anew from it alone.
    reported = {_question(check) for _, check in asked}
    later = {_question(check): replace(check, low=None, high=None) for _, check in recipe.checks_for(recipe.passes)}
    coming = [check for question, check in later.items() if question not in reported]
    covered = [(check.measure, check.knobs) for _, check in asked if check.region == WHOLE]
    covered += [(check.measure, check.knobs) for check in coming if check.region == WHOLE]
    unasked = [Check(m.id, knobs, None, None, WHOLE, None) for m, knobs in _unasked(bench, covered)]
    findings += [_finding(None, check, _read(bench, check, doubts)) for check in (*coming, *unasked)]
    return tuple(findings)


def demands_of(bench: Workbench, recipe: Recipe, doubts: tuple[Quality, ...]) -> list[Demand]:
    """How the panel, as it is, stands to every check of its last planned pass."""
    return [_demand(n, check, _read(bench, check, doubts)) for n, check in recipe.checks_for(recipe.passes)]


def doubts_of(frames: Frames, bench: Workbench, saturated_ratio: float) -> tuple[Quality, ...]:
    """Doubts that concern the whole capture."""
    doubts: tuple[Quality, ...] = (Quality.NOT_WIPED,) if frames.conditions.wiped is False else ()
    if saturated_ratio > SATURATED_RATIO:
        doubts += (Quality.SATURATED,)
    return doubts + _fringe_doubts(bench)


def _fringe_doubts(bench: Workbench) -> tuple[Quality, ...]:
    """Harmonics beyond those of the calibration, which are taken off: in the phase, or at least in the frames."""
    decoded: Decoded | None = bench.get_or_none(Decoded)
    if decoded is None:
        return ()
    if decoded.left is not None and decoded.left.stands_out:
        return (Quality.OTHER_WAVEFORM,)
    rig: Rig = bench.get(Rig)
    found, known = decoded.harmonic, (rig.harmonic_ratio or 0.0) + LEAST_RATIO
    return (Quality.HARMONICS,) if found is not None and found.stands_out and found.ratio > known else ()


def _unasked(bench: Workbench, covered: list[tuple[str, Knobs]]) -> Iterable[tuple[Measure, Knobs]]:
    """Every measure and set of knobs that is reported though no check asks for it."""
    for measure in MEASURES.values():
        sweep: Iterable[Knobs] = [measure.knobs]
        if measure.sweep is not None:
            try:
                sweep = list(measure.sweep(*(bench.get(need) for need in _sweep_needs(measure))))
            except Missing:
                sweep = [measure.knobs]
        yield from ((measure, knobs) for knobs in sweep if (measure.id, knobs) not in covered)


def _question(check: Check) -> tuple[str, str, str]:
    """What a check asks, whatever its limits."""
    return check.measure, check.region, repr(sorted(check.knobs.items()))


def _sweep_needs(measure: Measure) -> tuple[type, ...]:
    """A sweep looks at the measure's first map."""
    return measure.needs[:1]


def _read(bench: Workbench, check: Check, common: tuple[Quality, ...]) -> Reading:
    reading = bench.read(MEASURES[check.measure], check.knobs, check.region)
    # What was not measured says why by itself; a ripple in its slopes says nothing about it either.
    told = common if math.isfinite(reading.value) else tuple(doubt for doubt in common if doubt not in _OF_VALUES)
    return replace(reading, quality=(*reading.quality, *told))


def _finding(number: int | None, check: Check, reading: Reading) -> Finding:
    measure = MEASURES[check.measure]
    limited = check.low is not None or check.high is not None
    return Finding(
        check_no=number,
        region=check.region,
        measure=measure.id,
        version=measure.version,
        knobs=dict(check.knobs),
        value=_number(reading.value),
        unit=measure.unit,
        u=_number(reading.u),
        u_noise=_number(reading.u_noise),
        n_px=reading.n_px,
        quality=tuple(reading.quality),
        low=check.low,
        high=check.high,
        verdict=None if number is None else judge(reading, check.low, check.high),
        budget={str(source): float(u) for source, u in reading.budget.items()},
        probability=conformity(reading, check.low, check.high) if limited else None,
    )


def restated(finding: Finding, reading: Reading) -> Finding:
    """The same question, answered by another reading."""
    limited = finding.low is not None or finding.high is not None
    return replace(
        finding,
        value=_number(reading.value),
        u=_number(reading.u),
        u_noise=_number(reading.u_noise),
        n_px=reading.n_px,
        quality=tuple(reading.quality),
        verdict=None if finding.verdict is None else judge(reading, finding.low, finding.high),
        budget={str(source): float(u) for source, u in reading.budget.items()},
        probability=conformity(reading, finding.low, finding.high) if limited else None,
    )


def as_marks(defects: Iterable[Defect], discrimination_mm: Mapping[str, float] | None = None) -> Marks:
    """Marks of a report as measures count them anew: as if all of an area had been searched.

    What could not be seen, and the limit of discrimination where none is given, are doubts of the finding itself.
    """
    searched = np.ones((1, LEAST_PX), np.bool_)
    limits = {Kind(kind): mm for kind, mm in (discrimination_mm or {}).items()}
    return Marks(tuple(_as_mark(one) for one in defects), searched, LEAST_PX, _IN_PLACE, limits)


def _as_mark(defect: Defect) -> Mark:
    told = {field.name: getattr(defect, field.name) for field in fields(Mark)}
    return Mark(**told | {"kind": Kind(defect.kind), "features": ()})


def _demand(number: int, check: Check, reading: Reading) -> Demand:
    return Demand(_finding(number, check, reading), conformity(reading, check.low, check.high))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
