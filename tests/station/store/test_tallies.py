"""Tallies of marks are what counting the marks gives, whatever was said of them, and are asked without a full scan."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from inspection.defects.kinds import Kind
from inspection.refused import Refused
from station.store.counted import pareto, statement
from station.store.crowd import fill
from station.store.db import Correction, Store, What
from station.store.migrations import migrations
from station.store.queries import Bars, TallyQuery
from station.store.tallies import TALLIES, tally_faults

DIRECT = {Bars.KIND: "c.kind", Bars.ZONE: "c.region", Bars.PASS: "i.pass_number", Bars.RECIPE: "r.name"}


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crowd") / "station.db"
    fill(path, inspections=400, marks=10, seed=3)
    return path


@pytest.fixture
def read(crowd: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{crowd}?mode=ro", uri=True)) as connection:
        yield connection


def test_storing_inspections_counts_their_marks(store: Store, three_passes: tuple[int, int, int]) -> None:
    with store.reader() as reader:
        [(present,)] = reader.connection.execute("SELECT count(*) FROM defect WHERE present")
        assert present > 0
        assert sum(row["marks"] for row in pareto(reader.connection, Bars.KIND, TallyQuery())) == present
        assert list(tally_faults(reader.connection)) == []


def test_what_people_say_moves_the_counts(store: Store, three_passes: tuple[int, int, int]) -> None:
    last = three_passes[2]

    def say(defect: str | None, what: What, kind: Kind | None = None) -> dict[str, int]:
        place = {"x_mm": -6.0, "y_mm": 5.0} if what is What.MISSED else {}
        store.add_correction(
            Correction(inspection_id=last, defect_id=defect, what=what, kind=kind, who="wren", why="seen", **place)
        )
        with store.reader() as reader:
            assert list(tally_faults(reader.connection)) == []
            return {row["of"]: row["marks"] for row in pareto(reader.connection, Bars.KIND, TallyQuery())}

    with store.reader() as reader:
        before = {row["of"]: row["marks"] for row in pareto(reader.connection, Bars.KIND, TallyQuery())}
        mark = next(row for row in reader.marks(last) if row["present"])
    other = next(kind for kind in Kind if str(kind) not in before)
    assert say(mark["id"], What.KIND, other)[str(other)] == 1
    gone = say(mark["id"], What.FALSE_ALARM)
    assert str(other) not in gone
    assert sum(gone.values()) == sum(before.values()) - 1
    assert say(mark["id"], What.NOTE) == gone
    assert say(mark["id"], What.KIND, Kind(mark["kind"])) == before
    assert say(None, What.MISSED, other)[str(other)] == 1


def test_a_tally_that_is_not_what_the_marks_are_is_a_fault(store: Store, three_passes: tuple[int, int, int]) -> None:
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("UPDATE tally_month SET n = n + 1")
        connection.commit()
        [fault] = tally_faults(connection)
    assert fault.startswith("tally_month: ")


def test_marks_of_an_older_database_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    fill(path, inspections=50, marks=5, seed=4)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO correction (inspection_id, defect_id, what, who, why, made_at) "
                           "VALUES (1, 'D1', 'false_alarm', 'wren', 'seen', 's')")  # fmt: skip
        connection.commit()
        kept = {name: connection.execute(f"SELECT * FROM {name} WHERE n <> 0").fetchall() for name in TALLIES}
        for name in ("defect_is_counted", "correction_is_counted", "correction_is_uncounted"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DROP VIEW counted_mark")
        for name in TALLIES:
            connection.execute(f"DROP TABLE {name}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm0016_tallies_of_marks'")
        connection.commit()
        migrations.apply(Database(connection))
        assert {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TALLIES} == kept


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bars=st.sampled_from(Bars),
    query=st.builds(
        TallyQuery,
        recipe=st.sampled_from([None, "simulated-000", "simulated-001"]),
        part=st.sampled_from([None, "hood", "roof"]),
        station=st.sampled_from([None, "north"]),
        pass_number=st.sampled_from([None, 1, 5]),
        kind=st.sampled_from([None, Kind.NIB]),
        region=st.sampled_from([None, "edge"]),
        first_month=st.sampled_from([None, "2025-06"]),
        last_month=st.sampled_from([None, "2026-03"]),
    ),
)
def test_any_filter_gives_what_counting_the_marks_gives(
    read: sqlite3.Connection, bars: Bars, query: TallyQuery
) -> None:
    conditions = {
        "r.name = ?": query.recipe,
        "p.part = ?": query.part,
        "i.station = ?": query.station,
        "i.pass_number = ?": query.pass_number,
        "c.kind = ?": None if query.kind is None else str(query.kind),
        "c.region = ?": query.region,
        "substr(i.captured_at_utc, 1, 7) >= ?": query.first_month,
        "substr(i.captured_at_utc, 1, 7) <= ?": query.last_month,
    }
    asked = {text: value for text, value in conditions.items() if value is not None}
    direct = read.execute(
        f"""SELECT {DIRECT[bars]}, count(*) FROM counted_mark c JOIN inspection i ON i.id = c.inspection_id
        JOIN panel p ON p.id = i.panel_id JOIN recipe r ON r.sha256 = i.recipe_sha256
        WHERE {" AND ".join(asked) or "true"} GROUP BY 1""",
        tuple(asked.values()),
    ).fetchall()
    told = pareto(read, bars, query)
    assert {row["of"]: row["marks"] for row in told} == dict(direct)
    assert told == sorted(told, key=lambda row: -row["marks"])
    if told:
        assert told[-1]["running_share"] == 1


def test_the_same_seed_makes_the_same_rows_and_never_in_a_file_that_is_there(crowd: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    fill(again, inspections=400, marks=10, seed=3)
    dumps = []
    for path in (crowd, again):
        with closing(sqlite3.connect(path)) as connection:
            dumps.append(connection.execute("SELECT * FROM defect ORDER BY inspection_id, id").fetchall())
            assert connection.execute("SELECT count(*) FROM inspection WHERE NOT simulated").fetchone() == (0,)
            assert list(tally_faults(connection)) == []
    assert dumps[0] == dumps[1]
    with pytest.raises(Refused, match="is there already"):
        fill(again, inspections=10, marks=1, seed=3)


@pytest.mark.parametrize("bars", Bars)
def test_no_bar_is_counted_from_the_marks_themselves(read: sqlite3.Connection, bars: Bars) -> None:
    for query in (TallyQuery(), TallyQuery(recipe="simulated-000"), TallyQuery(pass_number=2, region="edge")):
        sql, values = statement(bars, query)
        plan = " ".join(row[3] for row in read.execute(f"EXPLAIN QUERY PLAN {sql}", values))
        assert "tally_" in plan
        assert "defect" not in plan
        if query.recipe is not None and bars is not Bars.RECIPE and bars is not Bars.KIND:
            assert "SEARCH tally_mark" in plan


def test_the_api_counts_and_refuses_what_is_no_month(client: TestClient, three_passes: tuple[int, int, int]) -> None:
    told = client.get("/api/pareto?by=pass").json()["items"]
    assert {row["of"] for row in told} <= {0, 1, 2, 3, 4, 5}
    assert told[-1]["running_share"] == 1
    assert all(row["simulated_marks"] == row["marks"] for row in told)
    table = client.get("/api/pareto?by=pass", headers={"Accept": "text/csv"}).text
    assert table.splitlines()[0] == "of,marks,simulated_marks,share,running_share"
    assert client.get("/api/pareto?part=none").json()["items"] == []
    refused = client.get("/api/pareto?first_month=2026-13")
    assert refused.status_code == 422
    assert "first_month" in refused.json()["detail"]
