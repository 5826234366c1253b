"""The line and its orders over the API: busy and unsure are answers, and every change is told as it comes."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from capture.sample_stations import STATION, Table, printed, sample_panel
from fastapi.testclient import TestClient

from station.web.api.line import events


def finished(client: TestClient) -> dict[str, object]:
    until = time.monotonic() + 60
    while client.get("/api/line").json()["state"] not in ("done", "faulted", "idle") and time.monotonic() < until:
        time.sleep(0.05)
    told: dict[str, object] = client.get("/api/line").json()
    return told


def test_a_panel_is_started_and_ends_as_an_inspection(at_line: TestClient) -> None:
    answer = at_line.post("/api/line/start", json={"code": "AM-9", "recipe": "plain", "pass_number": 1})
    assert (answer.status_code, answer.json()["state"]) == (202, "preparing")
    assert at_line.post("/api/line/start", json={"code": "AM-9"}).status_code == 409
    done = finished(at_line)
    assert done["state"] == "done", done
    assert at_line.get(f"/api/inspections/{done['inspection']}").json()["panel"] == "AM-9"


def test_where_the_pass_is_not_certain_a_person_is_asked(at_line: TestClient) -> None:
    answer = at_line.post("/api/line/start", json={"code": "AM-9", "recipe": "plain"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["passes"], answer.json()["detail"][:18]) == ([0, 1], "AM-9: which pass? ")


def test_the_camera_reads_the_code_of_the_panel_that_lies_there(at_line: TestClient, table: Table) -> None:
    table.placed = replace(sample_panel(), labels=(printed("AM-9", "DataMatrix", 2.5 * STATION.mm_per_px),))
    answer = at_line.post("/api/line/code")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["text"], told["kind"], len(told["corners_px"])) == ("AM-9", "DataMatrix", 4)
    assert at_line.get("/api/line").json()["state"] == "idle"


def test_where_no_code_is_seen_a_sentence_says_so(at_line: TestClient) -> None:
    answer = at_line.post("/api/line/code", headers={"Accept-Language": "zh"})
    assert (answer.status_code, answer.json()["code"]) == (422, "code_none")
    assert "no code is seen in the field" in answer.json()["detail"]
    assert answer.json()["words"].startswith("视野中没有编码")


def test_no_code_is_read_while_a_panel_is_measured(at_line: TestClient) -> None:
    assert at_line.post("/api/line/start", json={"code": "AM-9", "recipe": "plain", "pass_number": 1}).is_success
    assert at_line.post("/api/line/code").status_code == 409
    assert finished(at_line)["state"] == "done"


def test_a_station_without_a_camera_says_so(client: TestClient) -> None:
    assert client.get("/api/line").json()["state"] == "idle"
    for answer in (client.get("/api/events"), client.post("/api/line/start", json={"code": "AM-9"})):
        assert answer.status_code == 409
        assert "[capture]" in answer.json()["detail"]


def test_a_program_is_told_in_english_and_a_person_in_their_language(at_line: TestClient) -> None:
    for language, words in (
        ("zh-CN", "没有订单包含编码 AM-9：请导入订单，或指定配方。"),
        ("en", "No order knows the code AM-9: "),
    ):
        answer = at_line.post("/api/line/start", json={"code": "AM-9"}, headers={"Accept-Language": language})
        told = answer.json()
        assert (answer.status_code, told["detail"][:33]) == (422, "AM-9: no order knows this code: i")
        assert (told["code"], told["values"]) == ("order_unknown", {"panel": "AM-9"})
        assert told["words"].startswith(words)


def test_stopping_an_idle_line_changes_nothing(at_line: TestClient) -> None:
    assert at_line.post("/api/line/abort").json()["state"] == "idle"
    assert at_line.post("/api/line/hand").json()["state"] == "idle"


def test_a_listener_is_told_how_the_line_stands_and_every_change(at_line: TestClient) -> None:
    assert events.__doc__
    told = []
    with at_line.stream("GET", "/api/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for text in answer.iter_lines():
            if text.startswith("data:"):
                told.append(json.loads(text[5:]))
                if len(told) == 1:
                    break
    assert told[0]["state"] == "idle"


def test_orders_are_kept_one_by_one_and_as_a_table(at_line: TestClient) -> None:
    one = {"code": "AM-1", "order_number": "4711", "recipe": "plain", "part": "hood", "who": "heron"}
    assert at_line.post("/api/orders", json=one).status_code == 201
    rows = "code,order_number,recipe\nAM-2,4711,plain\nAM-3,4712,plain\n"
    sent = at_line.post("/api/orders/table?who=heron", content=rows, headers={"Content-Type": "text/csv"})
    assert (sent.status_code, sent.json()) == (201, {"orders": 2})
    assert [row["code"] for row in at_line.get("/api/orders").json()["items"]] == ["AM-3", "AM-2", "AM-1"]
    assert [row["code"] for row in at_line.get("/api/orders?order_number=4712").json()["items"]] == ["AM-3"]


def test_a_table_with_a_fault_leaves_none_of_its_rows(at_line: TestClient) -> None:
    rows = "code,order_number,recipe\nAM-2,4711,plain\nAM-3,4712,unheard-of\n"
    sent = at_line.post("/api/orders/table?who=heron", content=rows, headers={"Content-Type": "text/csv"})
    assert (sent.status_code, at_line.get("/api/orders").json()["items"]) == (422, [])
    assert 'order 2: recipe: no recipe "unheard-of"' in sent.json()["detail"]


def test_while_a_panel_is_captured_its_newest_frame_is_seen(at_line: TestClient) -> None:
    assert at_line.get("/api/line/picture.png").status_code == 204
    assert at_line.post("/api/line/start", json={"code": "AM-9", "recipe": "plain", "pass_number": 1}).is_success
    until, seen = time.monotonic() + 60, None
    while seen is None and time.monotonic() < until:
        answer = at_line.get("/api/line/picture.png")
        seen = answer if answer.status_code == 200 else None
    assert seen is not None
    assert (seen.headers["content-type"], seen.headers["cache-control"]) == ("image/png", "no-store")
    assert seen.content.startswith(b"\x89PNG")
    assert finished(at_line)["state"] == "done"
    assert at_line.get("/api/line/picture.png").status_code == 204
