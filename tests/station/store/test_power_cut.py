"""A full disk, a killed program or a power cut leaves a whole inspection or none."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import save_in
from records import frames_of

import station.store.blobs
from inspection.frames import Frames
from station.faults import NoRoom
from station.store.db import Store

ROOT = Path(__file__).parents[3]
ROWS = {"capture": 1, "frame": 17, "inspection": 1, "finding": 30, "defect": 3, "map": 3}


class FailingOs:
    """The operating system, until the n-th call that changes the disk: then the disk is full."""

    def __init__(self, fails_at: int) -> None:
        self.calls, self.fails_at = 0, fails_at

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in ("write", "fsync", "replace"):
            return real

        def counted(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls == self.fails_at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments)

        return counted


def counts_of(store: Store) -> dict[str, int]:
    """Rows of everything that belongs to an inspection."""
    with store.reader() as reader:
        counts = reader.health()["counts"]
    frames = store._database.execute("SELECT count(*) FROM frame").fetchone()[0]
    return {"frame": frames} | {name: counts[name] for name in ROWS if name != "frame"}


def saved(store: Store, fault: type[Exception]) -> bool:
    """Whether pass 1 could be saved; any other fault than the expected one is not caught."""
    try:
        save_in(store, frames_of(1))
    except fault:
        return False
    return True


def test_a_disk_that_fills_up_at_any_write_leaves_nothing_of_the_inspection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every fourth call: each blob makes three, so every kind of call fails in turn.
    for call in range(1, 400, 4):
        store = Store.open(tmp_path / str(call) / "station.db")
        with monkeypatch.context() as patched:
            patched.setattr(station.store.blobs, "os", FailingOs(call))
            whole = saved(store, NoRoom)
        assert counts_of(store) == (ROWS if whole else dict.fromkeys(ROWS, 0)), call
        if whole:
            break
        assert saved(store, NoRoom), "what was left behind stands in the way"
        assert store.orphans() == []
        store.close()
    store.close()
    # 17 frames, manifest, three maps, picture and rig: each is written, synced and named, then the folders synced.
    assert call > 3 * 23 + 10


def test_a_database_that_cannot_grow_leaves_nothing_of_the_inspection(store: Store) -> None:
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    failures = 0
    for allowed in range(pages, pages + 200):
        store._database.execute(f"PRAGMA max_page_count = {allowed}")
        if saved(store, NoRoom):
            break
        failures += 1
        assert set(counts_of(store).values()) == {0}
    assert failures > 1
    assert counts_of(store) == ROWS


def test_a_program_killed_at_any_step_leaves_a_whole_inspection_or_none(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_save.py")), str(tmp_path / "station.db"), "3"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    starts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(starts) > 30
    one, two = ROWS, {name: 2 * count for name, count in ROWS.items()} | {"defect": 7}  # one of them has gone
    for start in starts:
        assert (start["broken"], start["sound"], start["dangling"]) == ([], "ok", []), start["step"]
        assert start["counts"] in (one, two), start["step"]
    assert [start["killed"] for start in starts[:-1]] == [True] * (len(starts) - 1)
    assert starts[0]["counts"] == one
    assert starts[-1]["counts"] == two


def test_every_file_and_its_name_is_on_the_disk_before_the_first_row(
    store: Store, save: Callable[[Frames], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[str, str]] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            real = getattr(os, name)
            if name == "fsync":
                return lambda file: (events.append((name, os.readlink(f"/proc/self/fd/{file}"))), real(file))[1]
            if name == "replace":
                return lambda a, b: (events.append((name, f"{a} {b}")), real(a, b))[1]
            return real

    monkeypatch.setattr(station.store.blobs, "os", Watched())
    store._database.conn.set_trace_callback(lambda statement: events.append(("sql", statement.strip())))
    save(frames_of(1))
    begins = [number for number, event in enumerate(events) if event == ("sql", "BEGIN IMMEDIATE")]
    renamed = [(number, event[1].split()) for number, event in enumerate(events) if event[0] == "replace"]
    assert len(renamed) > 20
    for number, (unfinished, target) in renamed:
        begin = min(one for one in begins if one > number)
        folder = str(Path(target).parent)
        assert ("fsync", unfinished) in events[:number]
        assert ("fsync", folder) in events[number:begin]
        assert ("fsync", str(Path(folder).parent)) in events[number:begin]


def test_a_file_that_was_there_already_is_made_safe_again(
    store: Store, save: Callable[[Frames], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the renaming and the syncing of the folder leaves a name that a power cut could still take."""
    save(frames_of(1))
    synced: list[str] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            if name != "fsync":
                return getattr(os, name)
            return lambda file: (synced.append(os.readlink(f"/proc/self/fd/{file}")), os.fsync(file))[1]

    monkeypatch.setattr(station.store.blobs, "os", Watched())
    save(frames_of(1))
    named = store._database.execute("SELECT blob_sha256 FROM map UNION SELECT blob_sha256 FROM frame")
    assert {str(store._blobs.path(row[0]).parent) for row in named} <= set(synced)


def test_what_a_failed_save_left_behind_is_listed_and_named_by_no_row(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station.store.blobs, "os", FailingOs(30))
    with pytest.raises(NoRoom, match="the disk is full"):
        save_in(store, frames_of(1))
    left = store.orphans()
    assert 5 < len(left) < 20
    monkeypatch.undo()
    save_in(store, frames_of(1))
    assert store.orphans() == []


def test_a_stored_frame_that_the_disk_damaged_is_not_measured_again(store: Store) -> None:
    save_in(store, frames_of(1))
    sha256 = store._database.execute("SELECT blob_sha256 FROM frame LIMIT 1").fetchone()[0]
    file = store._blobs.path(sha256)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with store.reader() as reader, pytest.raises(OSError, match="damaged"):
        reader.load_capture(frames_of(1).sha256)
