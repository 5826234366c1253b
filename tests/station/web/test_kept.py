"""What was deleted when its term was over is said, in the API and on the pages; a full disk too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import NOW
from fastapi.testclient import TestClient

from station.store import space
from station.store.db import Store

Passes = tuple[int, int, int]


def retire_all(store: Store) -> None:
    """Years later, everything that may go has gone."""
    store._clock = lambda: NOW + timedelta(days=5000)
    store.retire()


def test_a_map_that_was_deleted_is_gone_and_why_is_said(client: TestClient, store: Store, three_passes: Passes) -> None:
    retire_all(store)
    base = "/api/inspections/3"
    for address in (
        f"{base}/maps/gloss_gu.png",
        f"{base}/maps/gloss_gu.npy",
        f"{base}/maps/gloss_gu/at?x_mm=4&y_mm=2",
        f"{base}/defects/D2/picture.png",
    ):
        answer = client.get(address)
        assert answer.status_code == 410, address
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == (
            "the maps of inspection 3 were deleted on 2040-07-31 (maps_days = 90); "
            "its numbers, report and picture are kept"
        )
    assert client.get(f"{base}/picture.png").status_code == 200
    described = client.get(f"{base}/maps/gloss_gu").json()
    assert (described["unit"], described["retired_by"]) == ("GU-eq", "maps_days = 90")
    told = client.get(base).json()
    assert (told["frames_retired_by"], told["maps_retired_by"]) == ("frames_days = 30", "maps_days = 90")
    capture = client.get(f"/api/captures/{told['capture_sha256']}").json()
    assert capture["frames_retired_by"] == "frames_days = 30"


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "Maps: until 20 Feb 2027 or longer.", "Maps: deleted on 31 Jul 2040, their term was over."),
        ("zh", "分布图：至少保留到 2027年2月20日。", "分布图：保留期已满，已于 2040年7月31日 删除。"),
    ],
)
def test_pages_say_how_long_maps_and_frames_are_kept_and_work_without_them(
    client: TestClient, store: Store, three_passes: Passes, language: str, before: str, after: str
) -> None:
    client.cookies.set("language", language)
    page = client.get("/inspections/3").text
    assert before in page
    assert 'data-map="gloss_gu"' in page
    retire_all(store)
    page = client.get("/inspections/3").text
    assert page.count(after) == 2, "beside the picture, and where the numbers come from"
    assert 'data-map="gloss_gu"' not in page
    assert "/defects/D2/picture.png" not in page
    for address in ("/", "/panels/AM-0007", "/panels/AM-0007/compare?left=2&right=3", "/about"):
        assert client.get(address).status_code == 200
        assert "/maps/" not in client.get(address).text


def test_a_mark_can_still_be_told_about_when_its_maps_are_gone(
    client: TestClient, store: Store, three_passes: Passes
) -> None:
    retire_all(store)
    words = {"kind": "nib", "x_mm": 3.0, "y_mm": 4.0, "who": "heron", "why": "felt it"}
    assert client.post("/api/inspections/3/marks", json=words).status_code == 201


def test_a_full_disk_is_507_in_one_sentence(client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: 10**9)
    answer = client.post("/api/captures", content=b"PK", headers={"Content-Type": "application/zip"})
    assert answer.status_code == 507
    assert "GB free; this capture needs" in answer.json()["detail"]
