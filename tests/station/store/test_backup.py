"""A backup made while the station works is whole, proven, and comes back as it was; a check finds every fault."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, fixed_clock, save_in
from records import frames_of
from sqlite_utils import Database

import station.store.backup
from inspection.refused import Refused
from station.faults import Busy, StationFault
from station.store.backup import back_up, check_backup, restore
from station.store.blobs import kept_in
from station.store.checking import check
from station.store.db import Store
from station.store.migrations import migrations
from station.store.named import named

Passes = tuple[int, int, int]


def files_of(folder: Path) -> dict[str, bytes]:
    """Every content-addressed file."""
    return {path.name: path.read_bytes() for path in folder.glob("blobs/??/*")}


def a_frame(store: Store) -> Path:
    """The file of a frame."""
    return store._blobs.path(store._database.execute("SELECT blob_sha256 FROM frame LIMIT 1").fetchone()[0])


def spoil(path: Path) -> None:
    """The disk damages a file."""
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_a_backup_comes_back_as_it_was(store: Store, three_passes: Passes, tmp_path: Path) -> None:
    done = back_up(store, tmp_path / "backup", NOW)
    assert (done.copied, done.proven, done.faults) == (len(named(store._database.conn)), 0, ())
    assert check_backup(tmp_path / "backup").faults == ()
    checked = restore(tmp_path / "backup", tmp_path / "again")
    assert (checked.faults, checked.remarks, checked.inspections) == ((), (), 3)
    assert files_of(tmp_path / "again") == files_of(store.path.parent)
    with closing(Store.open(tmp_path / "again" / "station.db", clock=fixed_clock)) as again:
        with store.reader() as before, again.reader() as after:
            for number in three_passes:
                assert after.inspection(number) == before.inspection(number)
        assert save_in(again, frames_of(1)) == 4


def test_the_next_backup_copies_only_what_is_new(store: Store, three_passes: Passes, tmp_path: Path) -> None:
    first = back_up(store, tmp_path / "backup", NOW)
    save_in(store, frames_of(1, panel="AM-0008"))
    second = back_up(store, tmp_path / "backup", NOW)
    assert 0 < second.copied < first.copied
    assert second.proven == first.copied
    assert check_backup(tmp_path / "backup").inspections == 4
    assert len(list((tmp_path / "backup").glob("station-*.db"))) == 1


def test_a_backup_goes_on_while_inspections_are_stored(
    store: Store, three_passes: Passes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = station.store.backup._snapshot

    def one_more_comes_in(database: Path, target: Path) -> set[str]:
        names = snapshot(database, target)
        save_in(store, frames_of(1, panel="AM-0008"))
        return names

    monkeypatch.setattr(station.store.backup, "_snapshot", one_more_comes_in)
    back_up(store, tmp_path / "backup", NOW)
    checked = check_backup(tmp_path / "backup")
    assert (checked.faults, checked.inspections) == ((), 3)


def test_two_backups_into_one_folder_do_not_mix(store: Store, three_passes: Passes, tmp_path: Path) -> None:
    back_up(store, tmp_path / "backup", NOW)
    with kept_in(tmp_path / "backup" / "blobs"), pytest.raises(Busy, match="try again"):
        back_up(store, tmp_path / "backup", NOW)
    assert check_backup(tmp_path / "backup").faults == ()


def test_what_has_retired_goes_from_the_next_backup_too(store: Store, three_passes: Passes, tmp_path: Path) -> None:
    back_up(store, tmp_path / "backup", NOW)
    store._clock = lambda: NOW + timedelta(days=5000)
    store.retire()
    back_up(store, tmp_path / "backup", NOW)
    assert {path.parent.name + path.name for path in (tmp_path / "backup").glob("blobs/??/*")} == named(
        store._database.conn
    )
    assert check_backup(tmp_path / "backup").faults == ()


def test_a_file_that_went_bad_in_the_backup_is_copied_again(store: Store, three_passes: Passes, tmp_path: Path) -> None:
    back_up(store, tmp_path / "backup", NOW)
    bad = next((tmp_path / "backup").glob("blobs/??/*"))
    spoil(bad)
    [fault] = check_backup(tmp_path / "backup").faults
    assert fault == f"{bad}: its content is not what was stored: the disk damaged it"
    assert back_up(store, tmp_path / "backup", NOW).copied == 1
    assert check_backup(tmp_path / "backup").faults == ()


def test_a_frame_that_went_bad_at_the_station_is_kept_good_in_the_backup(
    store: Store, three_passes: Passes, tmp_path: Path
) -> None:
    back_up(store, tmp_path / "backup", NOW)
    spoil(a_frame(store))
    assert back_up(store, tmp_path / "backup", NOW).faults == (), "the backup's own is proven and stays"
    fresh = back_up(store, tmp_path / "fresh", NOW)
    assert [str(a_frame(store)) in fault for fault in fresh.faults] == [True]
    assert len(check_backup(tmp_path / "fresh").faults) == 1, "the rest of it is there all the same"


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: spoil(next(folder.glob("station-*.db"))), "not what was backed up"),
        (lambda folder: next(folder.glob("station-*.db")).unlink(), "missing"),
        (lambda folder: next(folder.glob("blobs/??/*")).unlink(), "missing"),
    ],
    ids=["database damaged", "database gone", "frame gone"],
)
def test_a_backup_that_is_not_whole_is_found_out(
    store: Store, three_passes: Passes, tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    back_up(store, tmp_path / "backup", NOW)
    harm(tmp_path / "backup")
    [fault] = check_backup(tmp_path / "backup").faults
    assert words in fault


def test_a_folder_without_a_finished_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no finished backup"):
        check_backup(tmp_path)
    (tmp_path / "backup.json").write_text(json.dumps({"format": "paint-backup/1", "made_at": "now"}))
    with pytest.raises(Refused, match=r"backup\.json: made_at"):
        check_backup(tmp_path)
    manifest = {"made_at": "2026-11-22T04:00:00Z", "database": f"station-{'0' * 16}.db", "database_sha256": "0" * 64}
    (tmp_path / "backup.json").write_text(json.dumps(manifest | {"format": "paint-backup/9"}))
    with pytest.raises(Refused, match="format: expected paint-backup/1, got paint-backup/9"):
        check_backup(tmp_path)


def test_nothing_is_overwritten(store: Store, three_passes: Passes, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").touch()
    with pytest.raises(Refused, match=r"expected a backup, found holiday\.jpg"):
        back_up(store, tmp_path / "photos", NOW)
    back_up(store, tmp_path / "backup", NOW)
    with pytest.raises(Refused, match=r"expected an empty folder, found holiday\.jpg"):
        restore(tmp_path / "backup", tmp_path / "photos")
    with pytest.raises(Refused, match=r"expected an empty folder, found station\.db"):
        restore(tmp_path / "backup", store.path.parent)
    with pytest.raises(Refused, match="give another disk"):
        back_up(store, store.path.parent / "backup", NOW)


def test_a_backup_of_an_older_program_is_restored_by_this_one(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    (folder / "blobs").mkdir(parents=True)
    old = Database(folder / "old.db")
    migrations.apply(old, stop_before="m0008_how_long_things_are_kept")
    old.close()
    sha256 = station.store.backup.hash_of(folder / "old.db")
    (folder / "old.db").rename(folder / f"station-{sha256[:16]}.db")
    manifest = {"format": "paint-backup/1", "made_at": "2026-11-22T04:00:00Z", "database": f"station-{sha256[:16]}.db",
                "database_sha256": sha256}  # fmt: skip
    (folder / "backup.json").write_text(json.dumps(manifest))
    checked = check_backup(folder)
    assert checked.faults == ()
    assert "made by an older program" in checked.remarks[0]
    assert restore(folder, tmp_path / "again").remarks == ()


def test_a_sound_store_has_no_fault(store: Store, three_passes: Passes) -> None:
    checked = check(store.path)
    assert (checked.faults, checked.remarks, checked.inspections) == ((), (), 3)
    assert checked.files == len(named(store._database.conn))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("UPDATE defect SET present = 0 WHERE id = 'D1' AND inspection_id = 1",
         "inspection 1 has 2 rows of defect, its report says 3"),
        ("DELETE FROM finding WHERE inspection_id = 2 AND position = 29",
         "inspection 2 has 29 rows of finding, its report says 30"),
        ("DROP TRIGGER correction_keeps_update", "trigger correction_keeps_update is missing"),
        ("CREATE TABLE note (text TEXT)", "table note is not of this program"),
        ("ALTER TABLE panel ADD COLUMN colour TEXT", "table panel is not as this program makes it"),
        ("UPDATE inspection SET previous_id = 99 WHERE id = 3", "row 3 of inspection leads to a row of inspection"),
        ("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('station', 'm9999', 't')",
         "made by a newer program, up to m9999"),
        ("UPDATE map SET blob_sha256 = printf('%064d', 0) WHERE inspection_id = 1 AND name = 'lab'", "missing"),
    ],
)  # fmt: skip
def test_every_kind_of_fault_is_found(store: Store, three_passes: Passes, harm: str, words: str) -> None:
    store.close()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as raw:
        raw.execute(harm)
    # The audit and the tallies see some of it too.
    also = ("behind the station's back", "counts are not those of the marks")
    [fault] = [one for one in check(store.path).faults if not any(said in one for said in also)]
    assert words in fault


def test_a_damaged_database_is_a_fault(store: Store, three_passes: Passes) -> None:
    store._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    content = bytearray(store.path.read_bytes())
    content[3 * 4096 : 5 * 4096] = b"\xff" * 8192
    store.path.write_bytes(content)
    assert check(store.path).faults
    store.path.write_bytes(b"not a database at all" * 500)
    [fault] = check(store.path).faults
    assert "not a database" in fault


def test_what_a_crash_left_behind_is_a_remark_and_no_fault(store: Store, three_passes: Passes) -> None:
    (store._blobs.folder / "incoming" / "half").write_bytes(b"half a frame")
    checked = check(store.path)
    assert checked.faults == ()
    assert "1 files (12 bytes) that no row names" in checked.remarks[0]


def test_maps_and_frames_that_were_retired_are_not_missed(store: Store, three_passes: Passes) -> None:
    store._clock = lambda: NOW + timedelta(days=5000)
    store.retire()
    assert check(store.path).faults == ()


def test_a_backup_to_a_full_disk_leaves_the_one_before_as_it_was(
    store: Store, three_passes: Passes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(store, tmp_path / "backup", NOW)
    save_in(store, frames_of(1, panel="AM-0008"))

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("write", "fsync", "replace"):
        shutil.copytree(tmp_path / "backup", tmp_path / name)
        with monkeypatch.context() as patched:
            patched.setattr(station.store.blobs.os, name, full)
            with pytest.raises(StationFault, match="No space left on device; the one before it is as it was"):
                back_up(store, tmp_path / name, NOW)
        assert check_backup(tmp_path / name).inspections == 3
        assert back_up(store, tmp_path / name, NOW).faults == ()
        assert check_backup(tmp_path / name).inspections == 4
