"""The audit: who changed what and when, each entry bound to the one before by its hash.

An entry holds the hash of the row as it was written, never the row: what must be forgotten is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from station.store.rows import Row

#: Parts of an inspection, which its own entry stands for, and what is no record of anything, or one of its own.
UNAUDITED: Final = frozenset({
    "frame", "finding", "defect", "map", "inspection_view", "session", "upkeep", "audit",
    "tally_mark", "tally_month", "tally_recipe",
})  # fmt: skip
#: Of these not even a hash: a name is guessed from its hash.
NAMELESS: Final = frozenset({"person_name"})
#: Key of a table, where it is not ``id``.
KEYS: Final[Mapping[str, str]] = {
    "capture": "sha256", "rig": "sha256", "person_name": "account_id", "session": "sha256",
}  # fmt: skip
#: Stands before the first entry.
FIRST: Final = "0" * 64
_BOUND: Final = ("id", "at", "who", "what", "of_table", "of_row", "columns", "content_sha256", "previous_sha256")


class Change(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


def key_of_table(table: str) -> str:
    """The column that names a row of a table."""
    return KEYS.get(table, "id")


def content_sha256(row: Row) -> str:
    """The hash of a row as it lies in the table: its columns by name."""
    return sha256(json.dumps(row, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def entry(
    before: tuple[int, str], *, at: str, who: str, what: Change, table: str, key: object, columns: Iterable[str],
    row: Row | None,
) -> Row:  # fmt: skip
    """The entry of one change.

    Parameters
    ----------
    before : (int, str)
        Number and hash of the newest entry; ``(0, FIRST)`` where there is none.
    columns : iterable of str
        What was written of the row.
    row : dict or None
        The row as it lies in the table, in all columns that any of its entries names; None where it was taken away.
    """
    made: Row = {
        "id": before[0] + 1,
        "at": at,
        "who": who,
        "what": str(what),
        "of_table": table,
        "of_row": str(key),
        "columns": json.dumps(sorted(columns)),
        "content_sha256": None if row is None or table in NAMELESS else content_sha256(row),
        "previous_sha256": before[1],
    }
    return made | {"sha256": _sha256(made)}


def broken_link(entries: Iterable[Mapping[str, Any]], newest: int) -> str | None:
    """The first place where the chain does not hold, as one sentence; None where it is whole.

    Parameters
    ----------
    entries : iterable of mapping
        Every entry with all its columns as they are stored, the oldest first.
    newest : int
        Number of the last entry that was ever given.
    """
    number, previous = 0, FIRST
    for one in entries:
        if one["id"] != number + 1:
            return f"audit: entry {number + 1} is missing"
        if one["previous_sha256"] != previous:
            return f"audit: entry {one['id']} does not follow from the one before it"
        if one["sha256"] != _sha256(one):
            return f"audit: entry {one['id']} was changed after it was written"
        number, previous = one["id"], one["sha256"]
    return None if number == newest else f"audit: entries {number + 1} to {newest} are missing"


def _sha256(one: Mapping[str, Any]) -> str:
    return sha256(json.dumps([one[name] for name in _BOUND], ensure_ascii=False).encode()).hexdigest()
