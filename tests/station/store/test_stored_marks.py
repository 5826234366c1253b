"""Marks from pass to pass, what people say about them, and film readings: added to, never overwritten."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from records import CAPTURED_AT, frames_of, story_of
from sqlite_utils import Database

from inspection.defects.kinds import Kind
from inspection.frames import Frames
from inspection.refused import Refused
from inspection.report import Defect, Status
from station.store.db import Correction, CorrectionQuery, DefectQuery, FilmQuery, FilmReading, Store, What
from station.store.migrations import migrations

Ids = tuple[int, int, int]


def said(store: Store, inspection_id: int, defect_id: str | None, what: What, kind: Kind | None = None) -> int:
    """A word of somebody about a mark."""
    place = (6.0, 5.0) if what is What.MISSED else (None, None)
    return store.add_correction(
        Correction(
            inspection_id=inspection_id,
            defect_id=defect_id,
            what=what,
            kind=kind,
            who="kingfisher",
            why="seen under the lamp",
            x_mm=place[0],
            y_mm=place[1],
        )
    )


def marks_of(store: Store, inspection_id: int) -> dict[str, dict[str, object]]:
    """Marks by identity."""
    with store.reader() as reader:
        return {row["id"]: row for row in reader.marks(inspection_id)}


def test_an_old_database_keeps_its_inspections_and_marks(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    old = Database(sqlite3.connect(path, isolation_level=None))
    migrations.apply(old, stop_before="m0002_marks_from_pass_to_pass")
    old.execute("INSERT INTO panel (id, code) VALUES (1, 'AM-0001')")
    old.execute("INSERT INTO rig VALUES ('r', 'b', 'T', 1, 't', 'u', 't', 'u', '{}', 's')")
    old.execute("INSERT INTO recipe VALUES (1, 'x', 'amethyst', '{}', 3, 1.5, NULL, 'text', 's')")
    old.execute("INSERT INTO capture VALUES ('c', 'm', 1, 1, 1, NULL, NULL, 'T', NULL, NULL, 'u', 1, 's')")
    columns = ", ".join(column.name for column in old["inspection"].columns)
    old.execute(f"""INSERT INTO inspection ({columns}) VALUES (7, 1, 1, 1, 1, 'c', 'r', 'x', NULL, 'T', NULL, 'u', 1,
        '0.1.0', 'fail', 'full_pass', 0.1, 1.0, 0.0, '[12, 10]', '[[1,0,0],[0,1,0],[0,0,1]]', NULL, '{{}}', 's')""")
    old.execute("""INSERT INTO defect VALUES (7, 'D1', 'nib', '26', 3.5, 4.5, 0.8, 0.7, 0.45, 7.5, NULL, 0.6, 0.97,
        'whole', NULL, NULL)""")
    old.close()
    store = Store.open(path)
    with store.reader() as reader:
        [mark] = reader.defects(DefectQuery()).items
        [same] = reader.marks(7)
    assert (mark["id"], mark["x_mm"], mark["panel"], mark["status"]) == ("D1", 3.5, "AM-0001", None)
    assert (same["box_mm"], same["u_height_um"], same["corrections"], same["false_alarm"]) == (None, None, [], False)
    assert said(store, 7, "D1", What.FALSE_ALARM) == 1
    store.close()


def test_marks_come_back_as_they_were_with_those_that_have_gone(store: Store, three_passes: Ids) -> None:
    names = [field.name for field in fields(Defect)]
    with store.reader() as reader:
        rows = reader.marks(three_passes[2])
    stored = [
        Defect(**{name: row[name] for name in names} | {"box_mm": tuple(row["box_mm"])})
        for row in rows  #
    ]
    story = story_of(3)
    assert tuple(stored) == (*story["defects"], *story["removed"])


def test_what_has_gone_is_no_defect_of_a_panel_unless_it_is_asked_for(store: Store, three_passes: Ids) -> None:
    with store.reader() as reader:
        present = reader.defects(DefectQuery(pass_number=3)).items
        gone = reader.defects(DefectQuery(pass_number=3, status=Status.REMOVED)).items
    assert {row["id"] for row in present} == {"D2", "D3"}
    assert {row["id"]: row["last_seen_pass"] for row in gone} == {"D1": 2, "D4": 2}


def test_another_kind_stands_beside_the_measured_one(store: Store, three_passes: Ids) -> None:
    with store.reader() as reader:
        before = reader.report_text(three_passes[0])
    said(store, three_passes[0], "D1", What.KIND, Kind.DUST)
    mark = marks_of(store, three_passes[0])["D1"]
    assert (mark["kind"], mark["corrected_kind"], mark["false_alarm"]) == ("nib", "dust", False)
    [word] = mark["corrections"]
    assert (word["who"], word["why"], word["what"]) == ("kingfisher", "seen under the lamp", "kind")
    with store.reader() as reader:
        assert reader.report_text(three_passes[0]) == before


def test_the_last_word_counts_and_none_is_lost(store: Store, three_passes: Ids) -> None:
    one = three_passes[0]
    said(store, one, "D1", What.KIND, Kind.DUST)
    said(store, one, "D1", What.FALSE_ALARM)
    assert (marks_of(store, one)["D1"]["false_alarm"], marks_of(store, one)["D1"]["corrected_kind"]) == (True, None)
    said(store, one, "D1", What.NOTE)
    assert marks_of(store, one)["D1"]["false_alarm"] is True
    said(store, one, "D1", What.KIND, Kind.CRATER)
    mark = marks_of(store, one)["D1"]
    assert (mark["false_alarm"], mark["corrected_kind"]) == (False, "crater")
    assert [word["what"] for word in mark["corrections"]] == ["kind", "false_alarm", "note", "kind"]


def test_a_word_follows_the_mark_to_later_passes_but_not_back(store: Store, three_passes: Ids) -> None:
    said(store, three_passes[1], "D3", What.FALSE_ALARM)
    alarms = [marks_of(store, one)["D3"]["false_alarm"] for one in three_passes]
    assert alarms == [False, True, True]


def test_a_word_about_one_attempt_does_not_touch_a_ledger_that_goes_on_from_another(
    store: Store, save: Callable[[Frames], int]
) -> None:
    first, again = save(frames_of(1)), save(frames_of(1))
    second = save(frames_of(2))
    said(store, first, "D1", What.FALSE_ALARM)
    assert marks_of(store, second)["D1"]["false_alarm"] is False
    said(store, again, "D1", What.FALSE_ALARM)
    assert marks_of(store, second)["D1"]["false_alarm"] is True


def test_a_missed_mark_is_added_to_its_inspection_only(store: Store, three_passes: Ids) -> None:
    number = said(store, three_passes[1], None, What.MISSED, Kind.SCRATCH)
    mark = marks_of(store, three_passes[1])[f"M{number}"]
    assert (mark["missed"], mark["kind"], mark["corrected_kind"]) == (True, None, "scratch")
    assert (mark["x_mm"], mark["y_mm"], mark["length_mm"]) == (6.0, 5.0, None)
    assert f"M{number}" not in marks_of(store, three_passes[2])
    said(store, three_passes[1], f"M{number}", What.FALSE_ALARM)
    assert marks_of(store, three_passes[1])[f"M{number}"]["false_alarm"] is True


def test_words_about_what_does_not_exist_are_refused(store: Store, three_passes: Ids) -> None:
    for inspection_id, defect_id, words in ((99, "D1", "inspection 99"), (three_passes[0], "D9", "mark D9")):
        with pytest.raises(Refused, match=words):
            said(store, inspection_id, defect_id, What.NOTE)
    with store.reader() as reader:
        assert reader.corrections(CorrectionQuery()).items == []


@pytest.mark.parametrize("change", ["UPDATE {} SET who = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["correction", "film_reading"])
def test_not_even_the_writer_can_take_back_what_was_said(
    store: Store, three_passes: Ids, table: str, change: str
) -> None:
    said(store, three_passes[0], "D1", What.FALSE_ALARM)
    store.add_film_reading(
        "AM-0007", FilmReading(coat_number=1, pass_number=1, zone="A", film_um=91.0, who="heron", u_um=0.5)
    )
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        store._database.execute(change.format(table))


def test_film_readings_are_kept_by_coat_and_pass_with_who_and_when(store: Store, three_passes: Ids) -> None:
    taken = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    for coat, number, film in ((1, 0, 95.2), (1, 2, 90.1), (2, 0, 120.0)):
        reading = FilmReading(
            coat_number=coat, pass_number=number, zone="A", film_um=film, who="heron",
            measured_at=taken if number == 2 else None,
        )  # fmt: skip
        store.add_film_reading("AM-0007", reading)
    with store.reader() as reader:
        assert [row["film_um"] for row in reader.film_of("AM-0007", 1, 1)] == [95.2]
        both = reader.film_of("AM-0007", 1, 3)
        assert len(reader.film_readings(FilmQuery(panel="AM-0007")).items) == 3
    assert [(row["film_um"], row["who"]) for row in both] == [(95.2, "heron"), (90.1, "heron")]
    assert [row["measured_at"] for row in both] == ["2026-11-22T04:00:00+00:00", taken.isoformat()]
    with pytest.raises(Refused, match="nobody"):
        store.add_film_reading("nobody", FilmReading(coat_number=1, pass_number=0, zone="A", film_um=1.0, who="x"))


def test_the_earlier_inspection_is_the_last_attempt_of_the_pass_before(
    store: Store, save: Callable[[Frames], int]
) -> None:
    first = save(frames_of(1))
    again = save(frames_of(1))
    third = save(frames_of(3))
    save(frames_of(1, coat_number=2))
    save(frames_of(2, panel="AM-0008"))

    def earlier(*key: object) -> int | None:
        with store.reader() as reader:
            found = reader.load_earlier(*key)  # type: ignore[arg-type]
        if found is None:
            return None
        assert found[1].defects == story_of(found[1].pass_number)["defects"]
        return found[0]

    assert earlier("AM-0007", 1, 1, "whole") is None
    assert earlier("AM-0007", 1, 2, "whole") == again
    assert earlier("AM-0007", 1, 3, "whole") == again  # a repeated pass is compared with the one before it
    assert earlier("AM-0007", 1, 4, "whole") == third
    assert earlier("AM-0007", 1, 4, "left") is None
    assert earlier("AM-0007", 2, 1, "whole") is None
    assert earlier("AM-0009", 1, 4, "whole") is None
    with store.reader() as reader:
        assert reader.chain(third) == [again, third]
        assert first not in reader.chain(third)


def test_times_of_captures_do_not_decide_which_pass_is_the_earlier_one(
    store: Store, save: Callable[[Frames], int]
) -> None:
    second = save(frames_of(2, captured_at=CAPTURED_AT[1]))
    save(frames_of(1, captured_at=CAPTURED_AT[3]))
    with store.reader() as reader:
        found = reader.load_earlier("AM-0007", 1, 3, "whole")
        assert reader.load_earlier("AM-0007", 1, 3, None) == found  # no view named is the whole
    assert found is not None
    assert found[0] == second
