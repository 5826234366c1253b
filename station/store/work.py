"""Time at work on the passes of a panel, and what was saved of it. Nobody is ranked: sums are by recipe only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from inspection.passes.experience import Finished, savings
from inspection.refused import Refused
from station.events import utc_text
from station.store.marks import Marks
from station.store.rows import Row

SAVINGS_COLUMNS = (
    "recipe", "recipe_title", "simulated", "panels", "passes_saved", "hours_per_pass", "hours_saved",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One uninterrupted piece of work on a pass; a pass may take several. `who` is a pseudonym."""

    coat_number: int
    pass_number: int
    started_at: datetime
    stopped_at: datetime
    who: str


def work_row(spell: Spell, panel_id: int, now: datetime) -> Row:
    """The row of a piece of work.

    Raises
    ------
    Refused
        It stops before it starts, or has not stopped yet.
    """
    if not spell.started_at < spell.stopped_at <= now:
        raise Refused("started_at, stopped_at: expected the start before the stop, and both in the past")
    return {
        "panel_id": panel_id,
        "coat_number": spell.coat_number,
        "pass_number": spell.pass_number,
        "started_at": spell.started_at.isoformat(),
        "stopped_at": spell.stopped_at.isoformat(),
        "who": spell.who,
        "stored_at": utc_text(now),
    }


class Work(Marks):
    """What is known about work."""

    def savings(self) -> list[Row]:
        """Passes and hours saved against the planned number, by recipe; simulated panels apart from real ones.

        Returns
        -------
        list of dict
            Keys `SAVINGS_COLUMNS`; hours are None where no pass was timed. A coat counts as finished when the newest
            inspection of it advises release.
        """
        rows = self._rows(
            """SELECT r.name AS recipe, r.title AS recipe_title, r.passes, i.simulated, i.panel_id, i.coat_number,
                i.pass_number
            FROM inspection i JOIN recipe r ON r.sha256 = i.recipe_sha256
            WHERE i.action = 'release' AND i.id = (SELECT l.id FROM inspection l WHERE l.panel_id = i.panel_id
                AND l.coat_number = i.coat_number ORDER BY l.captured_at_utc DESC, l.id DESC LIMIT 1)
            ORDER BY r.name, i.simulated, i.id"""
        )
        times = self._times()
        told = []
        for (recipe, simulated), group in groupby(rows, lambda row: (row["recipe"], row["simulated"])):
            panels = list(group)
            saved = savings(
                [
                    Finished(row["passes"], row["pass_number"], times[row["panel_id"], row["coat_number"]])
                    for row in panels
                ]
            )
            title = panels[-1]["recipe_title"]
            told.append({"recipe": recipe, "recipe_title": title, "simulated": simulated} | asdict(saved))
        return told

    def _times(self) -> dict[tuple[int, int], tuple[tuple[str, str], ...]]:
        """Start and stop of each timed pass by panel and coat; of several pieces of work, without the breaks."""
        rows: list[dict[str, Any]] = self._rows(
            """SELECT panel_id, coat_number, pass_number, started_at, stopped_at FROM work
            ORDER BY panel_id, coat_number, pass_number, id"""
        )
        times: dict[tuple[int, int], tuple[tuple[str, str], ...]] = defaultdict(tuple)
        for (panel, coat, _), group in groupby(rows, lambda r: (r["panel_id"], r["coat_number"], r["pass_number"])):
            spells = [(datetime.fromisoformat(r["started_at"]), datetime.fromisoformat(r["stopped_at"])) for r in group]
            begun, stop = spells[0]
            for again, end in spells[1:]:
                stop += end - again
            times[panel, coat] += ((begun.isoformat(), stop.isoformat()),)
        return times
