"""Backup of a store while it is in use, and the way back. Every file is proven by its hash, each time.

A backup is a folder: ``backup.json`` names the database file in it and that file's hash; ``blobs`` holds the files
that its rows name. The next backup into the same folder copies only what is new. ``backup.json`` is replaced last:
until then the backup before it is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlite_utils import Database

from inspection.refused import Refused
from station.events import utc_text
from station.faults import StationFault
from station.store.blobs import Blobs, Pieces, hash_of, read_in, sync_folder
from station.store.checking import Checked, check
from station.store.keeping import Keeping, Upkeep
from station.store.migrations import migrations
from station.store.named import named

FORMAT: Final = "paint-backup/1"
MANIFEST: Final = "backup.json"
DATABASE: Final = "station.db"
BLOBS: Final = "blobs"
_UNFINISHED: Final = ".part"
_NOT_AS_BACKED_UP: Final = "its content is not what was backed up: the disk damaged it"


class _Manifest(BaseModel):
    """``backup.json``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: str
    made_at: datetime
    database: str = Field(pattern=r"^station-[0-9a-f]{16}\.db$")
    database_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup did: files copied and their bytes, files that were there and are proven, and what is missing."""

    destination: str
    copied: int
    copied_bytes: int
    proven: int
    faults: tuple[str, ...]


def back_up(store: Keeping, destination: Path, now: datetime) -> BackedUp:
    """Make a backup, or bring one up to date.

    Raises
    ------
    Refused
        The folder holds something else.
    Busy
        Another backup into it is being made.
    StationFault
        It cannot be written, or the store's database is damaged. The backup that was there before is as it was.
    """
    _refuse_strangers(destination, {MANIFEST, MANIFEST + _UNFINISHED, BLOBS}, "a backup")
    if destination.resolve().is_relative_to(store.path.parent.resolve()):
        raise Refused(f"{destination}: lies in the folder that is backed up: give another disk")
    try:
        there = Blobs(destination / BLOBS)
        # One backup into a folder at a time.
        with store.kept_files() as blobs, there.alone(patience_s=1.0):
            done = _backed_up(store.path, blobs, destination, there, now)
    except (OSError, sqlite3.Error) as error:
        fault = f"{destination}: no backup was made: {_said(error)}; the one before it is as it was"
        raise StationFault(fault) from error
    store.note(Upkeep.BACKUP, asdict(done))
    return done


def _backed_up(database: Path, blobs: Path, destination: Path, there: Blobs, now: datetime) -> BackedUp:
    unfinished = destination / (DATABASE + _UNFINISHED)
    names = _snapshot(database, unfinished)
    faults: list[str] = []
    missing = [sha256 for sha256 in sorted(names) if not _proven(there.path(sha256), sha256)]
    copied = there.put_all(_contents(blobs, missing, faults))
    size = there.size(copied)
    sha256 = hash_of(unfinished)
    final = destination / f"station-{sha256[:16]}.db"
    os.replace(unfinished, final)
    sync_folder(destination)
    told = {
        "format": FORMAT,
        "made_at": utc_text(now),
        "database": final.name,
        "database_sha256": sha256,
        "files": len(names),
        "faults": faults,
    }
    _write_whole(destination / MANIFEST, json.dumps(told, indent=1, ensure_ascii=False).encode())
    # Only now may go what the backup before this one needed.
    there.delete(there.orphans(names))
    for old in destination.glob("station-*.db"):
        if old != final:
            old.unlink()
    return BackedUp(str(destination.resolve()), len(copied), size, len(names) - len(missing), tuple(faults))


def check_backup(source: Path) -> Checked:
    """Prove a backup: its database and every file that it names.

    Raises
    ------
    Refused
        The folder holds no finished backup.
    """
    manifest = _read_manifest(source)
    database = source / manifest.database
    if not database.is_file():
        return Checked((f"{database}: missing",), (), 0, 0, 0)
    if hash_of(database) != manifest.database_sha256:
        return Checked((f"{database}: {_NOT_AS_BACKED_UP}",), (), 0, 0, 0)
    return check(database)


def restore(source: Path, destination: Path) -> Checked:
    """Make a store from a backup, and prove it.

    Parameters
    ----------
    destination : Path
        Folder that does not exist or is empty: what is stored is never overwritten.

    Raises
    ------
    Refused
        The source holds no finished backup, or the destination holds something.
    StationFault
        The destination cannot be written, or the backup's database is damaged.
    """
    manifest = _read_manifest(source)
    _refuse_strangers(destination, {BLOBS}, "an empty folder")
    unfinished = destination / (DATABASE + _UNFINISHED)
    try:
        there = Blobs(destination / BLOBS)
        shutil.copyfile(source / manifest.database, unfinished)
        if hash_of(unfinished) != manifest.database_sha256:
            raise StationFault(f"{source / manifest.database}: {_NOT_AS_BACKED_UP}")
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            # An older program may have made it.
            migrations.apply(Database(connection))
            names = named(connection)
        # What is missing or damaged is said by the check below, with every other fault.
        there.put_all(_contents(source / BLOBS, sorted(names), []))
        _sync(unfinished)
        os.replace(unfinished, destination / DATABASE)
        sync_folder(destination)
    except (OSError, sqlite3.Error) as error:
        raise StationFault(f"{destination}: not restored: {_said(error)}") from error
    return check(destination / DATABASE)


def _refuse_strangers(folder: Path, own: set[str], expected: str) -> None:
    """Refuse a folder in which something lies that neither a backup nor an unfinished run of it has put there."""
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder}: expected {expected}, found a file")
    strangers = [
        one.name
        for one in (sorted(folder.iterdir()) if folder.exists() else ())
        if one.name not in own
        and not one.name.startswith(f"{DATABASE}{_UNFINISHED}")
        and not (MANIFEST in own and one.match("station-*.db"))
    ]
    if strangers:
        raise Refused(f"{folder}: expected {expected}, found {strangers[0]}")


def _read_manifest(source: Path) -> _Manifest:
    path = source / MANIFEST
    if not path.is_file():
        raise Refused(f"{path}: missing: {source} holds no finished backup")
    try:
        manifest = _Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Refused(f"{path}: {'.'.join(map(str, first['loc'])) or 'file'}: {first['msg']}") from error
    if manifest.format != FORMAT:
        raise Refused(f"{path}: format: expected {FORMAT}, got {manifest.format}")
    return manifest


def _snapshot(database: Path, target: Path) -> set[str]:
    """A consistent copy of the database in one file, proven. Returns the hashes of the files that it names."""
    for rest in target.parent.glob(f"{target.name}*"):
        rest.unlink()
    with (
        closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        live.backup(copy)
        # One file: the copy is complete without a write-ahead log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise sqlite3.DatabaseError(f"the station's database is damaged: {said}")
        names = named(copy)
    _sync(target)
    return names


def _contents(blobs: Path, sha256s: Iterable[str], faults: list[str]) -> Iterator[Pieces]:
    """The contents of files, each proven; of those that cannot be read it is noted why."""
    for sha256 in sha256s:
        try:
            yield (read_in(blobs, sha256),)
        except OSError as error:
            faults.append(_said(error))


def _proven(path: Path, sha256: str) -> bool:
    """Whether a file of the backup is what it should be; a damaged one is removed, to be copied again."""
    if not path.is_file():
        return False
    if hash_of(path) == sha256:
        return True
    path.unlink()
    return False


def _write_whole(path: Path, content: bytes) -> None:
    unfinished = path.with_name(path.name + _UNFINISHED)
    unfinished.write_bytes(content)
    _sync(unfinished)
    os.replace(unfinished, path)
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _said(error: Exception) -> str:
    """A fault of disk or database in words, with the file where it is known."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
