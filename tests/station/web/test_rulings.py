"""A person confirms a verdict, or overrides it with reason and PIN: shown wherever it is, and nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from station.access.rights import Role
from station.app import build_app
from station.line import Line
from station.line.jobs import known_of
from station.line.turns import Why
from station.store.db import AuditQuery, Store

PIN = "482915"
OVERRIDE = {"what": "override", "verdict": "hold", "action": "stop", "why": "the edge is burnt"}
HTML = {"Accept": "text/html", "Accept-Language": "en"}
Ids = tuple[int, int, int]


@pytest.fixture
def guarded(store: Store, line: Line) -> Iterator[TestClient]:
    """Talks to a station where an inspector and a worker have a PIN; the inspector has logged in."""
    store.add_account("kingfisher", Role.INSPECTOR, PIN)
    store.add_account("wren", Role.WORKER, PIN)
    app = build_app(store, line)
    with TestClient(app, raise_server_exceptions=False, base_url="http://localhost:8000") as client:
        assert client.post("/api/session", json={"pseudonym": "kingfisher", "pin": PIN}).status_code == 201
        yield client


def address(ids: Ids) -> str:
    return f"/api/inspections/{ids[2]}/rulings"


def test_an_override_stands_beside_what_was_measured_and_is_shown_with_who_and_why(
    guarded: TestClient, three_passes: Ids
) -> None:
    before = guarded.get(f"/api/inspections/{three_passes[2]}").json()
    assert before["ruling"] is None
    assert guarded.post(address(three_passes), json=OVERRIDE | {"pin": PIN}).status_code == 201
    after = guarded.get(f"/api/inspections/{three_passes[2]}").json()
    assert {name: after["ruling"][name] for name in ("what", "verdict", "action", "who", "why")} == {
        "what": "override", "verdict": "hold", "action": "stop", "who": "kingfisher", "why": "the edge is burnt",
    }  # fmt: skip
    assert (after["verdict"], after["action"], after["report"]) == (
        before["verdict"], before["action"], before["report"],
    )  # fmt: skip
    assert guarded.get("/api/inspections").json()["items"][0]["ruling"]["who"] == "kingfisher"
    assert guarded.get("/api/panels").json()["items"][0]["ruling"]["verdict"] == "hold"
    for page in ("/", f"/inspections/{three_passes[2]}", "/panels/AM-0007"):
        text = guarded.get(page, headers=HTML).text
        assert "the edge is burnt" in text, page
        assert "kingfisher" in text


def test_the_last_ruling_counts_and_every_one_is_kept(guarded: TestClient, store: Store, three_passes: Ids) -> None:
    guarded.post(address(three_passes), json=OVERRIDE | {"pin": PIN})
    assert guarded.post(address(three_passes), json={"what": "confirm"}).status_code == 201
    assert [row["what"] for row in guarded.get(address(three_passes)).json()["items"]] == ["override", "confirm"]
    assert guarded.get(f"/api/inspections/{three_passes[2]}").json()["ruling"]["what"] == "confirm"
    with store.reader() as reader:
        entries = reader.audit(AuditQuery(of_table="ruling")).items
    assert [entry["who"] for entry in entries] == ["kingfisher", "kingfisher"]
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        store._database.execute("UPDATE ruling SET why = 'other'")


def test_nobody_overrides_without_the_pin(guarded: TestClient, three_passes: Ids) -> None:
    assert guarded.post(address(three_passes), json=OVERRIDE).status_code == 422
    assert guarded.post(address(three_passes), json=OVERRIDE | {"pin": "111222"}).status_code == 403
    assert guarded.get(address(three_passes)).json()["items"] == []
    # Guessing locks the log-in, as at the log-in itself.
    answers = [guarded.post(address(three_passes), json=OVERRIDE | {"pin": "111222"}).status_code for _ in range(5)]
    assert answers[-1] == 429
    assert guarded.post(address(three_passes), json=OVERRIDE | {"pin": PIN}).status_code == 429


def test_neither_workers_nor_programs_override(guarded: TestClient, store: Store, three_passes: Ids) -> None:
    token = store.add_token("plant", Role.ENGINEER)
    guarded.cookies.clear()
    program = {"Authorization": f"Bearer {token}"}
    answer = guarded.post(address(three_passes), json=OVERRIDE | {"pin": PIN}, headers=program)
    assert (answer.status_code, "by a person" in answer.json()["detail"]) == (403, True)
    guarded.post("/api/session", json={"pseudonym": "wren", "pin": PIN})
    assert guarded.post(address(three_passes), json=OVERRIDE | {"pin": PIN}).status_code == 403


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"what": "override", "verdict": "pass", "why": "x"}, "action"),
        ({"what": "override", "verdict": "hold", "action": "stop"}, "why"),
        ({"what": "confirm", "why": "x"}, "why"),
        (OVERRIDE | {"action": "release"}, "action"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    client: TestClient, three_passes: Ids, said: dict[str, str], names: str
) -> None:
    answer = client.post(address(three_passes), json=said | {"who": "wren"})
    assert (answer.status_code, answer.json()["detail"].split(":")[0]) == (422, names)
    assert client.get(address(three_passes)).json()["items"] == []


def test_what_was_measured_is_confirmed_and_not_overridden(client: TestClient, three_passes: Ids) -> None:
    row = client.get(f"/api/inspections/{three_passes[2]}").json()
    same = {"what": "override", "verdict": row["verdict"], "action": row["action"], "why": "x", "who": "wren"}
    assert client.post(address(three_passes), json=same).status_code == 422
    assert client.post(address(three_passes), json={"what": "confirm", "who": "wren"}).status_code == 201
    assert client.post("/api/inspections/99/rulings", json={"what": "confirm", "who": "wren"}).status_code == 404
    assert client.get("/api/inspections/99/rulings").status_code == 404


def test_the_next_pass_follows_what_a_person_ruled(client: TestClient, store: Store, three_passes: Ids) -> None:
    with store.reader() as reader:
        assert known_of("AM-0007", reader).due.why is not Why.STOPPED
    assert client.post(address(three_passes), json=OVERRIDE | {"who": "wren"}).status_code == 201
    with store.reader() as reader:
        assert known_of("AM-0007", reader).due.why is Why.STOPPED
