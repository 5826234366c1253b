"""What people rule of whole inspections: the verdict confirmed, or overridden with a reason.

What was measured is never changed: the last ruling stands beside it, and says who made it and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from inspection.report import Action
from inspection.verdict import Verdict
from station.events import utc_text
from station.store.originals import Originals
from station.store.rows import Row


class Rules(StrEnum):
    """What a person does with a verdict."""

    CONFIRM = "confirm"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One ruling of a person about one inspection; of several the last one counts.

    Attributes
    ----------
    verdict, action : Verdict and Action, or None
        Verdict and next step from now on; None where those that were measured are confirmed.
    who : str
        Pseudonym.
    why : str or None
        None where nothing is overridden.
    """

    inspection_id: int
    what: Rules
    who: str
    verdict: Verdict | None = None
    action: Action | None = None
    why: str | None = None


def ruling_row(ruling: Ruling, measured: Mapping[str, Any], now: datetime) -> Row:
    """The row of a ruling; `measured`: ``verdict`` and ``action`` of the inspection."""
    return {
        "inspection_id": ruling.inspection_id,
        "what": str(ruling.what),
        "verdict": str(ruling.verdict or measured["verdict"]),
        "action": str(ruling.action or measured["action"]),
        "who": ruling.who,
        "why": ruling.why,
        "made_at": utc_text(now),
    }


def action_of(row: Mapping[str, Any]) -> str:
    """The next step that holds of a row of the list: as a person ruled, else as measured."""
    ruling = row["ruling"]
    return str(row["action"] if ruling is None else ruling["action"])


class Rulings(Originals):
    """What is known about rulings."""

    def rulings(self, inspection_id: int) -> list[Row]:
        """Every ruling about an inspection, the oldest first."""
        return self._rows("SELECT * FROM ruling WHERE inspection_id = ? ORDER BY id", inspection_id)
