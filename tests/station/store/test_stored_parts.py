"""A part of several views in the store: whole or not at all, kept and retired with every capture of it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from capture.sample_stations import plain_recipe
from conftest import NOW
from sills import measured

from inspection.joining import Part
from inspection.report import Report
from station.faults import NoRoom
from station.store.blobs import Blobs
from station.store.checking import check
from station.store.db import Policy, Store

SHORT = Policy(maps_days=10, frames_days=3, frames_failed_days=20, reference_days=100)


class Wall:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@cache
def sill() -> tuple[Part, Report]:
    """The sill, measured once for all tests."""
    part = measured(plain_recipe())
    return part, part.joined()


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def kept(tmp_path: Path, wall: Wall) -> Iterator[Store]:
    with closing(Store.open(tmp_path / "station.db", clock=wall, policy=SHORT)) as store:
        part, report = sill()
        store.save_part(report, part)
        yield store


def frames_kept(store: Store) -> list[bool]:
    with store.reader() as reader:
        row = reader.inspection(1)
        assert row is not None
        return [(reader.capture(view["capture_sha256"]) or {})["frames_retired_at"] is None for view in row["views"]]


def test_frames_of_every_view_and_the_maps_go_when_their_term_is_over(kept: Store, wall: Wall) -> None:
    assert frames_kept(kept) == [True, True]
    wall.now = NOW + timedelta(days=4)
    gone = kept.retire()
    assert (gone.maps, gone.frames) == (0, 2)
    assert frames_kept(kept) == [False, False]
    wall.now = NOW + timedelta(days=11)
    assert kept.retire().maps == 1
    assert check(kept.path).faults == ()


def test_a_part_whose_file_cannot_be_written_is_not_there_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, report = sill()
    with closing(Store.open(tmp_path / "station.db")) as store:

        def full(*_: object) -> list[str]:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(Blobs, "put_all", full)
            with pytest.raises(NoRoom):
                store.save_part(report, part)
        with store.reader() as reader:
            assert reader.inspection(1) is None
        assert store.save_part(report, part) == 1


def test_a_plan_that_comes_with_an_inspection_is_kept_with_it_and_once(kept: Store) -> None:
    part, report = sill()
    assert kept.save_part(report, part) == 2
    with kept.reader() as reader:
        assert reader.plan_of(part.plan.sha256) == part.plan
        again = reader.inspection(2)
        assert again is not None
        assert (again["attempt"], again["plan_sha256"]) == (2, part.plan.sha256)
        told = reader.plan("sill")
    assert told is not None
    assert told["id"] == 1
