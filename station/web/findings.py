"""Findings of a report as the pages show them: by family, judged ones first, beside those of other passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspection.registry import MEASURES
from station.web.target_bars import TargetBar, target_bar
from station.web.wording import Wording, decimals_for

Row = Mapping[str, Any]
Key = tuple[str, str, tuple[tuple[str, float | str], ...]]

#: Measures of reports that older or newer programs wrote.
OTHER_FAMILY = "other"


@dataclass(frozen=True, slots=True)
class Item:
    """One finding in words."""

    label: str
    region: str
    value: float | None
    value_words: str
    u_words: str
    unit: str
    verdict: str | None
    limit_words: str
    doubts: tuple[str, ...]
    bar: TargetBar | None
    chance: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What the uncertainty of one value is made of: sources with their shares, the largest first."""

    label: str
    u_words: str
    unit: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Findings that belong together."""

    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in the table of passes; `words` is empty where that pass has none."""

    words: str
    verdict: str | None
    here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One check over the passes."""

    label: str
    unit: str
    cells: tuple[Cell, ...]


def key_of(finding: Row) -> Key:
    """What makes two findings of two passes the same question."""
    return finding["measure"], finding["region"], tuple(sorted(finding["knobs"].items()))


def by_key(findings: Iterable[Row]) -> dict[Key, Row]:
    """Findings by their question; where a pass asks twice, the judged one."""
    rows: dict[Key, Row] = {}
    for finding in findings:
        key = key_of(finding)
        if key not in rows or rows[key]["verdict"] is None:
            rows[key] = finding
    return rows


def family_of(measure: str) -> str:
    """The family of a measure: the file it is written in."""
    registered = MEASURES.get(measure)
    return OTHER_FAMILY if registered is None else registered.function.__module__.rsplit(".", 1)[-1]


def families(findings: Sequence[Row], before: Mapping[Key, Row], words: Wording, *, judged: bool) -> tuple[Family, ...]:
    """Findings with (or without) a verdict, grouped in the order in which the families first appear."""
    grouped: dict[str, list[Item]] = {}
    for finding in findings:
        if (finding["verdict"] is not None) is judged:
            item = _item(finding, before.get(key_of(finding)), words)
            grouped.setdefault(family_of(finding["measure"]), []).append(item)
    return tuple(Family(name, tuple(items)) for name, items in grouped.items())


def budgets(findings: Sequence[Row], words: Wording) -> tuple[Budget, ...]:
    """What each value's uncertainty is made of: the share of its square that comes from each source."""
    return tuple(
        Budget(
            _label(finding, words),
            words.number(finding["u"], decimals_for(finding["u"], finding["u"])),
            words.unit(finding["unit"]),
            tuple(
                f"{words.word('uncertainty', source)} {words.share((u / finding['u']) ** 2)}"
                for source, u in sorted(finding["budget"].items(), key=lambda pair: -pair[1])
            ),
        )
        for finding in findings
        if finding["u"] and finding.get("budget")
    )


def lines(own: Sequence[Row], passes: Sequence[tuple[Mapping[Key, Row], bool]], words: Wording) -> tuple[Line, ...]:
    """The judged findings of one inspection, each over several passes.

    Parameters
    ----------
    own : findings of the inspection shown
    passes : (findings by key, is the inspection shown) in the order of the columns
    """
    judged = [finding for finding in own if finding["verdict"] is not None]
    return tuple(
        Line(
            _label(finding, words),
            words.unit(finding["unit"]),
            tuple(_cell(found.get(key_of(finding)), here, words) for found, here in passes),
        )
        for finding in judged
    )


def limits_in_words(low: float | None, high: float | None, unit: str, words: Wording) -> str:
    """The target of a check: at least, at most, or between."""
    shown = {
        "low": "" if low is None else words.number(low),
        "high": "" if high is None else words.number(high),
        "unit": words.unit(unit),
    }
    kind = "between" if low is not None and high is not None else "at least" if low is not None else "at most"
    return (words.word("limit", kind) % shown).strip()


def _item(finding: Row, before: Row | None, words: Wording) -> Item:
    value, u, low, high = finding["value"], finding["u"], finding["low"], finding["high"]
    has_limit = low is not None or high is not None
    return Item(
        label=words.finding(finding["measure"], finding["knobs"]),
        region=finding["region"],
        value=value,
        value_words="" if value is None else words.measured_by(finding["measure"], value, u),
        u_words="?" if u is None else words.number(u, decimals_for(u, u)),
        unit=words.unit(finding["unit"]),
        verdict=finding["verdict"],
        limit_words=limits_in_words(low, high, finding["unit"], words) if has_limit else "",
        doubts=tuple(words.word("quality", flag) for flag in finding["quality"]),
        bar=target_bar(value, u, low, high, before["value"] if before else None) if has_limit else None,
        chance="" if finding.get("probability") is None else words.share(finding["probability"]),
    )


def _label(finding: Row, words: Wording) -> str:
    label = words.finding(finding["measure"], finding["knobs"])
    if finding["region"] == "whole":
        return label
    return words.word("place", "finding in region") % {"finding": label, "region": finding["region"]}


def _cell(finding: Row | None, here: bool, words: Wording) -> Cell:
    if finding is None or finding["value"] is None:
        return Cell("", finding["verdict"] if finding else None, here)
    return Cell(words.measured_by(finding["measure"], finding["value"], finding["u"]), finding["verdict"], here)
