"""Whether the audit is whole, and every row is as its newest entry says: a part of the integrity check."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from station.store.audit import Change, broken_link, content_sha256, key_of_table
from station.store.rows import Row
from station.store.selects import rows_of


def audit_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with the audit, and rows that are not as their newest entry says, a sentence each."""
    given = rows_of(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
    broken = broken_link(_entries(connection), given[0]["seq"] if given else 0)
    if broken is not None:
        yield broken
    # Of a group SQLite gives the other columns of the row that has the maximum.
    newest = connection.execute(
        """SELECT of_table, of_row, max(id), what, content_sha256, json_group_array(json(columns)) FROM audit
        GROUP BY of_table, of_row"""
    )
    for table, key, _, what, sha256, columns in newest:
        lies = _as_written(connection, table, key, sorted({name for some in json.loads(columns) for name in some}))
        if lies is None and what != Change.REMOVED:
            yield f"{table} {key}: is gone, and the audit does not say why"
        elif lies is not None and what == Change.REMOVED:
            yield f"{table} {key}: is there, and was taken away"
        elif lies is not None and sha256 is not None and content_sha256(lies) != sha256:
            yield f"{table} {key}: was changed behind the station's back"
    yield from _unaudited(connection)


def _unaudited(connection: sqlite3.Connection) -> Iterator[str]:
    """Rows that are newer than a table's first entry, and have none."""
    tables = connection.execute("SELECT DISTINCT of_table FROM audit ORDER BY of_table")
    for table in [row[0] for row in tables if key_of_table(row[0]) == "id"]:
        for (key,) in connection.execute(
            f"""SELECT t.id FROM {table} t
            WHERE t.id > (SELECT min(CAST(of_row AS INTEGER)) FROM audit WHERE of_table = ?1) AND NOT EXISTS
                (SELECT 1 FROM audit WHERE of_table = ?1 AND of_row = CAST(t.id AS TEXT))""",
            (table,),
        ):
            yield f"{table} {key}: was added behind the station's back"


def _entries(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    cursor = connection.execute("SELECT * FROM audit ORDER BY id")
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _as_written(connection: sqlite3.Connection, table: str, key: str, columns: list[str]) -> Row | None:
    listed = ", ".join(f'"{name}"' for name in columns)
    found = connection.execute(f"SELECT {listed} FROM {table} WHERE {key_of_table(table)} = ?", (key,)).fetchone()
    return None if found is None else dict(zip(columns, found, strict=True))
