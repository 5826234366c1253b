"""Run by a test: saves an inspection in child processes, each killed one step later than the one before.

Prints one line for each child: the step, whether it was killed, and what a fresh start then finds.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import fixed_clock, save_in
from records import frames_of

import station.store.blobs
from station.store.db import Store
from station.store.named import named

KILLED = 9


def main(path: Path, stride: int) -> None:
    """Kill later and later until a child comes through."""
    store = Store.open(path, clock=fixed_clock)
    save_in(store, frames_of(1))
    store.close()
    step = 1
    while True:
        child = os.fork()
        if child == 0:
            save_until(path, step)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
        state = found(path)
        print(json.dumps({"step": step, "killed": killed, **state}), flush=True)
        # One that was killed after its last word had reached the disk came through too.
        if not killed or state["counts"]["inspection"] > 1:
            return
        step += stride


def save_until(path: Path, last_step: int) -> None:
    """Save pass 2, but be gone before the given step."""
    left = last_step

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(KILLED)

    class Dying:
        def __getattr__(self, name: str) -> Any:
            if name in ("write", "fsync", "replace", "open"):
                step()
            return getattr(os, name)

    station.store.blobs.os = Dying()  # type: ignore[assignment]
    store = Store.open(path, clock=fixed_clock)
    store._database.conn.set_trace_callback(lambda statement: step())
    save_in(store, frames_of(2))
    step()
    store.close()


def found(path: Path) -> dict[str, Any]:
    """What a station finds when it starts again."""
    store = Store.open(path, clock=fixed_clock)
    broken = []
    for sha256 in named(store._database.conn):
        file = store._blobs.path(sha256)
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            broken.append(sha256)
    counts = {}
    for table in ("capture", "frame", "inspection", "finding", "defect", "map"):
        counts[table] = store._database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    store.close()
    check = sqlite3.connect(path)
    sound = check.execute("PRAGMA integrity_check").fetchone()[0]
    dangling = check.execute("PRAGMA foreign_key_check").fetchall()
    check.close()
    return {"broken": broken, "counts": counts, "sound": sound, "dangling": dangling}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
