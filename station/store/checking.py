"""Integrity of a store: the database, the rows, and every file that they name. Reads only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

from sqlite_utils import Database

from inspection.refused import Refused
from station.store.audited import audit_faults
from station.store.blobs import files_in, hash_of, kept_in, path_in
from station.store.migrations import migrations
from station.store.named import named
from station.store.space import in_words
from station.store.tallies import tally_faults

#: Finds faults of the rows: one sentence each.
RowCheck: TypeAlias = Callable[[sqlite3.Connection], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    faults : tuple of str
        One sentence each; empty where all is well.
    remarks : tuple of str
        What is no fault, but good to know.
    inspections, files, bytes : int
        What was looked at.
    """

    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    inspections: int
    files: int
    bytes: int


def check(path: Path) -> Checked:
    """Check a database file and the files beside it. Others may go on storing meanwhile.

    Raises
    ------
    Refused
        There is no such file.
    """
    if not path.is_file():
        raise Refused(f"{path}: no such database")
    try:
        with (
            kept_in(path.parent / "blobs"),
            closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)) as connection,
        ):
            connection.execute("BEGIN")
            return _checked(connection, path)
    except sqlite3.DatabaseError as error:
        return Checked((f"{path}: {error}",), (), 0, 0, 0)


def _checked(connection: sqlite3.Connection, path: Path) -> Checked:
    faults = [f"{path}: {fault}" for fault in _sound(connection)]
    if faults:
        # Nothing that such a database says can be believed.
        return Checked(tuple(faults), (), 0, 0, 0)
    remarks = []
    database = Database(connection)
    applied = [one.name for one in migrations.applied(database)]
    pending = [one.name for one in migrations.pending(database)]
    known = len(migrations.applied(_fresh()))
    if not applied:
        return Checked((f"{path}: not a database of paint-station",), (), 0, 0, 0)
    if len(applied) + len(pending) > known:
        return Checked((f"{path}: made by a newer program, up to {applied[-1]}",), (), 0, 0, 0)
    if pending:
        remarks.append(f"{path}: made by an older program; brought up to date at the next start")
        connection = _migrated(connection)
    for row_check in ROW_CHECKS:
        faults += [f"{path}: {fault}" for fault in row_check(connection)]
    names = named(connection)
    blobs = path.parent / "blobs"
    size = 0
    for sha256 in sorted(names):
        fault, held = _of_file(path_in(blobs, sha256), sha256)
        size += held
        faults += [fault] if fault is not None else []
    left = [one for one in files_in(blobs) if one.parent.name + one.name not in names] if blobs.is_dir() else []
    if left:
        held = sum(one.stat().st_size for one in left)
        remarks.append(f"{blobs}: {len(left)} files ({in_words(held)}) that no row names: removed at the next start")
    inspections = connection.execute("SELECT count(*) FROM inspection").fetchone()[0]
    return Checked(tuple(faults), tuple(remarks), inspections, len(names), size)


def _sound(connection: sqlite3.Connection) -> Iterator[str]:
    """The database file itself."""
    for (said,) in connection.execute("PRAGMA integrity_check(20)"):
        if said != "ok":
            yield f"damaged: {said}"


def _references(connection: sqlite3.Connection) -> Iterator[str]:
    """Rows that lead nowhere."""
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} leads to a row of {parent} that is not there"


def _schema(connection: sqlite3.Connection) -> Iterator[str]:
    """Tables, indexes and triggers, among them those that let nothing be taken back, are as this program makes them."""
    expected, found = _objects(_fresh().conn), _objects(connection)
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            yield f"{name} is missing"
        elif name not in expected:
            yield f"{name} is not of this program"
        elif expected[name] != found[name]:
            yield f"{name} is not as this program makes it"


def _fresh() -> Database:
    """An empty database of this program, in memory."""
    fresh = Database(sqlite3.connect(":memory:"))
    migrations.apply(fresh)
    return fresh


def _objects(connection: sqlite3.Connection) -> dict[str, str]:
    """What the database is made of; what SQLite and the migrations keep for themselves left out."""
    listed = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> '_sqlite_migrations'"
    return {f"{kind} {name}": sql for kind, name, sql in connection.execute(listed)}


def _whole(connection: sqlite3.Connection) -> Iterator[str]:
    """Inspections of which a part is missing."""
    for name, table, condition in (("findings", "finding", ""), ("defects", "defect", "AND present")):
        halves = connection.execute(
            f"""SELECT i.id, coalesce(json_array_length(i.report, '$.{name}'), 0) AS reported,
            (SELECT count(*) FROM {table} WHERE inspection_id = i.id {condition}) AS stored
            FROM inspection i WHERE reported <> stored"""
        )
        for inspection_id, reported, stored in halves:
            yield f"inspection {inspection_id} has {stored} rows of {table}, its report says {reported}"
    for what, tables in (("frame", ("frame",)), ("inspection or daily check", ("inspection_capture", "daily_check"))):
        none = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {one} WHERE capture_sha256 = c.sha256)" for one in tables)
        for (sha256,) in connection.execute(f"SELECT sha256 FROM capture c WHERE {none}"):
            yield f"capture {sha256[:12]} has no {what}"


#: Every check of the rows, in the order of the report.
ROW_CHECKS: Final[tuple[RowCheck, ...]] = (_references, _schema, _whole, tally_faults, audit_faults)


def _migrated(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A copy in memory, as this program would make it of the older one."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(copy)
    migrations.apply(Database(copy))
    return copy


def _of_file(path: Path, sha256: str) -> tuple[str | None, int]:
    """What is wrong with a file, and its size."""
    try:
        size = path.stat().st_size
        if hash_of(path) != sha256:
            return f"{path}: its content is not what was stored: the disk damaged it", size
    except FileNotFoundError:
        return f"{path}: missing", 0
    except OSError as error:
        return f"{path}: cannot be read: {error.strerror}", 0
    return None, size
