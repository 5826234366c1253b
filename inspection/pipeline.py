"""From frames to report: one pure function."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

import inspection.gates
from inspection import areas
from inspection.defects.kinds import ABOUT
from inspection.defects.marks import Mark, Marks
from inspection.frames import Frames
from inspection.fringes import Decoded
from inspection.gates.gate import Capture, DailyCheck, look, spoilt
from inspection.maps.kinds import Area, SurfaceMap, Target
from inspection.passes.advice import Demand
from inspection.passes.earlier import Earlier
from inspection.passes.experience import Experience
from inspection.passes.film import FilmSoFar
from inspection.passes.fingerprint import fingerprint
from inspection.passes.follow import NOT_ADVISED, after_pass
from inspection.reading import Missing, Quality, Reading
from inspection.recipe import WHOLE, Check, Recipe
from inspection.refused import Refused
from inspection.registry import BUILDERS, MEASURES, Knobs, Measure, discover
from inspection.report import Defect, Finding, GateState, Report
from inspection.rig import Rig
from inspection.verdict import conformity, judge, overall
from inspection.workbench import Workbench

discover(inspection.gates)

#: Doubts of the whole capture that concern values only.
_OF_VALUES = frozenset({Quality.SPOILT, Quality.HARMONICS})
#: From this share of saturated pixels on every finding carries a note.
SATURATED_RATIO = 0.001
#: What a mark hands on to the report under the same name.
MARK_FIELDS = tuple(field.name for field in fields(Mark) if field.name != "features")


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """A report and, on demand, the maps it rests on."""

    report: Report
    workbench: Workbench

    @property
    def maps(self) -> dict[str, NDArray[np.float32]]:
        """Every map at camera resolution, named as in contracts.md §3 (`--maps`)."""
        return self.workbench.layers()


def inspect(
    frames: Frames, rig: Rig, recipe: Recipe, *, now: str, software: str, allow_expired: bool = False
) -> Report:
    """Measure and judge one capture: `examine` without the maps."""
    return examine(frames, rig, recipe, now=now, software=software, allow_expired=allow_expired).report


def examine(
    frames: Frames,
    rig: Rig,
    recipe: Recipe,
    *,
    now: str,
    software: str,
    allow_expired: bool = False,
    earlier: Earlier | None = None,
    experience: Experience | None = None,
    film_so_far: FilmSoFar | None = None,
    daily_check: DailyCheck | None = None,
    before_wiping: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Examination:
    """Measure and judge one capture.

    Parameters
    ----------
    now : str
        ISO 8601 with offset; used where the capture has no time of its own.
    software : str
        Version that goes into the report.
    allow_expired : bool
        Measure with a rig out of its term all the same; the report says so.
    earlier : Earlier, optional
        Report of an earlier pass of this panel: its marks are followed.
    experience : Experience, optional
        What passes usually do, from history.
    film_so_far : FilmSoFar, optional
        Where more is known of the film than `earlier` says.
    daily_check : DailyCheck, optional
        The station's last one.
    before_wiping : float, optional
        Haze (%) of an attempt at this pass after which the panel was sent to be wiped.
    clock : callable
        Seconds, for `timing_ms`.

    Raises
    ------
    Refused
        The rig does not belong to these frames, or is out of its term; `earlier` is not of an earlier pass.
    """
    start = clock()
    why = rig.mismatch(frames)
    if why is not None:
        raise Refused(f"the rig does not belong to this capture: {why}")
    expired = rig.age_error(frames.captured_at, now)
    if expired is not None and not allow_expired:
        raise Refused(expired)
    # What the calibration measured replaces what the capture declares.
    frames = replace(frames, geometry=rig.geometry)
    regions = _regions(recipe, rig, frames)
    bench = Workbench(frames, rig, Target(recipe.target_lab, recipe.n_clear), regions)
    valid, saturated = _coverage(bench)
    begun = clock()
    for kind in BUILDERS[Marks].needs:
        bench.get_or_none(kind)
    mapped = clock()
    marks: Marks | None = bench.get_or_none(Marks)
    surface: SurfaceMap | None = bench.get_or_none(SurfaceMap)
    searched = clock()
    capture = Capture(
        frames, rig, recipe, bench, now, expired is not None, _same_panel(earlier, frames), daily_check, before_wiping
    )
    gates = look(capture)
    common = _common_doubts(frames, saturated) + _fringe_doubts(bench)
    if spoilt(gates):
        common += (Quality.SPOILT,)
    looked = clock()
    asked = recipe.checks_for(frames.pass_number)
    judged = [(number, check, _read(bench, check, common)) for number, check in asked]
    findings = [_finding(number, check, reading) for number, check, reading in judged]
    last = recipe.checks_for(recipe.passes)
    # What the last pass will ask is in every report: the next step can be made anew from it alone.
    reported = {_question(check) for _, check in asked}
    later = {_question(check): replace(check, low=None, high=None) for _, check in last}
    coming = [check for question, check in later.items() if question not in reported]
    covered = [(check.measure, check.knobs) for _, check in asked if check.region == WHOLE]
    covered += [(check.measure, check.knobs) for check in coming if check.region == WHOLE]
    unasked = [Check(m.id, knobs, None, None, WHOLE, None) for m, knobs in _unasked(bench, covered)]
    findings += [_finding(None, check, _read(bench, check, common)) for check in (*coming, *unasked)]
    demands = [_demand(number, check, _read(bench, check, common)) for number, check in last]
    verdicts = [f.verdict for f in findings if f.verdict is not None]
    # Views of one part are not joined yet: what this one did not see is not proven.
    barred = frames.view not in (None, WHOLE) or any(one.state is GateState.RED for one in gates)
    report = Report(
        panel=frames.panel,
        part=frames.part,
        coat_number=frames.coat_number,
        pass_number=frames.pass_number,
        view=frames.view,
        captured_at=frames.captured_at,
        station=frames.station,
        simulated=frames.simulated or rig.simulated,
        recipe={"name": recipe.name, "sha256": recipe.sha256},
        rig={"sha256": rig.sha256, "calibrated_at": rig.calibrated_at, "expires_at": rig.expires_at}
        | ({"expired": True} if expired is not None else {}),
        capture={"sha256": frames.sha256},
        software=software,
        verdict=overall(verdicts, barred=barred),
        next_step=NOT_ADVISED,
        findings=tuple(findings),
        valid_ratio=valid,
        saturated_ratio=saturated,
        timing_ms={},
        defects=_defects(marks, regions),
        searched_ratio=None if marks is None else marks.searched_ratio,
        discrimination_mm={} if marks is None else {str(kind): mm for kind, mm in marks.discrimination_mm.items()},
        fingerprint=None if surface is None else fingerprint(surface),
        gates=gates,
    )
    followed = after_pass(
        report,
        recipe,
        earlier,
        field_mm=rig.geometry.field_mm,
        conditions=frames.conditions,
        demands=demands,
        experience=experience,
        film_so_far=film_so_far,
    )
    timing_ms = {
        "maps": 1e3 * (mapped - begun),
        "defects": 1e3 * (searched - mapped),
        "gates": 1e3 * (looked - searched),
        "measure": 1e3 * (clock() - looked),
        "total": 1e3 * (clock() - start),
    }
    return Examination(replace(followed, timing_ms=timing_ms), bench)


def _regions(recipe: Recipe, rig: Rig, frames: Frames) -> dict[str, Area | None]:
    shape, camera = frames.sensor.shape, rig.geometry.camera
    width, height = rig.geometry.field_mm
    pixel_mm2 = width * height / (shape[0] * shape[1])
    to_panel = np.array(frames.view_to_panel_mm, float) @ np.array(camera.pixel_to_panel_mm)
    mapping = tuple((float(a), float(b), float(c)) for a, b, c in to_panel)
    named = {r.name: areas.polygon(r.polygon_mm, mapping, shape, pixel_mm2) for r in recipe.regions}
    return {WHOLE: areas.whole(shape)} | named


def _defects(marks: Marks | None, regions: Mapping[str, Area | None]) -> tuple[Defect, ...]:
    """Marks as they stand in the report, each with the smallest region that holds it, not yet numbered."""
    if marks is None:
        return ()
    seen = {name: area for name, area in regions.items() if area is not None}
    by_size = sorted(seen, key=lambda name: seen[name].n_px)
    held = [(name, marks.within(seen[name]).found) for name in by_size]
    return tuple(
        Defect(
            id="",
            code=ABOUT[mark.kind].code,
            region=next(name for name, inside in held if mark in inside),
            features=dict(mark.features),
            **{name: getattr(mark, name) for name in MARK_FIELDS},
        )
        for mark in marks.found
    )


def _same_panel(earlier: Earlier | None, frames: Frames) -> Earlier | None:
    """The earlier report, where it is of this panel and coat."""
    same = earlier is not None and (earlier.panel, earlier.coat_number) == (frames.panel, frames.coat_number)
    return earlier if same else None


def _common_doubts(frames: Frames, saturated_ratio: float) -> tuple[Quality, ...]:
    """Doubts that concern the whole capture."""
    doubts: tuple[Quality, ...] = (Quality.NOT_WIPED,) if frames.conditions.wiped is False else ()
    return doubts + ((Quality.SATURATED,) if saturated_ratio > SATURATED_RATIO else ())


def _fringe_doubts(bench: Workbench) -> tuple[Quality, ...]:
    decoded: Decoded | None = bench.get_or_none(Decoded)
    harmonic = None if decoded is None else decoded.harmonic
    return (Quality.HARMONICS,) if harmonic is not None and harmonic.stands_out else ()


def _coverage(bench: Workbench) -> tuple[float, float]:
    """Share of pixels with a screen position, and of saturated ones; 0 without fringe frames."""
    try:
        decoded: Decoded = bench.get(Decoded)
    except Missing:
        return 0.0, bench.diffuse_saturated_ratio
    return float(decoded.valid.mean()), max(decoded.saturated_ratio, bench.diffuse_saturated_ratio)


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


def _demand(number: int, check: Check, reading: Reading) -> Demand:
    return Demand(_finding(number, check, reading), conformity(reading, check.low, check.high))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
