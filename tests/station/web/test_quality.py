"""The quality engineer's pages and files: counts as people left them, drill-down, and tables as they are shown."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient
from pyarrow import parquet
from records import frames_of, recipe_of, report_of, rig_of

from inspection.defects.kinds import Kind
from station.exchange.parquet import parquet_of
from station.exchange.xlsx import xlsx_of
from station.store.db import Correction, Store, What

Passes = tuple[int, int, int]
PAGES = ("pareto", "heat-map", "trend", "passes")


def counts(client: TestClient, **asked: str) -> dict[Any, int]:
    rows = client.get("/api/pareto", params=asked).json()["items"]
    return {row["of"]: row["marks"] for row in rows}


def test_marks_are_counted_as_people_left_them(client: TestClient, store: Store, three_passes: Passes) -> None:
    before = counts(client)
    assert before["nib"] == 2
    store.add_correction(
        Correction(inspection_id=1, defect_id="D1", what=What.KIND, kind=Kind.DUST, who="heron", why="soft")
    )
    after = counts(client)
    assert (after["nib"], after["dust"]) == (before["nib"] - 1, before.get("dust", 0) + 1)
    assert sum(after.values()) == sum(before.values())


@pytest.mark.parametrize("by", ["kind", "zone", "pass", "recipe"])
def test_however_marks_are_counted_there_are_as_many(client: TestClient, three_passes: Passes, by: str) -> None:
    assert sum(counts(client, by=by).values()) == sum(counts(client).values())
    assert sum(counts(client, by=by, region="A", recipe="none-such").values()) == 0


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_with_and_without_anything(
    client: TestClient, three_passes: Passes, page: str, language: str
) -> None:
    for query in ("", "?recipe=none-such", "?first_month=2026-01&last_month=2026-12"):
        answer = client.get(f"/quality/{page}{query}", headers={"Accept-Language": language})
        assert answer.status_code == 200, query


def test_a_bar_leads_to_the_inspections_behind_it(client: TestClient, three_passes: Passes) -> None:
    page = client.get("/quality/pareto?first_month=2026-11&last_month=2026-11").text
    address = next(part for part in re.findall(r'href="(/\?[^"]+)"', page) if "kind=nib" in part)
    shown = client.get(address.replace("&amp;", "&")).text
    with_nibs = {"/inspections/1", "/inspections/2"}
    assert set(re.findall(r'href="(/inspections/\d+)"', shown)) == with_nibs


@pytest.mark.parametrize(
    "wrong", ["by=colour", "first_month=2026", "last_month=2026-13", "kind=blot", "pass_number=-1"]
)
def test_a_question_that_is_none_is_refused(client: TestClient, three_passes: Passes, wrong: str) -> None:
    assert client.get(f"/api/pareto?{wrong}").status_code == 422
    assert client.get(f"/quality/pareto?{wrong}").status_code == 422


def test_the_heat_map_has_every_mark_once_and_where_it_lies(client: TestClient, three_passes: Passes) -> None:
    cells = client.get("/api/quality/heat-map").json()["items"]
    marks = client.get("/api/defects?limit=200").json()["items"]
    assert sum(cell["n"] for cell in cells) == len(marks)
    for mark in marks:
        assert any(
            abs(mark["x_mm"] - cell["x_mm"]) <= cell["cell_mm"] / 2 + 1e-9
            and abs(mark["y_mm"] - cell["y_mm"]) <= cell["cell_mm"] / 2 + 1e-9
            for cell in cells
        )


def test_a_trend_is_in_order_of_time_with_what_held_then(client: TestClient, three_passes: Passes) -> None:
    findings = client.get("/api/findings?limit=200").json()["items"]
    measure = next(row["measure"] for row in findings if row["region"] == "whole" and row["value"] is not None)
    rows = client.get("/api/quality/trend", params={"measure": measure}).json()["items"]
    own = [row for row in findings if row["measure"] == measure and row["region"] == "whole"]
    assert [row["value"] for row in rows] == [row["value"] for row in reversed(own) if row["value"] is not None]
    assert [row["captured_at"] for row in rows] == sorted(row["captured_at"] for row in rows)


def test_a_trend_is_of_one_wave_band_and_others_are_asked_by_their_name(client: TestClient, store: Store) -> None:
    """Values of two bands are no line."""
    bands = {(3.0, 10.0): 0.6, (10.0, 30.0): 2.4}
    for number in (1, 2):
        frames, recipe = frames_of(number, "AM-0009"), recipe_of()
        rig = rig_of(frames)
        report = report_of(frames, rig, recipe)
        wavy = next(one for one in report.findings if one.measure == "waviness_rms_um" and one.region == "whole")
        both = [
            replace(wavy, knobs={"band_from_mm": low, "band_to_mm": high}, value=value + 0.1 * number)
            for (low, high), value in bands.items()
        ]
        store.save(replace(report, findings=tuple(both)), frames=frames, rig=rig, recipe=recipe, maps={})
    for (low, high), value in bands.items():
        asked = {"measure": f"waviness_rms_um band_from_mm={low:g} band_to_mm={high:g}"}
        rows = client.get("/api/quality/trend", params=asked).json()["items"]
        assert [row["value"] for row in rows] == pytest.approx([value + 0.1, value + 0.2])
        page = client.get("/quality/trend", params=asked, headers={"Accept": "text/html"}).text
        assert re.findall(r'<option value="(waviness[^"]*)" selected', page) == [asked["measure"]]
        assert len(re.findall(r'<option value="waviness', page)) == 2
    rows = client.get("/api/quality/trend", params={"measure": "waviness_rms_um"}).json()["items"]
    assert len({str(row["knobs"]) for row in rows}) == 1


@pytest.mark.parametrize("text", ["clarity_pct period_mm", "clarity_pct =12", "clarity_pct period_mm=12 period_mm=3"])
def test_knobs_that_cannot_be_read_are_refused(client: TestClient, text: str) -> None:
    assert client.get("/api/quality/trend", params={"measure": text}).status_code == 422


@pytest.mark.parametrize("address", ["/api/pareto?by=kind", "/api/inspections?limit=20", "/api/defects?limit=20"])
def test_the_same_table_is_had_in_every_form(client: TestClient, three_passes: Passes, address: str) -> None:
    rows = client.get(address).json()["items"]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}&format=xlsx").content)).active
    table = parquet.read_table(io.BytesIO(client.get(f"{address}&format=parquet").content))
    lines = client.get(f"{address}&format=csv").text.splitlines()
    assert sheet is not None
    header = [cell.value for cell in sheet[1]]
    assert header == table.column_names == lines[0].split(",")
    assert sheet.max_row - 1 == table.num_rows == len(rows) > 0
    name = header[0]
    assert table.column(name).to_pylist() == [row[name] for row in rows]


def test_no_text_becomes_a_formula_or_a_link() -> None:
    rows = [{"text": text, "more": {"a": 1}} for text in ("=1+1", "+1", "@SUM(A1)", "http://example.com", "12")]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_of(rows, ("text", "more")))).active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [row["text"] for row in rows]
    assert {row[0].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}
    assert all(row[0].hyperlink is None for row in sheet.iter_rows(min_row=2))
    kept = parquet.read_table(io.BytesIO(parquet_of(rows, ("text", "more")))).to_pylist()
    assert [json.loads(row["more"]) for row in kept] == [row["more"] for row in rows]


def test_without_its_library_parquet_is_said_to_be_missing(
    client: TestClient, three_passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    answer = client.get("/api/pareto?by=kind&format=parquet")
    assert (answer.status_code, "paint-station[parquet]" in answer.json()["detail"]) == (501, True)
