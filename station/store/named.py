"""Which files the rows name: what must be there. Everything else in the folder is left over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

_FRAMES = "FROM frame f JOIN capture c ON c.sha256 = f.capture_sha256 WHERE c.frames_retired_at IS NULL"
_MAPS = "FROM map m JOIN inspection i ON i.id = m.inspection_id WHERE i.maps_retired_at IS NULL"
#: Where rows name files, and those that must be there: the files of retired maps and frames need not.
NAMES: Final = {
    ("capture", "manifest_sha256"): "SELECT manifest_sha256 FROM capture",
    ("frame", "blob_sha256"): f"SELECT f.blob_sha256 {_FRAMES}",
    ("rig", "blob_sha256"): "SELECT blob_sha256 FROM rig",
    ("inspection", "picture_sha256"): "SELECT picture_sha256 FROM inspection WHERE picture_sha256 IS NOT NULL",
    ("map", "blob_sha256"): f"SELECT m.blob_sha256 {_MAPS}",
}
#: Below the number of values that one statement takes.
_AT_ONCE: Final = 500


def named(connection: sqlite3.Connection) -> set[str]:
    """Hashes of all files that must be there."""
    return {row[0] for sql in NAMES.values() for row in connection.execute(sql)}


def still_named(connection: sqlite3.Connection, sha256s: Iterable[str]) -> set[str]:
    """Those of some hashes that must be there."""
    asked = sorted(set(sha256s))
    found: set[str] = set()
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        among = f"IN ({', '.join('?' for _ in some)})"
        for (_, column), sql in NAMES.items():
            # The outer query is folded into the inner one, where frames and maps are found by their index.
            found.update(
                row[0] for row in connection.execute(f"SELECT {column} FROM ({sql}) WHERE {column} {among}", some)
            )
    return found
