"""Time at work on the passes of a panel: pieces of work, as told afterwards or by start and stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from inspection.refused import Refused
from station.events import utc_text
from station.store.marks import Marks
from station.store.rows import Row
from station.store.rulings import Rulings
from station.store.ticks import Ticks

#: Nobody works on one pass longer than a long shift: a stop after that was forgotten, and counts for nothing.
LONGEST: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One uninterrupted piece of work on a pass; a pass may take several. `who` is a pseudonym."""

    coat_number: int
    pass_number: int
    started_at: datetime
    stopped_at: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """The start of a piece of work that goes on."""

    coat_number: int
    pass_number: int
    who: str


def work_row(spell: Spell, panel_id: int, now: datetime, start_id: int | None = None) -> Row:
    """The row of a piece of work; `start_id`: of the start that it ends.

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
        "start_id": start_id,
    }


def start_row(begin: Begin, panel_id: int, going: Sequence[Row], now: datetime) -> Row:
    """The row of a start, which is now.

    Parameters
    ----------
    going : rows as `GOING` selects them

    Raises
    ------
    Refused
        Work on that pass goes on already.
    """
    open_one = running(going, begin.coat_number, begin.pass_number, now)
    if open_one is not None:
        raise Refused(f"pass_number: work on pass {begin.pass_number} goes on since {open_one['started_at']}")
    return {
        "panel_id": panel_id,
        "coat_number": begin.coat_number,
        "pass_number": begin.pass_number,
        "started_at": now.isoformat(),
        "who": begin.who,
        "stored_at": utc_text(now),
    }


def stop_row(panel_id: int, coat_number: int, pass_number: int, going: Sequence[Row], now: datetime) -> Row:
    """The row of the piece of work that stops now.

    Raises
    ------
    Refused
        None goes on, or its stop was forgotten.
    """
    start = running(going, coat_number, pass_number, now)
    if start is None:
        raise Refused(f"pass_number: no work on pass {pass_number} goes on that was started in the last 12 hours")
    began = datetime.fromisoformat(start["started_at"])
    spell = Spell(coat_number=coat_number, pass_number=pass_number, started_at=began, stopped_at=now, who=start["who"])
    return work_row(spell, panel_id, now, start["id"])


def running(going: Sequence[Row], coat_number: int, pass_number: int, now: datetime) -> Row | None:
    """The start of work on a pass that has not stopped; None too where its stop was forgotten."""
    asked = (coat_number, pass_number)
    own = [row for row in not_forgotten(going, now) if (row["coat_number"], row["pass_number"]) == asked]
    return own[-1] if own else None


def not_forgotten(going: Sequence[Row], now: datetime) -> list[Row]:
    """Starts that a stop may still follow."""
    return [row for row in going if now - datetime.fromisoformat(row["started_at"]) <= LONGEST]


#: Starts of a panel, by its id, that no stop has followed.
GOING: Final = """SELECT s.id, s.coat_number, s.pass_number, s.started_at, s.who FROM work_start s
    WHERE s.panel_id = ? AND NOT EXISTS (SELECT 1 FROM work w WHERE w.start_id = s.id) ORDER BY s.id"""


class Work(Marks, Ticks, Rulings):
    """What is known about work."""

    def working(self, panel: str) -> list[Row]:
        """Work on a panel that goes on: ``coat_number``, ``pass_number``, ``started_at``, whole ``minutes`` since.

        Not by whom.
        """
        found = self._rows("SELECT id FROM panel WHERE code = ?", panel)
        going = self._rows(GOING, found[0]["id"]) if found else []
        now = self._clock()
        return [
            {
                "coat_number": row["coat_number"],
                "pass_number": row["pass_number"],
                "started_at": row["started_at"],
                "minutes": int((now - datetime.fromisoformat(row["started_at"])).total_seconds() // 60),
            }
            for row in not_forgotten(going, now)
        ]

    def newest_of_coats(self) -> list[Row]:
        """The newest inspection of every coat, by recipe: what it advises, and whether people said anything of it."""
        return self._rows(
            """SELECT i.id, r.name AS recipe, r.title AS recipe_title, r.passes, i.simulated, i.panel_id,
                i.coat_number, i.pass_number, i.action,
                EXISTS (SELECT 1 FROM correction k JOIN inspection e ON e.id = k.inspection_id
                    WHERE e.panel_id = i.panel_id AND e.coat_number = i.coat_number AND k.what <> 'note')
                OR EXISTS (SELECT 1 FROM film_reading f WHERE f.panel_id = i.panel_id
                    AND f.coat_number = i.coat_number AND f.stored_at > i.stored_at) AS spoken
            FROM inspection i JOIN recipe r ON r.sha256 = i.recipe_sha256
            WHERE i.id = (SELECT l.id FROM inspection l WHERE l.panel_id = i.panel_id
                AND l.coat_number = i.coat_number ORDER BY l.captured_at_utc DESC, l.id DESC LIMIT 1)
            ORDER BY r.name, i.simulated, i.id"""
        )

    def times_of_work(self) -> dict[tuple[int, int], tuple[tuple[str, str], ...]]:
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
