"""Every resource answers, lists page and filter, and what is shown can be traced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from records import CAPTURED_AT, RECIPE_TEXT, frames_of, maps_of, recipe_of, report_of, rig_of
from skimage.color import lab2rgb

from inspection.frames import Frames
from station.store.db import Store

Ids = tuple[int, int, int]
LISTS = ("panels", "inspections", "findings", "defects", "corrections", "film", "recipes", "rigs", "captures",
         "daily-checks")  # fmt: skip


def picture_of(response: httpx2.Response) -> np.ndarray:
    """The pixels of a PNG answer, RGBA."""
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    pixels = cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels[..., [2, 1, 0, 3]]


@pytest.mark.parametrize("resource", LISTS)
def test_lists_of_an_empty_station_are_empty(client: TestClient, resource: str) -> None:
    assert client.get(f"/api/{resource}").json() == {"items": [], "next_cursor": None}


def test_inspections_come_newest_first(shown: TestClient) -> None:
    items = shown.get("/api/inspections").json()["items"]
    assert [item["id"] for item in items] == [3, 2, 1]
    assert [item["verdict"] for item in items] == ["pass", "fail", "fail"]
    assert items[0]["next_step"]["action"] == items[0]["action"] == "release"
    assert all(item["simulated"] is True for item in items)


def test_time_orders_inspections_whatever_their_offset(client: TestClient, save: Callable[[Frames], int]) -> None:
    late = save(frames_of(1, captured_at="2026-11-22T03:00:00+00:00"))
    early = save(frames_of(2, captured_at="2026-11-22T10:00:00+08:00"))
    assert [item["id"] for item in client.get("/api/inspections").json()["items"]] == [late, early]
    since = client.get("/api/inspections", params={"since": "2026-11-22T10:30:00+08:00"}).json()["items"]
    until = client.get("/api/inspections", params={"until": "2026-11-22T03:00:00Z"}).json()["items"]
    assert ([item["id"] for item in since], [item["id"] for item in until]) == ([late], [early])


@pytest.mark.parametrize("resource", ["inspections", "findings", "defects", "captures"])
def test_paging_shows_every_row_once_in_the_order_of_the_whole(shown: TestClient, resource: str) -> None:
    whole = shown.get(f"/api/{resource}", params={"limit": 200}).json()["items"]
    assert len(whole) == {"inspections": 3, "findings": 90, "defects": 8, "captures": 3}[resource]
    size = 1 if len(whole) == 3 else len(whole) // 2 - 2
    rows, address = [], f"/api/{resource}?limit={size}"
    while address:
        response = shown.get(address)
        rows += response.json()["items"]
        address = response.links["next"]["url"] if "next" in response.links else ""
        assert bool(address) == (response.json()["next_cursor"] is not None)
    assert rows == whole


def test_recipes_and_panels_page_by_name(client: TestClient, store: Store, save: Callable[[Frames], int]) -> None:
    names = ["amethyst", "graphite", "jade"]
    for name in names:
        store.put_recipe(recipe_of(RECIPE_TEXT.replace('"amethyst"', f'"{name}"')))
        save(frames_of(1, panel=f"P-{name}"))
    for resource, column, expected in (("recipes", "name", names), ("panels", "panel", [f"P-{one}" for one in names])):
        first = client.get(f"/api/{resource}?limit=2").json()
        second = client.get(f"/api/{resource}?limit=2&cursor={first['next_cursor']}").json()
        assert [item[column] for item in first["items"] + second["items"]] == expected
        assert second["next_cursor"] is None


def test_a_row_stored_while_paging_shifts_nothing(client: TestClient, save: Callable[[Frames], int]) -> None:
    first, second = save(frames_of(1)), save(frames_of(2))
    page = client.get("/api/inspections?limit=1").json()
    save(frames_of(3))
    rest = client.get("/api/inspections", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert [item["id"] for item in page["items"] + rest["items"]] == [second, first]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("recipe=amethyst", 3),
        ("recipe=graphite", 0),
        ("part=hood", 3),
        ("panel=AM-0007&pass_number=2", 1),
        ("verdict=fail", 2),
        ("verdict=hold", 0),
        ("station=T&region=B", 3),
        ("region=Z", 0),
        ("kind=nib", 2),
        ("kind=dent", 0),
        ("panel=AM-0007'%20OR%201=1--", 0),
    ],
)
def test_inspections_filter(shown: TestClient, query: str, expected: int) -> None:
    assert len(shown.get(f"/api/inspections?{query}").json()["items"]) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("findings?measure=delta_e00&region=whole", 3),
        ("findings?verdict=pass&pass_number=3", 3),
        ("findings?measure=waviness_rms_um&panel=AM-0007", 9),
        ("defects?kind=nib&pass_number=1", 1),
        ("defects?region=A", 1),
        ("defects?region=B", 0),
        ("defects?status=persists", 2),
        ("defects?status=removed&recipe=amethyst&pass_number=3", 2),
        ("defects?min_length_mm=0.75", 7),
        ("defects?min_length_mm=3.5&panel=AM-0007", 2),
        ("defects?corrected=true", 1),
        ("defects?corrected=false&status=returned", 1),
        ("captures?pass_number=3", 1),
        ("panels?verdict=pass", 1),
        ("panels?verdict=fail", 0),
        ("rigs?station=T", 1),
    ],
)
def test_other_lists_filter(shown: TestClient, address: str, expected: int) -> None:
    assert len(shown.get(f"/api/{address}").json()["items"]) == expected


def test_a_finding_leads_to_its_frames_rig_and_recipe(shown: TestClient) -> None:
    [finding] = shown.get("/api/findings?measure=gloss_gu&region=whole&pass_number=2").json()["items"]
    assert (finding["value"], finding["unit"], finding["u"], finding["version"]) == (68.8, "GU-eq", 0.5, 1)
    assert shown.get(f"/api/captures/{finding['capture_sha256']}").json()["inspections"] == [finding["inspection_id"]]
    assert shown.get(f"/api/rigs/{finding['rig_sha256']}").json()["header"]["sensor"]["adc_bits"] == 12
    assert shown.get(f"/api/recipes/{finding['recipe_sha256']}").json()["name"] == "amethyst"


def test_an_inspection_tells_its_whole_story(shown: TestClient) -> None:
    tree = shown.get(f"/api/inspections/{3}").json()
    assert tree["report"]["format"] == "paint-report/1"
    assert len(tree["report"]["findings"]) == 30
    assert [one["pass_number"] for one in tree["previous"]] == [2, 1]
    assert tree["previous"][0]["findings"][1]["value"] == 83.9
    assert [one["name"] for one in tree["maps"]] == list(maps_of(3))
    assert tree["field_mm"] == [12.0, 10.0]
    for address in [tree["picture"], *(one[kind] for one in tree["maps"] for kind in ("href", "png", "npy"))]:
        assert shown.get(address).status_code == 200, address


def test_the_report_alone_is_the_one_that_was_stored(client: TestClient, three_passes: Ids) -> None:
    tree = client.get(f"/api/inspections/{three_passes[0]}").json()
    assert client.get(f"/api/inspections/{three_passes[0]}/report.json").json() == tree["report"]


def test_a_panel_has_its_history_in_the_order_of_work(shown: TestClient) -> None:
    [panel] = shown.get("/api/panels").json()["items"]
    tree = shown.get("/api/panels/AM-0007").json()
    assert (panel["panel"], panel["latest_id"], panel["inspections"]) == ("AM-0007", 3, 3)
    assert [one["pass_number"] for one in tree["history"]] == [1, 2, 3]
    assert [one["captured_at"] for one in tree["history"]] == list(CAPTURED_AT.values())
    assert [len(one["findings"]) for one in tree["history"]] == [30, 30, 30]


def test_a_panel_code_may_hold_any_character(client: TestClient, save: Callable[[Frames], int]) -> None:
    save(frames_of(1, panel="紫/水 晶?#1"))
    assert client.get("/api/panels").json()["items"][0]["panel"] == "紫/水 晶?#1"
    assert client.get("/api/panels/%E7%B4%AB%2F%E6%B0%B4%20%E6%99%B6%3F%231").json()["panel"] == "紫/水 晶?#1"


def test_health_counts_and_names_the_newest_rig(shown: TestClient) -> None:
    tree = shown.get("/api/health").json()
    assert (tree["status"], tree["line"]) == ("ok", "ready")
    assert tree["counts"]["inspection"] == 3
    [rig] = tree["rigs"]
    assert (rig["station"], rig["expired"], rig["expires_at"]) == ("T", False, "2026-11-23T08:00:00+08:00")


def test_the_picture_shows_the_colour_that_was_measured(shown: TestClient) -> None:
    pixels = picture_of(shown.get(f"/api/inspections/{1}/picture.png"))
    assert pixels.shape == (20, 24, 4)
    assert pixels[0, 0, 3] == 0
    colour = 255 * lab2rgb(np.array([[[28.0, 26.0, -34.0]]]))[0, 0]
    np.testing.assert_allclose(pixels[5, 5], (*colour, 255), atol=1)


def test_without_colour_the_picture_is_the_white_frame_in_grey(client: TestClient, store: Store) -> None:
    frames = frames_of(1)
    rig, recipe = rig_of(frames), recipe_of()
    one = store.save(report_of(frames, rig, recipe), frames=frames, rig=rig, recipe=recipe, maps={})
    pixels = picture_of(client.get(f"/api/inspections/{one}/picture.png"))
    np.testing.assert_array_equal(pixels[..., 0], pixels[..., 2])
    light = frames.frames[12].pixels.astype(float)
    assert np.corrcoef(light.ravel(), pixels[..., 0].ravel())[0, 1] > 0.9


def test_without_colour_or_white_frame_there_is_no_picture(client: TestClient, store: Store) -> None:
    frames = frames_of(1)
    frames = replace(frames, frames=frames.frames[:12])
    rig, recipe = rig_of(frames), recipe_of()
    one = store.save(report_of(frames, rig, recipe), frames=frames, rig=rig, recipe=recipe, maps={})
    assert client.get(f"/api/inspections/{one}").json()["picture"] is None
    assert client.get(f"/api/inspections/{one}/picture.png").status_code == 404
