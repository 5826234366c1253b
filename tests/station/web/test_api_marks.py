"""Marks over HTTP: filters, cut-outs, and what people say about them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import cv2
import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from records import defect_of, frames_of, recipe_of, report_of, rig_of
from small_sets import COLS, MM_PER_PX, ROWS
from test_api_problems import assert_problem

from inspection.defects.kinds import Kind
from station.store.db import Store

Ids = tuple[int, int, int]
WORD = {"who": "kingfisher", "why": "seen under the lamp"}


def marks(client: TestClient, inspection: int, **query: Any) -> dict[str, dict[str, Any]]:
    """Marks of an inspection by identity."""
    answer = client.get(f"/api/inspections/{inspection}/defects", params=query)
    assert answer.status_code == 200
    return {row["id"]: row for row in answer.json()["items"]}


def say(client: TestClient, inspection: int, defect: str, **word: Any) -> httpx2.Response:
    """One correction."""
    return client.post(f"/api/inspections/{inspection}/defects/{defect}/corrections", json=WORD | word)


def pixels(response: httpx2.Response) -> np.ndarray:
    """A PNG answer as RGBA."""
    assert response.status_code == 200, response.text
    decoded = cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None
    return decoded[..., [2, 1, 0, 3]]


def test_marks_of_an_inspection_by_what_became_of_them(shown: TestClient) -> None:
    assert set(marks(shown, 2)) == {"D1", "D3", "D4"}
    assert set(marks(shown, 2, status="removed")) == {"D2"}
    assert set(marks(shown, 2, kind="swirl")) == {"D4"}
    assert set(marks(shown, 2, kind="nib", status="smaller")) == {"D1"}
    assert marks(shown, 2)["D4"]["caused_by_pass"] == 2


def test_marks_of_an_inspection_are_a_table_too(shown: TestClient) -> None:
    answer = shown.get("/api/inspections/2/defects", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == ["D1", "D3", "D4"]
    assert [row["u_height_um"] for row in rows] == ["0.4", "0.4", ""]


def test_the_list_of_all_defects_says_what_was_corrected(client: TestClient, three_passes: Ids) -> None:
    assert say(client, three_passes[0], "D1", what="kind", kind="dust").status_code == 201
    assert say(client, three_passes[1], "D3", what="false_alarm").status_code == 201
    rows = client.get("/api/defects?corrected=true").json()["items"]
    assert [(row["id"], row["pass_number"], row["corrected_kind"], row["false_alarm"]) for row in rows] == [
        ("D3", 2, None, True),
        ("D1", 1, "dust", False),
    ]


def test_a_correction_answers_with_the_mark_as_measured_and_as_said(client: TestClient, three_passes: Ids) -> None:
    answer = say(client, three_passes[0], "D1", what="kind", kind="crater").json()
    mark = answer["mark"]
    assert (mark["kind"], mark["corrected_kind"], mark["height_um"]) == ("nib", "crater", 7.5)
    [word] = mark["corrections"]
    assert (word["who"], word["why"], word["made_at"]) == (*WORD.values(), "2026-11-22T04:00:00.000000Z")
    assert set(marks(client, three_passes[0], kind="crater")) == {"D1", "D3"}
    assert marks(client, three_passes[0], kind="nib") == {}


def test_a_missed_mark_is_added_where_it_was_pointed_at(client: TestClient, three_passes: Ids) -> None:
    word = WORD | {"x_mm": 6.25, "y_mm": 3.5, "kind": "scratch"}
    answer = client.post(f"/api/inspections/{three_passes[2]}/marks", json=word)
    assert answer.status_code == 201
    added = marks(client, three_passes[2])[answer.json()["mark"]["id"]]
    assert (added["missed"], added["x_mm"], added["y_mm"], added["corrected_kind"]) == (True, 6.25, 3.5, "scratch")
    assert pixels(client.get(added["picture"])).shape[2] == 4
    assert say(client, three_passes[2], added["id"], what="false_alarm").status_code == 201


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"who": " "}, "who"),
        ({"why": ""}, "why"),
        ({"why": "x" * 501}, "why"),
        ({"what": "wrong"}, "what"),
        ({"what": "kind"}, "kind"),
        ({"what": "kind", "kind": "hole"}, "kind"),
        ({"what": "false_alarm", "kind": "nib"}, "kind"),
        ({"what": "missed"}, "/marks"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_word_without_who_why_or_sense_is_refused(
    client: TestClient, three_passes: Ids, change: dict[str, str], words: str
) -> None:
    assert_problem(say(client, three_passes[0], "D1", **{"what": "note"} | change), 422, words)
    assert client.get("/api/corrections").json()["items"] == []


def test_words_about_nothing_are_not_found(client: TestClient, three_passes: Ids) -> None:
    assert_problem(say(client, 99, "D1", what="note"), 404, "inspection 99")
    assert_problem(say(client, three_passes[0], "D9", what="note"), 404, "mark D9")
    assert_problem(say(client, three_passes[0], "X1", what="note"), 422, "defect_id")
    assert_problem(client.get("/api/inspections/99/defects"), 404, "inspection 99")
    word = WORD | {"x_mm": 600, "y_mm": 3.5, "kind": "scratch"}
    assert_problem(client.post(f"/api/inspections/{three_passes[0]}/marks", json=word), 422, "in the picture")
    assert_problem(client.post("/api/inspections/99/marks", json=word), 404, "inspection 99")
    assert_problem(client.get(f"/api/inspections/{three_passes[0]}/defects/D1/picture.png?map=nothing"), 404, "nothing")


def test_a_cut_out_shows_the_paint_at_the_mark(client: TestClient, store: Store) -> None:
    """One hot pixel of the map lies in the middle of the mark's cut-out, and the paint around it is shown."""
    frames = frames_of(1)
    rig, recipe = rig_of(frames), recipe_of()
    height = np.zeros((ROWS, COLS), np.float32)
    height[8, 12] = 5.0
    x_mm, y_mm = (12 + 0.5) * MM_PER_PX, (8 + 0.5) * MM_PER_PX
    mark = defect_of(1, x_mm=x_mm, y_mm=y_mm, box_mm=(x_mm - 0.4, y_mm - 0.4, x_mm + 0.4, y_mm + 0.4))
    report = report_of(frames, rig, recipe, defects=(mark,))
    one = store.save(report, frames=frames, rig=rig, recipe=recipe, maps={"height_um": height})
    seen = pixels(client.get(f"/api/inspections/{one}/defects/D1/picture.png?size_px=110")).astype(float)
    assert max(seen.shape[:2]) == 110
    # Half the box and 2 mm on either side of 0.8 mm: ten or eleven pixels of 0.5 mm.
    background = seen[2, 2]
    away = np.abs(seen - background).sum(axis=2) > 30
    assert away.any()
    rows, columns = np.nonzero(away)
    assert rows.mean() == pytest.approx(seen.shape[0] / 2, abs=6)
    assert columns.mean() == pytest.approx(seen.shape[1] / 2, abs=6)
    assert away.sum() == pytest.approx((110 / 11) ** 2, rel=0.25)


