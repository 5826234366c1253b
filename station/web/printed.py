"""What a printed sheet says about one inspection: the page's own words, cut to what one sheet of paper holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from station.exchange.qr_code import qr_code
from station.store.corrected import corrected
from station.store.reader import Reader
from station.web.api.inspections import with_links
from station.web.changes import film_bars
from station.web.findings import by_key, families, family_of
from station.web.gates import gates
from station.web.keeping import keeping
from station.web.layers import Layer, layers
from station.web.marks import marks, present
from station.web.passes import summary
from station.web.print_pictures import map_picture, panel_picture, scale_picture
from station.web.reasons import reasons, tasks
from station.web.stage import stage_of
from station.web.wording import Wording

Row = Mapping[str, Any]

#: The map that shows a family's fault, as a start of its name. Only maps whose lightness alone tells high from low: a
#: sheet may be printed in grey, and there a signed map shows no sign.
_MAP_OF: Final = {
    "gloss": "gloss_gu", "clarity": "clarity_", "haze": "haze_pct", "colour": "delta_e00", "hologram": "hologram_ratio",
}  # fmt: skip
#: Shown where nothing failed, in this order.
_USUAL_MAPS: Final = ("gloss_gu", "delta_e00", "clarity_", "haze_pct")
_MAPS: Final = 2
#: What people may write at length is cut to so many letters.
_LETTERS: Final = 140


@dataclass(frozen=True, slots=True)
class Room:
    """How many lines of each kind a sheet holds."""

    checks: int
    marks: int
    reasons: int
    notes: int


#: Roomy first. The last one fits whatever people wrote, short of words longer than a line.
ROOMS: Final = (Room(24, 12, 5, 3), Room(20, 8, 4, 2), Room(14, 6, 3, 2), Room(8, 4, 2, 1))


def sheet(reader: Reader, row: dict[str, Any], words: Wording, room: Room, address: str) -> dict[str, Any]:
    """Everything that one sheet prints.

    Parameters
    ----------
    row : as `Reader.inspection` gives it
    address : str
        Of the inspection's page, for the QR code.
    """
    report = row["report"]
    before = by_key(row["previous"][0]["findings"]) if row["previous"] else {}
    judged = families(report["findings"], before, words, judged=True)
    checks = [(family.name, item) for family in judged for item in family.items]
    found = gates(report.get("gates", ()), words)
    there = present(row["marks"])
    frame = stage_of(row)
    told = marks(there, frame, row["maps"], words)
    said = [(mark.id, word) for mark in told for word in mark.said]
    shown_layers = layers(with_links(row)["maps"], words)[1:]
    return summary(row, words) | {
        "rig": {"expired": False} | report["rig"],
        "checks": _cut(checks, room.checks),
        "unjudged": sum(finding["verdict"] is None for finding in report["findings"]),
        "doubted": sorted({doubt for _, item in checks for doubt in item.doubts}),
        "reasons": _cut(reasons(report["next_step"], words), room.reasons),
        "tasks": [task["words"] for task in tasks(report["next_step"], words)],
        "gates": found,
        "gate_notes": _cut(found.found, room.notes),
        "marks": _cut(told, room.marks),
        "drawn_marks": told,
        "searched_ratio": report.get("searched_ratio"),
        "said": _cut([_short(mark, word) for mark, word in said], room.notes),
        "corrected": _corrected(corrected(reader, row), words),
        "film": film_bars(report.get("film", ()), words)[:2],
        "stage": frame,
        "picture": None if row["picture_sha256"] is None else panel_picture(reader, row),
        "maps": [
            {"layer": layer, "image": map_picture(reader, row, layer.name), "scale": scale_picture(layer.name)}
            for layer in _chosen(shown_layers, report["findings"])
        ],
        "keeping": keeping(row, words),
        "address": address,
        "qr": qr_code(address),
    }


@dataclass(frozen=True, slots=True)
class Cut:
    """The first lines of a list, and how many are left out."""

    shown: tuple[Any, ...]
    left: int


def _cut(lines: Sequence[Any], room: int) -> Cut:
    return Cut(tuple(lines[:room]), max(0, len(lines) - room))


def _short(mark: str, word: Mapping[str, str]) -> dict[str, str]:
    why = word["why"]
    return {**word, "mark": mark, "why": why if len(why) <= _LETTERS else f"{why[:_LETTERS]}…"}


def _corrected(anew: Row | None, words: Wording) -> dict[str, Any] | None:
    return None if anew is None else {"verdict": anew["verdict"], "action": anew["next_step"]["action"]}


def _chosen(shown: Iterable[Layer], findings: Iterable[Row]) -> list[Layer]:
    """The maps of what failed, then of what is in doubt, then the usual ones."""
    judged = [(finding["verdict"], family_of(finding["measure"])) for finding in findings]
    wanted = [_MAP_OF[family] for kind in ("fail", "hold") for verdict, family in judged
              if verdict == kind and family in _MAP_OF]  # fmt: skip
    there = list(shown)
    starts = dict.fromkeys([*wanted, *_USUAL_MAPS])
    # Of the maps at several periods the finest one tells most.
    found = (next((layer for layer in there if layer.name.startswith(start)), None) for start in starts)
    return list(islice((layer for layer in found if layer is not None), _MAPS))
