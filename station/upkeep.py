"""What the station does by itself beside measuring: once a day, and while it is asked things."""

from __future__ import annotations

import math
import threading
import time
from datetime import timedelta
from typing import Final, Self

from station.access.terms import NAMES_KEPT
from station.faults import StationFault
from station.log import LOG, info, warning
from station.store.db import Store

#: How often it is looked whether a day has passed.
LOOK_EVERY_S: Final = 600.0
#: How often warnings are looked for, and how often all of the database is read.
WARNINGS_EVERY_S: Final = 30.0
WHOLE_EVERY_S: Final = 3600.0
JOIN_WITHIN_S: Final = 2.0


class Looking:
    """A thread that looks at the store, so that no page waits for it: for warnings often, at all of it once an hour."""

    def __init__(self, store: Store, *, every_s: float = WARNINGS_EVERY_S) -> None:
        self._store, self._every_s = store, every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="looking", daemon=True)

    def __enter__(self) -> Self:
        """Begin; the first look is at once."""
        self._store.looked_after = True
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """End. A look at all of the database that goes on is not waited for: it only reads."""
        self._stopped.set()
        self._store.looked_after = False
        self._thread.join(JOIN_WITHIN_S)

    def _run(self) -> None:
        looked_whole = -math.inf
        while True:
            try:
                if time.monotonic() - looked_whole >= WHOLE_EVERY_S:
                    looked_whole = time.monotonic()
                    self._store.look_whole()
                self._store.look()
            except Exception:
                # What cannot be looked at is said by whoever asks for the health of the station.
                LOG.exception("the look at the database failed")
            if self._stopped.wait(self._every_s):
                return


class DailyUpkeep:
    """A thread that deletes what is past its term, names too. A fault is logged, and tried again; measuring goes on."""

    def __init__(self, store: Store, *, names_kept: timedelta = NAMES_KEPT, look_every_s: float = LOOK_EVERY_S) -> None:
        self._store = store
        self._names_kept = names_kept
        self._look_every_s = look_every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def __enter__(self) -> Self:
        """Begin; the first look is at once."""
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """End, as soon as what goes on is done."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self.look()
            if self._stopped.wait(self._look_every_s):
                return

    def look(self) -> None:
        """Do what is due; what fails does not keep the rest from being done."""
        for work in (self._forget_names, self._retire):
            try:
                work()
            except StationFault as fault:
                warning(str(fault))
            except Exception:
                # Nobody waits for this thread: the log is where its faults are seen, and health counts what is overdue.
                LOG.exception("the daily upkeep failed")

    def _forget_names(self) -> None:
        self._store.forget_old_names(self._names_kept)

    def _retire(self) -> None:
        done = self._store.retire_daily()
        if done is not None and done.maps + done.frames:
            what = f"the maps of {done.maps} inspections and the frames of {done.frames} captures"
            info(f"deleted {what}", bytes=done.bytes)
