"""The one writer: a connection behind a lock, and transactions that are whole or nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from station.events import Clock
from station.store.blobs import Blobs
from station.store.rows import Row


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
        with self._lock:
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
        return int(self._database.execute(sql, tuple(row.values())).lastrowid or 0)

    def _exists(self, sql: str, *values: object) -> bool:
        return self._database.execute(sql, values).fetchone() is not None
