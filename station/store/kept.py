"""What inspections and checks both rest on: rigs, recipes, capture sets with their frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from calibration.rig_file import pack
from inspection.frames import Frames
from inspection.recipe import Recipe
from inspection.refused import Refused
from inspection.rig import Rig
from station.store.keeping import Keeping
from station.store.rows import Row, capture_row, frame_row, recipe_row, rig_row


class Kept(Keeping):
    """Keeps them once, whatever rests on them; called inside a transaction but for the rows' files."""

    def _new_rig_row(self, rig: Rig) -> Row | None:
        """The row of a rig that is not there yet; its file is on the disk then."""
        if self._holds("rig", rig.sha256):
            return None
        [blob] = self._blobs.put_all([(pack(rig),)])
        return rig_row(rig, rig.sha256, blob, self._clock())

    def _new_recipe_row(self, recipe: Recipe) -> Row | None:
        return None if self._holds("recipe", recipe.sha256) else recipe_row(recipe, self._clock())

    def _keep(self, table: str, row: Row | None) -> None:
        if row is not None:
            self._insert(table, row, ignore=True)

    def _keep_capture(self, frames: Frames, code: str, manifest: str, blobs: Sequence[str], now: datetime) -> int:
        """A capture set as one of a panel of this code, and its frames; returns the panel's id."""
        panel_id = self._panel(code, frames.part)
        row = capture_row(frames, panel_id, manifest, now) | {"frames_bytes": self._blobs.size([manifest, *blobs])}
        self._insert("capture", row, ignore=True)
        self._frames_are_back(frames, blobs)
        for position, (frame, blob) in enumerate(zip(frames.frames, blobs, strict=True)):
            self._insert("frame", frame_row(frame, position, frames.sha256, blob), ignore=True)
        return panel_id

    def _frames_are_back(self, frames: Frames, names: Sequence[str]) -> None:
        """A capture whose frames were retired is measured once more: its rows name the files that are there now."""
        gone = "SELECT 1 FROM capture WHERE sha256 = ? AND frames_retired_at IS NOT NULL"
        if not self._exists(gone, frames.sha256):
            return
        self._change("capture", frames.sha256, {"frames_retired_at": None, "frames_retired_by": None})
        for position, name in enumerate(names):
            where = (name, frames.sha256, position)
            self._database.execute("UPDATE frame SET blob_sha256 = ? WHERE capture_sha256 = ? AND position = ?", where)

    def _holds(self, table: str, sha256: str) -> bool:
        with self._lock:
            found = self._database.execute(f"SELECT 1 FROM {table} WHERE sha256 = ?", (sha256,)).fetchone()
        return found is not None

    def _panel(self, code: str, part: str | None) -> int:
        """The panel's row, made on first sight."""
        found = self._database.execute("SELECT id, part FROM panel WHERE code = ?", (code,)).fetchone()
        if found is None:
            return self._insert("panel", {"code": code, "part": part})
        panel_id, known = found
        if known is None and part is not None:
            self._change("panel", panel_id, {"part": part})
        elif part is not None and part != known:
            raise Refused(f'capture.json: part: panel "{code}" is stored as "{known}", this set says "{part}"')
        return int(panel_id)
