"""Lists as tables for a spreadsheet: the same rows as in JSON, and nothing that runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from records import frames_of

from inspection.frames import Frames
from station.exchange.csv import csv_of

AS_CSV = {"Accept": "text/csv"}
LISTS = ("panels", "inspections", "findings", "defects", "corrections", "film", "recipes", "rigs", "captures")


def table(text: str) -> list[dict[str, str]]:
    """Rows by header."""
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("resource", LISTS)
def test_csv_has_the_rows_and_columns_of_the_json(shown: TestClient, resource: str) -> None:
    items = shown.get(f"/api/{resource}").json()["items"]
    answer = shown.get(f"/api/{resource}", headers=AS_CSV)
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    rows = table(answer.text)
    assert len(rows) == len(items) > 0
    assert list(rows[0]) == list(items[0])


@pytest.mark.parametrize("resource", LISTS)
def test_csv_of_an_empty_list_still_has_its_header(client: TestClient, resource: str) -> None:
    lines = client.get(f"/api/{resource}", headers=AS_CSV).text.splitlines()
    assert len(lines) == 1
    assert {"sha256", "panel"} & set(lines[0].split(","))


def test_csv_pages_by_its_link(shown: TestClient) -> None:
    first = shown.get("/api/findings?limit=50", headers=AS_CSV)
    second = shown.get(first.links["next"]["url"], headers=AS_CSV)
    assert (len(table(first.text)), len(table(second.text))) == (50, 40)
    assert "next" not in second.links


def test_numbers_survive_csv(shown: TestClient) -> None:
    [row] = table(shown.get("/api/findings?measure=delta_e00&region=whole&pass_number=2", headers=AS_CSV).text)
    assert (float(row["value"]), float(row["u_noise"]), row["low"]) == (0.40, 0.01, "")
    assert (row["unit"], row["simulated"], row["knobs"]) == ("ΔE00", "true", "{}")


def test_json_is_what_a_client_gets_that_names_it_first(client: TestClient) -> None:
    for accept in ("*/*", "application/json, text/csv", "text/html"):
        assert client.get("/api/panels", headers={"Accept": accept}).headers["content-type"] == "application/json"


@pytest.mark.parametrize("code", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_a_cell_never_runs_as_a_formula(code: str) -> None:
    assert table(csv_of([{"panel": code}], ("panel",)))[0]["panel"] == f"'{code}"


def test_a_negative_number_stays_a_number() -> None:
    assert csv_of([{"value": -0.25, "count": -3}], ("value", "count")) == "value,count\r\n-0.25,-3\r\n"


def test_a_panel_named_like_a_formula_is_harmless_in_the_list(
    client: TestClient, save: Callable[[Frames], int]
) -> None:
    save(frames_of(1, panel='=HYPERLINK("//x","y")'))
    [row] = table(client.get("/api/panels", headers=AS_CSV).text)
    assert row["panel"] == '\'=HYPERLINK("//x","y")'
    assert client.get("/api/panels").json()["items"][0]["panel"] == '=HYPERLINK("//x","y")'
