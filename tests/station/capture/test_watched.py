"""A folder into which other rigs drop capture sets."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_sets import edit_manifest, write_good_set, zip_of

from station.capture.watched import Arrived, Rejected, WatchedFolder


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watched(tmp_path: Path, clock: Clock) -> WatchedFolder:
    return WatchedFolder(tmp_path / "in", quiet_s=2, patience_s=600, clock=clock)


def look(watched: WatchedFolder, clock: Clock, after_s: float = 3.0) -> list[Arrived | Rejected]:
    clock.now += after_s
    return list(watched.look())


@pytest.mark.parametrize("packed", [False, True])
def test_a_whole_set_is_read_once_nothing_in_it_changes_and_moved_when_it_is_taken(
    tmp_path: Path, watched: WatchedFolder, clock: Clock, packed: bool
) -> None:
    good = write_good_set(tmp_path / "set")
    name = "set.zip" if packed else "set"
    if packed:
        zip_of(good, tmp_path / "in" / name)
    else:
        shutil.copytree(good, tmp_path / "in" / name)
    assert look(watched, clock) == []
    assert look(watched, clock, 1.0) == []
    (arrived,) = look(watched, clock)
    assert isinstance(arrived, Arrived)
    assert arrived.frames.panel == "AM-0007-HOOD"
    watched.taken(arrived)
    assert (tmp_path / "in" / "taken" / name).exists()
    assert look(watched, clock, 10) + look(watched, clock, 10) == []


def test_a_set_that_is_still_being_written_waits_whatever_comes_first(
    tmp_path: Path, watched: WatchedFolder, clock: Clock
) -> None:
    """Its manifest, then half a picture, then the rest of it; each step longer apart than the quiet time."""
    good = write_good_set(tmp_path / "set")
    there = tmp_path / "in" / "set"
    there.mkdir()
    pictures = sorted(good.glob("*.png"))
    steps = [good / "capture.json", *pictures[:-1]]
    for step in (steps[:1], steps[1:]):
        for file in step:
            shutil.copy(file, there)
        assert look(watched, clock) + look(watched, clock) == []
    content = pictures[-1].read_bytes()
    (there / pictures[-1].name).write_bytes(content[: len(content) // 2])
    assert look(watched, clock) + look(watched, clock) == []
    (there / pictures[-1].name).write_bytes(content)
    assert look(watched, clock) == []
    assert [type(one) for one in look(watched, clock)] == [Arrived]


def test_a_set_without_its_manifest_waits_and_is_put_aside_in_the_end(
    tmp_path: Path, watched: WatchedFolder, clock: Clock
) -> None:
    good = write_good_set(tmp_path / "set")
    (good / "capture.json").unlink()
    shutil.move(good, tmp_path / "in" / "set")
    assert look(watched, clock) + look(watched, clock, 300) == []
    (rejected,) = look(watched, clock, 400)
    assert isinstance(rejected, Rejected)
    assert "capture.json: does not exist" in rejected.reason


def test_a_bad_set_is_put_aside_at_once_with_the_reason(tmp_path: Path, watched: WatchedFolder, clock: Clock) -> None:
    for name in ("set", "again"):
        bad = write_good_set(tmp_path / "in" / "set")
        edit_manifest(bad, lambda tree: tree.update(pass_number=-1))
        look(watched, clock)
        (rejected,) = look(watched, clock)
        assert isinstance(rejected, Rejected), name
        assert "pass_number" in rejected.reason
        assert not bad.exists()
        beside = rejected.path.with_name(rejected.path.name + ".reason.txt")
        assert beside.read_text(encoding="utf-8").strip() == rejected.reason
    assert {path.name for path in (tmp_path / "in" / "rejected").iterdir()} == {
        "set", "set.reason.txt", "set-2", "set-2.reason.txt",
    }  # fmt: skip


def test_a_file_that_is_no_set_is_put_aside_when_it_stays_one(
    tmp_path: Path, watched: WatchedFolder, clock: Clock
) -> None:
    (tmp_path / "in" / "notes.txt").write_text("not a set")
    assert look(watched, clock) + look(watched, clock) == []
    (rejected,) = look(watched, clock, 700)
    assert isinstance(rejected, Rejected)
    assert "zip" in rejected.reason


def test_what_the_measurement_refuses_can_be_put_aside_too(
    tmp_path: Path, watched: WatchedFolder, clock: Clock
) -> None:
    write_good_set(tmp_path / "in" / "set")
    look(watched, clock)
    (arrived,) = look(watched, clock)
    rejected = watched.reject(arrived.path, "capture.json: recipe: no such recipe")
    assert rejected.path.parent.name == "rejected"
