"""Upkeep of the store: what a crash left behind, what is past its term, and a short report of each."""

from __future__ import annotations

import shutil
import sqlite3
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from station.events import utc_text
from station.faults import Busy, NoRoom
from station.store.health import health_of
from station.store.named import named, still_named
from station.store.policy import Policy, Term
from station.store.retiring import KEPT, KEPT_CHECKS, Due, Retirement, due_now, learned_from
from station.store.rows import Row, as_json
from station.store.selects import rows_of
from station.store.space import needed, refuse_without_room, room
from station.store.told import Told

if TYPE_CHECKING:
    from station.store.reader import Reader

#: Uploads lie in folders of this name, beside the database, until they are measured.
UPLOAD_PREFIX: Final = "upload-"
#: So many inspections or captures retire at a time: whoever wants to store one does not wait long.
_AT_ONCE: Final = 50
#: A clock that ran on so far since the last upkeep is doubted before it deletes by itself.
_DOUBTFUL_GAP: Final = timedelta(days=60)
#: So long a database that was found sound counts as sound.
_SOUND_FOR_S: Final = 3600.0
_WARNINGS_FOR_S: Final = 60.0
#: So many inspections and reports of upkeep are looked at for a clock that went back: about a day's.
_LATEST: Final = 200
#: Clocks are put right by less than this all the time.
CLOCK_TOLERANCE: Final = timedelta(seconds=5)


class Upkeep(StrEnum):
    """What a report is about."""

    START = "start"
    STOP = "stop"
    RETIRE = "retire"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Tidied:
    """What a start found.

    Attributes
    ----------
    clean_stop : bool
        Whether the run before this one ended in order; true for the first one.
    files, bytes : int or None
        Files that no row named and that are gone now; None where another program was storing.
    uploads : int
        Captures that were being received: their senders got no answer and send them again.
    clock_back_s : float or None
        How far the clock stands before the newest stored moment.
    """

    clean_stop: bool
    files: int | None
    bytes: int | None
    uploads: int
    clock_back_s: float | None

    def __str__(self) -> str:
        parts = ["the last run ended in order" if self.clean_stop else "the last run was cut off"]
        if self.files is None:
            parts.append("another program is storing, so nothing was cleaned up")
        else:
            parts.append(f"{self.files} unfinished files ({self.bytes} bytes) removed")
        if self.uploads:
            parts.append(f"{self.uploads} captures were being received and were not stored: send them again")
        if self.clock_back_s is not None:
            parts.append(f"the clock stands {self.clock_back_s:.0f} s before what is stored already: look at it")
        return "; ".join(parts)


