"""Marks as the pages show them: drawn on the picture, as rows of a list, and as a card with what people said."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspection.defects.kinds import ABOUT, Kind
from inspection.report import Status
from station.web.badges import Spot, spread
from station.web.cutouts import COLOUR, best_map
from station.web.stage import Stage
from station.web.wording import Wording, decimals_for

Row = Mapping[str, Any]

#: Of a mark that no earlier pass is known of.
FOUND = "found"
#: Of a mark of an earlier pass whose place nobody could look at.
NOT_SEEN = "not_seen"
MISSED = "missed"
FALSE_ALARM = "false_alarm"
#: In units of the rulers' numbers: height of a label, its icons, a letter, and the smallest ring around a mark.
LABEL_HEIGHT, _ICONS, _LETTER, _LEAST_RING = 1.5, 2.9, 0.78, 0.7


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark on the picture, in drawing coordinates: an ellipse around it, a line from it to its label, and that."""

    x: float
    y: float
    along: float
    across: float
    turn_deg: float
    label_x: float
    label_y: float
    label_width: float

    @property
    def edge(self) -> tuple[float, float]:
        """Where the ellipse is nearest to the label, as seen from its centre."""
        right, down = self.label_x - self.x, self.label_y - self.y
        turn = math.radians(self.turn_deg)
        along = right * math.cos(turn) + down * math.sin(turn)
        across = down * math.cos(turn) - right * math.sin(turn)
        reach = math.hypot(along / self.along, across / self.across)
        share = min(1.0, 1 / reach) if reach > 0 else 0.0
        return round(self.x + share * right, 2), round(self.y + share * down, 2)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a mark's card."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark in words. `tone` is what became of it: a status, found, missed or false alarm."""

    id: str
    kind: str
    name: str
    measured_name: str
    tone: str
    tone_word: str
    since: str
    size: str
    place: str
    facts: tuple[Fact, ...]
    said: tuple[dict[str, str], ...]
    missed: bool
    drawn: Drawn | None
    pictures: tuple[tuple[str, str], ...]
    shown: bool

    @property
    def spoken(self) -> str:
        """For those who do not see the drawing."""
        return ", ".join(part for part in (self.id, self.name, self.tone_word, self.size) if part)


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice of a filter; an empty value takes the filter away."""

    value: str
    label: str
    count: int
    chosen: bool


def present(rows: Sequence[Row]) -> list[Row]:
    """Marks that are there, without those that have gone."""
    return [row for row in rows if row["present"]]


def gone(rows: Sequence[Row]) -> list[Row]:
    """Marks of earlier passes that were not found, or not seen, any more."""
    return [row for row in rows if not row["present"]]


def tone_of(row: Row) -> str:
    """What the drawing tells by colour and line: a person's word before the machine's."""
    if row["false_alarm"]:
        return FALSE_ALARM
    if row["missed"]:
        return MISSED
    return str(row["status"] or (FOUND if row["present"] else NOT_SEEN))


def kind_of(row: Row) -> str:
    """The kind that holds: as corrected, else as measured."""
    return str(row["corrected_kind"] or row["kind"])


def marks(
    rows: Sequence[Row],
    frame: Stage | None,
    maps: Sequence[Row],
    words: Wording,
    *,
    kind: str | None = None,
    tone: str | None = None,
) -> list[Mark]:
    """Marks in words and in the drawing.

    Parameters
    ----------
    rows : as `Reader.marks` gives them
    frame : Stage or None
        Without a picture nothing is drawn.
    maps : the inspection's maps
    kind, tone : str or None
        Filter: marks of another kind or fate are there, but not shown.
    """
    kept = [one for one in maps if one["retired_at"] is None]
    drawings = _drawings(rows, frame) if frame is not None else [None] * len(rows)
    return [
        _mark(row, drawn, kept, words, kind in (None, kind_of(row)) and tone in (None, tone_of(row)))
        for row, drawn in zip(rows, drawings, strict=True)
    ]


def chips(rows: Sequence[Row], kind: str | None, tone: str | None, words: Wording) -> dict[str, list[Chip]]:
    """The choices by what became of the marks and by kind; each counts what it would show."""
    tones = Counter(tone_of(row) for row in rows if kind in (None, kind_of(row)))
    kinds = Counter(kind_of(row) for row in rows if tone in (None, tone_of(row)))
    all_words = words.word("kind", "any")
    return {
        "tone": [
            Chip("", words.word("status", "any"), tones.total(), tone is None),
            *(Chip(one, words.word("status", one), tones[one], tone == one) for one in _tones(rows)),
        ],
        "kind": [
            Chip("", all_words[:1].upper() + all_words[1:], kinds.total(), kind is None),
            *(
                Chip(one, words.kind(one), kinds[one], kind == one)
                for one in map(str, Kind)
                if any(kind_of(row) == one for row in rows)
            ),
        ],
    }


def size_in_words(row: Row, words: Wording) -> str:
    """Length and width, rounded where their uncertainty begins."""
    if row["length_mm"] is None:
        return ""
    length, width = (words.measured(row[f"{side}_mm"], row[f"u_{side}_mm"]) for side in ("length", "width"))
    return words.word("mark", "size") % {"length": length, "width": width}


def place_in_words(row: Row, words: Wording) -> str:
    """Where a mark is on the panel."""
    return words.word("mark", "place") % {"x": words.number(row["x_mm"], 1), "y": words.number(row["y_mm"], 1)}


def _tones(rows: Sequence[Row]) -> list[str]:
    order = [FOUND, *map(str, Status), MISSED, FALSE_ALARM]
    return [one for one in order if any(tone_of(row) == one for row in rows)]


def _mark(row: Row, drawn: Drawn | None, maps: Sequence[Row], words: Wording, shown: bool) -> Mark:
    tone = tone_of(row)
    since = row["since_pass"]
    address = f"/api/inspections/{row['inspection_id']}/defects/{row['id']}/picture.png?map="
    kept = {one["name"] for one in maps}
    named = [name for name in (best_map(row, maps), COLOUR) if name is not None and name in kept]
    return Mark(
        id=row["id"],
        kind=kind_of(row),
        name=words.kind(kind_of(row)),
        measured_name="" if row["kind"] is None else words.kind(row["kind"]),
        tone=tone,
        tone_word=words.word("status", tone),
        since="" if since is None else words.word("mark", "since pass") % {"number": words.number(since)},
        size=size_in_words(row, words),
        place=place_in_words(row, words),
        facts=tuple(_facts(row, words)),
        said=tuple(_said(word, words) for word in row["corrections"]),
        missed=row["missed"],
        drawn=drawn,
        pictures=tuple((name, f"{address}{name}") for name in dict.fromkeys(named)),
        shown=shown,
    )


def _facts(row: Row, words: Wording) -> list[Fact]:
    """What is measured, with its uncertainty where there is one."""

    def fact(code: str, value: str) -> Fact:
        return Fact(words.word("mark fact", code), value)

    def with_u(value: float, u: float | None, unit: str) -> str:
        margin = "" if u is None else f" ± {words.number(2 * u, decimals_for(u, value))}"
        return f"{words.measured(value, u)}{margin} {unit}"

    facts = [fact("place", place_in_words(row, words))]
    if row["region"] != "whole":
        facts.append(fact("region", row["region"]))
    if row["length_mm"] is not None:
        facts.append(fact("length", with_u(row["length_mm"], row["u_length_mm"], "mm")))
        facts.append(fact("width", with_u(row["width_mm"], row["u_width_mm"], "mm")))
    if row["height_um"] is not None:
        facts.append(fact("height", with_u(row["height_um"], row["u_height_um"], "µm")))
    if row["angle_deg"] is not None:
        facts.append(fact("direction", f"{words.number(row['angle_deg'], 0)}°"))
    if row["confidence"] is not None:
        facts.append(fact("confidence", words.share(row["confidence"])))
    if row["caused_by_pass"] is not None:
        facts.append(fact("caused by pass", words.number(row["caused_by_pass"])))
    origins = [words.word("process", str(process)) for process in ABOUT[Kind(kind_of(row))].origins]
    if kind_of(row) != Kind.UNKNOWN:
        facts.append(fact("usually from", words.word("place", "list pause").join(origins)))
    return facts


def _said(word: Row, words: Wording) -> dict[str, str]:
    sentence = words.word("correction", word["what"])
    if word["kind"] is not None:
        sentence %= {"kind": words.kind(word["kind"])}
    return {"what": sentence, "who": word["who"], "why": word["why"], "when": words.moment(word["made_at"])}


def _drawings(rows: Sequence[Row], frame: Stage) -> list[Drawn | None]:
    text = frame.text
    shapes = [_shape(row, frame) for row in rows]
    widths = [round((_ICONS + _LETTER * len(row["id"])) * text, 2) for row in rows]
    spots = [
        Spot(x, y, max(_LEAST_RING * text, min(across, 2.5 * text)), width)
        for (x, y, _, across, _), width in zip(shapes, widths, strict=True)
    ]
    labels = spread(spots, LABEL_HEIGHT * text, frame.columns, frame.rows)
    return [Drawn(*shape, *label, width) for shape, label, width in zip(shapes, labels, widths, strict=True)]


def _shape(row: Row, frame: Stage) -> tuple[float, float, float, float, float]:
    """Centre, half-axes and turn (clockwise, as SVG has it) of the ellipse around a mark."""
    x_mm, y_mm = row["x_mm"], row["y_mm"]
    x, y = frame.place(x_mm, y_mm)
    turn = math.radians(row["angle_deg"] or 0.0)
    least = _LEAST_RING * frame.text

    def half(length_mm: float | None, right: float, down: float) -> tuple[float, float]:
        end_x, end_y = frame.place(x_mm + right * (length_mm or 0.0) / 2, y_mm + down * (length_mm or 0.0) / 2)
        return end_x - x, end_y - y

    # Angles are counter-clockwise as seen, y is down.
    along = half(row["length_mm"], math.cos(turn), -math.sin(turn))
    across = half(row["width_mm"], math.sin(turn), math.cos(turn))
    clear = least / 2
    return (
        x,
        y,
        round(max(math.hypot(*along) + clear, least), 2),
        round(max(math.hypot(*across) + clear, least), 2),
        round(math.degrees(math.atan2(along[1], along[0])), 1) if any(along) else 0.0,
    )
