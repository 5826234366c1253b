"""What was done of a next step: places ticked off at the bay, and which panels are in work there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from inspection.report import Action
from station.events import utc_text
from station.store.originals import Originals
from station.store.rows import Row
from station.store.selects import INSPECTIONS

#: Next steps after which a panel lies at the bay.
AT_THE_BAY: Final = (Action.WORK_HERE, Action.FULL_PASS, Action.WIPE_AND_MEASURE_AGAIN)

#: The next step that holds: as a person ruled last, else as measured.
_HOLDS: Final = (
    "coalesce((SELECT k.action FROM ruling k WHERE k.inspection_id = i.id ORDER BY k.id DESC LIMIT 1), i.action)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One word about one place of an inspection's next step; of several the last one counts.

    Attributes
    ----------
    place : str
        As the task names it: a mark or a region.
    done : bool
        False takes a tick back; what was said before stays.
    who : str
        Pseudonym.
    key : str
        Given by who sends it: a tick that arrives twice, over a weak network, is one.
    """

    inspection_id: int
    place: str
    done: bool
    who: str
    key: str


def tick_row(tick: Tick, now: datetime) -> Row:
    """The row of a tick."""
    return {
        "inspection_id": tick.inspection_id,
        "place": tick.place,
        "done": int(tick.done),
        "who": tick.who,
        "key": tick.key,
        "made_at": utc_text(now),
    }


class Ticks(Originals):
    """What is known about work at the bay."""

    def ticks(self, inspection_id: int) -> list[Row]:
        """The last word about each place: ``place``, ``done``, ``made_at``. Not by whom."""
        return self._rows(
            """SELECT place, done, made_at FROM tick WHERE id IN (
                SELECT max(id) FROM tick WHERE inspection_id = ? GROUP BY place) ORDER BY place""",
            inspection_id,
        )

    def at_the_bay(self, limit: int) -> list[Row]:
        """Newest inspections that nothing has followed yet and that ask for work, as in their list."""
        marks = ", ".join("?" for _ in AT_THE_BAY)
        return self._rows(
            f"""SELECT {INSPECTIONS.columns} FROM {INSPECTIONS.tables} WHERE {_HOLDS} IN ({marks}) AND NOT EXISTS (
                SELECT 1 FROM inspection l WHERE l.panel_id = i.panel_id
                AND (l.coat_number, l.pass_number, l.attempt) > (i.coat_number, i.pass_number, i.attempt))
            ORDER BY i.captured_at_utc DESC, i.id DESC LIMIT ?""",
            *map(str, AT_THE_BAY),
            limit,
        )
