"""Maps over HTTP: numbers, colours, one value at a place, and what may be kept by the client."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from records import frames_of, maps_of, recipe_of, report_of, rig_of

from inspection.frames import Frames
from station.store.db import Store

#: Address of the maps of the first inspection.
BASE = "/api/inspections/1/maps"


def pixels_at(client: TestClient, address: str) -> np.ndarray:
    """RGBA pixels of a PNG."""
    response = client.get(address)
    assert response.status_code == 200, response.text
    pixels = cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels[..., [2, 1, 0, 3]]


def test_a_map_is_described_with_unit_range_and_scale(shown: TestClient) -> None:
    tree = shown.get(f"{BASE}/gloss_gu").json()
    gloss = maps_of(1)["gloss_gu"]
    assert (tree["unit"], tree["rows_px"], tree["columns_px"]) == ("GU-eq", 20, 24)
    assert (tree["low"], tree["high"]) == pytest.approx(np.nanpercentile(gloss, (2, 98)))
    assert tree["mm_per_px"] == pytest.approx(0.5)
    assert shown.get(f"{BASE}/gloss_gu?low=5&high=6").json()["high"] == 6


def test_the_raw_map_is_what_was_measured(shown: TestClient) -> None:
    array = np.load(io.BytesIO(shown.get(f"{BASE}/gloss_gu.npy").content))
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, maps_of(1)["gloss_gu"])


def test_colours_run_from_low_to_high_and_what_was_not_measured_is_transparent(shown: TestClient) -> None:
    pixels = pixels_at(shown, f"{BASE}/gloss_gu.png?low=10&high=33")
    viridis = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[None], cv2.COLORMAP_VIRIDIS)[0, :, ::-1]
    np.testing.assert_array_equal(pixels[3, 0, :3], viridis[0])
    np.testing.assert_array_equal(pixels[3, 23, :3], viridis[255])
    assert pixels[0, 0, 3] == 0
    assert (pixels[1:, :, 3] == 255).all()


def test_another_range_is_another_picture(shown: TestClient) -> None:
    first, second = shown.get(f"{BASE}/gloss_gu.png?low=0&high=50"), shown.get(f"{BASE}/gloss_gu.png?low=0&high=60")
    assert first.headers["etag"] != second.headers["etag"]
    assert first.content != second.content


def test_a_map_where_nothing_was_measured_is_transparent(client: TestClient, store: Store) -> None:
    one = _saved(store, frames_of(1), {"gloss_gu": np.full((20, 24), np.nan, np.float32)})
    assert (pixels_at(client, f"/api/inspections/{one}/maps/gloss_gu.png")[..., 3] == 0).all()
    assert client.get(f"/api/inspections/{one}/maps/gloss_gu/at?x_mm=1&y_mm=1").json()["value"] is None


def test_a_map_of_one_value_has_a_picture(client: TestClient, store: Store) -> None:
    one = _saved(store, frames_of(1), {"gloss_gu": np.full((20, 24), 80.0, np.float32)})
    assert (pixels_at(client, f"/api/inspections/{one}/maps/gloss_gu.png")[..., 3] == 255).all()


def test_a_large_map_is_shown_smaller_and_kept_whole(client: TestClient, store: Store) -> None:
    ramp = np.tile(np.linspace(0, 100, 5000, dtype=np.float32), (40, 1))
    ramp[:, :1000] = np.nan
    one = _saved(store, frames_of(1), {"gloss_gu": ramp})
    pixels = pixels_at(client, f"/api/inspections/{one}/maps/gloss_gu.png")
    assert pixels.shape[1] == 2048
    assert (pixels[:, :400, 3] == 0).all()
    assert (pixels[:, 420:, 3] == 255).all()
    assert np.load(io.BytesIO(client.get(f"/api/inspections/{one}/maps/gloss_gu.npy").content)).shape == (40, 5000)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("x_mm=0.25&y_mm=5", 10.0),
        ("x_mm=5.99&y_mm=5", 21.0),
        ("x_mm=6.01&y_mm=5", 22.0),
        ("x_mm=11.9&y_mm=9.9", 33.0),
        ("x_mm=0.2&y_mm=0.2", None),
    ],
)
def test_the_value_at_a_place_is_that_of_the_pixel_that_covers_it(
    shown: TestClient, place: str, expected: float | None
) -> None:
    tree = shown.get(f"{BASE}/gloss_gu/at?{place}").json()
    assert (tree["value"], tree["unit"], tree["inside"]) == (expected, "GU-eq", True)


@pytest.mark.parametrize("place", ["x_mm=-0.1&y_mm=5", "x_mm=12.1&y_mm=5", "x_mm=5&y_mm=10.1", "x_mm=1e6&y_mm=-1e6"])
def test_a_place_outside_the_field_has_no_value(shown: TestClient, place: str) -> None:
    tree = shown.get(f"{BASE}/gloss_gu/at?{place}").json()
    assert (tree["value"], tree["inside"]) == (None, False)


def test_the_colour_at_a_place_has_three_values(shown: TestClient) -> None:
    assert shown.get(f"{BASE}/lab/at?x_mm=6&y_mm=5").json()["value"] == [28.0, 26.0, -34.0]


def test_a_perspective_view_is_asked_by_millimetres_on_the_panel(client: TestClient, store: Store) -> None:
    frames = frames_of(1)
    tilted = np.array([[0.5, 0.03, 0.25], [0.0, 0.52, 0.25], [0.0, 0.002, 1.0]])
    camera = replace(frames.geometry.camera, pixel_to_panel_mm=tuple(map(tuple, tilted.tolist())))
    frames = replace(frames, geometry=replace(frames.geometry, camera=camera))
    one = _saved(store, frames, {"gloss_gu": np.arange(480, dtype=np.float32).reshape(20, 24)})
    x, y, w = tilted @ (17, 11, 1)
    tree = client.get(f"/api/inspections/{one}/maps/gloss_gu/at?x_mm={x / w}&y_mm={y / w}").json()
    assert tree["value"] == 11 * 24 + 17


def test_an_address_that_names_its_content_may_be_kept_for_ever(shown: TestClient) -> None:
    tree = shown.get(BASE.removesuffix("/maps")).json()
    kept = shown.get(tree["maps"][0]["png"])
    assert "immutable" in kept.headers["cache-control"]
    assert "immutable" in shown.get(tree["picture"]).headers["cache-control"]
    asked = shown.get(f"{BASE}/gloss_gu.png")
    assert asked.headers["cache-control"] == "private, no-cache"
    assert "immutable" not in shown.get(f"{BASE}/gloss_gu.png?v=0123456789abcdef").headers["cache-control"]


def test_a_client_that_has_the_map_is_told_so(shown: TestClient) -> None:
    for address in (f"{BASE}/gloss_gu.png", f"{BASE}/gloss_gu.npy", BASE.replace("maps", "picture.png")):
        tag = shown.get(address).headers["etag"]
        again = shown.get(address, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert shown.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def _saved(store: Store, frames: Frames, maps: dict[str, np.ndarray]) -> int:
    rig, recipe = rig_of(frames), recipe_of()
    return store.save(report_of(frames, rig, recipe), frames=frames, rig=rig, recipe=recipe, maps=maps)
