"""The one writer: a connection behind a lock, transactions that are whole or nothing, and an audit of every change."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from station.access.visitor import acting
from station.events import Clock, utc_text
from station.store.audit import FIRST, UNAUDITED, Change, entry, key_of_table
from station.store.blobs import Blobs
from station.store.rows import Row
from station.store.space import full_disk_said


class Writer:
    """Writes rows of tables that exist."""

    def __init__(self, path: Path, connection: sqlite3.Connection, blobs: Blobs, clock: Clock) -> None:
        self.path = path
        self._database = Database(connection)
        self._blobs = blobs
        self._clock = clock
        self._lock = threading.Lock()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. IMMEDIATE: the attempt that is counted inside is not counted twice."""
        with full_disk_said(), self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._database.rollback()
                raise

    def _insert(self, table: str, row: Row, *, ignore: bool = False) -> int:
        """Insert into a table that exists: sqlite-utils would make one for a misspelt name."""
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) {'ON CONFLICT DO NOTHING' if ignore else ''}"
        done = self._database.execute(sql, tuple(row.values()))
        number = int(done.lastrowid or 0)
        if done.rowcount == 1 and table not in UNAUDITED:
            lies = self._as_stored(table, "rowid", number, row)
            self._audit(Change.ADDED, table, row.get(key_of_table(table), number), row, lies)
        return number

    def _change(self, table: str, key: object, values: Row) -> None:
        """Change columns of the row that has this key."""
        named, columns = key_of_table(table), ", ".join(f'"{name}" = ?' for name in values)
        sql = f"UPDATE {table} SET {columns} WHERE {named} = ?"
        if self._database.execute(sql, (*values.values(), key)).rowcount == 1 and table not in UNAUDITED:
            lies = self._as_stored(table, named, key, self._audited_columns(table, key).union(values))
            self._audit(Change.CHANGED, table, key, values, lies)

    def _remove(self, table: str, key: object) -> None:
        """Take the row that has this key away."""
        sql = f"DELETE FROM {table} WHERE {key_of_table(table)} = ?"
        if self._database.execute(sql, (key,)).rowcount == 1 and table not in UNAUDITED:
            self._audit(Change.REMOVED, table, key, (), None)

    def _audit(self, what: Change, table: str, key: object, columns: Iterable[str], lies: Row | None) -> None:
        """Add to the audit, in the same transaction; `lies`: what the table holds now."""
        found = self._database.execute("SELECT id, sha256 FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        at = utc_text(self._clock())
        one = entry(
            found or (0, FIRST), at=at, who=acting(), what=what, table=table, key=key, columns=columns, row=lies
        )
        self._insert("audit", one)

    def _audited_columns(self, table: str, key: object) -> set[str]:
        """Columns of a row that its entries name."""
        sql = "SELECT DISTINCT columns FROM audit WHERE of_table = ? AND of_row = ?"
        found = self._database.execute(sql, (table, str(key)))
        return {name for (columns,) in found for name in json.loads(columns)}

    def _as_stored(self, table: str, key_column: str, key: object, columns: Iterable[str]) -> Row:
        columns = tuple(columns)
        named = ", ".join(f'"{name}"' for name in columns)
        found = self._database.execute(f"SELECT {named} FROM {table} WHERE {key_column} = ?", (key,)).fetchone()
        return dict(zip(columns, found, strict=True))

    def _exists(self, sql: str, *values: object) -> bool:
        return self._database.execute(sql, values).fetchone() is not None
