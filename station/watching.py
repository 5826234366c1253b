"""Measures the capture sets that other rigs drop into a folder, one after another, while the station serves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from inspection.frames import Frames
from inspection.refused import Refused
from station.capture.watched import Arrived, WatchedFolder
from station.faults import Busy, StationFault
from station.log import LOG, info, warning

#: How often the folder is looked into, and a busy line asked again.
LOOK_EVERY_S: Final = 1.0
#: After a fault it waits this many times as long: a large set is not read again every second.
AFTER_FAULT: Final = 10


class Watching:
    """A thread that hands each set to the line; what becomes of it is the folder's to tell (`WatchedFolder`).

    Parameters
    ----------
    measure : callable
        Measures and keeps a set, and says the number of its inspection.
    """

    def __init__(
        self,
        folder: Path,
        measure: Callable[[Frames], int],
        *,
        quiet_s: float = 2.0,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._folder = WatchedFolder(folder, quiet_s=quiet_s)
        self._measure = measure
        self._look_every_s = look_every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """End, as soon as the set in hand is done."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        told = ""
        while not self._stopped.wait(self._look_every_s):
            try:
                self._look()
                told = ""
            except (StationFault, OSError) as fault:
                # The set stays where it is and is tried again; the log says so once.
                if str(fault) != told:
                    told = str(fault)
                    warning(f"a set that was dropped cannot be measured now: {fault}")
                self._stopped.wait(AFTER_FAULT * self._look_every_s)
            except Exception:
                LOG.exception("watching the folder failed")

    def _look(self) -> None:
        for found in self._folder.look():
            if isinstance(found, Arrived):
                self._take(found)
            else:
                warning(f"a set that was dropped is put aside: {found.reason}", path=str(found.path))
            if self._stopped.is_set():
                return

    def _take(self, arrived: Arrived) -> None:
        while not self._stopped.is_set():
            try:
                inspection = self._measure(arrived.frames)
            except Busy:
                self._stopped.wait(self._look_every_s)
                continue
            except Refused as refused:
                rejected = self._folder.reject(arrived.path, str(refused))
                warning(f"a set that was dropped is put aside: {refused}", path=str(rejected.path))
                return
            self._folder.taken(arrived)
            info("measured a set that was dropped", inspection=inspection, path=str(arrived.path))
            return
