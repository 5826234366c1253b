"""The report of an earlier pass is read whole or refused with its field."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest

from inspection.passes.earlier import parse_earlier
from inspection.refused import Refused
from inspection.report import Status

MARK: dict[str, Any] = {
    "id": "D3", "kind": "nib", "code": "26", "x_mm": 38.2, "y_mm": 41.9, "length_mm": 0.8, "width_mm": 0.7,
    "area_mm2": 0.45, "height_um": 7.5, "angle_deg": None, "severity": 0.6, "confidence": 0.97, "region": "whole",
    "status": "persists", "since_pass": 1,
}  # fmt: skip
ZONE: dict[str, Any] = {
    "zone": "A", "source": "gauge", "film_um": 87.0, "u_um": 0.7, "removed_um": 8.0, "left_um": 8.0, "left_low_um": 6.4,
    "state": "ok", "start_um": 95.0, "u_start_um": 0.7,
}  # fmt: skip
REPORT: dict[str, Any] = {
    "format": "paint-report/1", "panel": "AM-0007-HOOD", "pass_number": 3, "verdict": "fail", "defects": [MARK],
    "removed": [MARK | {"id": "D7", "status": "removed"}], "next_id": 12, "a_field_of_tomorrow": 1,
}  # fmt: skip


def read(**changes: Any) -> Any:
    return parse_earlier(json.dumps(REPORT | changes), "before.json")


def test_marks_come_back_with_what_became_of_them() -> None:
    earlier = read()
    assert (earlier.panel, earlier.pass_number, earlier.coat_number, earlier.next_id) == ("AM-0007-HOOD", 3, 1, 12)
    assert (earlier.defects[0].id, earlier.defects[0].status) == ("D3", Status.PERSISTS)
    assert (earlier.removed[0].id, earlier.removed[0].status) == ("D7", Status.REMOVED)


def test_a_number_that_was_given_is_never_free_whatever_next_id_says() -> None:
    assert read(next_id=2).next_id == 8


def test_a_report_of_before_marks_were_found_is_read() -> None:
    earlier = parse_earlier('{"format": "paint-report/1", "pass_number": 0, "panel": null}', "before.json")
    assert (earlier.defects, earlier.removed, earlier.next_id, earlier.fingerprint) == ((), (), 1, None)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"format": "paint-report/2"}, "before.json: format"),
        ({"pass_number": -1}, "before.json: pass_number"),
        ({"pass_number": "3"}, "before.json: pass_number"),
        ({"defects": [MARK | {"x_mm": "38"}]}, "before.json: defects.0.x_mm"),
        ({"defects": [MARK | {"kind": "gremlin"}]}, "before.json: defects.0.kind"),
        ({"defects": [MARK | {"id": "3"}]}, "before.json: defects.0.id"),
        ({"removed": [MARK]}, "before.json: removed.0.id: D3 is there twice"),
        ({"defects": [MARK | {"length_mm": -1.0}]}, "before.json: defects.0.length_mm"),
        ({"next_id": 0}, "before.json: next_id"),
        ({"fingerprint": 5}, "before.json: fingerprint"),
        ({"fingerprint": "xx"}, "before.json: fingerprint"),
        ({"next_id": 10**9}, "before.json: next_id"),
        ({"pass_number": 10**6}, "before.json: pass_number"),
        ({"defects": [MARK | {"id": "D999999999"}]}, "before.json: defects.0.id"),
        ({"defects": [MARK | {"x_mm": 1e300}]}, "before.json: defects.0.x_mm"),
        ({"defects": [MARK | {"u_place_mm": 1e308}]}, "before.json: defects.0.u_place_mm"),
        ({"defects": [MARK | {"confidence": 5}]}, "before.json: defects.0.confidence"),
        ({"removed": [MARK | {"id": "D7", "since_pass": -1}]}, "before.json: removed.0.since_pass"),
        ({"film": [ZONE | {"removed_um": -5.0}]}, "before.json: film.0.removed_um"),
        ({"film": [ZONE | {"u_um": -5.0}]}, "before.json: film.0.u_um"),
        ({"film": [ZONE | {"left_low_um": 99.0}]}, "before.json: film.0.left_low_um"),
        ({"film": [ZONE | {"source": "guess"}]}, "before.json: film.0.source"),
        ({"film": [ZONE | {"state": "fine"}]}, "before.json: film.0.state"),
        ({"film": [ZONE, ZONE]}, "before.json: film.1.zone"),
    ],
)
def test_a_damaged_report_is_refused_with_file_and_field(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Refused, match=f"^{named}"):
        read(**changes)


def test_film_of_a_report_that_states_no_rate_is_read() -> None:
    assert read(film=[ZONE]).film[0].per_pass_um is None


@pytest.mark.parametrize(
    "change",
    [
        {"pitch_mm": 1e308}, {"pitch_mm": 1e-300}, {"pitch_mm": 1e-3}, {"shape": [1, 400]}, {"left_mm": 1e9},
        {"step_um": 1e300}, {"step_um": 0},
    ],
)  # fmt: skip
def test_a_fingerprint_that_no_panel_has_is_refused_with_its_file(change: dict[str, Any]) -> None:
    packed = base64.b64encode(zlib.compress(bytes(400))).decode()
    head = {"v": "relief/1", "shape": [20, 20], "left_mm": 0.5, "top_mm": 0.5, "pitch_mm": 1.0, "step_um": 0.1,
            "relief": packed}  # fmt: skip
    assert read(fingerprint=json.dumps(head)).fingerprint is not None
    with pytest.raises(Refused, match=r"^before\.json: fingerprint: "):
        read(fingerprint=json.dumps(head | change))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_not_a_number_is_refused(number: str) -> None:
    with pytest.raises(Refused, match=r"before\.json"):
        parse_earlier(json.dumps(REPORT).replace("38.2", number), "before.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_what_is_not_a_report_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^before\.json: "):
        parse_earlier(text, "before.json")
