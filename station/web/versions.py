"""Versions of a recipe in words: what moved from where to where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspection.units import unit_of
from station.web.findings import limits_in_words
from station.web.wording import Wording

Row = Mapping[str, Any]


def versions_in_words(rows: list[dict[str, Any]], words: Wording) -> list[dict[str, Any]]:
    """Versions as `Reader.versions` gives them, with a moment, and each change as label, passes, before and after."""
    return [
        {
            "sha256": row["sha256"],
            "when": words.moment(row["stored_at"]),
            "who": row["who"],
            "why": row["why"],
            "approved_by": row["approved_by"],
            "changes": None if row["changes"] is None else changes_in_words(row["changes"], words),
        }
        for row in rows
    ]


def changes_in_words(rows: Sequence[Row], words: Wording) -> list[dict[str, str]]:
    """Changes of `inspection.revision`, each as label, passes, before and after."""
    return [_change(change, words) for change in rows]


def _change(change: Row, words: Wording) -> dict[str, str]:
    return {
        "label": _label(change, words),
        "passes": words.word("place", "list pause").join(words.number(number) for number in change["passes"]),
        "before": _value(change, change["before"], words),
        "after": _value(change, change["after"], words),
    }


def _label(change: Row, words: Wording) -> str:
    what = change["what"]
    if what == "check":
        label = words.finding(change["measure"], change["knobs"])
        if change["region"] == "whole":
            return label
        return words.word("place", "finding in region") % {"finding": label, "region": change["region"]}
    if what == "region":
        return words.word("recipe change", "region") % {"region": change["region"]}
    return words.word("film" if what.endswith("_um") else "recipe change", what)


def _value(change: Row, value: Any, words: Wording) -> str:
    if value is None:
        return words.word("recipe change", "not there")
    match change["what"]:
        case "check":
            unit = unit_of(change["measure"])
            limits = [limits_in_words(low, high, unit, words) for low, high in value]
            return words.word("place", "list pause").join(limits)
        case "title":
            return str(value[words.language.code])
        case "target_lab":
            return " · ".join(words.number(part, 2) for part in value)
        case "region":
            return " ".join(f"({words.number(x_mm)}; {words.number(y_mm)})" for x_mm, y_mm in value)
        case _:
            return words.number(value)
