"""Daily checks of the stations: kept with their frames and rig, and never taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice

from calibration.check_panel import CheckSeen
from calibration.daily_check import Judged, Taken
from inspection.frames import Frames
from inspection.refused import Refused
from inspection.rig import Rig
from station.events import utc_text
from station.store.contents import contents
from station.store.kept import Kept
from station.store.queries import CheckQuery, Page
from station.store.rows import Row, as_json, captured_utc
from station.store.selects import Select, page_of
from station.store.space import full_disk_said, refuse_without_room
from station.store.versions import Versions

CHECKS = Select(
    """k.id, k.station, k.check_panel, k.captured_at, k.captured_at_utc, k.simulated, k.operator, k.first, k.met,
    k.seen, k.judged, k.gates, k.capture_sha256, k.rig_sha256, k.software, k.stored_at""",
    "daily_check k",
    {
        "station": "k.station = ?",
        "check_panel": "k.check_panel = ?",
        "since": "k.captured_at_utc >= ?",
        "until": "k.captured_at_utc < ?",
    },
    (("k.captured_at_utc", str), ("k.id", int)),
)


@dataclass(frozen=True, slots=True)
class Station:
    """Whose checks: a station by its name (None: it has none), and whether it is simulated."""

    name: str | None
    simulated: bool


def taken_of(row: Row) -> dict[str, Taken]:
    """The quantities of a stored check."""
    return {name: Taken(**values) for name, values in row["seen"].items()}


class Checked(Versions):
    """What is known about daily checks."""

    def checks(self, query: CheckQuery) -> Page:
        """Daily checks, the newest first."""
        return page_of(self._connection, CHECKS, query)

    def check(self, check_id: int) -> Row | None:
        """One daily check."""
        found = self._rows(f"SELECT {CHECKS.columns} FROM {CHECKS.tables} WHERE k.id = ?", check_id)
        return found[0] if found else None

    def checks_of(self, station: Station, check_panel: str, until: datetime) -> list[Row]:
        """Every check of one panel at a station up to a moment, in order of time."""
        return self._rows(
            f"""SELECT {CHECKS.columns} FROM {CHECKS.tables} WHERE k.station IS ? AND k.simulated = ?
            AND k.check_panel = ? AND k.captured_at_utc <= ? ORDER BY k.captured_at_utc, k.id""",
            station.name, int(station.simulated), check_panel, utc_text(until),
        )  # fmt: skip

    def last_check(self, station: Station, until: datetime) -> Row | None:
        """The newest check of a station that was judged, up to a moment."""
        found = self._rows(
            f"""SELECT {CHECKS.columns} FROM {CHECKS.tables} WHERE k.station IS ? AND k.simulated = ?
            AND k.met IS NOT NULL AND k.captured_at_utc <= ? ORDER BY k.captured_at_utc DESC, k.id DESC LIMIT 1""",
            station.name, int(station.simulated), utc_text(until),
        )  # fmt: skip
        return found[0] if found else None

    def stations(self) -> list[Row]:
        """Every station that was calibrated or checked, with ``simulated`` and the ``rig_sha256`` of its newest rig."""
        return self._rows(
            """SELECT s.station, s.simulated, (SELECT g.sha256 FROM rig g WHERE g.station IS s.station
                AND g.simulated = s.simulated ORDER BY g.calibrated_at_utc DESC, g.sha256 LIMIT 1) AS rig_sha256
            FROM (SELECT station, simulated FROM rig UNION SELECT station, simulated FROM daily_check) s
            ORDER BY s.simulated, s.station"""
        )


class Checks(Kept):
    """Keeps daily checks."""

    def save_check(
        self,
        seen: CheckSeen,
        judged: Sequence[Judged],
        *,
        met: bool | None,
        frames: Frames,
        rig: Rig,
        software: str,
    ) -> int:
        """Keep a check with its frames and rig: the whole of it, or nothing. Returns its id.

        Parameters
        ----------
        met : bool or None
            None: one of the panel's first checks, which are not judged.

        Raises
        ------
        Refused
            This very set is stored as a check already.
        NoRoom
            The disk is full, or would be; nothing was stored.
        """
        refuse_without_room(self.path.parent, self.policy, sum(frame.pixels.nbytes for frame in frames.frames))
        with full_disk_said(), self._blobs.kept():
            return self._saved_check(seen, judged, met, frames, rig, software)

    def _saved_check(
        self, seen: CheckSeen, judged: Sequence[Judged], met: bool | None, frames: Frames, rig: Rig, software: str
    ) -> int:
        assert frames.check_panel is not None
        new_rig = self._new_rig_row(rig)
        manifest, *blobs = self._blobs.put_all(islice(contents(frames, {}), 1 + len(frames.frames)))
        now = self._clock()
        with self._transaction():
            if self._exists("SELECT 1 FROM daily_check WHERE capture_sha256 = ?", frames.sha256):
                raise Refused(f"capture.json: this set is stored as a daily check already ({frames.sha256[:12]})")
            self._keep("rig", new_rig)
            self._keep_capture(frames, frames.check_panel, manifest, blobs, now)
            row = {
                "station": frames.station,
                "check_panel": frames.check_panel,
                "capture_sha256": frames.sha256,
                "rig_sha256": rig.sha256,
                "captured_at": frames.captured_at,
                "captured_at_utc": captured_utc(frames.captured_at, now),
                "simulated": int(frames.simulated),
                "operator": frames.operator,
                "first": int(met is None),
                "met": None if met is None else int(met),
                "seen": as_json({name: asdict(taken) for name, taken in seen.values.items()}),
                "judged": as_json([asdict(one) for one in judged]),
                "gates": as_json([asdict(one) for one in seen.gates]),
                "software": software,
                "stored_at": utc_text(now),
            }
            return self._insert("daily_check", row)
