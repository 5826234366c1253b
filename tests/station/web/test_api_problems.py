"""Every error has one shape, and every answer the same guard."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from records import RECIPE_TEXT, frames_of, rig_of
from sills import PLAN

from calibration.check_panel import CheckSeen
from inspection.recipe import parse_recipe
from station.line import Line
from station.store.db import Store

Ids = tuple[int, int, int]


def assert_problem(response: httpx2.Response, status: int, word: str) -> None:
    """The answer is a problem document of this status whose sentence says the word."""
    assert response.headers["content-type"] == "application/problem+json"
    tree = response.json()
    assert list(tree)[:5] == ["type", "title", "status", "detail", "instance"]
    # A fault of the station says beside it what pages translate, and what they then say.
    assert list(tree)[5:] in ([], ["code", "values", "words"])
    assert (response.status_code, tree["status"]) == (status, status)
    assert re.search(word, tree["detail"]), tree["detail"]
    assert "Traceback" not in tree["detail"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("address", "status", "word"),
    [
        ("/api", 404, "nothing at this address"),
        ("/api/nonsense", 404, "nothing at this address"),
        ("/api/inspections/99", 404, "inspection 99"),
        ("/api/inspections/99/report.json", 404, "inspection 99"),
        ("/api/inspections/99/picture.png", 404, "inspection 99"),
        ("/api/inspections/99/maps/gloss_gu.png", 404, "inspection 99"),
        ("/api/inspections/1/maps/nonsense", 404, "it has: gloss_gu"),
        ("/api/inspections/1/maps/nonsense/at?x_mm=1&y_mm=1", 404, "nonsense"),
        ("/api/panels/nonsense", 404, "nonsense"),
        ("/api/recipes/nonsense", 404, "nonsense"),
        ("/api/rigs/nonsense", 404, "nonsense"),
        ("/api/captures/nonsense", 404, "nonsense"),
        ("/api/daily-checks/99", 404, "daily check 99"),
        ("/api/daily-checks?panel=CP-1", 422, "panel: unknown query parameter; known: .*check_panel"),
        ("/api/inspections/first", 422, "inspection_id"),
        ("/api/inspections/0", 422, "inspection_id"),
        ("/api/inspections/99999999999999999999", 422, "inspection_id"),
        ("/api/inspections?limit=0", 422, "limit"),
        ("/api/inspections?limit=201", 422, "limit"),
        ("/api/inspections?limit=ten", 422, "limit"),
        ("/api/inspections?limit=1&limit=2", 422, "limit: given twice"),
        ("/api/inspections?recipie=amethyst", 422, "recipie: unknown query parameter; known: .*recipe"),
        ("/api/health?limit=1", 422, "limit: unknown query parameter; known: none"),
        ("/api/inspections?verdict=good", 422, "verdict"),
        ("/api/inspections?pass_number=-1", 422, "pass_number"),
        ("/api/inspections?pass_number=1e400", 422, "pass_number"),
        ("/api/defects?kind=hole", 422, "kind"),
        ("/api/defects?status=gone", 422, "status"),
        ("/api/defects?min_length_mm=-1", 422, "min_length_mm"),
        ("/api/defects?corrected=perhaps", 422, "corrected"),
        ("/api/inspections/1/defects/D1/picture.png?size_px=95", 422, "size_px"),
        ("/api/inspections?since=yesterday", 422, "since"),
        ("/api/inspections?since=2026-11-22T09:30:00", 422, "since"),
        ("/api/inspections?panel=" + "x" * 201, 422, "panel"),
        ("/api/inspections?cursor=nonsense", 422, "cursor"),
        ("/api/inspections?cursor=WzEsMl0", 422, "cursor"),
        ("/api/findings?cursor=WyJ4IiwgMSwgMTAwMDAwMDAwMDAwMDAwMDAwMDAwMF0", 422, "cursor"),
        ("/api/inspections/1/maps/gloss_gu.png?low=nan", 422, "low"),
        ("/api/inspections/1/maps/gloss_gu.png?high=inf", 422, "high"),
        ("/api/inspections/1/maps/gloss_gu.png?low=5&high=5", 422, "low"),
        ("/api/inspections/1/maps/gloss_gu?low=1e9", 422, "low"),
        ("/api/inspections/1/maps/gloss_gu/at?x_mm=1", 422, "y_mm"),
        ("/api/inspections/1/maps/gloss_gu/at?x_mm=nan&y_mm=1", 422, "x_mm"),
        ("/api/inspections/1/picture.png?v=", 422, "v:"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_document(shown: TestClient, address: str, status: int, word: str) -> None:
    assert_problem(shown.get(address), status, word)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_a_method_that_an_address_does_not_answer_is_a_problem(shown: TestClient, method: str) -> None:
    response = shown.request(method, "/api/inspections")
    assert_problem(response, 405, "method")
    assert response.headers["allow"] == "GET"


def test_a_fault_of_the_program_is_a_problem_that_tells_no_secrets(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Store) -> None:
        raise RuntimeError("the disk of /home/somebody is gone")

    monkeypatch.setattr(Store, "reader", broken)
    response = TestClient(app, raise_server_exceptions=False, base_url="http://localhost:8000").get("/api/inspections")
    assert_problem(response, 500, "log")
    assert "somebody" not in response.text


def test_a_browser_that_goes_astray_gets_a_page(client: TestClient) -> None:
    page = client.get("/nonsense", headers={"Accept": "text/html,application/xhtml+xml"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert_problem(client.get("/nonsense", headers={"Accept": "application/json"}), 404, "nothing")


@pytest.mark.parametrize("address", ["/api/health", "/api/nonsense", "/openapi.json", "/docs"])
def test_every_answer_carries_the_guard(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]


def test_every_documented_address_is_on_the_page_of_the_api_and_nothing_comes_from_elsewhere(
    client: TestClient,
) -> None:
    page = client.get("/docs").text
    document = client.get("/openapi.json").json()
    assert [path for path in document["paths"] if f"{path}</code>" not in page] == []
    assert re.findall(r"(?:src|href)=\"(?!/)[^\"]*", page) == []
    assert "<script" not in page


def test_the_openapi_document_knows_errors_in_the_one_shape_only(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all({"4XX", "5XX"} <= operation["responses"].keys() for operation in operations)
    assert "HTTPValidationError" not in json.dumps(document)


def test_every_documented_get_answers(client: TestClient, three_passes: Ids, store: Store) -> None:
    with store.reader() as reader:
        row = reader.inspection(three_passes[0]) or {}
    checked = replace(frames_of(1), check_panel="CP-1", sha256="0" * 64)
    check_id = store.save_check(CheckSeen({}, ()), (), met=None, frames=checked, rig=rig_of(checked), software="test")
    tighter = parse_recipe(RECIPE_TEXT.replace("high = 0.8", "high = 0.3"), "written")
    draft_id = store.add_draft(tighter, who="heron", why="complaint")
    store.add_plan(PLAN, who="heron", why="first")
    values = {
        "inspection_id": three_passes[0], "name": "gloss_gu", "code": "AM-0007", "sha256": row["rig_sha256"],
        "defect_id": "D1", "check_id": check_id, "draft_id": draft_id, "position": 0,
    }  # fmt: skip
    # `name` and `sha256` are of different things under different addresses.
    hashes = {"captures": row["capture_sha256"], "plans": PLAN.sha256}
    queries = {
        "/api/panels/{code}/compare": {"left": three_passes[0], "right": three_passes[1]},
        "/api/quality/trend": {"measure": "gloss_gu"},
    }
    answers = {}
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        # Events never end, harmony needs two panels, a picture a capture: all three have tests of their own.
        if "get" in operations and path not in ("/api/events", "/api/harmony", "/api/line/picture.png"):
            room = path.split("/")[2]
            given = values | ({"sha256": hashes[room]} if room in hashes else {})
            given |= {"name": "amethyst"} if "recipes" in path else {}
            query = {"x_mm": 1, "y_mm": 1} if path.endswith("/at") else queries.get(path, {})
            answers[path] = client.get(path.format(**given), params=query).status_code
    assert {path: status for path, status in answers.items() if status != 200} == {}
    assert len(answers) > 15


def test_a_station_that_is_busy_says_so(client: TestClient, line: Line) -> None:
    with line.claimed():
        assert client.get("/api/health").json()["line"] == "busy"
        response = client.post("/api/captures", content=b"PK", headers={"Content-Type": "application/zip"})
    assert_problem(response, 409, "another panel")
    assert response.headers["retry-after"] == "2"
    assert client.get("/api/health").json()["line"] == "ready"


@pytest.mark.parametrize(
    "address",
    [
        "/api/inspections?since=0001-01-01T00:00:00%2B14:00",
        "/api/inspections?until=9999-12-31T23:59:59-14:00",
        "/api/panels?cursor=WyJcdWQ4MDAiXQ",
        "/api/inspections?cursor=WyJcdWQ4MDAiLCAxXQ",
    ],
)
def test_times_and_cursors_that_nothing_can_hold_are_refused(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
