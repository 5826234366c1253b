"""Logging in over HTTP: the cookie, the door, guesses, and in whose name words are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from station.access.rights import Right, Role
from station.access.terms import Terms
from station.app import build_app
from station.faults import NoRoom
from station.line import Line
from station.store.db import AuditQuery, CorrectionQuery, Store
from station.web.throttle import MOST_FAILURES, WITHIN_S, Throttle

PIN = "482915"
WORD = {"what": "false_alarm", "why": "seen"}
ADDRESS = "/api/inspections/1/defects/D1/corrections"
TERMS = Terms(names_shown_to=frozenset({Role.ENGINEER}))
HTML = {"Accept": "text/html"}


@pytest.fixture
def staffed(store: Store) -> Store:
    """The store with one person of every role, `inspector-1` and so on; the engineer by name."""
    for role in Role:
        name = "Li Wei" if role is Role.ENGINEER else None
        store.add_account(f"{role}-1", role, PIN, badge=f"B-{role}", name=name)
    return store


def talking(store: Store, line: Line) -> TestClient:
    return TestClient(
        build_app(store, line, terms=TERMS), raise_server_exceptions=False, base_url="http://localhost:8000"
    )


@pytest.fixture
def guarded(staffed: Store, line: Line) -> Iterator[TestClient]:
    """Talks to a station where one has to log in."""
    with talking(staffed, line) as client:
        yield client


def log_in(client: TestClient, role: Role, pin: str = PIN) -> int:
    return client.post("/api/session", json={"pseudonym": f"{role}-1", "pin": pin}).status_code


def test_without_people_everybody_may_do_everything(client: TestClient, three_passes: tuple[int, int, int]) -> None:
    session = client.get("/api/session").json()
    assert (session["free"], session["pseudonym"], session["people"]) == (True, None, [])
    assert session["rights"] == list(Right)
    assert client.get("/api/audit").status_code == 200
    assert client.post(ADDRESS, json=WORD | {"who": "wren"}).status_code == 201
    nameless = client.post(ADDRESS, json=WORD)
    assert (nameless.status_code, nameless.json()["detail"][:4]) == (422, "who:")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_without_people_nobody_comes_in_through_a_proxy(client: TestClient, header: str) -> None:
    assert client.get("/api/panels", headers={header: "for=192.0.2.7"}).status_code == 401


def test_a_stranger_gets_the_log_in_and_nothing_else(guarded: TestClient, three_passes: tuple[int, int, int]) -> None:
    for address in ("/", "/inspections/1?map=gloss_gu", "/recipes", "/docs"):
        answer = guarded.get(address, headers=HTML, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=%2F")
    assert (
        guarded.get("/inspections/1?map=gloss_gu", headers=HTML, follow_redirects=False)
        .headers["location"]
        .endswith("next=%2Finspections%2F1%3Fmap%3Dgloss_gu")
    )
    for address in ("/api/panels", "/api/inspections/1", "/api/nonsense", "/openapi.json", "/", "/api/audit"):
        answer = guarded.get(address, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["x-frame-options"] == "DENY"
    assert guarded.post(ADDRESS, json=WORD | {"who": "wren"}).status_code == 401
    for address in ("/login", "/api/session", "/api/health", "/static/station.css"):
        assert guarded.get(address).status_code == 200, address


def test_a_log_in_is_a_cookie_that_no_script_and_no_other_site_can_use(guarded: TestClient) -> None:
    answer = guarded.post("/api/session", json={"badge": "B-worker", "pin": PIN})
    assert answer.status_code == 201
    assert (answer.json()["pseudonym"], answer.json()["role"]) == ("worker-1", "worker")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    assert guarded.get("/api/panels").status_code == 200
    safe = guarded.post("https://localhost:8000/api/session", json={"pseudonym": "worker-1", "pin": PIN})
    assert "Secure" in safe.headers["set-cookie"]


def test_logging_out_ends_it_at_the_station_too(guarded: TestClient) -> None:
    log_in(guarded, Role.VIEWER)
    ticket = guarded.cookies["session"]
    assert guarded.delete("/api/session").status_code == 204
    assert guarded.get("/api/panels", headers={"Cookie": f"session={ticket}"}).status_code == 401


def test_logging_in_anew_ends_the_session_before(guarded: TestClient) -> None:
    log_in(guarded, Role.VIEWER)
    ticket = guarded.cookies["session"]
    log_in(guarded, Role.WORKER)
    assert guarded.cookies["session"] != ticket
    guarded.cookies.clear()
    assert guarded.get("/api/panels", headers={"Cookie": f"session={ticket}"}).status_code == 401


@pytest.mark.parametrize(
    "cookie", ["session=", "session=nonsense", "session=\"'; DROP TABLE session", "session=a; session=b", "=;;session"]
)
def test_a_cookie_that_is_none_of_the_stations_is_a_stranger(guarded: TestClient, cookie: str) -> None:
    assert guarded.get("/api/panels", headers={"Cookie": cookie}).status_code == 401


def test_guessing_a_pin_locks_the_account_and_then_the_address(staffed: Store, line: Line) -> None:
    with talking(staffed, line) as client:
        assert [log_in(client, Role.INSPECTOR, f"90000{n}") for n in range(6)] == [401] * 5 + [429]
        assert log_in(client, Role.INSPECTOR) == 429, "not even the right one"
        assert [log_in(client, Role.WORKER, f"90000{n}") for n in range(4)] == [401] * 4
        assert log_in(client, Role.VIEWER, "900000") == 401
        answer = client.post("/api/session", json={"pseudonym": "viewer-1", "pin": PIN})
        assert (answer.status_code, "address" in answer.json()["detail"]) == (429, True)
        assert 0 < int(answer.headers["retry-after"]) <= WITHIN_S + 1
    # The address is free after a restart, the account is not.
    with talking(staffed, line) as client:
        assert (log_in(client, Role.VIEWER), log_in(client, Role.INSPECTOR)) == (201, 429)


def test_an_address_waits_until_its_failures_are_old() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for _ in range(MOST_FAILURES):
        assert throttle.wait_s("a") == 0
        throttle.failed("a")
    assert throttle.wait_s("a") > WITHIN_S - 1
    assert throttle.wait_s("b") == 0
    now[0] = WITHIN_S + 0.1
    assert throttle.wait_s("a") == 0


@pytest.mark.parametrize(
    "body",
    [
        {"pseudonym": "viewer-1"},
        {"pin": PIN},
        {"pseudonym": "viewer-1", "badge": "B-viewer", "pin": PIN},
        {"pseudonym": "viewer-1", "pin": 482915},
        {"pseudonym": "viewer-1", "pin": "482 915"},
        {"pseudonym": "viewer-1", "pin": "1" * 13},
        {"pseudonym": "viewer-1", "pin": PIN, "role": "engineer"},
        [],
    ],
)
def test_a_log_in_that_is_none_is_refused(guarded: TestClient, body: object) -> None:
    assert guarded.post("/api/session", json=body).status_code == 422


def test_words_are_kept_in_the_name_of_who_has_logged_in(
    guarded: TestClient, staffed: Store, three_passes: tuple[int, int, int]
) -> None:
    log_in(guarded, Role.INSPECTOR)
    assert guarded.post(ADDRESS, json=WORD | {"who": "somebody else"}).status_code == 201
    assert guarded.post(
        "/api/inspections/1/marks", json={"x_mm": 3, "y_mm": 3, "kind": "nib", "why": "seen"}
    ).is_success
    film = guarded.post("/api/panels/AM-0007/film", json={"film_um": 90.0, "pass_number": 1})
    begun = guarded.post("/api/panels/AM-0007/work/start", json={"pass_number": 4})
    assert (film.status_code, begun.status_code) == (201, 201)
    with staffed.reader() as reader:
        said = reader.corrections(CorrectionQuery()).items
        audit = reader.audit(AuditQuery(limit=4)).items
        [work] = reader._rows("SELECT who FROM work_start")
    assert [row["who"] for row in said] == ["inspector-1"] * 2
    assert [row["who"] for row in guarded.get("/api/film").json()["items"]] == ["inspector-1"]
    assert work["who"] == "inspector-1"
    assert {(row["who"], row["of_table"]) for row in audit} == {
        ("inspector-1", table) for table in ("correction", "film_reading", "work_start")
    }


def test_a_role_may_do_what_it_may_and_no_more(guarded: TestClient, three_passes: tuple[int, int, int]) -> None:
    log_in(guarded, Role.WORKER)
    refused = guarded.post(ADDRESS, json=WORD)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "worker: this role does not have the right to judge",
    )
    assert guarded.get("/api/audit").status_code == 403
    assert guarded.post("/api/panels/AM-0007/work/start", json={"pass_number": 4}).status_code == 201
    log_in(guarded, Role.VIEWER)
    assert guarded.post("/api/panels/AM-0007/work/stop", json={"pass_number": 4}).status_code == 403


def test_a_token_is_a_program_with_a_role(
    guarded: TestClient, staffed: Store, three_passes: tuple[int, int, int]
) -> None:
    token = {"Authorization": f"Bearer {staffed.add_token('gauge-3', Role.TECHNICIAN)}"}
    reading = {"film_um": 90.0, "pass_number": 1}
    for more in ({}, {"who": "heron"}):
        assert guarded.post("/api/panels/AM-0007/film", json=reading | more, headers=token).status_code == 201
    assert guarded.post(ADDRESS, json=WORD, headers=token).status_code == 403
    film = guarded.get("/api/film", headers=token).json()["items"]
    assert [row["who"] for row in film] == ["heron", "token gauge-3"]
    with staffed.reader() as reader:
        assert {row["who"] for row in reader.audit(AuditQuery(of_table="film_reading")).items} == {"token gauge-3"}
    staffed.revoke_token("gauge-3")
    assert guarded.get("/api/film", headers=token).status_code == 401


def test_a_wrong_token_is_not_taken_for_none(client: TestClient) -> None:
    assert client.get("/api/panels", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_names_are_shown_to_whom_the_plant_allows_and_to_nobody_else(guarded: TestClient, staffed: Store) -> None:
    log_in(guarded, Role.ENGINEER)
    people = {row["pseudonym"]: row["name"] for row in guarded.get("/api/people").json()["items"]}
    assert (people["engineer-1"], people["worker-1"]) == ("Li Wei", None)
    for role in set(Role) - {Role.ENGINEER}:
        log_in(guarded, role)
        for address in ("/api/people", "/api/audit", "/api/session", "/login", "/audit", "/"):
            assert "Li Wei" not in guarded.get(address).text, (role, address)


def test_a_session_that_is_not_used_ends(staffed: Store, line: Line) -> None:
    app = build_app(staffed, line, terms=Terms(idle=timedelta(0)))
    with TestClient(app, base_url="http://localhost:8000") as client:
        log_in(client, Role.VIEWER)
        staffed._clock = lambda: line._clock() + timedelta(seconds=1)
        assert client.get("/api/panels").status_code == 401


def test_a_full_disk_keeps_nobody_from_reading(
    guarded: TestClient, staffed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(guarded, Role.VIEWER)

    def full(self: Store, ticket: str) -> None:
        raise NoRoom("no space left")

    monkeypatch.setattr(Store, "seen", full)
    before = staffed._clock()
    staffed._clock = lambda: before + timedelta(minutes=2)
    assert guarded.get("/api/panels").status_code == 200


def test_a_word_that_the_disk_cannot_hold_is_507(
    guarded: TestClient, staffed: Store, three_passes: tuple[int, int, int]
) -> None:
    log_in(guarded, Role.INSPECTOR)
    pages = staffed._database.execute("PRAGMA page_count").fetchone()[0]
    staffed._database.execute(f"PRAGMA max_page_count = {pages}")
    answers = {guarded.post(ADDRESS, json=WORD | {"why": "x" * 500}).status_code for _ in range(30)}
    assert answers <= {201, 507}
    assert 507 in answers


@pytest.mark.parametrize(
    ("role", "judges", "gauges", "works"),
    [(Role.INSPECTOR, True, True, True), (Role.WORKER, False, True, True), (Role.VIEWER, False, False, False)],
)
def test_a_page_offers_what_the_role_may_do_and_signs_it(
    guarded: TestClient, three_passes: tuple[int, int, int], role: Role, judges: bool, gauges: bool, works: bool
) -> None:
    log_in(guarded, role)
    text = guarded.get("/inspections/3", headers=HTML | {"Accept-Language": "en"}).text
    assert ('data-say="kind"' in text, "<film-form" in text, "button press" in text) == (judges, gauges, works)
    assert 'name="who"' not in text
    assert f"<strong>{role}-1</strong>" in text
    if gauges:
        assert f"Signed: {role}-1" in text
