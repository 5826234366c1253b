"""Room on the disk: whether a capture can be stored, and how many days are left."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from inspection.verdict import Verdict
from station.events import utc_text
from station.faults import NoRoom
from station.store.policy import Policy

#: Bytes of maps for each pixel of a camera, as long as no inspection tells: forty float32 maps.
MAP_BYTES_PER_PIXEL: Final = 4 * 40
#: Rows, journal and picture of one inspection, beside its frames and maps.
ROWS_BYTES: Final = 16 * 2**20
#: Inspections of this long say how much is stored in a day.
RECENT: Final = timedelta(days=14)
#: Nobody plans a disk for longer than this.
FARTHEST_DAYS: Final = 90
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Room:
    """What the disk has, and for how long.

    Attributes
    ----------
    free_bytes, keep_free_bytes : int
        Nothing is stored that would leave less than the latter.
    bytes_per_day : float or None
        Frames and maps stored in a day, of the last two weeks; None where nothing was.
    days_left : int or None
        Whole days until a capture is refused, at that rate and with what retires meanwhile; None: more than
        `FARTHEST_DAYS`, or nothing was stored lately.
    """

    free_bytes: int
    keep_free_bytes: int
    bytes_per_day: float | None
    days_left: int | None


def free_bytes(folder: Path) -> int:
    """Free bytes of the disk that a folder lies on."""
    return shutil.disk_usage(folder).free


def refuse_without_room(folder: Path, policy: Policy, needed_bytes: int) -> None:
    """Refuse what the disk cannot hold.

    Raises
    ------
    NoRoom
        Storing it would leave less than the policy keeps free.
    """
    free = free_bytes(folder)
    if free < needed_bytes + policy.keep_free_bytes:
        raise NoRoom(
            f"the disk of {folder.resolve()} has {in_words(free)} free; this capture needs {in_words(needed_bytes)}, "
            f"and {in_words(policy.keep_free_bytes)} stay free (keep_free_gb): make room, then start again",
            "no_room", free=in_words(free), needed=in_words(needed_bytes), kept=in_words(policy.keep_free_bytes),
        )  # fmt: skip


@contextmanager
def full_disk_said() -> Iterator[None]:
    """A disk that is full after all, in one sentence; any other fault goes on as it is.

    Raises
    ------
    NoRoom
    """
    sentence = "the disk is full: nothing of this was stored; make room, then start again"
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(sentence, "disk_full") from error
        raise
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise NoRoom(sentence, "disk_full") from error
        raise


def in_words(size: float) -> str:
    """Bytes for a person."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size:.0f} bytes"


def needed(connection: sqlite3.Connection, frames_bytes: int, pixels: int) -> int:
    """Bytes that storing an inspection takes, before its maps are known: those of the latest ones, by pixel."""
    rows = connection.execute(
        """SELECT max(1.0 * i.maps_bytes / (m.rows_px * m.columns_px)) FROM
        (SELECT id, maps_bytes FROM inspection WHERE maps_bytes > 0 ORDER BY id DESC LIMIT 20) i
        JOIN map m ON m.inspection_id = i.id"""
    ).fetchone()
    per_pixel = MAP_BYTES_PER_PIXEL if rows[0] is None else float(rows[0])
    return int(frames_bytes + per_pixel * pixels + ROWS_BYTES)


def room(connection: sqlite3.Connection, folder: Path, policy: Policy, now: datetime) -> Room:
    """What the disk has now, and for how long that will do."""
    free = free_bytes(folder)
    per_day = _per_day(connection, now)
    total = sum(per_day.values())
    left = None
    if total > 0:
        left = days_left(free - policy.keep_free_bytes, per_day, _retiring(connection, now), policy)
    return Room(free, policy.keep_free_bytes, total or None, left)


def days_left(
    spare_bytes: float, per_day: Mapping[str, float], retiring: Mapping[int, float], policy: Policy
) -> int | None:
    """Whole days until the spare bytes are gone.

    Parameters
    ----------
    per_day : mapping
        Bytes stored in a day by the setting that keeps them: ``maps_days``, ``frames_days``, ``frames_failed_days``.
        After that many days as much retires as comes in.
    retiring : mapping
        Bytes of what is stored now that retire within that many days from now, day by day.
    """
    kept_days = {
        "maps_days": policy.maps_days,
        "frames_days": policy.frames_days,
        "frames_failed_days": policy.frames_failed_days,
    }
    gone = 0.0
    for day in range(1, FARTHEST_DAYS + 1):
        gone += retiring.get(day, 0.0)
        come = sum(rate * min(day, kept_days[setting]) for setting, rate in per_day.items())
        if come - gone > spare_bytes:
            return day - 1
    return None


def _per_day(connection: sqlite3.Connection, now: datetime) -> dict[str, float]:
    since = utc_text(now - RECENT)
    first = connection.execute("SELECT min(stored_at) FROM inspection WHERE stored_at >= ?", (since,)).fetchone()[0]
    if first is None:
        return {}
    days = max(1.0, (now - datetime.fromisoformat(first)) / timedelta(days=1))
    maps = connection.execute("SELECT total(maps_bytes) FROM inspection WHERE stored_at >= ?", (since,)).fetchone()[0]
    frames = dict(
        connection.execute(
            """SELECT passed, total(frames_bytes) FROM (SELECT c.frames_bytes, max(i.verdict = ?) AS passed
            FROM capture c JOIN inspection_capture v ON v.capture_sha256 = c.sha256
            JOIN inspection i ON i.id = v.inspection_id WHERE c.stored_at >= ? GROUP BY c.sha256)
            GROUP BY passed""",
            (str(Verdict.PASS), since),
        ).fetchall()
    )
    sums = {"maps_days": maps, "frames_days": frames.get(1, 0.0), "frames_failed_days": frames.get(0, 0.0)}
    return {setting: size / days for setting, size in sums.items()}


def _retiring(connection: sqlite3.Connection, now: datetime) -> dict[int, float]:
    """Bytes that retire by the end of each coming day, by what was stated with each inspection."""
    found = connection.execute(
        """SELECT until, total(bytes) FROM (
            SELECT maps_until AS until, maps_bytes AS bytes FROM inspection WHERE maps_retired_at IS NULL
            UNION ALL SELECT max(i.frames_until), c.frames_bytes FROM capture c
                JOIN inspection_capture v ON v.capture_sha256 = c.sha256 JOIN inspection i ON i.id = v.inspection_id
                WHERE c.frames_retired_at IS NULL GROUP BY c.sha256)
        WHERE until <= ? GROUP BY substr(until, 1, 13)""",
        (utc_text(now + timedelta(days=FARTHEST_DAYS)),),
    )
    by_day: dict[int, float] = {}
    for until, size in found:
        # The run of the day after is the one that deletes it.
        day = max(1, 1 + (datetime.fromisoformat(until) - now).days + 1)
        by_day[day] = by_day.get(day, 0.0) + size
    return by_day
