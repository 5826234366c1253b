"""From frames to report: one pure function."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

import inspection.gates
from inspection import areas
from inspection.ahead import Ahead
from inspection.defects.kinds import ABOUT
from inspection.defects.marks import Mark, Marks
from inspection.findings import demands_of, doubts_of, findings_of
from inspection.frames import Frames
from inspection.fringes import Decoded
from inspection.gates.gate import Capture, DailyCheck, look, spoilt
from inspection.maps.kinds import Area, SurfaceMap, Target
from inspection.maps.polishing import Polishing
from inspection.optics import pixel_px
from inspection.passes.earlier import Earlier
from inspection.passes.experience import Experience
from inspection.passes.film import FilmSoFar
from inspection.passes.fingerprint import fingerprint
from inspection.passes.follow import NOT_ADVISED, after_pass
from inspection.plan import Share
from inspection.polishing_marks import PolishingMarks, polishing_marks
from inspection.reading import Missing, Quality
from inspection.recipe import WHOLE, Recipe
from inspection.refused import Refused
from inspection.registry import BUILDERS, discover
from inspection.report import Defect, GateState, Report
from inspection.rig import Rig
from inspection.straight import straightened
from inspection.verdict import overall
from inspection.workbench import Workbench
from inspection.zones import GlossZone, GlossZones

discover(inspection.gates)

#: The region that a view of a part answers for; no recipe can name one so.
_OWN = "its own"
#: What a mark hands on to the report under the same name.
MARK_FIELDS = tuple(field.name for field in fields(Mark) if field.name != "features")


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """A report and, on demand, the maps it rests on."""

    report: Report
    workbench: Workbench

    @property
    def maps(self) -> dict[str, NDArray[np.float32]]:
        """Every map at camera resolution, named as in contracts.md §3 (`--maps`), straight where the lens is not."""
        rig: Rig = self.workbench.get(Rig)
        return straightened(self.workbench.layers(), rig.geometry.camera)


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
    share: Share | None = None,
    ahead: Ahead | None = None,
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
    share : Share, optional
        What this capture answers for, where it is a view of a part: values are of that area, marks of the part.
    ahead : Ahead, optional
        Maps of this very capture that were built before its last frames came; the report is the same with and without.
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
    if share is not None:
        regions |= {name: area and _both(area, share.own) for name, area in regions.items() if name != WHOLE}
        regions[_OWN] = share.own
    target, whole = Target(recipe.target_lab, recipe.n_clear), WHOLE if share is None else _OWN
    bench = Workbench(frames, rig, target, regions, whole)
    if ahead is not None:
        bench.take(ahead.of(frames, rig, target))
    valid, saturated = _coverage(bench)
    begun = clock()
    for kind in BUILDERS[Marks].needs:
        bench.get_or_none(kind)
    mapped = clock()
    marks: Marks | None = bench.get_or_none(Marks)
    if share is not None and marks is not None:
        marks = None if share.part is None else marks.within(share.part)
    surface: SurfaceMap | None = bench.get_or_none(SurfaceMap)
    searched = clock()
    capture = Capture(
        frames, rig, recipe, bench, now, expired is not None, _same_panel(earlier, frames), daily_check, before_wiping
    )
    gates = look(capture)
    doubts = doubts_of(frames, bench, saturated) + ((Quality.SPOILT,) if spoilt(gates) else ())
    looked = clock()
    findings = findings_of(bench, recipe, frames.pass_number, doubts)
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
        recipe={"name": recipe.name, "sha256": recipe.sha256, "lab": recipe.target_lab},
        rig={"sha256": rig.sha256, "calibrated_at": rig.calibrated_at, "expires_at": rig.expires_at}
        | {"angle_deg": rig.geometry.camera.angle_deg}
        | ({"expired": True} if expired is not None else {}),
        capture={"sha256": frames.sha256},
        software=software,
        verdict=overall(verdicts, barred=barred),
        next_step=NOT_ADVISED,
        findings=findings,
        valid_ratio=valid,
        saturated_ratio=saturated,
        timing_ms={},
        defects=_defects(marks, {name: area for name, area in regions.items() if name != _OWN}),
        searched_ratio=None if marks is None else marks.searched_ratio,
        discrimination_mm={} if marks is None else {str(kind): mm for kind, mm in marks.discrimination_mm.items()},
        fingerprint=None if surface is None else fingerprint(surface),
        gates=gates,
        gloss_zones=_true_zones(bench.get_or_none(GlossZones, whole), rig),
        polishing_marks=_polishing_marks(bench, recipe, whole),
    )
    followed = after_pass(
        report,
        recipe,
        earlier,
        field_mm=rig.geometry.field_mm,
        conditions=frames.conditions,
        demands=demands_of(bench, recipe, doubts),
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
    view = np.array(frames.view_to_panel_mm, float)
    mapping = _rows(view @ np.array(camera.pixel_to_panel_mm))
    lens = camera.lens and camera.lens.moved(frames.view_to_panel_mm)
    named = {r.name: areas.polygon(r.polygon_mm, mapping, shape, pixel_mm2, lens) for r in recipe.regions}
    return {WHOLE: areas.whole(shape)} | named


def _both(one: Area, other: Area | None) -> Area | None:
    """What lies in two areas of one picture."""
    if other is None:
        return None
    inside = np.zeros((max(one.rows.stop, other.rows.stop), max(one.cols.stop, other.cols.stop)), np.uint8)
    for area in (one, other):
        inside[area.rows, area.cols] += 1 if area.inside is None else area.inside
    both = inside == 2
    n_px = int(np.count_nonzero(both))
    return Area(slice(0, both.shape[0]), slice(0, both.shape[1]), both, n_px) if n_px else None


def _rows(matrix: NDArray[np.float64]) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(a), float(b), float(c)) for a, b, c in matrix)


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


def _polishing_marks(bench: Workbench, recipe: Recipe, whole: str) -> PolishingMarks | None:
    polishing: Polishing | None = bench.get_or_none(Polishing, whole)
    lightness = None if recipe.target_lab is None else recipe.target_lab[0]
    return None if polishing is None else polishing_marks(polishing, lightness)


def _true_zones(zones: GlossZones | None, rig: Rig) -> GlossZones | None:
    """Zones are laid out by the nearest homography: through a lens that bends, they are told where they really lie."""
    camera = rig.geometry.camera
    if zones is None or camera.lens is None:
        return zones
    lens, to_panel_mm = camera.lens, camera.pixel_to_panel_mm

    def moved(zone: GlossZone) -> GlossZone:
        x, y = lens.places_mm(*pixel_px(to_panel_mm, None, zone.x_mm, zone.y_mm))
        return replace(zone, x_mm=round(float(x), 2), y_mm=round(float(y), 2))

    return replace(
        zones,
        zones=tuple(map(moved, zones.zones)),
        worst=None if zones.worst is None else moved(zones.worst),
        steepest=tuple(map(moved, zones.steepest)),
    )


def _same_panel(earlier: Earlier | None, frames: Frames) -> Earlier | None:
    """The earlier report, where it is of this panel and coat."""
    same = earlier is not None and (earlier.panel, earlier.coat_number) == (frames.panel, frames.coat_number)
    return earlier if same else None


def _coverage(bench: Workbench) -> tuple[float, float]:
    """Share of pixels with a screen position, and of saturated ones; 0 without fringe frames."""
    try:
        decoded: Decoded = bench.get(Decoded)
    except Missing:
        return 0.0, bench.diffuse_saturated_ratio
    return float(decoded.valid.mean()), max(decoded.saturated_ratio, bench.diffuse_saturated_ratio)
