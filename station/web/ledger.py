"""Marks × passes: each mark's size after every pass of its coat, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from station.web.marks import NOT_SEEN, kind_of, size_in_words, tone_of
from station.web.wording import Wording

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One mark after one pass; an empty tone where it was not there."""

    tone: str
    tone_word: str
    size: str


@dataclass(frozen=True, slots=True)
class Line:
    """One mark over the passes."""

    id: str
    kind: str
    name: str
    cells: tuple[Cell, ...]
    there: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """The table of one coat: columns are inspections (id, pass in words), lines are marks."""

    columns: tuple[tuple[int, str], ...]
    lines: tuple[Line, ...]


def ledger(inspections: Sequence[Row], words: Wording) -> Ledger:
    """The table of marks.

    Parameters
    ----------
    inspections : sequence
        Those of one chain in the order of work, each with its ``marks``.
    """
    by_pass = [{mark["id"]: mark for mark in one["marks"]} for one in inspections]
    newest: dict[str, Row] = {}
    for marks in by_pass:
        newest |= marks
    order = sorted(newest, key=lambda name: (name[0], int(name[1:])))
    lines = tuple(
        Line(
            id=name,
            kind=kind_of(newest[name]),
            name=words.kind(kind_of(newest[name])),
            cells=tuple(_cell(marks.get(name), index > 0 and _went(name, by_pass[index - 1]), words)
                        for index, marks in enumerate(by_pass)),
            there=name in by_pass[-1] and by_pass[-1][name]["present"],
        )
        for name in order
    )  # fmt: skip
    columns = tuple((one["id"], words.word("pass", "column") % {"number": words.number(one["pass_number"])})
                    for one in inspections)  # fmt: skip
    return Ledger(columns, lines)


def _went(name: str, before: Mapping[str, Row]) -> bool:
    """Whether the mark had gone already: that is said once, after the pass that took it away."""
    return name in before and not before[name]["present"]


def _cell(mark: Row | None, was_gone: bool, words: Wording) -> Cell:
    if mark is None:
        return Cell("", "", "")
    if mark["present"]:
        return Cell(tone_of(mark), words.word("status", tone_of(mark)), size_in_words(mark, words))
    tone = str(mark["status"] or NOT_SEEN)
    return Cell("", "", "") if was_gone else Cell(tone, words.word("status", tone), "")
