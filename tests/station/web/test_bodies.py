"""A body that is too large is not taken in, whatever it claims to be."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

import station.web.bodies

ADDRESSES = ["/api/recipes", "/api/session", "/api/panels/AM-0007/film", "/api/inspections/1/marks", "/nonsense"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(client: TestClient, address: str) -> None:
    body = b"x" * (station.web.bodies.MOST_BYTES + 1)
    answer = client.post(address, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_that_does_not_say_is_counted(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.web.bodies, "MOST_BYTES", 1000)
    chunks = (b"x" * 600 for _ in range(3))
    answer = client.post("/api/recipes", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
