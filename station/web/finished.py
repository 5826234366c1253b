"""What was measured just now, as the line shows it: verdict, why, picture and maps, findings, and what has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from inspection.defects.kinds import Kind
from station.store.reader import Reader
from station.web.api.inspections import with_links
from station.web.changes import since_last_pass
from station.web.findings import by_key, families
from station.web.keeping import keeping
from station.web.layers import PICTURE, Layer, layers
from station.web.marks import gone, marks, present, tone_of
from station.web.passes import summary
from station.web.reasons import reasons, tasks
from station.web.stage import stage_of
from station.web.wording import Wording

#: Maps that an inspector switches between; of each the coarsest that there is. The others are in the inspection.
SHOWN: Final = ("gloss_gu", "clarity_", "delta_e00", "height_um", "haze_pct")
#: The picture is lower at the line than in the inspection; its rulers are as large.
_TEXT_OF_WIDTH: Final = 0.066


def finished(reader: Reader, inspection_id: int, shown_map: str | None, words: Wording) -> dict[str, Any] | None:
    """Everything of one inspection that the line shows; None where it is not stored.

    Parameters
    ----------
    shown_map : str or None
        Name of the map over the picture; the picture alone where it is no map of these.
    """
    found = reader.inspection(inspection_id)
    if found is None:
        return None
    row = with_links(found)
    report, maps = row["report"], row["maps"]
    before = by_key(row["previous"][0]["findings"]) if row["previous"] else {}
    chosen = _chosen(layers(maps, words), words)
    there = present(row["marks"])
    known = {mark["id"] for mark in there}
    frame = stage_of(row, text_of_width=_TEXT_OF_WIDTH)
    return (
        summary(row, words)
        | {
            "reasons": reasons(report["next_step"], words),
            "tasks": [task | {"known": task["place"] in known} for task in tasks(report["next_step"], words)],
            "at_line": True,
            "stage": frame,
            "keeping": keeping(row, words),
            "layers": chosen,
            "current": next((layer for layer in chosen if layer.name == shown_map), chosen[0]),
            "regions": (),
            "views": (),
            "gloss_zones": None,
            "marks": marks(there, frame, maps, words, kind=None, tone=None),
            "selected": None,
            "kinds": [str(kind) for kind in Kind],
            "judged": families(report["findings"], before, words, judged=True),
            "has_before": bool(before),
            "fates": _fates(row, words),
        }
        | since_last_pass(row, words)
    )


def _chosen(every: Sequence[Layer], words: Wording) -> list[Layer]:
    """The picture and one map of each kind, under short names."""
    shown = [replace(every[0], label=words.word("line map", PICTURE))]
    for kind in SHOWN:
        of_kind = [one for one in every if one.name.startswith(kind)]
        if of_kind:
            shown.append(replace(of_kind[-1], label=words.word("line map", kind)))
    return shown


def _fates(row: Mapping[str, Any], words: Wording) -> list[tuple[str, str, int]]:
    """What became of the marks, and of how many."""
    counts = Counter(tone_of(mark) for mark in (*present(row["marks"]), *gone(row["marks"])))
    return [(tone, words.word("status", tone), count) for tone, count in counts.items()]
