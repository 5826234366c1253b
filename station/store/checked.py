"""What is known about the daily checks of the stations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calibration.daily_check import Taken
from station.events import utc_text
from station.store.queries import CheckQuery, Page
from station.store.rows import Row
from station.store.selects import Select, page_of
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
