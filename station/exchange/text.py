"""A report as lines of plain text for a terminal: what was seen, the next step and why, marks, every finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from inspection.defects.kinds import ABOUT, Kind
from inspection.reading import Source
from inspection.report import Fit

_COLUMNS = ("verdict", "measure", "where", "value", "± 2u", "unit", "limits", "doubts")
_BUDGET_COLUMNS = ("measure", "where", "u", "unit", "made of")
_NUMBERS = frozenset({"value", "± 2u", "u"})
#: A term below this share of u adds less than 0.1 % to it.
LEAST_SHARE = 0.04
#: Of marks that no earlier pass is known of.
_FOUND = "found"


def text_of(report: Mapping[str, Any], *, judged_only: bool = False, budget: bool = False) -> str:
    """A `paint-report/1` for a person at a terminal.

    Parameters
    ----------
    report : mapping
        JSON values, as `Report.as_dict` gives them.
    judged_only : bool
        Leave out what no check of the recipe asks for.
    budget : bool
        Say of each value what its uncertainty is made of, largest first.
    """
    step = report["next_step"]
    seen = [
        report["panel"] or "unnamed panel",
        f"coat {report['coat_number']}",
        f"pass {report['pass_number']}",
        f"recipe {report['recipe']['name']}",
    ]
    findings = [f for f in report["findings"] if f["verdict"] is not None or not judged_only]
    return "\n".join([
        ", ".join(seen) + (" (SIMULATED)" if report["simulated"] else ""),
        f"verdict: {report['verdict'].upper()}",
        f"next step: {step['action'].replace('_', ' ')} (probability that the panel meets the last pass's checks: "
        f"{100 * step['probability']:.0f} %)",
        *(f"  - {reason}" for reason in step["reasons"]),
        *(f"  {n}. {task['words']['en']}" for n, task in enumerate(step["tasks"], 1)),
        *([f"  places: {', '.join(step['places'])}"] if step["places"] else []),
        f"marks: {_marks(report)}",
        *_polished(report["polishing_marks"]),
        "",
        *_table(_COLUMNS, [_row(finding) for finding in findings]),
        *(["", *_budgets(findings)] if budget else []),
    ])  # fmt: skip


def _marks(report: Mapping[str, Any]) -> str:
    """How many marks by what became of them, with their kinds."""
    if report["searched_ratio"] is None:
        return "not searched for"
    groups: dict[str, Counter[str]] = {}
    for mark in [*report["defects"], *report["removed"]]:
        groups.setdefault(mark["status"] or _FOUND, Counter())[_name(mark["kind"])] += 1
    told = [
        f"{kinds.total()} {status} ({', '.join(f'{count} {kind}' for kind, count in kinds.most_common())})"
        for status, kinds in groups.items()
    ]
    return "; ".join([*(told or ["none"]), *_linked(report["registration"])])


def _polished(told: Mapping[str, Any] | None) -> list[str]:
    """What polishing left all over the panel, where lamps looked."""
    if told is None:
        return []
    strongest = max(told["oriented_ratio"], told["every_way_ratio"])
    way = "" if told["direction_deg"] is None else f", at {told['direction_deg']:.0f}°"
    seen = f"{strongest:.2g} brighter than the paint, seen from {told['visible_ratio']:.2g} on"
    return [f"polishing marks: {told['work']}{way} ({seen})"]


def _linked(registration: Mapping[str, Any] | None) -> list[str]:
    """How the panel was laid over the earlier pass, or why it was not."""
    if registration is None:
        return []
    if registration["fit"] != Fit.ALIGNED:
        return [registration["text"] or registration["fit"].replace("_", " ")]
    reached = f"laid over pass {registration['from_pass']} within ± {2 * registration['u_mm']:.2f} mm"
    return [f"{reached} {registration['text']}".rstrip()]


def _name(kind: str) -> str:
    return ABOUT[Kind(kind)].names["en"].lower()


def _asked(finding: Mapping[str, Any]) -> str:
    """The measure with its knobs."""
    knobs = [
        f"{name.removesuffix('_mm').replace('_', ' ')} {value:g} mm" if name.endswith("_mm") else str(value)
        for name, value in finding["knobs"].items()
    ]
    return f"{finding['measure']} {', '.join(knobs)}".rstrip()


def _budgets(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Standard uncertainties by where they come from; what is far below a value's u is left out."""
    rows = []
    for finding in findings:
        terms = sorted(finding["budget"].items(), key=lambda term: -term[1])
        told = [f"{source} {u:.2g}" for source, u in terms if u > LEAST_SHARE * finding["u"]]
        if told:
            unit = "" if finding["unit"] == "1" else finding["unit"]
            rows.append((_asked(finding), finding["region"], f"{finding['u']:.2g}", unit, ", ".join(told)))
    seen = {source for finding in findings for source in finding["budget"]}
    meanings = [f"  {source}: {source.meaning}" for source in Source if source in seen]
    return [*_table(_BUDGET_COLUMNS, rows), "", *meanings]


def _row(finding: Mapping[str, Any]) -> tuple[str, ...]:
    limits = [f"{sign} {finding[key]:g}" for key, sign in (("low", "≥"), ("high", "≤")) if finding[key] is not None]
    return (
        (finding["verdict"] or "").upper(),
        _asked(finding),
        finding["region"],
        "not measured" if finding["value"] is None else f"{finding['value']:.4g}",
        "" if finding["u"] is None else f"{2 * finding['u']:.2g}",
        "" if finding["unit"] == "1" else finding["unit"],
        " ".join(limits),
        " ".join(finding["quality"]),
    )


def _table(columns: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> list[str]:
    rows = [columns, *lines]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    return [
        "  ".join(
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for cell, width, name in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in rows
    ]
