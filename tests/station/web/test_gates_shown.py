"""Gates on the page of an inspection: what they found, and what wiping did."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from inspection.report import Gate, GateState
from station.web.gates import gates
from station.web.languages import LANGUAGES
from station.web.wording import Wording

WIPED = Gate("oil", GateState.OK, 2.1, "%", None, "…", "", {"told": "wiped_off", "before": 8.0, "taken": 5.9})
STAYED = Gate("oil", GateState.OK, 8.1, "%", 8.0, "…", "", {"told": "in_paint", "before": 8.0})
LATE = Gate("daily_check", GateState.RED, 30.0, "h", 24.0, "…", "late", {"at": "2026-11-22T07:00:00+08:00"})
FINE = Gate("doubled", GateState.OK, 0.0, "1", 0.0, "…")


@pytest.mark.parametrize(("gate", "language", "sentence"), [
    (WIPED, "en", "Wiping took 5.90 % haze away: it was 8.00 % and is 2.10 %. It was oil."),
    (WIPED, "zh", "擦拭使雾影降低 5.90 %：之前 8.00 %，现在 2.10 %。原来是油污。"),
    (STAYED, "en", "Wiping changed nothing: haze was 8.00 % and is 8.10 %. It is no oil, it is in the paint."),
    (STAYED, "zh", "擦拭没有改变：雾影之前 8.00 %，现在 8.10 %。不是油污，雾影在漆面中。"),
])  # fmt: skip
def test_what_wiping_did_is_said(gate: Gate, language: str, sentence: str) -> None:
    shown = gates([asdict(FINE), asdict(gate)], Wording(LANGUAGES[language]))
    assert [one.sentence for one in shown.found] == [sentence]
    assert shown.found[0].shape == "pass"
    assert len(shown.every) == 2


def test_what_is_wrong_comes_first() -> None:
    shown = gates([asdict(WIPED), asdict(LATE)], Wording(LANGUAGES["en"]))
    assert [one.shape for one in shown.found] == ["fail", "pass"]
    assert "do the daily check" in shown.found[0].sentence


def test_a_fault_of_another_program_keeps_its_own_sentence() -> None:
    strange = Gate("oil", GateState.OK, 8.1, "%", 8.0, "Something new.", "", {"told": "unheard_of"})
    assert gates([asdict(strange)], Wording(LANGUAGES["zh"])).found[0].sentence == "Something new."
