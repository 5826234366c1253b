"""Panels beside which one may stand: the newest inspections of other panels in the same paint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.store.db import InspectionQuery, Reader

#: How many are offered; any other pair can be asked for by the address.
MOST = 8


def neighbours(reader: Reader, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each other panel of the recipe its newest inspection: keys ``id``, ``panel``, ``pass_number``."""
    found: dict[str, dict[str, Any]] = {}
    for other in reader.inspections(InspectionQuery(recipe=row["recipe"])).items:
        if other["panel"] != row["panel"]:
            found.setdefault(other["panel"], other)
    return [{name: one[name] for name in ("id", "panel", "pass_number")} for one in list(found.values())[:MOST]]
