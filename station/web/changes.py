"""What a pass did to the panel as a whole: how it was laid over the pass before, drift of the measures, film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspection.report import Fit
from inspection.verdict import GUARD_FACTOR
from station.web.passes import comparison
from station.web.wording import Wording

Row = Mapping[str, Any]

#: Share of the allowance from which a zone is warned of, as the bar shows it.
WARN_PCT = 70.0
_VERDICT_OF_STATE = {"ok": "pass", "warn": "hold", "stop": "fail"}


@dataclass(frozen=True, slots=True)
class Move:
    """One measure since the last pass."""

    label: str
    unit: str
    value: str
    change: str
    significant: bool


@dataclass(frozen=True, slots=True)
class FilmBar:
    """One zone's film: `taken` and `taken_most` (its upper bound) in percent of what may be removed."""

    zone: str
    state: str
    shape: str
    source: str
    removed: str
    left: str
    left_low: str
    film: str
    taken: float
    taken_most: float


def since_last_pass(inspection: Row, words: Wording) -> dict[str, Any]:
    """What the last pass did to the panel as a whole; reports of older programs say nothing of it."""
    report = inspection["report"]
    return {
        "registration": registration_in_words(report.get("registration"), words),
        "moves": moves(report.get("drift", ()), words),
        "compare": comparison(inspection["panel"], inspection["previous_id"], inspection["id"]),
    }


def registration_in_words(registration: Row | None, words: Wording) -> str:
    """How the panel was laid over the earlier pass, or why nothing was linked; empty on a first pass."""
    if registration is None:
        return ""
    shown: dict[str, str] = {"pass": words.number(registration["from_pass"])}
    if registration["fit"] == Fit.ALIGNED:
        shown |= {
            "dx": _signed(registration["dx_mm"], words),
            "dy": _signed(registration["dy_mm"], words),
            "turn": _signed(registration["rotation_deg"], words),
            "u": words.number(2 * registration["u_mm"], 2),
        }
    return words.word("fit", registration["fit"]) % shown


def _signed(value: float, words: Wording) -> str:
    """One decimal, and no minus before nothing."""
    return words.number(round(value, 1) + 0.0, 1)


def moves(drift: Sequence[Row], words: Wording) -> tuple[Move, ...]:
    """Measures since the last pass; those that really moved come first."""
    ordered = sorted(drift, key=lambda row: not row["significant"])
    return tuple(
        Move(
            label=_label(row, words),
            unit=words.unit(row["unit"]),
            value=words.measured_by(row["measure"], row["value"], row["u_change"]),
            change=words.word("drift", "up" if row["change"] > 0 else "down")
            % {"change": words.measured_by(row["measure"], abs(row["change"]), row["u_change"])},
            significant=row["significant"],
        )
        for row in ordered
    )


def film_bars(film: Sequence[Row], words: Wording) -> tuple[FilmBar, ...]:
    """The film of every zone, those that need care first."""
    ordered = sorted(film, key=lambda row: ("stop", "warn", "ok").index(row["state"]))
    return tuple(_bar(row, words) for row in ordered)


def _bar(row: Row, words: Wording) -> FilmBar:
    allowed = max(row["removed_um"] + row["left_um"], 1e-9)

    def part(um: float) -> float:
        return round(min(100.0, max(0.0, 100 * um / allowed)), 1)

    def shown(um: float) -> str:
        return words.number(um, 1)

    film, u = row["film_um"], row["u_um"]
    return FilmBar(
        zone=words.word("place", "whole") if row["zone"] == "whole" else row["zone"],
        state=row["state"],
        shape=_VERDICT_OF_STATE[row["state"]],
        source=words.word("film source", row["source"]),
        removed=shown(row["removed_um"]),
        left=shown(max(0.0, row["left_um"])),
        left_low=shown(max(0.0, row["left_low_um"])),
        film="" if film is None else f"{shown(film)} ± {shown(GUARD_FACTOR * u)}",
        taken=part(row["removed_um"]),
        taken_most=part(row["removed_um"] + row["left_um"] - row["left_low_um"]),
    )


def _label(row: Row, words: Wording) -> str:
    label = words.finding(row["measure"], row["knobs"])
    if row["region"] == "whole":
        return label
    return words.word("place", "finding in region") % {"finding": label, "region": row["region"]}
