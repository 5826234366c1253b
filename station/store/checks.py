"""Daily checks of the stations: kept with their frames and rig, and never taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice

from calibration.check_panel import CheckSeen
from calibration.daily_check import Judged
from inspection.frames import Frames
from inspection.refused import Refused
from inspection.rig import Rig
from station.events import utc_text
from station.store.contents import contents
from station.store.kept import Kept
from station.store.rows import as_json, captured_utc
from station.store.space import full_disk_said, refuse_without_room


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
        manifest, *blobs = self._blobs.put_all(
            islice(contents([frames], {}, rig.geometry.camera), 1 + len(frames.frames))
        )
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
