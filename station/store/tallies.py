"""Counts of marks that are kept beside them, so that millions are not counted while somebody waits.

What counts is the view ``counted_mark``: marks that are there, with the last word of a person at that inspection: a
false alarm is out, another kind is counted as that kind, what was missed is in. Triggers keep the tables as it says.
A migration has shipped all of it: what changes here needs another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlite_utils import Database

_LAST = """(SELECT k.{what} FROM correction k WHERE k.inspection_id = {row}.inspection_id AND k.defect_id = {mark}
    AND k.what IN ('kind', 'false_alarm') ORDER BY k.id DESC LIMIT 1)"""
_OF_DEFECT = {what: _LAST.format(what=what, row="d", mark="d.id") for what in ("kind", "what")}
_OF_MISSED = {what: _LAST.format(what=what, row="m", mark="('M' || m.id)") for what in ("kind", "what")}
_VIEW: Final = f"""CREATE VIEW counted_mark AS
    SELECT d.inspection_id, d.id AS mark, coalesce({_OF_DEFECT["kind"]}, d.kind) AS kind, d.region
    FROM defect d WHERE d.present AND coalesce({_OF_DEFECT["what"]}, 'kind') = 'kind'
    UNION ALL
    SELECT m.inspection_id, 'M' || m.id, coalesce({_OF_MISSED["kind"]}, m.kind), 'whole'
    FROM correction m WHERE m.what = 'missed' AND coalesce({_OF_MISSED["what"]}, 'kind') = 'kind'"""
#: Where a column of a tally comes from: its type, and the marks `c` of the inspections `i`.
_COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "month": ("TEXT", "substr(i.captured_at_utc, 1, 7)"),
    "recipe": ("TEXT", "r.name"),
    "part": ("TEXT", "coalesce(p.part, '')"),
    "station": ("TEXT", "coalesce(i.station, '')"),
    "pass_number": ("INTEGER", "i.pass_number"),
    "kind": ("TEXT", "c.kind"),
    "region": ("TEXT", "c.region"),
    "simulated": ("INTEGER", "i.simulated"),
}
#: The tallies, the smaller ones first: a question goes to the first that knows all its columns.
TALLIES: Final[Mapping[str, tuple[str, ...]]] = {
    "tally_recipe": ("kind", "month", "recipe", "simulated"),
    "tally_month": ("month", "part", "station", "pass_number", "kind", "region", "simulated"),
    "tally_mark": ("recipe", "pass_number", "month", "part", "station", "kind", "region", "simulated"),
}
_JOINED: Final = """JOIN inspection i ON i.id = c.inspection_id JOIN panel p ON p.id = i.panel_id
    JOIN recipe r ON r.sha256 = i.recipe_sha256"""


def _counted(table: str, marks: str, where: str, change: str) -> str:
    columns = TALLIES[table]
    values = ", ".join(_COLUMNS[name][1] for name in columns)
    return f"""INSERT INTO {table} SELECT {values}, {change} FROM {marks} {_JOINED} WHERE {where}
        ON CONFLICT DO UPDATE SET n = n + excluded.n;"""


def _direct(table: str) -> str:
    """What counting gives, in the columns of a tally."""
    columns = TALLIES[table]
    values = ", ".join(f"{_COLUMNS[name][1]} AS {name}" for name in columns)
    key = ", ".join(str(n + 1) for n in range(len(columns)))
    return f"SELECT {values}, count(*) AS n FROM counted_mark c {_JOINED} GROUP BY {key}"


def _triggers() -> Iterator[tuple[str, str]]:
    one = "c.inspection_id = NEW.inspection_id AND c.mark = "
    corrected = (
        ("correction_is_uncounted", "BEFORE", "NEW.what <> 'note' AND NEW.defect_id IS NOT NULL", "NEW.defect_id", -1),
        ("correction_is_counted", "AFTER", "NEW.what <> 'note'", "coalesce(NEW.defect_id, 'M' || NEW.id)", 1),
    )
    # A mark is stored before anybody can say something of it.
    new = ", ".join(f"NEW.{name} AS {name}" for name in ("inspection_id", "kind", "region"))
    marks = f"(SELECT {new}) c"
    steps = " ".join(_counted(table, marks, "true", "1") for table in TALLIES)
    yield "defect_is_counted", f"AFTER INSERT ON defect WHEN NEW.present BEGIN {steps} END"
    for name, moment, when, mark, change in corrected:
        steps = " ".join(_counted(table, "counted_mark c", one + mark, str(change)) for table in TALLIES)
        yield name, f"{moment} INSERT ON correction WHEN {when} BEGIN {steps} END"


def make(db: Database) -> None:
    """Make view, tables and triggers, and count what is there."""
    db.execute(_VIEW)
    for table, columns in TALLIES.items():
        listed = ", ".join(f"{name} {_COLUMNS[name][0]} NOT NULL" for name in columns)
        key = ", ".join(columns)
        db.execute(f"CREATE TABLE {table} ({listed}, n INTEGER NOT NULL, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID")
    db.execute("CREATE INDEX tally_mark_by_pass ON tally_mark (pass_number, recipe, kind, region, month, simulated, n)")
    count_anew(db.conn)
    _watch(db.conn)


def count_anew(connection: sqlite3.Connection) -> None:
    """Count every mark: the small tallies that the largest one can tell are summed from it."""
    for table in TALLIES:
        connection.execute(f"DELETE FROM {table}")
    connection.execute(f"INSERT INTO tally_mark {_direct('tally_mark')}")
    for table in ("tally_month", "tally_recipe"):
        key = ", ".join(TALLIES[table])
        connection.execute(f"INSERT INTO {table} SELECT {key}, sum(n) FROM tally_mark GROUP BY {key}")


@contextmanager
def counted_at_the_end(connection: sqlite3.Connection) -> Iterator[None]:
    """While very many marks are added at once nothing is counted; all is, afterwards."""
    for name, _ in _triggers():
        connection.execute(f"DROP TRIGGER {name}")
    yield
    count_anew(connection)
    _watch(connection)


def tally_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Tallies that are not what counting gives, a sentence each."""
    for table, columns in TALLIES.items():
        counted = _direct(table)
        kept = f"SELECT {', '.join(columns)}, n FROM {table} WHERE n <> 0"
        [(wrong,)] = connection.execute(
            f"""SELECT (SELECT count(*) FROM ({counted} EXCEPT {kept}))
            + (SELECT count(*) FROM ({kept} EXCEPT {counted}))"""
        )
        if wrong:
            yield f"{table}: {wrong} counts are not those of the marks"


def _watch(connection: sqlite3.Connection) -> None:
    for name, body in _triggers():
        connection.execute(f"CREATE TRIGGER {name} {body}")
