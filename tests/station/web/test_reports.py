"""Reports on paper: one sheet for an inspection however much there is to say, a booklet for a panel, both languages."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from command_runs import refused
from fastapi.testclient import TestClient
from pypdf import PdfReader
from records import frames_of, maps_of, recipe_of, report_of, rig_of, story_of

from station.__main__ import main
from station.exchange.qr_code import qr_code
from station.store.db import Correction, Store, What

REPORT = "/inspections/3/report.pdf"


def read(data: bytes) -> tuple[PdfReader, list[str]]:
    """A PDF and the text of its pages, without regard to where lines were broken."""
    opened = PdfReader(io.BytesIO(data))
    return opened, [re.sub(r"\s+", " ", page.extract_text()) for page in opened.pages]


@pytest.fixture(scope="module")
def reports(shown: TestClient) -> dict[str, bytes]:
    """The report after pass 3 in both languages."""
    made = {language: shown.get(REPORT, params={"language": language}) for language in ("zh", "en")}
    assert {answer.headers["content-type"] for answer in made.values()} == {"application/pdf"}
    return {language: answer.content for language, answer in made.items()}


@pytest.mark.parametrize(
    ("language", "tag", "sentences"),
    [
        ("zh", "zh-CN", ["检测报告", "紫水晶", "合格", "放行", "模拟数据", "镜像清晰度", "缺陷", "检查项目"]),
        ("en", "en", ["Inspection report", "Amethyst", "Passed", "Release", "Simulated data", "Colour difference",
                      "0.38 ± 0.05", "≤ 0.8", "Marks", "What was checked"]),
    ],
)  # fmt: skip
def test_a_report_can_be_read_and_searched(
    reports: dict[str, bytes], language: str, tag: str, sentences: list[str]
) -> None:
    opened, (text,) = read(reports[language])
    assert [sentence for sentence in sentences if sentence not in text] == []
    assert opened.trailer["/Root"]["/Lang"] == tag
    assert opened.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert opened.metadata is not None
    assert "AM-0007" in (opened.metadata.title or "")


def test_every_font_is_in_the_file(reports: dict[str, bytes]) -> None:
    fonts = read(reports["zh"])[0].pages[0]["/Resources"]["/Font"]
    described = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts.values()]
    assert described
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(one.get_object()) for one in described)


def test_a_report_says_what_it_rests_on(reports: dict[str, bytes], shown: TestClient) -> None:
    row = shown.get("/api/inspections/3").json()
    _, (text,) = read(reports["en"])
    for told in (row["recipe_sha256"], row["rig_sha256"], row["capture_sha256"], row["software"]):
        assert told in text.replace(" ", ""), told
    assert "http://localhost:8000/inspections/3" in text


def test_the_same_inspection_is_printed_alike(reports: dict[str, bytes], shown: TestClient) -> None:
    assert shown.get(REPORT, params={"language": "en"}).content == reports["en"]


def test_the_code_leads_back_to_the_page() -> None:
    code = qr_code("http://10.0.0.7:8000/inspections/12345")
    drawn = np.full((code.size, code.size), 255, np.uint8)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", code.path):
        drawn[int(y), int(x) : int(x) + int(width)] = 0
    (found,) = zxingcpp.read_barcodes(np.kron(drawn, np.ones((4, 4), np.uint8)))
    assert found.text == "http://10.0.0.7:8000/inspections/12345"


def test_the_language_is_that_of_the_pages_unless_another_is_asked_for(shown: TestClient) -> None:
    in_english = shown.get(REPORT, headers={"accept-language": "en"})
    assert "Inspection report" in read(in_english.content)[1][0]
    answer = shown.get(f"{REPORT}?language=fr", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "language: expected zh or en, got 'fr'")


def test_fifty_marks_and_long_words_stay_on_one_sheet(store: Store, client: TestClient) -> None:
    frames = frames_of(1)
    recipe, rig = recipe_of(), rig_of(frames)
    report = report_of(frames, rig, recipe, **story_of(1))
    # A long table of checks, too: as many as the largest recipe of the plant.
    checks = tuple(replace(one, check_no=i) for i in range(8) for one in report.findings if one.verdict is not None)
    many = tuple(replace(report.defects[0], id=f"D{i}", x_mm=1.0 + 0.1 * i) for i in range(1, 51))
    long = replace(report, findings=checks, defects=many, next_id=51)
    inspection_id = store.save(long, frames=frames, rig=rig, recipe=recipe, maps=maps_of(1), previous_id=None)
    for i in range(1, 6):
        store.add_correction(
            Correction(inspection_id=inspection_id, defect_id=f"D{i}", what=What.NOTE, who="heron", why="抛光" * 200)
        )
    opened, pages = read(client.get(f"/inspections/{inspection_id}/report.pdf?language=en").content)
    assert len(opened.pages) == 1
    told = re.findall(r"and (\d+) more: on the station's page", pages[0])
    listed = len(set(re.findall(r"\bD\d+ Nib", pages[0])))
    assert str(50 - listed) in told
    assert "heron" in pages[0]
    assert "…" in pages[0]


def test_what_people_said_stands_on_the_sheet(shown: TestClient) -> None:
    _, (text,) = read(shown.get("/inspections/1/report.pdf?language=en").content)
    assert "kingfisher" in text
    assert "from the mask" in text


def test_a_booklet_tells_the_panels_way_and_every_inspection(shown: TestClient) -> None:
    answer = shown.get("/panels/AM-0007/booklet.pdf?language=zh")
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''booklet-AM-0007.pdf"
    _, pages = read(answer.content)
    assert len(pages) == 4
    assert "板件检测档案" in pages[0]
    assert [f"/inspections/{number}" in page for number, page in enumerate(pages[1:], 1)] == [True] * 3


@pytest.mark.parametrize("address", ["/inspections/99/report.pdf", "/panels/none/booklet.pdf"])
def test_what_does_not_exist_is_not_printed(shown: TestClient, address: str) -> None:
    assert shown.get(address).status_code == 404


def test_pages_lead_to_the_reports(shown: TestClient) -> None:
    assert 'href="/inspections/3/report.pdf"' in shown.get("/inspections/3").text
    assert 'href="/panels/AM-0007/booklet.pdf"' in shown.get("/panels/AM-0007").text


def test_the_command_writes_a_report_and_refuses_what_is_not_there(
    tmp_path: Path, made_stores: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "station.toml").write_text(
        f'data_dir = "{made_stores[1]}"\nallowed_hosts = ["paint-1.plant"]\n', encoding="utf-8"
    )
    config = ["--config", str(tmp_path / "station.toml")]
    out = tmp_path / "sheet.pdf"
    assert main(["report", "2", "-o", str(out), "--language", "en", *config]) == 0
    assert "http://paint-1.plant:8000/inspections/2" in read(out.read_bytes())[1][0]
    nowhere = tmp_path / "none.pdf"
    assert "it has no inspection 99" in refused(capsys, ["report", "99", "-o", str(nowhere), *config])
    assert "it has no panel X" in refused(capsys, ["report", "--panel", "X", "-o", str(nowhere), *config])
    assert "no such database" in refused(
        capsys, ["report", "1", "-o", str(nowhere), "--config", str(_empty(tmp_path / "empty.toml"))]
    )
    assert not nowhere.exists()


def _empty(path: Path) -> Path:
    path.write_text(f'data_dir = "{path.parent / "nothing"}"\n', encoding="utf-8")
    return path
