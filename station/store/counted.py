"""Questions to the tallies: each goes to the smallest one that knows what is asked for."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Final

from station.store.queries import Bars, TallyQuery
from station.store.rows import Row
from station.store.selects import rows_of
from station.store.tallies import TALLIES

_COLUMN: Final = {Bars.KIND: "kind", Bars.ZONE: "region", Bars.PASS: "pass_number", Bars.RECIPE: "recipe"}
_MONTHS: Final = {"first_month": "month >= ?", "last_month": "month <= ?"}


def pareto(connection: sqlite3.Connection, bars: Bars, query: TallyQuery) -> list[Row]:
    """How many marks count, the most first.

    Returns
    -------
    list of dict
        ``of`` (a kind, zone, pass or recipe), ``marks``, ``simulated_marks`` (how many of them are), ``share`` and
        ``running_share``, both 0 to 1.
    """
    sql, values = statement(bars, query)
    rows = rows_of(connection, sql, values)
    total = sum(row["marks"] for row in rows)
    told, running = [], 0
    for row in rows:
        running += row["marks"]
        told.append(row | {"share": row["marks"] / total, "running_share": running / total})
    return told


def statement(bars: Bars, query: TallyQuery) -> tuple[str, tuple[object, ...]]:
    """The question and its values."""
    asked = {name: value for name, value in asdict(query).items() if value is not None}
    column = _COLUMN[bars]
    conditions = [_MONTHS.get(name, f"{name} = ?") for name in asked]
    needed = {column} | {"month" if name in _MONTHS else name for name in asked}
    table = next(name for name, columns in TALLIES.items() if needed <= {*columns})
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"""SELECT {column} AS "of", sum(n) AS marks, sum(n * simulated) AS simulated_marks FROM {table} {where}
        GROUP BY {column} HAVING sum(n) > 0 ORDER BY marks DESC, {column}"""
    return sql, tuple(value if isinstance(value, int) else str(value) for value in asked.values())
