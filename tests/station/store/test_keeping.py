"""Maps and frames are kept as long as was said, and no longer; what a crash left behind is cleared away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from conftest import NOW, save_in
from records import RECIPE_TEXT, frames_of, maps_of, recipe_of, report_of, rig_of, story_of
from sqlite_utils import Database

from station.faults import Busy, NoRoom, Retired
from station.store import space
from station.store.db import Policy, Store
from station.store.migrations import migrations
from station.store.named import named
from station.store.policy import Term

#: Pass 3 passes, passes 1 and 2 fail.
SHORT = Policy(maps_days=10, frames_days=3, frames_failed_days=20, reference_days=100)


class Wall:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def days_later(self, days: float) -> None:
        self.now = NOW + timedelta(days=days)


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a store with three passes of AM-0007 and short terms: copied, not made anew for each test."""
    folder = tmp_path_factory.mktemp("made")
    with closing(Store.open(folder / "station.db", clock=Wall(), policy=SHORT)) as store:
        for number in (1, 2, 3):
            save_in(store, frames_of(number))
    return folder


@pytest.fixture
def kept(made: Path, tmp_path: Path, wall: Wall) -> Iterator[Store]:
    """That store, for this test alone."""
    shutil.copytree(made, tmp_path / "data")
    with closing(Store.open(tmp_path / "data" / "station.db", clock=wall, policy=SHORT)) as store:
        yield store


def left(store: Store) -> tuple[set[int], set[int]]:
    """Inspections whose maps, and passes whose frames can still be read."""
    maps, frames = set(), set()
    with store.reader() as reader:
        for number in (1, 2, 3):
            row = reader.inspection(number) or {}
            if row["maps_retired_at"] is None:
                np.testing.assert_array_equal(reader.map_array(number, "gloss_gu"), maps_of(number)["gloss_gu"])
                maps.add(number)
            try:
                assert reader.load_capture(row["capture_sha256"]) is not None
                frames.add(number)
            except Retired:
                assert row["frames_retired_at"] is not None
    return maps, frames


@pytest.mark.parametrize(
    ("days", "maps", "frames"),
    [
        (2.9, {1, 2, 3}, {1, 2, 3}),
        (3.1, {1, 2, 3}, {1, 2}),
        (9.9, {1, 2, 3}, {1, 2}),
        (10.1, set(), {1, 2}),
        (20.1, set(), set()),
    ],
)
def test_what_is_past_its_term_is_deleted_and_nothing_else(
    kept: Store, wall: Wall, days: float, maps: set[int], frames: set[int]
) -> None:
    wall.days_later(days)
    assert left(kept) == ({1, 2, 3}, {1, 2, 3})
    counted = kept.retire(dry_run=True)
    assert left(kept) == ({1, 2, 3}, {1, 2, 3}), "a dry run deletes nothing"
    done = kept.retire()
    assert left(kept) == (maps, frames)
    assert (done.maps, done.frames) == (3 - len(maps), 3 - len(frames)) == (counted.maps, counted.frames)
    assert done.bytes <= counted.bytes
    assert kept.orphans() == []
    assert kept.retire().bytes == 0


def test_every_file_that_is_left_is_named_and_every_named_one_is_left(kept: Store, wall: Wall) -> None:
    wall.days_later(12)
    kept.retire()
    there = {path.parent.name + path.name for path in kept._blobs.folder.glob("??/*")}
    assert there == named(kept._database.conn)


def test_numbers_report_and_picture_stay_for_ever_and_say_what_went_and_why(kept: Store, wall: Wall) -> None:
    with kept.reader() as reader:
        before, report = reader.inspection(3) or {}, reader.report_text(3)
        picture = reader.picture(3)
    wall.days_later(5000)
    kept.retire()
    with kept.reader() as reader:
        after = reader.inspection(3) or {}
        assert (reader.report_text(3), reader.picture(3)) == (report, picture)
        capture = reader.capture(after["capture_sha256"]) or {}
    assert after["marks"] == before["marks"]
    gone = {name: after[name] for name in ("maps_retired_at", "maps_retired_by")}
    assert after["previous"] == [one | gone for one in before["previous"]]
    assert (after["maps_retired_at"], after["maps_retired_by"]) == ("2040-07-31T04:00:00.000000Z", "maps_days = 10")
    assert (capture["frames_retired_at"], capture["frames_retired_by"]) == (after["maps_retired_at"], "frames_days = 3")
    assert {one["retired_by"] for one in after["maps"]} == {"maps_days = 10"}


