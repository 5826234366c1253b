"""Whether the station can work, and what a person should see to before it cannot."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from station.events import utc_text
from station.store.rows import Row
from station.store.selects import rows_of
from station.store.space import Room, in_words

#: Days ahead that a disk is said to fill up.
WARN_DAYS_LEFT: Final = 14
#: A backup older than this is said to be old.
BACKUP_DAYS: Final = 7
#: What is past its term for longer than this should have gone.
OVERDUE: Final = timedelta(days=2)

#: Codes of warnings, with the values that go into their sentences. The pages have words for each.
WARNINGS: Final = {
    "database": "the database is damaged or cannot be written: run `paint-station check`, then restore the last backup",
    "disk full": "the disk is full ({free} free): nothing can be stored; make room",
    "disk days": "the disk will be full in {days} days at the rate of the last two weeks: plan room for it",
    "clock": "the clock stands {seconds} s before what is stored already: look at it",
    "no backup": "no backup was made yet: run `paint-station backup`",
    "backup old": "the last backup is {days} days old: run `paint-station backup`",
    "backup faults": "the last backup lacks {count} files that are damaged or missing here: run `paint-station check`",
    "overdue": "maps or frames of {count} inspections are past their term and not deleted: the log says why",
    "rig expired": "the calibration of station {station} has run out: calibrate",
}
#: Those with which nothing can be measured and stored.
FAULTS: Final = frozenset({"database", "disk full"})


def health_of(
    connection: sqlite3.Connection,
    *,
    room: Room,
    writable: bool,
    sound: bool,
    clock_back_s: float | None,
    rigs: list[Row],
    now: datetime,
) -> Row:
    """State of the store with its warnings.

    Returns
    -------
    dict
        ``status`` (ok, fault), ``database`` (ok, damaged, not writable), ``space``, ``backup`` and ``last_start``
        (reports of upkeep, None where there was none), ``clock_back_s``, ``warnings`` (code, values, detail).
    """
    database = "damaged" if not sound else "ok" if writable else "not writable"
    backup, start = (_last(connection, kind) for kind in ("backup", "start"))
    found: list[tuple[str, dict[str, Any]]] = []
    if database != "ok":
        found.append(("database", {}))
    if room.free_bytes < room.keep_free_bytes:
        found.append(("disk full", {"free": in_words(room.free_bytes)}))
    elif room.days_left is not None and room.days_left <= WARN_DAYS_LEFT:
        found.append(("disk days", {"days": room.days_left}))
    if clock_back_s is not None:
        found.append(("clock", {"seconds": round(clock_back_s)}))
    found += _of_backup(connection, backup, now)
    overdue = _overdue(connection, now)
    if overdue:
        found.append(("overdue", {"count": overdue}))
    found += [("rig expired", {"station": rig["station"] or "–"}) for rig in rigs if rig["expired"]]
    return {
        "status": "fault" if FAULTS.intersection(code for code, _ in found) else "ok",
        "database": database,
        "space": asdict(room),
        "backup": backup,
        "last_start": start,
        "clock_back_s": clock_back_s,
        "warnings": [
            {"code": code, "values": values, "detail": WARNINGS[code].format(**values)} for code, values in found
        ],
    }


def _of_backup(connection: sqlite3.Connection, backup: Row | None, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    if backup is None:
        stored = connection.execute("SELECT 1 FROM inspection LIMIT 1").fetchone() is not None
        return [("no backup", {})] if stored else []
    found: list[tuple[str, dict[str, Any]]] = []
    age = now - datetime.fromisoformat(backup["done_at"])
    if age > timedelta(days=BACKUP_DAYS):
        found.append(("backup old", {"days": age.days}))
    if backup["told"]["faults"]:
        found.append(("backup faults", {"count": len(backup["told"]["faults"])}))
    return found


def _overdue(connection: sqlite3.Connection, now: datetime) -> int:
    """Inspections that are past what was stated with them, where nothing has been deleted for days."""
    last = _last(connection, "retire")
    if last is not None and now - datetime.fromisoformat(last["done_at"]) < OVERDUE:
        return 0
    found = connection.execute(
        """SELECT count(*) FROM inspection i JOIN capture c ON c.sha256 = i.capture_sha256
        WHERE (i.maps_retired_at IS NULL AND i.maps_until < ?1)
        OR (c.frames_retired_at IS NULL AND i.frames_until < ?1)""",
        (utc_text(now - OVERDUE),),
    ).fetchone()
    return int(found[0])


def _last(connection: sqlite3.Connection, kind: str) -> Row | None:
    rows = rows_of(connection, "SELECT done_at, told FROM upkeep WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,))
    return rows[0] if rows else None