def test_a_cut_out_at_the_border_is_what_there_is(client: TestClient, store: Store) -> None:
    frames = frames_of(1)
    rig, recipe = rig_of(frames), recipe_of()
    mark = defect_of(1, x_mm=0.1, y_mm=9.9, box_mm=None)
    report = report_of(frames, rig, recipe, defects=(mark,))
    maps = {"height_um": np.zeros((ROWS, COLS), np.float32), "lab": np.full((ROWS, COLS, 3), 30.0, np.float32)}
    one = store.save(report, frames=frames, rig=rig, recipe=recipe, maps=maps)
    for query in ("", "?map=lab", "?map=height_um&size_px=96"):
        assert max(pixels(client.get(f"/api/inspections/{one}/defects/D1/picture.png{query}")).shape) >= 96


def test_a_cut_out_is_taken_from_the_map_that_shows_the_mark(client: TestClient, store: Store) -> None:
    frames = frames_of(1)
    rig, recipe = rig_of(frames), recipe_of()
    report = report_of(frames, rig, recipe, defects=(
        defect_of(1, contrast_measure=None), defect_of(2, Kind.DUST, contrast_measure=None),
        defect_of(3, Kind.SWIRL, contrast_measure="haze_pct"),
    ))  # fmt: skip
    flat = np.tile(np.arange(COLS, dtype=np.float32), (ROWS, 1))
    maps = dict.fromkeys(("haze_pct", "gloss_gu", "height_um"), flat) | {
        "lab": np.full((ROWS, COLS, 3), 30.0, np.float32)
    }
    one = store.save(report, frames=frames, rig=rig, recipe=recipe, maps=maps)
    base = f"/api/inspections/{one}/defects"
    for defect, name in (("D1", "height_um"), ("D2", "lab"), ("D3", "haze_pct")):
        best = client.get(f"{base}/{defect}/picture.png")
        assert best.content == client.get(f"{base}/{defect}/picture.png?map={name}").content, defect
        again = client.get(f"{base}/{defect}/picture.png", headers={"If-None-Match": best.headers["etag"]})
        assert again.status_code == 304


