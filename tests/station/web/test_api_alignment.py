"""Setting up a station over the API: one look, and the card."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from station.access.rights import Role
from station.app import build_app
from station.capture.alignment import Alignment
from station.faults import CameraFault
from station.line import Line
from station.store.db import Store

PICTURE = np.random.default_rng(0).integers(0, 256, (300, 1000), dtype=np.uint8)
SEEN = Alignment(
    99.5, {"left": 100.0, "right": 98.0, "top": 100.0, "bottom": 100.0}, 1.25, None, {"-u": 12.0}, 0.8, 0.7, PICTURE
)
PIN = "482915"


class Stand:
    """A station whose camera answers, or does not."""

    def __init__(self) -> None:
        self.works, self.cards = True, 0

    def look(self) -> Alignment:
        if not self.works:
            raise CameraFault("no camera answers at 10.0.0.9: look at its cable")
        return SEEN

    def show_card(self) -> None:
        self.cards += 1


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
def talking(store: Store, line: Line, stand: Stand) -> Iterator[TestClient]:
    with TestClient(build_app(store, line, aligner=stand), base_url="http://127.0.0.1") as client:
        yield client


def test_a_look_tells_its_values_and_shows_a_picture_of_handy_size(talking: TestClient) -> None:
    told = talking.post("/api/alignment").json()
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(told.pop("picture_png")), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture.shape == (240, 800)
    assert told == {
        "seen_pct": 99.5, "edges_pct": SEEN.edges_pct, "centre_u_mm": 1.25, "centre_v_mm": None,
        "margins_mm": {"-u": 12.0}, "focus_pct": 0.8, "brightest_ratio": 0.7,
    }  # fmt: skip


def test_the_card_is_shown_when_asked_for(talking: TestClient, stand: Stand) -> None:
    assert talking.post("/api/alignment/card").status_code == 204
    assert stand.cards == 1


def test_hardware_that_does_not_answer_is_said_in_its_own_words(talking: TestClient, stand: Stand) -> None:
    stand.works = False
    answer = talking.post("/api/alignment")
    assert (answer.status_code, answer.json()["detail"]) == (503, "no camera answers at 10.0.0.9: look at its cable")


def test_a_station_without_hardware_says_what_to_describe(client: TestClient) -> None:
    answer = client.post("/api/alignment")
    assert answer.status_code == 409
    assert "[capture] in station.toml" in answer.json()["detail"]


def test_only_who_calibrates_may_move_the_screen(store: Store, line: Line, stand: Stand) -> None:
    for role in (Role.INSPECTOR, Role.TECHNICIAN):
        store.add_account(f"{role}-1", role, PIN)
    with TestClient(build_app(store, line, aligner=stand), base_url="http://127.0.0.1") as client:
        for role, status in ((Role.INSPECTOR, 403), (Role.TECHNICIAN, 200)):
            assert client.post("/api/session", json={"pseudonym": f"{role}-1", "pin": PIN}).status_code == 201
            assert client.post("/api/alignment").status_code == status
