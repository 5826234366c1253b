"""What polishing left all over the panel, in words: kind of work, how visible on this colour, which way it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspection.measures.hologram import Work
from station.web.wording import Wording

#: The kind of mark whose picture stands for a way of working.
_ICONS = {Work.ROTARY: "hologram", Work.ORBITAL: "swirl", Work.STRAIGHT: "scratch"}
#: Marks of arcs: their direction is said to turn.
_TURNING_DEG = 5.0


@dataclass(frozen=True, slots=True)
class Polished:
    """The card: a word, what it means, and sentences; `turn_deg` is None where there is no common direction."""

    work: str
    icon: str | None
    name: str
    meaning: str
    sentences: tuple[str, ...]
    turn_deg: float | None


def polished(told: Mapping[str, Any] | None, words: Wording) -> Polished | None:
    """The card of a report's ``polishing_marks``; None where no lamps looked."""
    if told is None:
        return None
    work = Work(told["work"])
    turn = told["direction_deg"]
    return Polished(
        work=str(work),
        icon=_ICONS.get(work),
        name=words.word("polishing", work),
        meaning=words.word("polishing meaning", work),
        sentences=tuple(_sentences(told, words)),
        # Drawn with y down.
        turn_deg=None if turn is None else round(-turn, 1),
    )


def _sentences(told: Mapping[str, Any], words: Wording) -> list[str]:
    strongest = max(("oriented_ratio", "every_way_ratio"), key=lambda name: float(told[name]))
    value, limit = told[strongest], told["visible_ratio"]
    kind = "seen" if value >= limit else "not seen"
    said = [
        words.word("polishing strength", kind)
        % {"contrast": words.share(value), "limit": words.share(limit), "times": words.number(value / limit, 1)}
    ]
    if told["direction_deg"] is not None:
        kind = "turning" if told["spread_deg"] > _TURNING_DEG else "straight"
        said.append(
            words.word("polishing direction", kind)
            % {"angle": words.number(round(told["direction_deg"])), "spread": words.number(round(told["spread_deg"]))}
        )
    return [*said, words.word("polishing lamps", "count") % {"count": words.number(told["azimuths"])}]