def test_labels_for_training_have_the_measured_data_and_no_name(client: TestClient, three_passes: Ids) -> None:
    say(client, three_passes[0], "D1", what="kind", kind="dust")
    say(client, three_passes[0], "D1", what="note", why="looked again")
    say(client, three_passes[1], "D3", what="kind", kind="pinhole")
    say(client, three_passes[1], "D3", what="false_alarm")
    word = WORD | {"x_mm": 6.0, "y_mm": 5.0, "kind": "scratch"}
    client.post(f"/api/inspections/{three_passes[1]}/marks", json=word)
    answer = client.get("/api/labels")
    assert answer.headers["content-type"] == "application/jsonl"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["label"] for row in rows] == ["dust", "false_alarm", "scratch"]
    assert [row["mark"] and row["mark"]["kind"] for row in rows] == ["nib", "crater", None]
    assert rows[0]["mark"]["u_length_mm"] == 0.06
    assert (rows[2]["x_mm"], rows[2]["simulated"]) == (6.0, True)
    assert "kingfisher" not in answer.text


def test_what_people_said_is_a_list_that_filters(client: TestClient, three_passes: Ids) -> None:
    say(client, three_passes[0], "D1", what="kind", kind="dust")
    say(client, three_passes[1], "D3", what="false_alarm")
    for query, expected in (("", 2), ("?what=kind", 1), ("?kind=dust&pass_number=1", 1), ("?kind=nib", 0)):
        assert len(client.get(f"/api/corrections{query}").json()["items"]) == expected, query
    text = client.get("/api/corrections", headers={"Accept": "text/csv"}).text
    assert "kingfisher" in text


def test_film_readings_come_in_by_panel_and_out_as_a_list(client: TestClient, three_passes: Ids) -> None:
    reading = {"zone": "A", "film_um": 91.5, "u_um": 0.6, "pass_number": 2, "who": "heron"}
    answer = client.post("/api/panels/AM-0007/film", json=reading)
    assert answer.status_code == 201
    [row] = client.get("/api/film?panel=AM-0007&zone=A").json()["items"]
    assert {name: row[name] for name in reading} == reading
    assert (row["panel"], row["coat_number"], row["measured_at"]) == ("AM-0007", 1, "2026-11-22T04:00:00+00:00")
    assert_problem(client.post("/api/panels/nobody/film", json=reading), 404, "nobody")
    for change, word in (
        ({"film_um": 0}, "film_um"), ({"who": ""}, "who"), ({"zone": "a b"}, "zone"),
        ({"measured_at": "9999-12-31T23:59:59-14:00"}, "measured_at: Value error, a time that no calendar holds"),
        ({"measured_at": "0001-01-01T00:00:00+14:00"}, "measured_at"),
        ({"measured_at": "2026-11-22T10:00:00"}, "measured_at"),
    ):  # fmt: skip
        assert_problem(client.post("/api/panels/AM-0007/film", json=reading | change), 422, word)


def test_a_form_of_another_page_cannot_say_anything(client: TestClient, three_passes: Ids) -> None:
    """A browser sends text across sites without asking first; JSON it must ask for, and nobody here agrees."""
    address = f"/api/inspections/{three_passes[0]}/defects/D1/corrections"
    word = json.dumps(WORD | {"what": "false_alarm"})
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert client.post(address, content=word, headers={"Content-Type": kind}).status_code == 422
    assert marks(client, three_passes[0])["D1"]["false_alarm"] is False
