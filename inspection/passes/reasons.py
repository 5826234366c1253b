"""Reasons for a next step: codes that the pages translate, their numbers, and plain English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inspection.passes.film import RECIPE, STOP, WARN
from inspection.report import Defect, FilmZone, Finding, Fit, Gate, Reason, Registration

#: Code of a gate's reason: its words are those of the gate and its fault.
GATE = "gate"


def gate(found: Gate) -> Reason:
    """What a gate found; its numbers and what is named in the sentence go with it."""
    told = {name: value for name, value in (("value", found.value), ("limit", found.limit)) if value is not None}
    return Reason(GATE, found.sentence, {"gate": found.id, "fault": found.fault} | told | found.values)


def fails(finding: Finding) -> Reason:
    """A check that is proven not to be met."""
    values = _against_limit(finding)
    return Reason("check_fails", f"{_says(values)}, its limit is {_with_unit(values, 'limit')}.", values)


def holds(finding: Finding) -> Reason:
    """A check that is not proven either way."""
    doubt = finding.quality[0] if finding.quality and finding.value is None else ""
    why = f" ({doubt})" if doubt else ""
    values: dict[str, float | str] = {"measure": finding.measure, "quality": doubt}
    return Reason("check_holds", f"{finding.measure} is not proven either way{why}.", values)


def last_pass_asks(finding: Finding) -> Reason:
    """A check of the last pass that is not proven to be met yet."""
    if finding.value is None:
        return holds(finding)
    values = _against_limit(finding)
    asked = _with_unit(values, "limit")
    if _inside(finding.value, finding.low, finding.high):
        text = f"{_says(values)}, too uncertain to say that it keeps the last pass's {asked}."
        return Reason("last_pass_near", text, values)
    return Reason("last_pass_asks", f"{_says(values)}, the last pass asks for {asked}.", values)


def passes_left(left: int) -> Reason:
    """How many planned passes remain."""
    return Reason("passes_left", f"{left} planned passes are left.", {"left": left})


def marks_left(marks: Sequence[Defect]) -> Reason:
    """Marks that no check asks about, on a panel that is released."""
    listed = ", ".join(mark.id for mark in marks[:5])
    text = f"{len(marks)} marks are left that no check asks about ({listed})."
    return Reason("marks_left", text, {"count": len(marks)})


def burn_through(mark: Defect) -> Reason:
    """The clearcoat is gone somewhere."""
    return Reason("burn_through", f"Mark {mark.id} looks like burn-through.", {"place": mark.id})


def not_curable(mark: Defect) -> Reason:
    """A mark that stays whatever is polished."""
    values: dict[str, float | str] = {"place": mark.id, "kind": mark.kind}
    if mark.height_um is not None:
        values["height"] = mark.height_um
    return Reason("mark_not_curable", f"Mark {mark.id} ({mark.kind}) cannot be polished out.", values)


def film_limits(zones: Sequence[FilmZone]) -> list[Reason]:
    """Why no more may be taken: by zone, thinnest first."""
    reasons = []
    for zone in sorted(zones, key=lambda zone: zone.left_low_um):
        if zone.state == STOP:
            values: dict[str, float | str] = {"zone": zone.zone, "left": zone.left_um, "low": zone.left_low_um}
            text = f"Zone {zone.zone}: of the film, {zone.left_um:.1f} µm may still go ({zone.left_low_um:.1f} µm for "
            reasons.append(Reason("film_limit", f"{text}sure): not enough for one more pass.", values))
    return reasons + _not_measured(zones, STOP)


def film_spent(zone: FilmZone) -> Reason:
    """More was taken than the recipe allows."""
    text = f"Zone {zone.zone}: {zone.removed_um:.1f} µm of film are gone, more than the recipe allows."
    return Reason("film_spent", text, {"zone": zone.zone, "removed": zone.removed_um})


def film_warnings(zones: Sequence[FilmZone]) -> list[Reason]:
    """Zones with little left."""
    little = [
        Reason(
            "film_warning",
            f"Zone {zone.zone}: {zone.left_um:.1f} µm of film may still go.",
            {"zone": zone.zone, "left": zone.left_um},
        )
        for zone in zones
        if zone.state == WARN
    ]
    return little + _not_measured(zones, WARN)


def _not_measured(zones: Iterable[FilmZone], state: str) -> list[Reason]:
    """That a zone in that state was never gauged."""
    if not any(zone.state == state and zone.source == RECIPE for zone in zones):
        return []
    return [Reason("film_not_measured", "The film was counted by passes only: a gauge reading shows what is left.")]


def caused(defects: Iterable[Defect], pass_number: int) -> list[Reason]:
    """Marks that the last pass made."""
    made = [mark for mark in defects if mark.caused_by_pass == pass_number]
    if not made:
        return []
    kinds = ", ".join(sorted({mark.kind for mark in made}))
    text = f"Pass {pass_number} made {len(made)} new marks ({kinds}): look at pad, polish and pressure."
    return [Reason("caused_by_pass", text, {"pass": pass_number, "count": len(made), "kinds": kinds})]


def unlinked(registration: Registration | None) -> list[Reason]:
    """Why marks are not followed from the last pass."""
    if registration is None or registration.fit in (Fit.ALIGNED, Fit.ANOTHER_COAT):
        return []
    code = "not_the_same_panel" if registration.fit is Fit.NOT_THE_SAME_PANEL else "not_aligned"
    return [Reason(code, registration.text, {"pass": registration.from_pass})]


def outlook(chance: float, seen: int) -> Reason:
    """What one more pass is likely to bring."""
    text = f"After one more pass it meets the last pass's checks with {100 * chance:.0f} % ({seen} such passes seen)."
    return Reason("outlook", text, {"probability": chance, "count": seen})


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _against_limit(finding: Finding) -> dict[str, float | str]:
    """The value and the limit it breaks, or comes closest to."""
    value = finding.value or 0.0
    limits = [limit for limit in (finding.low, finding.high) if limit is not None]
    limit = min(limits, key=lambda limit: abs(limit - value), default=0.0)
    if finding.high is not None and value > finding.high:
        limit = finding.high
    return {"measure": finding.measure, "value": value, "unit": finding.unit, "limit": limit}


def _says(values: dict[str, float | str]) -> str:
    return f"{values['measure']} is {_with_unit(values, 'value')}"


def _with_unit(values: dict[str, float | str], name: str) -> str:
    unit = "" if values["unit"] == "1" else f" {values['unit']}"
    return f"{values[name]:.3g}{unit}"
