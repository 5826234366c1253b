"""Gates of a report as the page shows them: is the capture valid?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspection.report import GateState
from station.web.wording import Wording

#: The shape of a verdict that stands for a state; what is not known has the empty one.
_SHAPES = {GateState.OK: "pass", GateState.DOUBT: "hold", GateState.RED: "fail", GateState.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class Shown:
    """One gate in words; `sentence` is empty where it has nothing to tell."""

    name: str
    state: str
    shape: str | None
    sentence: str
    value: str


@dataclass(frozen=True, slots=True)
class Gates:
    """Those that have something to tell, worst first, and all of them."""

    found: tuple[Shown, ...]
    every: tuple[Shown, ...]


def gates(told: Sequence[Mapping[str, Any]], words: Wording) -> Gates:
    """Gates of a report; reports of older programs have none."""
    shown = {one["id"]: _shown(one, words) for one in told}
    wrong = sorted((one for one in told if _tells(one)), key=lambda one: -GateState(one["state"]).rank)
    return Gates(tuple(shown[one["id"]] for one in wrong), tuple(shown.values()))


def _tells(one: Mapping[str, Any]) -> bool:
    """Whether a gate found something, or has something to tell though it is content."""
    return bool(one["fault"] or one["values"].get("told"))


def _shown(one: Mapping[str, Any], words: Wording) -> Shown:
    values = {"gate": one["id"], "fault": one["fault"], "value": one["value"], "limit": one["limit"]} | one["values"]
    there = {name: value for name, value in values.items() if value is not None}
    value = one["value"]
    return Shown(
        name=words.word("gate", one["id"]),
        state=words.word("gate state", one["state"]),
        shape=_SHAPES[GateState(one["state"])],
        sentence=words.gate_says(there, one["sentence"]) if _tells(one) else "",
        value="" if value is None else f"{words.measured(value, None)} {words.unit(one['unit'])}".rstrip(),
    )
