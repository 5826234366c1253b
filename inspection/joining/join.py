"""One report of a part from the reports of its views.

Every view is laid in anew, so each is laid over its own earlier one: the ledger goes by views, its numbers are the
part's. Values of an area are of what each view answers for (`inspection.plan.Share`), so that nothing counts twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inspection.areas import polygon_area_mm2
from inspection.frames import Conditions
from inspection.joining.looks import joined_polishing, joined_zones
from inspection.joining.marks import Merged, merged
from inspection.joining.values import joined_findings, smallest_region
from inspection.passes.earlier import Earlier
from inspection.passes.experience import Experience
from inspection.passes.film import FilmSoFar
from inspection.passes.follow import NOT_ADVISED, after_pass
from inspection.plan import PLACED_U_MM, Plan, View, unseen_mm2
from inspection.recipe import Recipe
from inspection.report import Defect, Fit, Gate, GateState, Registration, Report, SeenView
from inspection.rig import Rig
from inspection.units import UNIT_OF_SUFFIX
from inspection.verdict import overall

#: The gate that only a part of several views has.
COVERAGE = "coverage"


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one view found.

    Attributes
    ----------
    report : Report
        Of `inspection.pipeline.examine`, measured as its `Share`; numbers of marks given once over all views.
    area_px : mapping
        Camera pixels that it answers for, by region.
    """

    report: Report
    area_px: Mapping[str, int]


def follow_up(earlier: Earlier | None, view: str, next_id: int) -> Earlier | None:
    """The earlier report of one view; `next_id`: the first number that no view has given. None: it was never seen."""
    found = next((one for one in earlier.views if one.view == view), None) if earlier is not None else None
    return None if found is None else replace(found, next_id=max(found.next_id, next_id))


def numbered_from(report: Report, next_id: int) -> Report:
    """The report of a view that begins a ledger, its numbers counted from `next_id` on."""
    shift = next_id - 1
    marks = tuple(replace(mark, id=f"D{int(mark.id[1:]) + shift}") for mark in report.defects)
    return replace(report, defects=marks, next_id=report.next_id + shift)


def join(
    plan: Plan,
    seen: Sequence[Seen],
    rig: Rig,
    recipe: Recipe,
    *,
    earlier: Earlier | None,
    conditions: Conditions,
    experience: Experience | None = None,
    film_so_far: FilmSoFar | None = None,
) -> Report:
    """Judge a part of which every view was measured.

    Parameters
    ----------
    seen : one for each view of the plan, in its order
    earlier : Earlier or None
        Of the part after an earlier pass.
    conditions, experience, film_so_far
        As in `inspection.pipeline.examine`.
    """
    reports = [one.report for one in seen]
    marks = merged(plan, rig.geometry, rig.sensor.shape, [(report.defects, report.removed) for report in reports])
    defects = _in_regions(marks.defects, recipe)
    limits: dict[str, float] = {}
    for report in reports:
        for kind, mm in report.discrimination_mm.items():
            limits[kind] = max(mm, limits.get(kind, 0.0))
    known = {kind: mm for kind, mm in limits.items() if all(kind in report.discrimination_mm for report in reports)}
    findings = joined_findings([(one.report.findings, one.area_px) for one in seen], defects, known, recipe)
    gates = _gates(plan, reports, rig, recipe)
    first, timing = reports[0], [report.timing_ms for report in reports]
    report = replace(
        first,
        view=None,
        simulated=any(report.simulated for report in reports),
        verdict=overall(
            [one.verdict for one in findings if one.verdict is not None],
            barred=any(one.state is GateState.RED for one in gates),
        ),
        next_step=NOT_ADVISED,
        findings=findings,
        valid_ratio=sum(report.valid_ratio for report in reports) / len(reports),
        saturated_ratio=max(report.saturated_ratio for report in reports),
        timing_ms={name: sum(one[name] for one in timing) for name in timing[0]},
        defects=defects,
        removed=_in_regions(marks.removed, recipe),
        next_id=max(report.next_id for report in reports),
        searched_ratio=_mean([report.searched_ratio for report in reports]),
        discrimination_mm=known,
        registration=_registration(plan.views, reports, earlier),
        drift=(),
        film=(),
        fingerprint=None,
        gates=gates,
        gloss_zones=joined_zones(plan.views, [report.gloss_zones for report in reports]),
        polishing_marks=joined_polishing(plan.views, [report.polishing_marks for report in reports]),
        views=_views(plan.views, reports, marks, rig.geometry.field_mm),
    )
    return after_pass(
        report,
        recipe,
        earlier,
        field_mm=rig.geometry.field_mm,
        conditions=conditions,
        experience=experience,
        film_so_far=film_so_far,
    )


