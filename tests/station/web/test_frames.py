"""Frames of a stored capture: as the camera gave them, and as pictures."""

from __future__ import annotations

import cv2
import numpy as np
from fastapi.testclient import TestClient
from records import frames_of

from station.store.db import Store

HTML = {"Accept": "text/html", "Accept-Language": "en"}
Ids = tuple[int, int, int]


def test_a_frame_comes_back_pixel_by_pixel_and_as_a_picture(client: TestClient, three_passes: Ids) -> None:
    frames = frames_of(1)
    base = f"/api/captures/{frames.sha256}/frames"
    for position, frame in enumerate(frames.frames):
        tiff = client.get(f"{base}/{position}.tif")
        assert tiff.headers["content-type"] == "image/tiff"
        pixels = cv2.imdecode(np.frombuffer(tiff.content, np.uint8), cv2.IMREAD_UNCHANGED)
        assert pixels is not None
        assert np.array_equal(pixels if pixels.ndim == 2 else pixels[..., ::-1], frame.pixels)
        png = client.get(f"{base}/{position}.png")
        drawn = cv2.imdecode(np.frombuffer(png.content, np.uint8), cv2.IMREAD_UNCHANGED)
        assert drawn is not None
        assert (drawn.dtype, drawn.shape[:2]) == (np.uint8, frame.pixels.shape[:2])
        # Brighter light is a brighter grey.
        order = np.argsort(frame.pixels[..., 0].ravel() if frame.pixels.ndim == 3 else frame.pixels.ravel())
        greys = (drawn[..., 2] if drawn.ndim == 3 else drawn).ravel()[order].astype(int)
        assert np.all(np.diff(greys) >= 0)


def test_a_frame_that_is_not_there_is_said(client: TestClient, three_passes: Ids) -> None:
    sha256 = frames_of(1).sha256
    assert client.get(f"/api/captures/{sha256}/frames/99.png").status_code == 404
    assert client.get("/api/captures/none/frames/0.tif").status_code == 404


def test_the_page_shows_every_frame_and_leads_to_it_from_the_inspection(client: TestClient, three_passes: Ids) -> None:
    assert 'href="/inspections/1/frames"' in client.get("/inspections/1", headers=HTML).text
    page = client.get("/inspections/1/frames", headers=HTML).text
    assert page.count("<img ") - 1 == len(frames_of(1).frames)
    assert client.get("/inspections/99/frames", headers=HTML).status_code == 404


def test_frames_whose_term_is_over_are_said_to_be_gone(client: TestClient, three_passes: Ids, store: Store) -> None:
    sha256 = frames_of(1).sha256
    with store._transaction():
        store._database.execute(
            "UPDATE capture SET frames_retired_at = '2026-12-24T00:00:00.000000Z', frames_retired_by = 'frames_days' "
            "WHERE sha256 = ?", (sha256,),
        )  # fmt: skip
    assert client.get(f"/api/captures/{sha256}/frames/0.png").status_code == 410
    assert "24 Dec 2026" in client.get("/inspections/1/frames", headers=HTML).text