def test_what_was_said_when_it_was_stored_is_kept_though_the_settings_say_less_today(kept: Store, wall: Wall) -> None:
    with kept.reader() as reader:
        assert (reader.inspection(3) or {})["maps_until"] == "2026-12-02T04:00:00.000000Z"
        assert (reader.inspection(3) or {})["frames_until"] == "2026-11-25T04:00:00.000000Z"
    kept.policy = Policy(maps_days=1, frames_days=1, frames_failed_days=1)
    wall.days_later(2)
    done = kept.retire()
    assert (done.maps, done.frames, done.promised) == (0, 0, 3)
    assert done.next_due == "2026-11-25T04:00:00.000000Z"


def test_a_longer_term_of_today_counts_for_what_is_stored_already(kept: Store, wall: Wall) -> None:
    kept.policy = Policy(maps_days=50, frames_days=50, frames_failed_days=50)
    wall.days_later(40)
    assert (kept.retire().maps, kept.retire().frames) == (0, 0)


def test_reference_panels_and_what_a_recipe_was_learned_from_are_kept_longer(kept: Store, wall: Wall) -> None:
    learned = f"""[learned]
        panels = 3
        passes = [3]
        captured_from = "2026-11-22T09:30:00+08:00"
        captured_to = "2026-11-22T11:30:00+08:00"
        captures = ["{frames_of(3).sha256}", "{"1" * 64}", "{"2" * 64}"]
        rig = "{"3" * 64}"
        learned_at = "2026-11-22T12:30:00+08:00"
        simulated = true
        content = 0.99
        confidence = 0.9
        """
    kept.put_recipe(recipe_of(RECIPE_TEXT + learned))
    wall.days_later(30)
    kept.retire()
    assert left(kept) == ({3}, {3})
    wall.days_later(101)
    kept.policy = Policy(reference_panels=("AM-0007",), reference_days=200)
    assert (kept.retire().maps, kept.retire().frames) == (0, 0)
    wall.days_later(201)
    kept.retire()
    assert left(kept) == (set(), set())


def test_frames_that_two_inspections_share_are_kept_for_the_longer_term(kept: Store, wall: Wall) -> None:
    kept.policy = SHORT
    frames, recipe = frames_of(3), recipe_of()
    # The same frames judged again, later: this time on hold.
    wall.days_later(15)
    rig = rig_of(frames)
    report = report_of(frames_of(2), rig, recipe, **story_of(2))
    kept.save(report, frames=frames, rig=rig, recipe=recipe, maps={})
    wall.days_later(25)
    kept.retire()
    assert left(kept)[1] == {3}
    wall.days_later(36)
    kept.retire()
    assert left(kept)[1] == set()


def test_a_file_that_another_inspection_still_needs_is_not_deleted(kept: Store, wall: Wall) -> None:
    wall.days_later(8)
    frames, recipe = frames_of(3), recipe_of()
    rig = rig_of(frames)
    kept.save(report_of(frames, rig, recipe, **story_of(3)), frames=frames, rig=rig, recipe=recipe, maps=maps_of(3))
    wall.days_later(10.5)
    assert kept.retire().maps == 3
    with kept.reader() as reader:
        np.testing.assert_array_equal(reader.map_array(4, "gloss_gu"), maps_of(3)["gloss_gu"])


def test_a_capture_that_comes_again_after_its_frames_were_deleted_has_them_again(kept: Store, wall: Wall) -> None:
    wall.days_later(5000)
    kept.retire()
    save_in(kept, frames_of(3))
    with kept.reader() as reader:
        assert reader.load_capture(frames_of(3).sha256) is not None
    assert kept.orphans() == []


