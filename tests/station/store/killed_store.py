"""Run by a test: a store that is written to without a pause, killed at random instants, and looked at each time.

Prints one line for each kill: what was acknowledged, what is there, and every fault.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import NOW, save_in
from records import frames_of

from inspection.refused import Refused
from station.store.backup import MANIFEST, back_up, check_backup
from station.store.checking import check
from station.store.db import Policy, Store
from station.store.keeping import Tidied

POLICY = Policy(maps_days=3, frames_days=1, frames_failed_days=2, reference_days=3)
#: A run stores for about as long as this many inspections take, at most, before it is killed.
MOST_STORED = 15


def main(folder: Path, kills: int) -> None:
    """Kill as often as asked."""
    chance = random.Random(5)
    with closing(open_store(folder, 0)) as store:
        acknowledged = {save_in(store, frames_of(1, panel="AM-first"))}
        begun = time.monotonic()
        acknowledged |= {save_in(store, frames_of(1, panel=f"AM-{number}")) for number in range(3)}
        longest_s = MOST_STORED * (time.monotonic() - begun) / 3
    for run in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            work(folder, run, writing)
            os._exit(3)
        os.close(writing)
        time.sleep(chance.uniform(0, longest_s))
        os.kill(child, signal.SIGKILL)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        with os.fdopen(reading) as told:
            acknowledged |= {int(line) for line in told.read().splitlines()}
        print(
            json.dumps({"killed": killed, "acknowledged": len(acknowledged)} | found(folder, acknowledged)), flush=True
        )


def open_store(folder: Path, day: float) -> Store:
    """The store, some days later."""
    return Store.open(folder / "data" / "station.db", clock=lambda: NOW + timedelta(days=day), policy=POLICY)


def work(folder: Path, run: int, acknowledge: int) -> None:
    """Store, delete what is past its term and back up, until the end; say which inspections are stored."""
    number = 0
    with closing(open_store(folder, run)) as store:
        store.tidy()
        while True:
            number += 1
            stored = save_in(store, frames_of(1 + number % 3, panel=f"AM-{run:03d}-{number // 3}"))
            os.write(acknowledge, f"{stored}\n".encode())
            if number % 5 == 0:
                store.retire()
            if number % 7 == 0:
                back_up(store, folder / "backup", NOW)


def found(folder: Path, acknowledged: set[int]) -> dict[str, object]:
    """What a fresh start finds, and whether the next inspection can be stored."""
    before = check(folder / "data" / "station.db").faults
    backup: tuple[str, ...] = ()
    if (folder / "backup" / MANIFEST).exists():
        backup = check_backup(folder / "backup").faults
    with closing(open_store(folder, 0)) as store:
        tidied: Tidied = store.tidy()
        ids = {row[0] for row in store._database.execute("SELECT id FROM inspection")}
        try:
            save_in(store, frames_of(1, panel="AM-next"))
            next_one = "stored"
        except Refused as error:
            next_one = str(error)
        orphans = [str(path) for path in store.orphans()]
    return {
        "faults": [*before, *backup, *check(folder / "data" / "station.db").faults],
        "missing": sorted(acknowledged - ids),
        "extra": len(ids - acknowledged),
        "removed": tidied.files,
        "orphans": orphans,
        "next": next_one,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
