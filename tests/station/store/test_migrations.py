"""A database of any earlier version keeps every row, and what its rows cannot know is said to be unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import fixed_clock
from records import RECIPE_TEXT
from sqlite_utils import Database

from station.store.db import FindingQuery, InspectionQuery, Store
from station.store.migrations import migrations

NAMES = [one.name for one in migrations.pending(Database(memory=True))]
#: One row of each table fits every other: text keys are all alike, numbers too.
FILL: dict[str, Any] = {"TEXT": "{}", "INTEGER": 1, "REAL": 1.5}
#: What a check of the table forbids.
EXCEPT: dict[tuple[str, str], Any] = {("daily_check", "met"): None}


def tables_of(database: Database) -> list[str]:
    # Tallies are filled by triggers; test_tallies.py has their rows.
    own = ("sqlite_", "_sqlite_", "tally_")
    return [name for name in database.table_names() if not name.startswith(own)]


def fill(database: Database) -> dict[str, dict[str, Any]]:
    """One row in every table; returns them."""
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("BEGIN")
    database.execute("PRAGMA defer_foreign_keys = ON")
    rows = {}
    for table in tables_of(database):
        row = {c.name: EXCEPT.get((table, c.name), FILL[c.type]) for c in database[table].columns}
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
        rows[table] = row
    database.execute("COMMIT")
    return rows


@pytest.mark.parametrize("name", NAMES[1:])
def test_rows_of_an_older_database_stay_as_they_are(name: str, tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    old = Database(path)
    migrations.apply(old, stop_before=name)
    rows = fill(old)
    assert rows
    old.close()
    Store.open(path).close()
    now = Database(path)
    assert migrations.pending(now) == []
    for table, row in rows.items():
        [kept] = now[table].rows
        assert {column: kept[column] for column in row} == row
    assert list(now.query("PRAGMA foreign_key_check")) == []
    now.close()


def test_a_database_of_the_third_version_is_read_with_what_it_cannot_know(tmp_path: Path) -> None:
    """Before starts of work, budgets, authors of recipes, and probabilities of conformity."""
    path = tmp_path / "station.db"
    old = Database(path)
    migrations.apply(old, stop_before="m0004_starts_of_work")
    with old.conn:
        old.execute("INSERT INTO panel VALUES (1, 'AM-0001', 'hood')")
        old.execute("INSERT INTO rig VALUES ('r', 'b', 'T', 1, 't', 'u', 't', 'u', '{}', 's')")
        old.execute(
            "INSERT INTO recipe VALUES (1, 'x', 'amethyst', '{\"en\": \"Amethyst\"}', 5, 1.5, NULL, ?, 's')",
            (RECIPE_TEXT,),
        )
        old.execute("INSERT INTO capture VALUES ('c', 'm', 1, 1, 1, NULL, NULL, 'T', NULL, NULL, 'u', 1, 's')")
        columns = ", ".join(c.name for c in old["inspection"].columns if c.name != "previous_id")
        old.execute(f"""INSERT INTO inspection ({columns}) VALUES (7, 1, 1, 1, 1, 'c', 'r', 'x', NULL, 'T', NULL, 'u',
            1, '0.1.0', 'fail', 'full_pass', 0.1, 1.0, 0.0, '[12, 10]', '[[1,0,0],[0,1,0],[0,0,1]]', NULL, '{{}}', 's')
            """)
        old.execute("""INSERT INTO finding VALUES (7, 0, 0, 'whole', 'gloss_gu', 1, '{}', 81.5, 'GU-eq', 0.2, 0.1, 99,
            '[]', 70.0, NULL, 'pass')""")
        old.execute("""INSERT INTO work VALUES (3, 1, 1, 1, '2026-11-21T08:00:00+08:00', '2026-11-21T09:30:00+08:00',
            'heron', 's')""")
    old.close()
    store = Store.open(path, clock=fixed_clock)
    with store.reader() as reader:
        [finding] = reader.findings(FindingQuery()).items
        [version] = reader.versions("amethyst")
        [inspection] = reader.inspections(InspectionQuery()).items
        times, going = reader.times_of_work(), reader.working("AM-0001")
        checks, drafts = reader.stations(), reader.drafts()
    store.close()
    assert (finding["value"], finding["low"], finding["verdict"]) == (81.5, 70.0, "pass")
    assert (finding["budget"], finding["probability"]) == (None, None)
    assert (version["who"], version["why"], version["approved_by"], version["changes"]) == (None, None, None, None)
    assert drafts == []
    assert (inspection["id"], inspection["panel"], inspection["previous_id"]) == (7, "AM-0001", None)
    assert list(times.values()) == [(("2026-11-21T08:00:00+08:00", "2026-11-21T09:30:00+08:00"),)]
    assert going == []
    assert [(one["station"], one["rig_sha256"]) for one in checks] == [("T", "r")]
