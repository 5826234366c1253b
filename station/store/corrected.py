"""What an inspection says once people have spoken: marks taken out, renamed or added, film gauged afterwards.

Nothing of it is kept: it is made from what was measured and from the words beside it whenever somebody looks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from skimage.measure import points_in_poly

from inspection.defects.kinds import ABOUT, Kind
from inspection.defects.marks import Marks
from inspection.findings import as_marks
from inspection.frames import Gauged
from inspection.passes.film import FilmSoFar, replayed
from inspection.passes.follow import after_pass
from inspection.reading import Quality, Reading
from inspection.recipe import WHOLE, Recipe
from inspection.registry import MEASURES
from inspection.report import Defect, Finding, GateState, Report
from inspection.verdict import conformity, judge, overall
from station.store.past import experience_of
from station.store.reader import Reader
from station.store.said import gauged

Row = Mapping[str, Any]
#: Corners (n, 2) by name, mm.
Regions = Mapping[str, NDArray[np.float64]]

_REPORT: Final = TypeAdapter(Report)
#: Stands where the advice goes: reasons are told by their texts in a stored report.
_NO_ADVICE: Final = {"action": "stop", "probability": 0.0, "reasons": ()}
#: A mark that a person added is there for certain; how bad it is nobody measured.
_ADDED_SEVERITY: Final = 0.5


def as_it_stands(reader: Reader, row: Row) -> dict[str, Any]:
    """``verdict``, ``next_step`` and ``film`` of an inspection: with what people said, else as measured."""
    report = row["report"]
    measured = {"verdict": row["verdict"], "next_step": report["next_step"], "film": report.get("film", ())}
    return corrected(reader, row) or measured


def corrected(reader: Reader, row: Row) -> dict[str, Any] | None:
    """The inspection as it stands with what people said, beside what was measured.

    Parameters
    ----------
    row : as `Reader.inspection` gives it

    Returns
    -------
    dict or None
        ``verdict``, ``next_step``, ``film``, ``findings`` (those that are another than measured) and ``defects`` (id,
        kind and place of each mark that counts). None where nobody said anything that matters.
    """
    there = [mark for mark in row["marks"] if mark["present"]]
    late = [
        reading
        for reading in reader.film_of(row["panel"], row["coat_number"], row["pass_number"])
        if reading["stored_at"] > row["stored_at"]
    ]
    if not late and not any(m["false_alarm"] or m["missed"] or m["corrected_kind"] is not None for m in there):
        return None
    recipe = reader.load_recipe(row["recipe_sha256"])
    assert recipe is not None, "an inspection's recipe is stored with it"
    measured: Report = _REPORT.validate_python(row["report"] | {"next_step": _NO_ADVICE})
    regions = _regions(reader, row, recipe)
    defects = _defects(measured, there, recipe, regions)
    findings = tuple(_read_again(finding, defects, regions) for finding in measured.findings)
    barred = measured.view not in (None, WHOLE) or any(gate.state is GateState.RED for gate in measured.gates)
    verdict = overall([finding.verdict for finding in findings if finding.verdict is not None], barred=barred)
    film, read = _film(reader, row, measured, recipe, late)
    told = after_pass(
        replace(measured, defects=defects, findings=findings, verdict=verdict),
        recipe,
        None,
        field_mm=tuple(row["field_mm"]),
        conditions=replace(reader.conditions(row["capture_sha256"]), film_um=read),
        experience=experience_of(reader, row["pass_number"] + 1, simulated=row["simulated"], before_id=row["id"]),
        film_so_far=film,
    ).as_dict()
    changed = [new != old for new, old in zip(findings, measured.findings, strict=True)]
    return {
        "verdict": str(verdict),
        "next_step": told["next_step"],
        "film": list(told["film"]) if late else row["report"].get("film", []),
        "findings": [finding for finding, moved in zip(told["findings"], changed, strict=True) if moved],
        "defects": [{name: mark[name] for name in ("id", "kind", "x_mm", "y_mm")} for mark in told["defects"]],
    }


def _film(
    reader: Reader, row: Row, measured: Report, recipe: Recipe, late: Sequence[Row]
) -> tuple[FilmSoFar, dict[str, float | Gauged]]:
    """The film to go on from, and what was gauged on top of it after this very pass."""
    number = measured.pass_number
    if all(reading["pass_number"] == number for reading in late):
        return FilmSoFar(measured.film, number), {reading["zone"]: gauged(reading) for reading in late}
    known = reader.film_by_pass(row["panel"], measured.coat_number, number)
    now = known.pop(number, {})
    return replayed(recipe.film, known), now


def _defects(measured: Report, marks: Sequence[Row], recipe: Recipe, regions: Regions) -> tuple[Defect, ...]:
    """The marks that count: false alarms are out, a person's kind is certain, what was missed is in."""
    said = {mark["id"]: mark for mark in marks}
    kept = []
    for mark in measured.defects:
        word = said[mark.id]
        if word["false_alarm"]:
            continue
        kind = word["corrected_kind"]
        kept.append(mark if kind is None else replace(mark, kind=kind, code=ABOUT[Kind(kind)].code, confidence=1.0))
    added = [mark for mark in marks if mark["missed"] and not mark["false_alarm"]]
    return (*kept, *(_added(mark, measured, recipe, regions) for mark in added))


