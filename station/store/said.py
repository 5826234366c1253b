"""What people say about marks and film: rows to add, and the view of a panel's marks with their words beside it.

What was measured is never changed. Of several words about one mark the last one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from inspection.defects.kinds import Kind
from inspection.frames import Gauged
from inspection.report import Defect
from station.events import utc_text
from station.store.queries import What
from station.store.rows import Row

#: What only a measurement can tell of a mark.
_MEASURED = tuple(field.name for field in fields(Defect))


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One word of a person about one mark of one inspection.

    Attributes
    ----------
    defect_id : str or None
        None for a mark that was missed.
    kind : Kind or None
        The right kind; given for `KIND` and `MISSED`.
    x_mm, y_mm : float or None
        Where a missed mark lies.
    who : str
        Pseudonym.
    """

    inspection_id: int
    defect_id: str | None
    what: What
    who: str
    why: str
    kind: Kind | None = None
    x_mm: float | None = None
    y_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmReading:
    """One gauge reading of the film over the primer or the whole coat, as the plant measures it, in µm.

    `pass_number`: the last pass that was done when it was taken; `u_um`: standard uncertainty, None where unknown.
    """

    coat_number: int
    pass_number: int
    zone: str
    film_um: float
    who: str
    measured_at: datetime | None = None
    u_um: float | None = None


def gauged(row: Mapping[str, Any]) -> float | Gauged:
    """A stored reading as the film budget takes it."""
    return row["film_um"] if row["u_um"] is None else Gauged(row["film_um"], row["u_um"])


def correction_row(said: Correction, now: datetime) -> Row:
    """The row of a correction."""
    return {
        "inspection_id": said.inspection_id,
        "defect_id": said.defect_id,
        "what": str(said.what),
        "kind": None if said.kind is None else str(said.kind),
        "x_mm": said.x_mm,
        "y_mm": said.y_mm,
        "who": said.who,
        "why": said.why,
        "made_at": utc_text(now),
    }


def film_row(reading: FilmReading, panel_id: int, now: datetime) -> Row:
    """The row of a film reading; without a time of its own it was taken now."""
    measured_at = reading.measured_at or now
    return {
        "panel_id": panel_id,
        "coat_number": reading.coat_number,
        "pass_number": reading.pass_number,
        "zone": reading.zone,
        "film_um": reading.film_um,
        "u_um": reading.u_um,
        "who": reading.who,
        "measured_at": measured_at.isoformat(),
        "measured_at_utc": utc_text(measured_at),
        "stored_at": utc_text(now),
    }


def with_words(measured: Iterable[Row], said: Sequence[Row], inspection_id: int) -> list[Row]:
    """Marks of an inspection with what people said about them.

    Parameters
    ----------
    measured : rows of `defect`
    said : rows of corrections, oldest first, of this inspection and of those its ledger continues
    inspection_id : int
        Missed marks of this one are added; their places in earlier ones are of another placing of the panel.

    Returns
    -------
    list of dict
        Every field of `Defect` as measured (None for a missed mark, but for its place), and ``present``,
        ``corrected_kind``, ``false_alarm``, ``missed``, ``corrections``.
    """
    marks = [row | _words(row["id"], said) | {"missed": False} for row in measured]
    for one in said:
        if one["what"] == What.MISSED and one["inspection_id"] == inspection_id:
            place = {"id": one["defect_id"], "x_mm": one["x_mm"], "y_mm": one["y_mm"], "region": "whole"}
            words = _words(one["defect_id"], said)
            own = {"inspection_id": inspection_id, "present": True, "missed": True}
            marks.append(dict.fromkeys(_MEASURED) | own | place | words)
    return marks


def _words(defect_id: str, said: Sequence[Row]) -> dict[str, Any]:
    own = [one for one in said if one["defect_id"] == defect_id]
    last = next((one for one in reversed(own) if one["what"] != What.NOTE), None)
    return {
        "corrected_kind": None if last is None else last["kind"],
        "false_alarm": last is not None and last["what"] == What.FALSE_ALARM,
        "corrections": own,
    }
