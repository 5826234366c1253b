"""The audit: every change is in it, nobody takes an entry back, and what was tampered with is found."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from records import frames_of

import station.store
from inspection.frames import Frames
from station.access.rights import Role
from station.access.visitor import acting_as
from station.store.audit import UNAUDITED, _sha256, broken_link, key_of_table
from station.store.audited import audit_faults
from station.store.checking import check
from station.store.db import AuditQuery, Correction, Store, What

Ids = tuple[int, int, int]


def word(inspection_id: int) -> Correction:
    return Correction(inspection_id=inspection_id, defect_id="D2", what=What.NOTE, who="wren", why="seen")


def raw(store: Store) -> sqlite3.Connection:
    """A connection that the station knows nothing of."""
    return sqlite3.connect(store.path, isolation_level=None)


def entries(store: Store) -> list[dict[str, object]]:
    connection = raw(store)
    connection.row_factory = sqlite3.Row
    return [dict(row) for row in connection.execute("SELECT * FROM audit ORDER BY id")]


def faults(store: Store) -> list[str]:
    return list(audit_faults(raw(store)))


def test_what_was_stored_is_in_the_audit_with_who_and_when(store: Store, three_passes: Ids) -> None:
    with acting_as("wren"):
        store.add_correction(word(1))
    with store.reader() as reader:
        newest = reader.audit(AuditQuery(limit=1)).items[0]
        tables = {row["of_table"] for row in reader.audit(AuditQuery()).items}
    assert (newest["who"], newest["what"], newest["of_table"], newest["of_row"]) == ("wren", "added", "correction", "1")
    assert newest["at"].startswith("2026-11-22T04:00:00")
    assert "why" in newest["columns"]
    assert tables == {"panel", "rig", "recipe", "capture", "inspection", "correction"}
    assert faults(store) == []


def test_a_change_that_is_taken_back_leaves_no_entry(store: Store, three_passes: Ids) -> None:
    before = len(entries(store))
    with suppress(ZeroDivisionError), store._transaction():
        store._insert("panel", {"code": "AM-9", "part": None})
        raise ZeroDivisionError
    assert len(entries(store)) == before
    store.add_correction(word(1))
    assert faults(store) == []


def test_what_is_there_already_is_no_change(store: Store, three_passes: Ids) -> None:
    before = len(entries(store))
    with store._transaction():
        row = raw(store).execute("SELECT code FROM panel").fetchone()
        store._insert("panel", {"code": row[0], "part": None}, ignore=True)
    assert len(entries(store)) == before


@pytest.mark.parametrize("sql", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_nobody_takes_an_entry_back(store: Store, three_passes: Ids, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        raw(store).execute(sql)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE audit SET who = 'x' WHERE id = 2", "entry 2 was changed"),
        ("UPDATE audit SET at = '2020' WHERE id = 2", "entry 2 was changed"),
        ("DELETE FROM audit WHERE id = 2", "entry 2 is missing"),
        ("DELETE FROM audit WHERE id > 2", "entries 3 to"),
        ("DELETE FROM audit", "entries 1 to"),
    ],
)
def test_an_entry_that_was_tampered_with_is_found(store: Store, three_passes: Ids, sql: str, words: str) -> None:
    connection = raw(store)
    for trigger in ("audit_keeps_update", "audit_keeps_delete"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(sql)
    assert any(words in fault for fault in faults(store))


def test_an_entry_that_was_written_anew_breaks_the_link_to_the_next(store: Store, three_passes: Ids) -> None:
    rows = entries(store)
    rows[1]["who"] = "x"
    rows[1]["sha256"] = _sha256(rows[1])
    assert broken_link(rows, len(rows)) == "audit: entry 3 does not follow from the one before it"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE inspection SET verdict = 'pass' WHERE id = 1", "inspection 1: was changed behind"),
        ("UPDATE recipe SET text = 'x'", "recipe 1: was changed"),
        ("DROP TRIGGER correction_keeps_delete; DELETE FROM correction", "correction 1: is gone"),
        ("INSERT INTO panel (code) VALUES ('AM-8')", "panel 2: was added behind"),
        ("DELETE FROM token", "token 1: is gone"),
        ("INSERT INTO person_name VALUES (1, 'Li Wei', 'x')", "person_name 1: is there, and was taken away"),
        ("UPDATE account SET role = 'engineer' WHERE id = 1", "account 1: was changed behind"),
        ("DROP TRIGGER correction_keeps_update; UPDATE correction SET who = 'x'", "correction 1: was changed"),
    ],
)
def test_a_row_that_was_changed_behind_the_stations_back_is_found(
    store: Store, three_passes: Ids, sql: str, words: str
) -> None:
    store.add_correction(word(1))
    store.add_account("wren", Role.VIEWER, "482915", name="Li Wei")
    store.add_token("mes", Role.VIEWER)
    store.forget("wren")
    assert faults(store) == []
    raw(store).executescript(sql)
    assert [fault for fault in faults(store) if words in fault]


def test_a_new_column_with_a_default_is_no_tampering(store: Store, three_passes: Ids) -> None:
    raw(store).execute("ALTER TABLE inspection ADD COLUMN added_later TEXT DEFAULT 'x'")
    assert faults(store) == []


def test_a_part_that_becomes_known_later_is_an_entry_too(store: Store, save: Callable[[Frames], int]) -> None:
    save(frames_of(1, part=None))
    save(frames_of(2, part="hood"))
    changed = [row for row in entries(store) if row["what"] == "changed"]
    assert [(row["of_table"], row["columns"]) for row in changed] == [("panel", '["part"]')]


def test_all_sql_that_writes_goes_through_the_audit() -> None:
    """One module writes rows of a station; migrations only make tables, and a crowd is made in a file of its own."""
    folder = Path(station.store.__file__).parent
    writes = re.compile(r"\b(?:INSERT (?:OR \w+ )?INTO|UPDATE(?! SET)|REPLACE INTO|DELETE FROM) (\w+)\b")
    others = [path for path in folder.rglob("*.py") if path.name not in {"writer.py", "migrations.py", "crowd.py"}]
    written = {(path.name, table) for path in others for table in writes.findall(path.read_text("utf-8"))}
    assert {(name, table) for name, table in written if table not in UNAUDITED} == set()


def test_tables_without_audit_are_parts_of_an_inspection_or_no_record(store: Store) -> None:
    tables = {row[0] for row in raw(store).execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables >= UNAUDITED


def test_every_audited_table_has_the_key_that_its_entries_name(store: Store) -> None:
    connection = raw(store)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in {name for name in tables if not name.startswith(("sqlite_", "_sqlite_"))} - UNAUDITED:
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        assert key_of_table(table) in columns, f"{table}: name its key in station/store/audit.py"


def test_a_row_that_changed_through_the_station_is_as_its_newest_entry_says(store: Store, three_passes: Ids) -> None:
    with store._transaction():
        store._change("inspection", 2, {"maps_retired_at": "2027", "maps_retired_by": "maps"})
    assert faults(store) == []
    raw(store).execute("UPDATE inspection SET verdict = 'pass' WHERE id = 2")
    assert faults(store) == ["inspection 2: was changed behind the station's back"]


def test_the_integrity_check_follows_the_chain(store: Store, three_passes: Ids) -> None:
    store.add_correction(word(1))
    raw(store).execute("UPDATE panel SET part = 'door'")
    assert [fault for fault in check(store.path).faults if "behind" in fault] == [
        f"{store.path}: panel 1: was changed behind the station's back"
    ]
