"""What is stored comes back as it was, and only whole."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from conftest import save_in
from records import RECIPE_TEXT, findings_of, frames_of, maps_of, recipe_of, report_of, rig_of, story_of
from sqlite_utils import Database

from inspection.frames import Frame, Frames
from inspection.refused import Refused
from inspection.report import Defect, Finding
from station.store.db import (
    CaptureQuery,
    DefectQuery,
    FindingQuery,
    InspectionQuery,
    PanelQuery,
    RigQuery,
    Store,
)
from station.store.migrations import migrations
from station.store.named import NAMES
from station.store.rows import JSON_COLUMNS

TABLES = {
    "saved_view": {"id", "name", "address", "who", "made_at"},
    "panel": {"id", "code", "part"},
    "capture": {
        "sha256", "manifest_sha256", "panel_id", "coat_number", "pass_number", "view", "recipe", "station", "operator",
        "captured_at", "captured_at_utc", "simulated", "stored_at",
        "frames_bytes", "frames_retired_at", "frames_retired_by",
    },
    "frame": {
        "capture_sha256", "position", "file", "role", "group", "exposure_ms", "axis", "period_mm", "step",
        "blob_sha256",
    },
    "rig": {
        "sha256", "blob_sha256", "station", "simulated", "calibrated_at", "calibrated_at_utc", "expires_at",
        "expires_at_utc", "header", "stored_at",
    },
    "recipe": {"id", "sha256", "name", "title", "passes", "n_clear", "target_lab", "text", "stored_at", "who", "why"},
    "inspection": {
        "id", "panel_id", "coat_number", "pass_number", "attempt", "capture_sha256", "rig_sha256", "recipe_sha256",
        "view", "station", "captured_at", "captured_at_utc", "simulated", "software", "verdict", "action",
        "probability", "valid_ratio", "saturated_ratio", "field_mm", "pixel_to_panel_mm", "picture_sha256",
        "report", "previous_id", "stored_at", "maps_bytes", "maps_until", "frames_until", "maps_retired_at",
        "maps_retired_by", "plan_sha256",
    },
    "inspection_view": {"inspection_id", "position", "view", "capture_sha256"},
    "part_plan": {"id", "sha256", "part", "text", "who", "why", "stored_at"},
    "finding": {"inspection_id", "position"} | {field.name for field in fields(Finding)},
    "defect": {"inspection_id", "present", "features"} | {field.name for field in fields(Defect)},
    "correction": {"id", "inspection_id", "defect_id", "what", "kind", "x_mm", "y_mm", "who", "why", "made_at"},
    "film_reading": {
        "id", "panel_id", "coat_number", "pass_number", "zone", "film_um", "u_um", "who", "measured_at",
        "measured_at_utc", "stored_at",
    },
    "work": {
        "id", "panel_id", "coat_number", "pass_number", "started_at", "stopped_at", "who", "stored_at",
        "start_id",
    },
    "ruling": {"id", "inspection_id", "what", "verdict", "action", "who", "why", "made_at"},
    "upkeep": {"id", "kind", "done_at", "told"},
    "work_start": {"id", "panel_id", "coat_number", "pass_number", "started_at", "who", "stored_at"},
    "tick": {"id", "inspection_id", "place", "done", "who", "key", "made_at"},
    "panel_order": {"id", "code", "order_number", "part", "recipe", "coat_number", "who", "stored_at"},
    "daily_check": {
        "id", "station", "check_panel", "capture_sha256", "rig_sha256", "captured_at", "captured_at_utc", "simulated",
        "operator", "first", "met", "seen", "judged", "gates", "software", "stored_at",
    },
    "map": {
        "inspection_id", "name", "unit", "rows_px", "columns_px", "channels", "low", "high", "valid_ratio",
        "blob_sha256",
    },
    "recipe_draft": {"id", "name", "sha256", "base_sha256", "text", "who", "why", "made_at"},
    "recipe_rejection": {"id", "draft_id", "who", "why", "made_at"},
    "recipe_approval": {"id", "draft_id", "who", "made_at"},
    "tally_recipe": {"kind", "month", "recipe", "simulated", "n"},
    "tally_month": {"month", "part", "station", "pass_number", "kind", "region", "simulated", "n"},
    "tally_mark": {"recipe", "pass_number", "month", "part", "station", "kind", "region", "simulated", "n"},
    "account": {
        "id", "pseudonym", "role", "pin", "badge_sha256", "failures", "locked_until", "locked", "made_at",
    },
    "person_name": {"account_id", "name", "written_at"},
    "session": {"sha256", "account_id", "started_at", "seen_at"},
    "token": {"id", "name", "role", "sha256", "made_at", "revoked_at"},
    "audit": {
        "id", "at", "who", "what", "of_table", "of_row", "columns", "content_sha256", "previous_sha256", "sha256",
    },
}  # fmt: skip


def test_a_stored_inspection_leaves_exactly_the_known_tables_and_columns(
    store: Store, three_passes: tuple[int, int, int]
) -> None:
    database = Database(store.path)
    tables = {name: {column.name for column in database[name].columns} for name in database.table_names()}
    database.close()
    tables = {name: columns for name, columns in tables.items() if not name.startswith(("sqlite_", "_sqlite_"))}
    assert tables == TABLES


def test_every_table_is_strict(store: Store) -> None:
    database = Database(store.path)
    assert [name for name in TABLES if not database[name].strict] == []
    database.close()


def test_columns_that_name_files_are_the_ones_that_orphans_looks_at() -> None:
    named = {(table, column) for table, columns in TABLES.items() for column in columns}
    hashes = {pair for pair in named if pair[1] in ("blob_sha256", "manifest_sha256", "picture_sha256")}
    assert set(NAMES) == hashes


def test_migrations_are_applied_once(store: Store) -> None:
    again = Store.open(store.path)
    again.close()
    database = Database(store.path)
    assert len(list(database["_sqlite_migrations"].rows)) == len(migrations.applied(database))
    assert migrations.pending(database) == []
    database.close()


def test_findings_come_back_as_they_were(store: Store, three_passes: tuple[int, int, int]) -> None:
    with store.reader() as reader:
        stored = [
            Finding(**{field.name: row[field.name] for field in fields(Finding)} | {"quality": tuple(row["quality"])})
            for row in (reader.panel("AM-0007") or {})["history"][1]["findings"]
        ]
    assert tuple(stored) == findings_of(2)


def test_the_report_is_served_byte_for_byte(store: Store, three_passes: tuple[int, int, int]) -> None:
    frames = frames_of(3)
    rig, recipe = rig_of(frames), recipe_of()
    report = report_of(frames, rig, recipe, **story_of(3))
    with store.reader() as reader:
        text = reader.report_text(three_passes[2])
    assert text == json.dumps(report.as_dict(), ensure_ascii=False, indent=1, allow_nan=False)


def test_measuring_a_panel_again_at_the_same_pass_is_another_attempt(
    store: Store, save: Callable[[Frames], int]
) -> None:
    ids = [save(frames_of(1)), save(frames_of(1)), save(frames_of(2)), save(frames_of(1, coat_number=2))]
    with store.reader() as reader:
        rows = [reader.inspection(one) or {} for one in ids]
    assert [row["attempt"] for row in rows] == [1, 2, 1, 1]
    assert [one["id"] for one in rows[0]["attempts"]] == ids[:2]


def test_earlier_passes_of_the_coat_stand_beside_an_inspection(store: Store, save: Callable[[Frames], int]) -> None:
    first, again = save(frames_of(1)), save(frames_of(1))
    second, third = save(frames_of(2)), save(frames_of(3))
    other_coat = save(frames_of(2, coat_number=2))
    other_panel = save(frames_of(2, panel="AM-0008"))
    with store.reader() as reader:
        previous = {one: [row["id"] for row in (reader.inspection(one) or {})["previous"]] for one in (first, third)}
        fresh = [(reader.inspection(one) or {})["previous"] for one in (other_coat, other_panel)]
    assert previous == {first: [], third: [second, again]}
    assert fresh == [[], []]


def test_a_capture_that_names_no_panel_is_a_panel_of_its_own(store: Store, save: Callable[[Frames], int]) -> None:
    save(frames_of(1, panel=None, part=None))
    with store.reader() as reader:
        row = reader.inspection(1) or {}
    assert row["panel"] == f"unnamed-{frames_of(1, panel=None, part=None).sha256[:12]}"
    assert row["report"]["panel"] is None


def test_a_panel_cannot_become_another_part(store: Store, save: Callable[[Frames], int]) -> None:
    save(frames_of(1))
    with store.reader() as reader:
        before = reader.health()["counts"]
    with pytest.raises(Refused, match="part"):
        save(frames_of(2, part="door"))
    with store.reader() as reader:
        assert reader.health()["counts"] == before


def test_a_refused_inspection_leaves_no_rig_and_no_recipe_behind(store: Store, save: Callable[[Frames], int]) -> None:
    save(frames_of(1))
    other = replace(recipe_of(), sha256="0" * 64)
    frames = frames_of(2, part="door")
    rig = replace(rig_of(frames), expires_at="2027-01-01T00:00:00+08:00")
    with pytest.raises(Refused, match="part"):
        store.save(report_of(frames, rig, other), frames=frames, rig=rig, recipe=other, maps={})
    with store.reader() as reader:
        assert reader.recipe("0" * 64) is None
        assert reader.rig(rig.sha256) is None


def test_capture_rig_and_recipe_come_back_for_a_re_judgement(store: Store, three_passes: tuple[int, int, int]) -> None:
    frames, rig = frames_of(2), rig_of(frames_of(2))
    with store.reader() as reader:
        row = reader.inspection(three_passes[1]) or {}
        again = reader.load_capture(row["capture_sha256"])
        rig_again = reader.load_rig(row["rig_sha256"])
        recipe_again = reader.load_recipe(row["recipe_sha256"])
    assert again is not None
    assert rig_again is not None
    for before, after in zip(frames.frames, again.frames, strict=True):
        np.testing.assert_array_equal(before.pixels, after.pixels)
        assert before.pixels.dtype == after.pixels.dtype
        assert _without(before, "pixels") == _without(after, "pixels")
    assert _without(frames, "frames") == _without(again, "frames")
    assert rig_again.sha256 == rig.sha256 == row["rig_sha256"]
    assert recipe_again == recipe_of()


def _without(what: Frame | Frames, left_out: str) -> dict[str, object]:
    return {field.name: getattr(what, field.name) for field in fields(what) if field.name != left_out}


def test_maps_come_back_with_their_range_and_what_was_not_measured(
    store: Store, three_passes: tuple[int, int, int]
) -> None:
    gloss = maps_of(3)["gloss_gu"]
    with store.reader() as reader:
        np.testing.assert_array_equal(reader.map_array(three_passes[2], "gloss_gu"), gloss)
        rows = {row["name"]: row for row in reader.maps(three_passes[2])}
        assert reader.map_array(three_passes[2], "no_such_map") is None
    assert rows["gloss_gu"]["unit"] == "GU-eq"
    assert rows["modulation_x_48mm"]["unit"] == "1/ms"
    assert rows["lab"]["channels"] == 3
    assert rows["gloss_gu"]["valid_ratio"] == pytest.approx(1 - 1 / gloss.size)
    low, high = np.nanpercentile(gloss, (2, 98))
    assert (rows["gloss_gu"]["low"], rows["gloss_gu"]["high"]) == pytest.approx((low, high))


def test_a_map_without_a_valid_pixel_has_no_range(store: Store) -> None:
    frames = frames_of(1)
    rig, recipe = rig_of(frames), recipe_of()
    nothing = {"gloss_gu": np.full((20, 24), np.nan, np.float32)}
    one = store.save(report_of(frames, rig, recipe), frames=frames, rig=rig, recipe=recipe, maps=nothing)
    with store.reader() as reader:
        [row] = reader.maps(one)
    assert (row["low"], row["high"], row["valid_ratio"]) == (None, None, 0.0)


def test_simulated_is_said_in_every_list(store: Store, three_passes: tuple[int, int, int]) -> None:
    with store.reader() as reader:
        lists = [
            reader.inspections(InspectionQuery()),
            reader.findings(FindingQuery()),
            reader.defects(DefectQuery()),
            reader.captures(CaptureQuery()),
            reader.panels(PanelQuery()),
            reader.rigs(RigQuery()),
        ]
    assert [{row["simulated"] for row in page.items} for page in lists] == [{True}] * len(lists)


def test_the_newest_version_of_a_recipe_is_the_one_that_its_name_means(store: Store) -> None:
    old, new = recipe_of(), recipe_of(RECIPE_TEXT.replace("high = 0.8", "high = 0.7"))
    for recipe in (old, new, old):
        store.put_recipe(recipe)
    with store.reader() as reader:
        assert reader.load_recipe("amethyst") == new
        assert reader.load_recipe(old.sha256) == old
        [row] = reader.recipes()
        detail = reader.recipe("amethyst") or {}
    assert (row["sha256"], row["versions"]) == (new.sha256, 2)
    assert [one["sha256"] for one in detail["versions"]] == [new.sha256, old.sha256]
    assert detail["checks"][0]["high"] == 0.7


def test_rigs_say_whether_they_have_expired(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    store = Store.open(tmp_path / "station.db", clock=lambda: now)
    sha256 = store.put_rig(rig_of(frames_of(1)))
    with store.reader() as reader:
        assert [row["expired"] for row in reader.health()["rigs"]] == [False]
    now = datetime(2026, 11, 23, 0, 0, 1, tzinfo=UTC)
    with store.reader() as reader:
        assert (reader.rig(sha256) or {})["expired"] is True
    store.close()


def test_rigs_serve_a_term_before_and_after_their_calibration(store: Store) -> None:
    sha256 = store.put_rig(rig_of(frames_of(1)))
    with store.reader() as reader:
        served = {
            when: reader.rigs_for("T", when) == [sha256]
            for when in (
                "2026-11-20T23:59:59.000000Z",
                "2026-11-21T00:00:00.000000Z",
                "2026-11-23T00:00:00.000000Z",
                "2026-11-23T00:00:01.000000Z",
            )
        }
        assert reader.rigs_for("U", "2026-11-22T04:00:00.000000Z") == []
    assert list(served.values()) == [False, True, True, False]


def test_a_reader_cannot_write(store: Store) -> None:
    with store.reader() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("INSERT INTO panel (code) VALUES ('X')")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    path.write_text("this is a note, not a database" * 200)
    with pytest.raises(Refused, match=r"station\.db"):
        Store.open(path)


def test_json_columns_are_decoded_wherever_they_are_read(store: Store, three_passes: tuple[int, int, int]) -> None:
    with store.reader() as reader:
        row = reader.inspection(three_passes[0]) or {}
        rig = reader.rig(row["rig_sha256"]) or {}
    assert [name for name in JSON_COLUMNS & (row | rig).keys() if isinstance((row | rig)[name], str)] == []
    assert row["recipe_title"] == {"zh": "紫水晶", "en": "Amethyst"}
    assert row["next_step"]["reason_codes"] == [{"code": "checks_fail", "values": {"count": 2}}]


def test_two_programs_that_measure_one_panel_count_its_attempts_together(store: Store) -> None:
    other = Store.open(store.path)
    both = [
        threading.Thread(target=lambda one=one: [save_in(one, frames_of(1)) for _ in range(4)])
        for one in (store, other)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    other.close()
    with store.reader() as reader:
        attempts = (reader.inspection(1) or {})["attempts"]
    assert [one["attempt"] for one in attempts] == list(range(1, 9))


def test_a_reader_sees_whole_inspections_while_others_are_written(store: Store) -> None:
    done = threading.Event()

    def write() -> None:
        for _ in range(12):
            save_in(store, frames_of(1))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        with store.reader() as reader:
            counts = reader.health()["counts"]
        seen.add(counts["inspection"])
        assert (counts["finding"], counts["map"]) == (30 * counts["inspection"], 3 * counts["inspection"])
    writer.join(60)
    assert len(seen) > 2
