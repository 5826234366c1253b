"""Fault drills of the store: killed at random instants, a disk full at every write. Nothing finished is lost."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NOW, fixed_clock, save_in
from records import frames_of

import station.store.backup
import station.store.blobs
from inspection.frames import Frames
from station.faults import NoRoom, StationFault
from station.store.backup import back_up, check_backup, restore
from station.store.checking import check
from station.store.db import Store

ROOT = Path(__file__).parents[3]
os_mkdir = os.mkdir
NEVER = 10**9


def every(stride: int) -> pytest.MarkDecorator:
    """So many calls between two that fail: in the gate some of them fail, with --soak each in turn."""
    return pytest.mark.parametrize("stride", [stride, pytest.param(1, marks=pytest.mark.soak)])


@pytest.mark.parametrize("kills", [8, pytest.param(60, marks=pytest.mark.soak)])
def test_a_store_killed_at_any_instant_loses_nothing_that_was_finished(tmp_path: Path, kills: int) -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_store.py")), str(tmp_path), str(kills)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=20 + 10 * kills,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(runs) == kills
    for number, run in enumerate(runs):
        assert (run["killed"], run["faults"], run["missing"], run["orphans"]) == (True, [], [], []), number
        assert run["next"] == "stored", number
        # Those stored after each kill, and at most one for each kill that was stored but not told.
        assert run["extra"] <= 2 * number + 1
    assert runs[-1]["acknowledged"] > kills / 2, "the drill stored something"


def other_frames() -> Frames:
    """The capture of another panel: no picture of it is stored already."""
    frames = frames_of(1, panel="AM-0008")
    turned = tuple(replace(frame, pixels=np.flip(frame.pixels, axis=1)) for frame in frames.frames)
    return replace(frames, frames=turned)


class FullAt:
    """The system, until the n-th call that needs room on the disk."""

    def __init__(self, fails_at: int) -> None:
        self.calls, self.fails_at = 0, fails_at

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        # Syncing takes the longest, and nothing here asks what a power cut would take.
        real = (lambda file: None) if name == "fsync" else real
        return self.counted(real) if name in ("write", "fsync", "replace") else real

    def mkdir(self, path: Path, *mode: int) -> None:
        """Make a folder; one that is there needs no room."""
        (os_mkdir if Path(path).is_dir() else self.counted(os_mkdir))(path, *mode)

    def counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The call, or a full disk."""

        def call(*arguments: Any, **more: Any) -> Any:
            self.calls += 1
            if self.calls == self.fails_at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **more)

        return call


@contextmanager
def full_at(call: int) -> Iterator[FullAt]:
    """The disk is full at the n-th call of the block."""
    failing = FullAt(call)
    with pytest.MonkeyPatch.context() as patched:
        for module in (station.store.blobs, station.store.backup):
            patched.setattr(module, "os", failing)
        patched.setattr(os, "mkdir", failing.mkdir)
        yield failing


def each_call(work: Callable[[Path], None], folder: Path, stride: int) -> Iterator[tuple[int, Path]]:
    """Do the work on a fresh copy of a folder, with the disk full at each call in turn, until it comes through."""
    call = 1
    while True:
        copy = folder.with_name(f"{folder.name}-{call}")
        shutil.copytree(folder, copy)
        with full_at(call) as failing:
            try:
                work(copy)
            except StationFault:
                pass
            else:
                # It may go on where only something beside the work has failed.
                if failing.calls < call:
                    break
        yield call, copy
        shutil.rmtree(copy)
        call += stride
    assert call > 3 * stride, "there were calls to fail"


@every(11)
def test_a_disk_full_at_any_call_of_a_save_leaves_a_store_that_works(
    made_stores: tuple[Path, Path], tmp_path: Path, stride: int
) -> None:
    shutil.copytree(made_stores[1], tmp_path / "data")

    def save(folder: Path) -> None:
        store = Store.open(folder / "station.db", clock=fixed_clock)
        try:
            save_in(store, other_frames())
        finally:
            store.close()

    for call, folder in each_call(save, tmp_path / "data", stride):
        checked = check(folder / "station.db")
        assert (checked.faults, checked.inspections) == ((), 3), call
        store = Store.open(folder / "station.db", clock=fixed_clock)
        store.tidy()
        with full_at(NEVER):
            assert save_in(store, other_frames()) == 4, call
        assert store.orphans() == [], call
        store.close()


@every(23)
def test_a_disk_full_at_any_call_of_a_backup_leaves_the_one_before(
    made_stores: tuple[Path, Path], tmp_path: Path, stride: int
) -> None:
    shutil.copytree(made_stores[1], tmp_path / "all" / "data")
    store = Store.open(tmp_path / "all" / "data" / "station.db", clock=fixed_clock)
    back_up(store, tmp_path / "all" / "backup", NOW)
    save_in(store, other_frames())
    store.close()

    def renew(folder: Path) -> None:
        renewed = Store.open(folder / "data" / "station.db", clock=lambda: NOW + timedelta(days=100))
        try:
            renewed.retire()
            back_up(renewed, folder / "backup", NOW)
        finally:
            renewed.close()

    for call, folder in each_call(renew, tmp_path / "all", stride):
        checked = check_backup(folder / "backup")
        assert (checked.faults, checked.inspections in (3, 4)) == ((), True), call
        assert check(folder / "data" / "station.db").faults == (), call
        with full_at(NEVER):
            renew(folder)
        assert (check_backup(folder / "backup").faults, check_backup(folder / "backup").inspections) == ((), 4), call


@every(31)
def test_a_disk_full_at_any_call_of_a_restore_is_said_and_it_can_be_done_again(
    made_stores: tuple[Path, Path], tmp_path: Path, stride: int
) -> None:
    shutil.copytree(made_stores[1], tmp_path / "data")
    store = Store.open(tmp_path / "data" / "station.db", clock=fixed_clock)
    back_up(store, tmp_path / "all" / "backup", NOW)
    store.close()
    for call, folder in each_call(
        lambda one: restore(one / "backup", one / "again") and None, tmp_path / "all", stride
    ):
        if not (folder / "again" / "station.db").exists():
            with full_at(NEVER):
                assert restore(folder / "backup", folder / "again").faults == (), call
        assert check(folder / "again" / "station.db").inspections == 3, call


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file can grow beyond a size: every write that would fails, those of the database and its log too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@every(5)
def test_a_database_that_cannot_be_written_at_any_page_loses_nothing(
    made_stores: tuple[Path, Path], tmp_path: Path, stride: int
) -> None:
    shutil.copytree(made_stores[1], tmp_path / "data")
    store = Store.open(tmp_path / "data" / "station.db", clock=fixed_clock)
    # Small files come through; what fails is the write-ahead log, one page (and its header) later each time.
    size, failures = 20_000, 0
    while True:
        size += stride * 4120
        with files_of_at_most(size):
            try:
                save_in(store, other_frames())
                break
            except (NoRoom, OSError, sqlite3.OperationalError):
                failures += 1
        checked = check(store.path)
        assert (checked.faults, checked.inspections) == ((), 3), size
    assert failures > 3
    assert check(store.path).inspections == 4
    store.close()
