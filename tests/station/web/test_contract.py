"""The whole API against its own OpenAPI document: whatever is sent, no server error and no answer it does not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from station.store.db import Store

#: What fits the document may still be refused: a rig that is not stored, a wrong PIN, a filter that fits no time.
ACCEPTED: Final = ["2xx", "304", "400", "401", "404", "409", "410", "422", "429"]
CONFIG: Final = {"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}}
#: Names of this station, so that what lies behind an address is reached as well.
HEADERS: Final = {"Host": "localhost:8000"}

schemathesis.openapi.media_type("application/zip", st.binary(max_size=300))


@pytest.fixture
def known(store: Store, three_passes: tuple[int, int, int]) -> dict[str, Any]:
    """Values of path parameters that lead somewhere."""
    with store.reader() as reader:
        row = reader.inspection(three_passes[0]) or {}
    return {
        "inspection_id": 1, "defect_id": "D1", "code": "AM-0007", "name": "gloss_gu", "sha256": row["capture_sha256"],
        "check_id": 1,
    }  # fmt: skip


def faults(app: FastAPI, known: dict[str, Any], examples: int) -> Iterator[str]:
    """Everything that is wrong with the answers, operation by operation."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=SchemathesisConfig.from_dict(CONFIG))
    for found in schema.get_all_operations():
        operation = found.ok()
        own = {one.name: known[one.name] for one in operation.path_parameters if one.name in known}
        good, bad = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
        for mode, parts in ((good, None), (good, own or None), (bad, own or None)):
            try:
                send(operation.as_strategy(generation_mode=mode, path_parameters=parts), examples)
            except Unsatisfiable:
                # There is nothing in it that could be wrong.
                assert mode is GenerationMode.NEGATIVE
            except FailureGroup as group:
                yield from (f"{operation.label} ({mode}): {one}" for one in group.exceptions)


def send(cases: st.SearchStrategy[schemathesis.Case], examples: int) -> None:
    """Send so many cases, always the same ones."""

    @given(case=cases)
    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    def each(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=HEADERS)

    each()


def test_no_answer_is_an_error_or_outside_the_document(app: FastAPI, known: dict[str, Any]) -> None:
    found = list(faults(app, known, 3))
    assert found == [], "\n".join(found)


@pytest.mark.soak
def test_no_answer_is_an_error_or_outside_the_document_in_the_long_run(app: FastAPI, known: dict[str, Any]) -> None:
    assert list(faults(app, known, 100)) == []


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/panels/AM-0007/film", {"film_um": True, "pass_number": 1, "who": "wren"}),
        ("/api/panels/AM-0007/film", {"film_um": "90", "pass_number": 1, "who": "wren"}),
        ("/api/panels/AM-0007/film", {"film_um": 90.0, "pass_number": False, "who": "wren"}),
        ("/api/inspections/1/marks", {"x_mm": True, "y_mm": 3, "kind": "nib", "who": "wren", "why": "seen"}),
        ("/api/panels/AM-0007/work/start", {"pass_number": True}),
    ],
)
def test_yes_and_text_are_no_numbers(
    client: TestClient, three_passes: tuple[int, int, int], address: str, body: dict[str, object]
) -> None:
    assert client.post(address, json=body).status_code == 422