class Keeping(Told):
    """Keeps the store in order. `policy` says for how long things are kept."""

    policy: Policy
    #: When the database was last looked at as a whole, and what was found.
    #: Whether a thread looks at the database and for warnings by itself.
    looked_after: bool = False
    _seen_sound: tuple[float, bool] | None = None

    #: The warnings, and when they were looked for.
    _seen_warnings: tuple[float, list[Row]] | None = None

    @abstractmethod
    def reader(self) -> AbstractContextManager[Reader]:
        """See `Store.reader`."""

    def note(self, kind: Upkeep, told: object) -> None:
        """Keep a short report.

        Raises
        ------
        NoRoom
        """
        row = {"kind": str(kind), "done_at": utc_text(self._clock()), "told": as_json(told)}
        with self._transaction():
            self._insert("upkeep", row)

    def require_room(self, frames_bytes: int, pixels: int) -> None:
        """Refuse a capture that could not be stored, before it is taken or measured.

        Parameters
        ----------
        frames_bytes : int
            Bytes of its frames, uncompressed.
        pixels : int
            Pixels of the camera: what the maps will take follows from the latest inspections.

        Raises
        ------
        NoRoom
        """
        with self._lock:
            size = needed(self._database.conn, frames_bytes, pixels)
        refuse_without_room(self.path.parent, self.policy, size)

    @contextmanager
    def kept_files(self) -> Iterator[Path]:
        """The folder of files, of which none is deleted while the block goes on."""
        with self._blobs.kept():
            yield self._blobs.folder

    def tidy(self) -> Tidied:
        """Remove what a crash left behind, and keep a report of it. For the start of the program that serves.

        A row is written after its files: what no row names belongs to nothing.
        """
        last = self._last(Upkeep.START, Upkeep.STOP)
        uploads = [path for path in self.path.parent.glob(f"{UPLOAD_PREFIX}*") if path.is_dir()]
        for folder in uploads:
            shutil.rmtree(folder)
        files: int | None = None
        freed: int | None = None
        try:
            with self._blobs.alone():
                files, freed = self._blobs.delete(self.orphans())
        except Busy:
            files = None
        clean = last is None or last["kind"] == Upkeep.STOP
        tidied = Tidied(clean, files, freed, len(uploads), self.clock_back_s())
        # A full disk keeps nobody from starting: `health` says it.
        with suppress(NoRoom):
            self.note(Upkeep.START, asdict(tidied))
        return tidied

    def orphans(self) -> list[Path]:
        """Files that no row names: what a crash or a refusal left behind. Harmless."""
        with self._lock:
            names = named(self._database.conn)
        return list(self._blobs.orphans(names))

    def clock_back_s(self) -> float | None:
        """How many seconds the clock stands before the newest stored moment; None where it does not.

        What is stored keeps its order all the same: inspections are numbered one after the other, attempts counted.
        """
        with self._lock:
            return clock_back_s(self._database.conn, self._clock())

    def retire(self, *, dry_run: bool = False) -> Retirement:
        """Delete maps and frames whose term is over; their rows say so from then on, and every number stays.

        Rows first, then files: after a crash between the two the files are left over, see `tidy`.

        Parameters
        ----------
        dry_run : bool
            Only count.

        Raises
        ------
        Busy
            A backup is being made.
        """
        found = self._due()
        freed = found.bytes
        if not dry_run:
            freed = sum(self._retire_maps(some) for some in _batches(found.maps))
            freed += sum(self._retire_frames(some) for some in _batches(found.frames))
        retired = Retirement(len(found.maps), len(found.frames), freed, found.promised, found.next_due)
        if not dry_run:
            self.note(Upkeep.RETIRE, asdict(retired))
        return retired

    def retire_daily(self) -> Retirement | None:
        """`retire` where the last time is a day ago or more; None where it is not.

        Raises
        ------
        Busy
            A backup is being made, or the clock ran on so far that a person looks first.
        """
        last, now = self._last(Upkeep.RETIRE), self._clock()
        with self._lock:
            stored = self._database.execute("SELECT max(stored_at) FROM inspection").fetchone()[0]
        seen = max(filter(None, (None if last is None else last["done_at"], stored)), default=None)
        if last is not None and datetime.fromisoformat(last["done_at"]) <= now < _day_after(last["done_at"]):
            return None
        if seen is not None and now - datetime.fromisoformat(seen) > _DOUBTFUL_GAP:
            raise Busy(
                f"the clock says {now.date()}, the newest entry is of {seen[:10]}: nothing was deleted; "
                "look at the clock, then run `paint-station retire` once",
                "clock_back", day=seen[:10],
            )  # fmt: skip
        return self.retire()

    def health(self) -> Row:
        """Whether the station can work; see `health.health_of` and `Reader.health`."""
        with self.reader() as reader:
            counted = reader.health()
            return counted | health_of(
                reader.connection,
                room=room(reader.connection, self.path.parent, self.policy, self._clock()),
                writable=self._writable(),
                sound=self._sound(),
                clock_back_s=self.clock_back_s(),
                rigs=counted["rigs"],
                now=self._clock(),
            )

    def warnings(self) -> list[Row]:
        """Those of `health`, at most a minute old: every page may ask, however much is stored."""
        seen = self._seen_warnings
        if seen is None or not (self.looked_after or time.monotonic() - seen[0] <= _WARNINGS_FOR_S):
            return self.look()
        return seen[1]

    def look(self) -> list[Row]:
        """Look anew what a person should see to; what was found stands in `warnings`."""
        found: list[Row] = self.health()["warnings"]
        self._seen_warnings = (time.monotonic(), found)
        return found

    def look_whole(self) -> bool:
        """Look whether the database is whole, which reads all of it: of a hundred million rows for minutes."""
        with self.reader() as reader:
            said = reader.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        self._seen_sound = (time.monotonic(), said == "ok")
        return self._seen_sound[1]

    def _writable(self) -> bool:
        try:
            with self._transaction():
                return True
        except sqlite3.OperationalError:
            return False

    def _sound(self) -> bool:
        """Whether the database is whole, as it was seen within the hour.

        Where a thread looks after the store nobody waits for that: until its first look is done, a database that could
        be opened counts as whole.
        """
        seen = self._seen_sound
        if self.looked_after:
            return seen is None or seen[1]
        if seen is None or time.monotonic() - seen[0] > _SOUND_FOR_S:
            return self.look_whole()
        return seen[1]

    def _last(self, *kinds: Upkeep) -> Row | None:
        marks = ", ".join("?" for _ in kinds)
        with self._lock:
            found = rows_of(
                self._database.conn,
                f"SELECT kind, done_at, told FROM upkeep WHERE kind IN ({marks}) ORDER BY id DESC LIMIT 1",
                tuple(str(kind) for kind in kinds),
            )
        return found[0] if found else None

    def _due(self) -> Due:
        with self._lock:
            rows = rows_of(self._database.conn, KEPT)
            checks = rows_of(self._database.conn, KEPT_CHECKS)
            reference = learned_from(self._database.conn)
        return due_now(rows, checks, reference, self.policy, utc_text(self._clock()))

    def _retire_maps(self, some: Sequence[tuple[int, Term]]) -> int:
        return self._retired("inspection", "maps", "SELECT blob_sha256 FROM map WHERE inspection_id = ?", some)

    def _retire_frames(self, some: Sequence[tuple[str, Term]]) -> int:
        return self._retired("capture", "frames", "SELECT blob_sha256 FROM frame WHERE capture_sha256 = ?", some)

    def _retired(self, table: str, what: str, files_of: str, some: Sequence[tuple[Any, Term]]) -> int:
        """Retire some of either, and delete the files that no other row needs. Returns the freed bytes."""
        now = utc_text(self._clock())
        with self._blobs.alone():
            files: list[str] = []
            with self._transaction():
                for key, term in some:
                    self._change(table, key, {f"{what}_retired_at": now, f"{what}_retired_by": str(term)})
                    files += [row[0] for row in self._database.execute(files_of, (key,))]
                kept = still_named(self._database.conn, files)
            return self._blobs.delete(self._blobs.path(one) for one in sorted(set(files) - kept))[1]


def clock_back_s(connection: sqlite3.Connection, now: datetime) -> float | None:
    """See `Keeping.clock_back_s`."""
    # The latest by number: a clock that ran ahead once, long ago, does not make the right one wrong for ever.
    newest = connection.execute(
        """SELECT max(at) FROM (SELECT * FROM (SELECT stored_at AS at FROM inspection ORDER BY id DESC LIMIT ?1)
        UNION ALL SELECT * FROM (SELECT done_at FROM upkeep ORDER BY id DESC LIMIT ?1))""",
        (_LATEST,),
    ).fetchone()[0]
    if newest is None:
        return None
    back = datetime.fromisoformat(newest) - now
    return back.total_seconds() if back > CLOCK_TOLERANCE else None


def _day_after(moment: str) -> datetime:
    return datetime.fromisoformat(moment) + timedelta(days=1)


def _batches(some: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (some[start : start + _AT_ONCE] for start in range(0, len(some), _AT_ONCE))