def _in_regions(marks: Sequence[Defect], recipe: Recipe) -> tuple[Defect, ...]:
    return tuple(replace(mark, region=smallest_region(mark.x_mm, mark.y_mm, recipe)) for mark in marks)


def _mean(ratios: Sequence[float | None]) -> float | None:
    there = [ratio for ratio in ratios if ratio is not None]
    return sum(there) / len(there) if len(there) == len(ratios) else None


def _gates(plan: Plan, reports: Sequence[Report], rig: Rig, recipe: Recipe) -> tuple[Gate, ...]:
    """Of each gate what it says where it is worst, with the view; and whether the views show the whole part."""
    worst: dict[str, Gate] = {}
    for view, report in zip(plan.views, reports, strict=True):
        for gate in report.gates:
            if gate.id not in worst or gate.state.rank > worst[gate.id].state.rank:
                worst[gate.id] = replace(gate, values={**gate.values, "view": view.name}) if gate.fault else gate
    worst[COVERAGE] = _coverage(plan, rig, recipe)
    return tuple(worst[name] for name in sorted(worst))


def _coverage(plan: Plan, rig: Rig, recipe: Recipe) -> Gate:
    asked = [region.polygon_mm for region in recipe.regions]
    whole = polygon_area_mm2(plan.outline_mm)
    share = min(1.0, unseen_mm2(plan, asked, rig.geometry, rig.sensor.shape) / whole)
    unit = UNIT_OF_SUFFIX["ratio"]
    if share == 0.0:
        return Gate(COVERAGE, GateState.OK, 0.0, unit, 0.0, "Every place of the part lies in a view.")
    text = f"{100 * share:.2g} % of the part lies in no view of its plan: nobody has seen it. Add a view to the plan."
    return Gate(COVERAGE, GateState.RED, share, unit, 0.0, text, "unseen", {"percent": round(100 * share, 1)})


def _registration(views: Sequence[View], reports: Sequence[Report], earlier: Earlier | None) -> Registration | None:
    """The part's frame is the same in every pass; whether each view could be laid over its earlier one."""
    if earlier is None:
        return None
    u_mm = 0.0
    for view, report in zip(views, reports, strict=True):
        found = report.registration
        if found is None:
            return Registration(
                Fit.FAILED, earlier.pass_number, text=f"View {view.name}: the earlier report does not have it."
            )
        if found.fit is not Fit.ALIGNED:
            return Registration(found.fit, earlier.pass_number, text=f"View {view.name}: {found.text}")
        u_mm = max(u_mm, found.u_mm or 0.0)
    u_mm = math.hypot(math.sqrt(2) * PLACED_U_MM, u_mm)
    return Registration(Fit.ALIGNED, earlier.pass_number, 0.0, 0.0, 0.0, u_mm, "view by view")


def _views(
    views: Sequence[View], reports: Sequence[Report], marks: Merged, field_mm: tuple[float, float]
) -> tuple[SeenView, ...]:
    return tuple(
        SeenView(
            view=view.name,
            capture=report.capture["sha256"],
            to_part_mm=view.to_part_mm,
            field_mm=field_mm,
            verdict=overall([one.verdict for one in report.findings if one.verdict is not None]),
            valid_ratio=report.valid_ratio,
            findings=report.findings,
            defects=_renamed(report.defects, names),
            # Numbered anew here, known by its old number to another view: then it is not gone.
            removed=tuple(mark for mark in report.removed if mark.id not in names.values()),
            registration=report.registration,
            fingerprint=report.fingerprint,
        )
        for view, report, names in zip(views, reports, marks.renamed, strict=True)
    )


def _renamed(defects: Sequence[Defect], names: Mapping[str, str]) -> tuple[Defect, ...]:
    return tuple(replace(mark, id=names[mark.id]) for mark in defects)
