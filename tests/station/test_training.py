"""`train`: what it reads, what it writes, and that the same marks give the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspection.defects.kinds import Kind
from inspection.defects.learn import learned_of
from inspection.refused import Refused
from samples.stations import NAMED
from station import training
from station.__main__ import main
from station.training import named_marks, sample_marks

SMALL = (NAMED["B"].sized(200),)


def label_line(label: str, features: dict[str, float] | None) -> str:
    mark = None if features is None else {"id": "D1", "features": features}
    return json.dumps({"label": label, "id": "D1", "panel": "P-1", "mark": mark})


def test_train_writes_the_same_weights_again_and_takes_labels_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "STATIONS", SMALL)
    marks = sample_marks(1, SMALL)
    assert len({mark.kind for mark in marks}) >= 2
    labels = tmp_path / "labels.jsonl"
    labels.write_text("\n".join([label_line("dust", dict(marks[0].features)), label_line("false_alarm", None)]))
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    for out in (first, again):
        assert main(["train", "--panels", "1", "--labels", str(labels), "--out", str(out)]) == 0
    assert first.read_bytes() == again.read_bytes()
    known = learned_of(first.read_text())
    assert known.n_labels == 1
    assert known.n_marks == len(marks) + 1
    assert Kind.DUST in known.kinds
    assert "1 named by people" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 1: expected a JSON object with a label"),
        ('"dust"', "line 1: expected a JSON object with a label"),
        (label_line("rust", {"length_mm": 1.0}), "line 1"),
        (label_line("dust", {"length_mm": 1.0}), "is missing"),
    ],
)
def test_a_bad_line_of_labels_is_refused_with_its_number(line: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        named_marks(line, "labels.jsonl")


def test_missed_marks_and_false_alarms_name_no_kind() -> None:
    lines = [label_line("false_alarm", {"length_mm": 1.0}), label_line("scratch", None), ""]
    assert named_marks("\n".join(lines), "labels.jsonl") == []


def test_train_refuses_before_the_long_work(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.jsonl")
    assert main(["train", "--panels", "0", "--out", str(tmp_path / "w.json")]) == 2
    assert main(["train", "--labels", missing, "--out", str(tmp_path / "w.json")]) == 2
    assert main(["train", "--out", str(tmp_path / "nowhere" / "w.json")]) == 2
    assert not (tmp_path / "w.json").exists()
