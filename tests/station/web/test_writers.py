"""Who may write: other programs and the station's own pages, under the station's own names."""

from __future__ import annotations

import socket

import pytest
from fastapi.testclient import TestClient

from station.app import build_app
from station.line import Line
from station.store.db import Store

WORD = {"what": "false_alarm", "who": "wren", "why": "seen"}
ADDRESS = "/api/inspections/1/defects/D1/corrections"
OWN = "localhost:8000"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": f"http://{OWN}"},
        {"Origin": f"http://{OWN}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"},
        {"Host": "192.168.7.20:8000", "Origin": "http://192.168.7.20:8000"},
        {"Host": "[fe80::1]:8000", "Origin": "http://[fe80::1]:8000"},
        {"Host": socket.gethostname()},
        {"Host": f"{socket.gethostname()}.local"},
        {"Host": "Bay-3.plant.example", "Origin": "https://bay-3.plant.example"},
    ],
)
def test_programs_and_own_pages_may_write(
    store: Store, line: Line, three_passes: tuple[int, int, int], headers: dict[str, str]
) -> None:
    client = TestClient(build_app(store, line, hosts=("bay-3.plant.example",)), base_url=f"http://{OWN}")
    assert client.post(ADDRESS, json=WORD, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Origin": "http://evil.example"}, "origin"),
        ({"Origin": "null"}, "origin"),
        ({"Origin": "http://localhost:9000"}, "origin"),
        ({"Origin": "http://[broken"}, "origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "sec-fetch-site"),
        ({"Sec-Fetch-Site": "same-site"}, "sec-fetch-site"),
        # A name of another that points at this machine, so that its pages count as of the same origin.
        ({"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, "host"),
        ({"Host": "evil.example"}, "host"),
        ({"Host": "localhost.evil.example"}, "host"),
        ({"Host": "[broken"}, "host"),
        ({"Host": ""}, "host"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_another_site_cannot_write(
    client: TestClient, three_passes: tuple[int, int, int], method: str, headers: dict[str, str], field: str
) -> None:
    answer = client.request(method, ADDRESS, json=WORD, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(f"{field}:")
    assert answer.headers["x-frame-options"] == "DENY"
    assert client.get("/api/corrections").json()["items"] == []


def test_a_capture_that_another_site_sends_is_not_taken_in(client: TestClient) -> None:
    headers = {"Content-Type": "application/zip", "Origin": "http://evil.example"}
    assert client.post("/api/captures", content=b"PK", headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_reading_is_free(client: TestClient, three_passes: tuple[int, int, int], headers: dict[str, str]) -> None:
    assert client.get("/api/inspections", headers=headers).status_code == 200
    assert client.get("/", headers=headers | {"Accept": "text/html"}).status_code == 200
