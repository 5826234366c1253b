"""Who may log in: locks that last, sessions that end, tokens that are shown once, names that are forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inspection.refused import Refused
from station.access.rights import Role
from station.access.terms import Terms
from station.access.visitor import STRANGER, Visitor
from station.store.audited import audit_faults
from station.store.db import Store
from station.store.people import LockedOut, NotLoggedIn

PIN = "482915"
TERMS = Terms(idle=timedelta(minutes=30), longest=timedelta(hours=12), names_kept=timedelta(days=365))
KINGFISHER = Visitor("kingfisher", pseudonym="kingfisher", role=Role.INSPECTOR)


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
def staffed(path: Path, clock: Hand) -> Iterator[Store]:
    """A store that knows an inspector, by name and badge."""
    store = Store.open(path, clock=clock)
    store.add_account("kingfisher", Role.INSPECTOR, PIN, badge="B-77", name="Li Wei")
    yield store
    store.close()


def shown_by(store: Store, ticket: str) -> Visitor:
    with store.reader() as reader:
        return reader.session(ticket, TERMS)[0]


def wrong(store: Store, times: int) -> None:
    for _ in range(times):
        with pytest.raises(NotLoggedIn):
            store.log_in("000001", pseudonym="kingfisher")


def test_a_pseudonym_or_a_badge_with_its_pin_begins_a_session(staffed: Store) -> None:
    for ticket in (staffed.log_in(PIN, pseudonym="Kingfisher"), staffed.log_in(PIN, badge="B-77")):
        assert shown_by(staffed, ticket) == KINGFISHER
        staffed.log_out(ticket)
        assert shown_by(staffed, ticket) == STRANGER


@pytest.mark.parametrize("who", [{"pseudonym": "nobody"}, {"badge": "B-78"}, {"pseudonym": "' OR 1=1 --"}])
def test_nobody_logs_in_as_somebody_who_is_not_known(staffed: Store, who: dict[str, str]) -> None:
    with pytest.raises(NotLoggedIn):
        staffed.log_in(PIN, **who)


def test_five_wrong_pins_lock_and_the_lock_outlasts_a_restart(staffed: Store, path: Path, clock: Hand) -> None:
    wrong(staffed, 5)
    staffed.close()
    again = Store.open(path, clock=clock)
    with pytest.raises(LockedOut) as locked:
        again.log_in(PIN, pseudonym="kingfisher")
    assert 0 < locked.value.seconds <= 61
    clock.later(seconds=61)
    wrong(again, 1)
    clock.later(seconds=61)
    with pytest.raises(LockedOut):
        again.log_in(PIN, badge="B-77")
    clock.later(seconds=61)
    assert shown_by(again, again.log_in(PIN, pseudonym="kingfisher")) == KINGFISHER
    wrong(again, 4)
    assert again.log_in(PIN, pseudonym="kingfisher")
    again.close()


def test_guesses_made_at_once_are_all_counted(staffed: Store) -> None:
    def guess(number: int) -> type[Exception] | None:
        try:
            staffed.log_in(f"90{number:04}", pseudonym="kingfisher")
        except (NotLoggedIn, LockedOut) as error:
            return type(error)
        return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(12)))
    assert (answers.count(NotLoggedIn), answers.count(LockedOut)) == (5, 7)


def test_a_session_ends_when_it_is_not_used_and_in_any_case(staffed: Store, clock: Hand) -> None:
    idle, used = staffed.log_in(PIN, pseudonym="kingfisher"), staffed.log_in(PIN, pseudonym="kingfisher")
    for _ in range(12 * 3 - 1):
        clock.later(minutes=20)
        assert shown_by(staffed, used) == KINGFISHER
        staffed.seen(used)
    assert shown_by(staffed, idle) == STRANGER
    clock.later(minutes=21)
    assert shown_by(staffed, used) == STRANGER
    staffed.end_old_sessions(TERMS)
    assert sqlite3.connect(staffed.path).execute("SELECT count(*) FROM session").fetchone() == (0,)


def test_a_session_outlasts_a_restart_and_is_kept_as_a_hash(staffed: Store, path: Path, clock: Hand) -> None:
    ticket = staffed.log_in(PIN, pseudonym="kingfisher")
    staffed.close()
    again = Store.open(path, clock=clock)
    assert shown_by(again, ticket) == KINGFISHER
    again.close()
    assert ticket.encode() not in path.read_bytes()


def test_use_is_noted_once_a_minute_and_not_at_every_request(staffed: Store, clock: Hand) -> None:
    ticket = staffed.log_in(PIN, pseudonym="kingfisher")
    noted = []
    for _ in range(3):
        with staffed.reader() as reader:
            noted.append(reader.session(ticket, TERMS)[1])
        clock.later(seconds=45)
    assert noted == [False, False, True]


@pytest.mark.parametrize("change", ["lock", "forget"])
def test_who_is_locked_or_forgotten_is_out_at_once_and_stays_out(staffed: Store, change: str) -> None:
    ticket = staffed.log_in(PIN, pseudonym="kingfisher")
    getattr(staffed, change)("kingfisher")
    assert shown_by(staffed, ticket) == STRANGER
    with pytest.raises(NotLoggedIn):
        staffed.log_in(PIN, pseudonym="kingfisher")
    with staffed.reader() as reader:
        assert reader.has_people()


def test_a_new_pin_unlocks_and_ends_what_the_old_one_began(staffed: Store) -> None:
    ticket = staffed.log_in(PIN, pseudonym="kingfisher")
    wrong(staffed, 5)
    staffed.set_pin("kingfisher", "730264")
    assert shown_by(staffed, ticket) == STRANGER
    assert staffed.log_in("730264", pseudonym="kingfisher")
    wrong(staffed, 5)
    staffed.unlock("kingfisher")
    staffed.set_role("kingfisher", Role.ENGINEER)
    assert shown_by(staffed, staffed.log_in("730264", pseudonym="kingfisher")).role == Role.ENGINEER


@pytest.mark.parametrize(("pseudonym", "badge"), [("KINGFISHER", None), ("wren", "B-77")])
def test_pseudonyms_and_badges_belong_to_one_person(staffed: Store, pseudonym: str, badge: str | None) -> None:
    with pytest.raises(Refused):
        staffed.add_account(pseudonym, Role.WORKER, PIN, badge=badge)


def test_a_token_is_not_kept_and_ends_when_it_is_revoked(staffed: Store, path: Path) -> None:
    token = staffed.add_token("mes", Role.VIEWER)
    with staffed.reader() as reader:
        assert reader.program(token) == Visitor("token mes", role=Role.VIEWER)
        assert reader.program(token + "x") == STRANGER
        assert reader.program("") == STRANGER
    staffed.revoke_token("mes")
    with staffed.reader() as reader:
        assert reader.program(token) == STRANGER
    with pytest.raises(Refused, match="no token"):
        staffed.revoke_token("mes")
    staffed.close()
    assert token.encode() not in path.read_bytes()


def test_a_token_for_a_station_that_is_open_to_everybody_is_refused(path: Path) -> None:
    store = Store.open(path)
    with pytest.raises(Refused, match="add a user first"):
        store.add_token("mes", Role.VIEWER)
    store.close()


def test_a_name_is_forgotten_after_its_time_and_leaves_no_trace_on_the_disk(
    staffed: Store, path: Path, clock: Hand
) -> None:
    with staffed.reader() as reader:
        assert reader.names(TERMS) == {"kingfisher": "Li Wei"}
    clock.later(days=365, seconds=1)
    with staffed.reader() as reader:
        assert reader.names(TERMS) == {}, "not shown any more, even before it is overwritten"
    assert [staffed.forget_old_names(TERMS.names_kept) for _ in range(2)] == [1, 0]
    staffed.log_in(PIN, pseudonym="kingfisher")
    assert not [file.name for file in path.parent.glob("station.db*") if b"Li Wei" in file.read_bytes()]


def test_forgetting_a_person_overwrites_the_name_and_keeps_the_chain(staffed: Store, path: Path) -> None:
    staffed.forget("kingfisher")
    assert not [file.name for file in path.parent.glob("station.db*") if b"Li Wei" in file.read_bytes()]
    with staffed.reader() as reader:
        assert list(audit_faults(reader._connection)) == []
        assert [row["pseudonym"] for row in reader.people()] == ["kingfisher"]


def test_names_lie_in_one_table_only(staffed: Store) -> None:
    staffed.log_in(PIN, pseudonym="kingfisher")
    dump = "\n".join(sqlite3.connect(staffed.path).iterdump())
    assert [line.split('"')[1] for line in dump.splitlines() if "Li Wei" in line] == ["person_name"]
