"""What a re-judgement needs, back in memory as it was: frames, rig and recipe by their hashes."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from calibration.rig_file import unpack
from inspection.frames import Conditions, Frames
from inspection.recipe import Recipe, parse_recipe
from inspection.rig import Rig
from station.capture_set import frames_from
from station.events import Clock
from station.faults import Retired
from station.store.blobs import Blobs
from station.store.selects import rows_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A frame as it is kept: its hash, a TIFF file, and the sensor's levels of black and white."""

    sha256: str
    tiff: bytes
    black_level: float
    white_level: float


class Originals:
    """Loads what inspections were made from."""

    def __init__(self, connection: sqlite3.Connection, blobs: Blobs, clock: Clock) -> None:
        self._connection = connection
        self._blobs = blobs
        self._clock = clock

    def load_capture(self, sha256: str) -> Frames | None:
        """A capture set's frames, equal to those that were stored.

        Raises
        ------
        Retired
            The frames were deleted when their term was over.
        OSError
            A stored frame is missing or damaged.
        """
        manifest = self._manifest(sha256)
        if manifest is None:
            return None
        files = {
            name: self._blobs.read(blob)
            for name, blob in self._connection.execute(
                "SELECT file, blob_sha256 FROM frame WHERE capture_sha256 = ? ORDER BY position", (sha256,)
            )
        }
        # The stored pictures are lossless but packed otherwise than those that came in: the name stays theirs.
        return replace(frames_from(manifest, files), sha256=sha256)

    def stored_frame(self, sha256: str, position: int) -> StoredFrame | None:
        """One frame of a capture, counted from 0; None where there is none. Raises as `load_capture`."""
        manifest = self._manifest(sha256)
        row = self._connection.execute(
            "SELECT blob_sha256 FROM frame WHERE capture_sha256 = ? AND position = ?", (sha256, position)
        ).fetchone()
        if manifest is None or row is None:
            return None
        image = json.loads(manifest)["image"]
        return StoredFrame(row[0], self._blobs.read(row[0]), image["black_level"], image["white_level"])

    def _manifest(self, sha256: str) -> bytes | None:
        """The manifest of a capture whose frames are kept."""
        row = self._connection.execute(
            "SELECT manifest_sha256, frames_retired_at, frames_retired_by FROM capture WHERE sha256 = ?", (sha256,)
        ).fetchone()
        if row is None:
            return None
        if row[1] is not None:
            raise Retired(
                f"the frames of capture {sha256[:12]} were deleted on {row[1][:10]} ({row[2]})", "frames_retired",
                day=row[1][:10],
            )  # fmt: skip
        return self._blobs.read(row[0])

    def conditions(self, capture_sha256: str) -> Conditions:
        """What was known about the panel when a stored capture was taken."""
        row = self._connection.execute(
            "SELECT manifest_sha256 FROM capture WHERE sha256 = ?", (capture_sha256,)
        ).fetchone()
        told = json.loads(self._blobs.read(row[0])).get("conditions") or {}
        return Conditions(told.get("wiped"), told.get("surface_temperature_c"), told.get("film_um") or {})

    def load_rig(self, sha256: str) -> Rig | None:
        """A rig, equal to the one that was stored."""
        row = self._connection.execute("SELECT blob_sha256 FROM rig WHERE sha256 = ?", (sha256,)).fetchone()
        return None if row is None else unpack(self._blobs.read(row[0]), f"rig {sha256[:12]}")

    def load_recipe(self, name_or_sha256: str) -> Recipe | None:
        """A recipe; by name: its newest version."""
        row = self._recipe_row(name_or_sha256)
        return None if row is None else parse_recipe(row["text"], row["name"])

    def rigs_for(self, station: str | None, when_utc: str) -> list[str]:
        """Hashes of a station's rigs whose term, before or after their calibration, covers a moment; newest first."""
        return [
            row["sha256"]
            for row in self._rows(
                """SELECT sha256 FROM rig WHERE station IS ? AND expires_at_utc >= ? AND
                2 * julianday(calibrated_at_utc) - julianday(expires_at_utc) <= julianday(?) + 1e-6
                ORDER BY calibrated_at_utc DESC, stored_at DESC""",
                station,
                when_utc,
                when_utc,
            )
        ]

    def _rows(self, sql: str, *parameters: object) -> list[Row]:
        return rows_of(self._connection, sql, parameters)

    def _recipe_row(self, name_or_sha256: str) -> Row | None:
        rows = self._rows(
            """SELECT name, sha256, title, passes, n_clear, target_lab, text, stored_at FROM recipe
            WHERE sha256 = ? OR name = ? ORDER BY id DESC LIMIT 1""",
            name_or_sha256,
            name_or_sha256,
        )
        return rows[0] if rows else None