def test_what_retires_by_itself_does_so_once_a_day(kept: Store, wall: Wall) -> None:
    assert kept.retire_daily() is not None
    wall.days_later(0.9)
    assert kept.retire_daily() is None
    wall.days_later(3.5)
    done = kept.retire_daily()
    assert done is not None
    assert done.frames == 1


def test_a_clock_that_jumped_ahead_deletes_nothing_by_itself(kept: Store, wall: Wall) -> None:
    wall.days_later(400)
    with pytest.raises(Busy, match="the clock says 2027-12-27, the newest entry is of 2026-11-22: nothing was deleted"):
        kept.retire_daily()
    assert left(kept) == ({1, 2, 3}, {1, 2, 3})
    assert kept.retire().maps == 3, "a person may"
    wall.days_later(401.5)
    assert kept.retire_daily() is not None


def test_nothing_is_deleted_while_a_backup_reads(kept: Store, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    wall.days_later(12)
    alone = kept._blobs.alone
    monkeypatch.setattr(kept._blobs, "alone", lambda: alone(patience_s=0.1))
    with kept._blobs.kept(), pytest.raises(Busy, match="backed up"):
        kept.retire()
    assert left(kept) == ({1, 2, 3}, {1, 2, 3})


def test_a_clock_that_went_back_changes_no_order_and_is_said(kept: Store, wall: Wall) -> None:
    assert kept.clock_back_s() is None
    wall.days_later(-300)
    one = save_in(kept, frames_of(3))
    with kept.reader() as reader:
        row = reader.inspection(one) or {}
    assert (one, row["attempt"], row["latest_id"]) == (4, 2, 4)
    assert row["stored_at"] < (row["attempts"][0])["stored_at"], "the row says what the clock said"
    wall.days_later(-301)
    assert kept.clock_back_s() == pytest.approx(301 * 86400)
    assert "the clock stands 26006400 s before" in str(kept.tidy())


def test_the_next_start_clears_away_what_a_crash_left_and_says_so(kept: Store, wall: Wall) -> None:
    assert str(kept.tidy()) == "the last run ended in order; 0 unfinished files (0 bytes) removed"
    folder = kept._blobs.folder
    (folder / "incoming" / "half.1.2").write_bytes(b"half a frame")
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / ("c" * 62)).write_bytes(b"whole, but named by no row")
    (kept.path.parent / "upload-x").mkdir()
    (kept.path.parent / "upload-x" / "capture.zip").write_bytes(b"half an upload")
    found = kept.tidy()
    assert (found.clean_stop, found.files, found.bytes, found.uploads) == (False, 2, 38, 1)
    assert str(found).startswith("the last run was cut off; 2 unfinished files (38 bytes) removed; 1 captures were")
    assert kept.orphans() == []
    assert not (kept.path.parent / "upload-x").exists()
    assert left(kept) == ({1, 2, 3}, {1, 2, 3})


def test_reports_of_upkeep_are_only_ever_added_to(kept: Store) -> None:
    kept.tidy()
    for change in ("DELETE FROM upkeep", "UPDATE upkeep SET told = ''"):
        with pytest.raises(Exception, match="only ever added to"):
            kept._database.execute(change)


def test_a_capture_that_cannot_be_stored_is_refused_before_it_is_measured(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: 3 * 10**9)
    kept.require_room(10**9, 10**6)
    with pytest.raises(NoRoom, match=r"3\.0 GB free; this capture needs 2\.5 GB, and 1\.0 GB stay free"):
        kept.require_room(25 * 10**8, 1000)
    # What maps take is known from the inspections before: 20 bytes for each pixel of these.
    with pytest.raises(NoRoom):
        kept.require_room(0, 10**8 + 5 * 10**6)


def test_a_disk_that_is_nearly_full_stores_nothing_more(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: 10**9)
    with pytest.raises(NoRoom, match="make room"):
        save_in(kept, frames_of(1))
    with kept.reader() as reader:
        assert reader.health()["counts"]["inspection"] == 3


