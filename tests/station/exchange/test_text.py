"""A report at a terminal: marks by what became of them, the next step in words, values with units and limits."""

from __future__ import annotations

from typing import Any

from records import frames_of, recipe_of, report_of, rig_of, story_of

from station.exchange.text import text_of


def told(pass_number: int, **changes: Any) -> str:
    """The text of one pass of the story; `changes` replace fields of the report."""
    frames = frames_of(pass_number)
    report = report_of(frames, rig_of(frames), recipe_of(), **story_of(pass_number) | {"searched_ratio": 0.98})
    return text_of(report.as_dict() | changes)


def test_marks_are_counted_by_what_became_of_them() -> None:
    text = told(3)
    assert "marks: 1 returned (1 scratch); 1 persists (1 crater); 2 removed (1 nib, 1 swirl marks)" in text
    assert "laid over pass 2 within ± 0.12 mm" in text
    apart = {"fit": "not_the_same_panel", "from_pass": 2, "text": "this is another panel", "u_mm": None}
    assert "; this is another panel" in told(3, registration=apart)
    assert "marks: 3 found (1 nib, 1 scratch, 1 crater)" in told(1)


def test_marks_that_nobody_looked_for_are_not_none() -> None:
    assert "marks: not searched for" in told(1, searched_ratio=None)
    assert "marks: none" in told(1, defects=[])


def test_the_next_step_has_its_reasons_and_tasks() -> None:
    text = told(2)
    assert "(SIMULATED)" in text.splitlines()[0]
    assert "next step: full pass" in text
    assert "  - 2 checks fail" in text
    assert "  1. Leave the crater." in text


def test_a_finding_is_told_with_unit_limits_and_doubts() -> None:
    findings = [
        {"verdict": "pass", "measure": "clarity_pct", "knobs": {"period_mm": 12.0}, "value": 81.53, "u": 0.4,
         "unit": "%", "low": 75.0, "high": None, "region": "whole", "quality": []},
        {"verdict": "hold", "measure": "haze_pct", "knobs": {}, "value": None, "u": None,
         "unit": "%", "low": None, "high": 4.0, "region": "A", "quality": ["NO_FRAMES"]},
        {"verdict": None, "measure": "gloss_gu", "knobs": {}, "value": 80.0, "u": 0.4,
         "unit": "GU-eq", "low": None, "high": None, "region": "whole", "quality": []},
    ]  # fmt: skip
    lines = [" ".join(line.split()) for line in told(2, findings=findings).splitlines()[-3:]]
    assert lines == [
        "PASS clarity_pct period 12 mm whole 81.53 0.8 % ≥ 75",
        "HOLD haze_pct A not measured % ≤ 4 NO_FRAMES",
        "gloss_gu whole 80 0.8 GU-eq",
    ]


def test_the_budget_of_each_value_is_told_on_demand_largest_term_first() -> None:
    frames = frames_of(1)
    report = report_of(frames, rig_of(frames), recipe_of(), **story_of(1) | {"searched_ratio": 0.98}).as_dict()
    assert "made of" not in text_of(report)
    lines = [" ".join(line.split()) for line in text_of(report, budget=True).splitlines()]
    assert "gloss_gu whole 0.5 GU-eq reference 0.49, noise 0.1" in lines
    assert lines[-1].startswith("reference: certificate of the reference")
