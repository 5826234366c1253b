"""A folder into which other rigs drop capture sets: each is read when it is whole, a bad one put aside with the reason.

A set is a folder with `capture.json` or a zip of one, directly in the watched folder. Rigs copy slowly and in any
order: a set is looked at when nothing in it has changed for a while, and waits where it names a file that is not there
yet.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inspection.frames import Frames
from inspection.refused import Refused
from station.capture_set import read_capture_set

#: Names of what the station itself makes in the watched folder.
TAKEN, REJECTED = "taken", "rejected"
#: Says why a set was put aside; lies beside it.
REASON = ".reason.txt"
MANIFEST = "capture.json"

#: Size and time of change of every file of a set.
State = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """A set that is whole: measure it, then say what became of it (`WatchedFolder.taken`, `WatchedFolder.reject`)."""

    path: Path
    frames: Frames


@dataclass(frozen=True, slots=True)
class Rejected:
    """A set that was put aside, and one sentence why."""

    path: Path
    reason: str


class WatchedFolder:
    """Looks into the folder when asked; knows what it saw the time before.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    quiet_s : float
        A set in which nothing has changed for this long has arrived.
    patience_s : float
        A set that is not whole by then never will be: it is put aside.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(
        self, folder: Path, *, quiet_s: float = 2.0, patience_s: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._folder = folder
        self._quiet_s, self._patience_s, self._clock = quiet_s, patience_s, clock
        self._seen: dict[Path, tuple[State, float]] = {}
        for name in ("", TAKEN, REJECTED):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def look(self) -> Iterator[Arrived | Rejected]:
        """Every set that has arrived since, oldest first; half-written ones wait."""
        now = self._clock()
        there = {path: _state(path) for path in self._folder.iterdir() if path.name not in (TAKEN, REJECTED)}
        self._seen = {path: seen for path, seen in self._seen.items() if path in there}
        for path, state in sorted(there.items(), key=lambda item: max((t for _, _, t in item[1]), default=0)):
            before = self._seen.get(path)
            if before is None or before[0] != state:
                self._seen[path] = (state, now)
            elif now - before[1] >= self._quiet_s:
                found = self._judged(path, waited_s=now - before[1])
                if found is not None:
                    yield found

    def taken(self, arrived: Arrived) -> None:
        """The set is stored: it is moved to `taken`."""
        self._moved(arrived.path, TAKEN)

    def reject(self, path: Path, reason: str) -> Rejected:
        """The set cannot be used: it is moved to `rejected`, and the reason beside it."""
        there = self._moved(path, REJECTED)
        there.with_name(there.name + REASON).write_text(reason + "\n", encoding="utf-8")
        return Rejected(there, reason)

    def _judged(self, path: Path, waited_s: float) -> Arrived | Rejected | None:
        whole = path.is_file() or (path / MANIFEST).is_file()
        try:
            if not whole:
                raise Refused(f"{path / MANIFEST}: does not exist")
            return Arrived(path, read_capture_set(path))
        except Refused as refused:
            # What is missing or cut short may still be on its way.
            if waited_s < self._patience_s and (not whole or _may_be_unfinished(str(refused))):
                return None
            return self.reject(path, str(refused))

    def _moved(self, path: Path, name: str) -> Path:
        there = self._folder / name / path.name
        number = 1
        while there.exists():
            number += 1
            there = self._folder / name / f"{path.stem}-{number}{path.suffix}"
        self._seen.pop(path, None)
        shutil.move(path, there)
        return there


def _state(path: Path) -> State:
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    found = []
    for file in files:
        try:
            stat = file.stat()
        except FileNotFoundError:
            continue  # it was renamed just now: the next look sees it
        found.append((str(file), stat.st_size, stat.st_mtime_ns))
    return tuple(found)


def _may_be_unfinished(reason: str) -> bool:
    return any(words in reason for words in ("does not exist", "truncated", "damaged", "not readable", "readable zip"))
