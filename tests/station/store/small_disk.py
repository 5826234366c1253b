"""Run by a test in a mount name space of its own: a store on a real file system that has become full.

Prints one line for each level to which the disk was filled beforehand: what was stored and refused, and every fault.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import NOW, save_in
from records import frames_of

from station.faults import NoRoom
from station.store.checking import check
from station.store.db import Policy, Store

#: Of the file system; a first inspection takes about a fifth.
DISK_BYTES = 4 << 20
#: The guard that refuses beforehand is out of the way.
UNGUARDED = Policy(keep_free_bytes=-DISK_BYTES)


def main(folder: Path, levels: int) -> None:
    """Fill the disk as often as asked, each time to another level."""
    for level in range(levels):
        disk = folder / f"disk{level}"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)], check=True)
        print(json.dumps(filled(disk, level / levels)), flush=True)
        subprocess.run(["umount", str(disk)], check=True)


def filled(disk: Path, share: float) -> dict[str, object]:
    """Store until the disk is full, look, make room, and go on.

    Parameters
    ----------
    share : float
        Of the room that one inspection takes: so much is taken away beforehand, so that it fails elsewhere.
    """
    database = disk / "data" / "station.db"
    with closing(Store.open(database, clock=lambda: NOW, policy=UNGUARDED)) as store:
        before = free(disk)
        stored = [save_in(store, frames_of(1, panel="AM-first"))]
        one = before - free(disk)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(free(disk) - int((1 + share) * one)))
        refused = ""
        while not refused:
            try:
                stored.append(save_in(store, frames_of(1 + len(stored) % 3, panel=f"AM-{len(stored)}")))
            except NoRoom as error:
                refused = str(error)
        full = free(disk)
        faults = list(check(database).faults)
        ballast.unlink()
        stored.append(save_in(store, frames_of(1, panel="AM-last")))
    with closing(Store.open(database, clock=lambda: NOW)) as store:
        store.tidy()
        orphans = [str(path) for path in store.orphans()]
        with store.reader() as reader:
            lost = [number for number in stored if reader.inspection(number) is None]
            newest = max(stored)
            extra = reader.inspection(newest + 1) is not None
    return {
        "stored": len(stored), "refused": refused, "free": full, "faults": faults + list(check(database).faults),
        "orphans": orphans, "lost": lost, "extra": extra,
    }  # fmt: skip


def free(disk: Path) -> int:
    """Bytes."""
    there = os.statvfs(disk)
    return there.f_bavail * there.f_frsize


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
