"""A report as lines of plain text for a terminal: what was seen, the next step and why, marks, every finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from inspection.defects.kinds import ABOUT, Kind
from inspection.report import Fit

_COLUMNS = ("verdict", "measure", "where", "value", "± 2u", "unit", "limits", "doubts")
_NUMBERS = frozenset({"value", "± 2u"})
#: Of marks that no earlier pass is known of.
_FOUND = "found"


def text_of(report: Mapping[str, Any], *, judged_only: bool = False) -> str:
    """A `paint-report/1` for a person at a terminal.

    Parameters
    ----------
    report : mapping
        JSON values, as `Report.as_dict` gives them.
    judged_only : bool
        Leave out what no check of the recipe asks for.
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
        "",
        *_table([_COLUMNS, *(_row(finding) for finding in findings)]),
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


def _row(finding: Mapping[str, Any]) -> tuple[str, ...]:
    knobs = [
        f"{name.removesuffix('_mm').replace('_', ' ')} {value:g} mm" if name.endswith("_mm") else str(value)
        for name, value in finding["knobs"].items()
    ]
    limits = [f"{sign} {finding[key]:g}" for key, sign in (("low", "≥"), ("high", "≤")) if finding[key] is not None]
    return (
        (finding["verdict"] or "").upper(),
        f"{finding['measure']} {', '.join(knobs)}".rstrip(),
        finding["region"],
        "not measured" if finding["value"] is None else f"{finding['value']:.4g}",
        "" if finding["u"] is None else f"{2 * finding['u']:.2g}",
        "" if finding["unit"] == "1" else finding["unit"],
        " ".join(limits),
        " ".join(finding["quality"]),
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    return [
        "  ".join(
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for cell, width, name in zip(row, widths, _COLUMNS, strict=True)
        ).rstrip()
        for row in rows
    ]