def test_days_left_follow_from_what_comes_in_and_what_retires() -> None:
    policy = Policy(maps_days=10, frames_days=2, frames_failed_days=5)
    rates = {"maps_days": 1.0, "frames_days": 3.0, "frames_failed_days": 2.0}
    # Held after d days: 1·min(d, 10) + 3·min(d, 2) + 2·min(d, 5).
    assert space.days_left(5.9, rates, {}, policy) == 0
    assert space.days_left(12.0, rates, {}, policy) == 2
    assert space.days_left(25.9, rates, {}, policy) == 9
    assert space.days_left(26.0, rates, {}, policy) is None, "from then on as much goes as comes"
    assert space.days_left(12.0, rates, {2: 4.0}, policy) == 3
    assert space.days_left(-1.0, rates, {}, policy) == 0


def test_the_rate_is_that_of_the_last_two_weeks(kept: Store, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: 10**9 + 10**6)
    stored = sum(path.stat().st_size for path in kept._blobs.folder.glob("??/*"))
    now = space.room(kept._database.conn, kept.path.parent, SHORT, NOW)
    assert now.bytes_per_day is not None
    # Rig and pictures are not counted: they are few, and kept for ever.
    assert 0.5 * stored < now.bytes_per_day < stored
    later = space.room(kept._database.conn, kept.path.parent, SHORT, NOW + timedelta(days=4))
    assert later.bytes_per_day == pytest.approx(now.bytes_per_day / 4)
    assert space.room(kept._database.conn, kept.path.parent, SHORT, NOW + timedelta(days=15)).days_left is None


def test_rows_of_older_programs_are_kept_by_the_terms_of_today(tmp_path: Path) -> None:
    old = Database(tmp_path / "old.db")
    migrations.apply(old, stop_before="m0008_how_long_things_are_kept")
    old.execute("INSERT INTO panel (id, code) VALUES (1, 'AM-0001')")
    old.execute("INSERT INTO rig VALUES ('r', 'b', 'T', 1, 't', 'u', 't', 'u', '{}', 's')")
    old.execute("INSERT INTO recipe (id, sha256, name, title, passes, n_clear, text, stored_at) "
                "VALUES (1, 'x', 'amethyst', '{}', 3, 1.5, 'text', 's')")  # fmt: skip
    old.execute("INSERT INTO capture VALUES ('c', 'm', 1, 1, 1, NULL, NULL, 'T', NULL, NULL, 'u', 1, 's')")
    old.execute("INSERT INTO frame VALUES ('c', 0, 'a.png', 'white', 'g', 1.0, NULL, NULL, NULL, 'f')")
    names = ("id", "panel_id", "coat_number", "pass_number", "attempt", "capture_sha256", "rig_sha256", "recipe_sha256",
             "captured_at_utc", "simulated", "software", "verdict", "action", "probability", "valid_ratio",
             "saturated_ratio", "field_mm", "pixel_to_panel_mm", "report", "stored_at")  # fmt: skip
    old.execute(
        f"INSERT INTO inspection ({', '.join(names)}) VALUES (7, 1, 1, 1, 1, 'c', 'r', 'x', 'u', 1, '0.1.0', 'fail', "
        "'full_pass', 0.1, 1.0, 0.0, '[12, 10]', '[[1,0,0],[0,1,0],[0,0,1]]', '{}', '2026-11-01T00:00:00.000000Z')"
    )
    old.execute("INSERT INTO map VALUES (7, 'gloss_gu', 'GU', 2, 2, 1, 0.0, 1.0, 1.0, 'g')")
    old.close()
    now = datetime(2027, 2, 1, tzinfo=UTC)
    with closing(Store.open(tmp_path / "old.db", clock=lambda: now)) as store:
        done = store.retire()
        assert (done.maps, done.frames, done.next_due) == (1, 0, "2027-11-01T00:00:00.000000Z")
        with store.reader() as reader:
            assert reader.maps(7)[0]["retired_by"] == str(Term("maps_days", 90))