def _added(mark: Row, measured: Report, recipe: Recipe, regions: Regions) -> Defect:
    """A mark that nobody measured: taken to be as long as any check of its kind asks for."""
    kind = Kind(mark["corrected_kind"])
    asked = [float(check.knobs.get("min_length_mm", 0.0)) for check in recipe.checks]
    length = max([1.0, measured.discrimination_mm.get(str(kind), 0.0), *asked])
    held = [region for region in regions if _inside(region, mark["x_mm"], mark["y_mm"], regions)]
    return Defect(
        id=mark["id"],
        kind=str(kind),
        code=ABOUT[kind].code,
        x_mm=mark["x_mm"],
        y_mm=mark["y_mm"],
        length_mm=length,
        width_mm=length,
        area_mm2=math.pi / 4 * length**2,
        height_um=None,
        angle_deg=None,
        severity=_ADDED_SEVERITY,
        confidence=1.0,
        region=held[0] if held else WHOLE,
    )


def _read_again(finding: Finding, defects: Sequence[Defect], regions: Regions) -> Finding:
    """A check about marks, of the marks that count; any other as measured.

    A mark that was added counts, but has no length: what is asked of lengths is not proven then.
    """
    measure = MEASURES.get(finding.measure)
    if measure is None or measure.needs != (Marks,) or finding.value is None:
        return finding
    inside = [mark for mark in defects if _inside(finding.region, mark.x_mm, mark.y_mm, regions)]
    found = as_marks(mark for mark in inside if mark.u_length_mm is not None)
    reading = measure.function(found, **finding.knobs)
    added = [mark for mark in inside if mark.u_length_mm is None]
    value, quality = reading.value, tuple(Quality(doubt) for doubt in finding.quality)
    if reading.step:
        value += sum(finding.knobs.get("kind", mark.kind) in ("any", mark.kind) for mark in added)
    elif any(mark.kind == Kind.SCRATCH or finding.measure != "scratch_length_mm" for mark in added):
        value, quality = math.nan, tuple(dict.fromkeys((*quality, Quality.BELOW_LIMIT)))
    known = Reading(value, reading.u, reading.u_noise, finding.n_px, quality, reading.step)
    there = math.isfinite(value)
    return replace(
        finding,
        value=value if there else None,
        u=reading.u if there else None,
        u_noise=reading.u_noise if there else None,
        # A report of an older program has none, and is not changed by that.
        budget={str(source): float(u) for source, u in reading.budget.items()} if there and finding.budget else {},
        quality=tuple(map(str, quality)),
        verdict=None if finding.verdict is None else judge(known, finding.low, finding.high),
        probability=None if finding.probability is None else conformity(known, finding.low, finding.high),
    )


def _regions(reader: Reader, row: Row, recipe: Recipe) -> Regions:
    """The recipe's regions in the frame that marks are placed in: the field of this view, or the whole part's."""
    if row["views"]:
        return {region.name: np.array(region.polygon_mm, float) for region in recipe.regions}
    rig = reader.rig(row["rig_sha256"])
    assert rig is not None, "an inspection's rig is stored with it"
    camera = np.array(rig["header"]["geometry"]["camera"]["pixel_to_panel_mm"])
    to_field = camera @ np.linalg.inv(np.array(row["pixel_to_panel_mm"]))
    regions = {}
    for region in recipe.regions:
        corners = np.column_stack([np.array(region.polygon_mm), np.ones(len(region.polygon_mm))]) @ to_field.T
        regions[region.name] = corners[:, :2] / corners[:, 2:]
    return regions


def _inside(region: str, x_mm: float, y_mm: float, regions: Regions) -> bool:
    return region not in regions or bool(points_in_poly([(x_mm, y_mm)], regions[region])[0])
