"""What the line is doing: one picture of it, for whoever asks or listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inspection.refused import Refused
from station.faults import NotNow, StationFault


class State(StrEnum):
    """Where the line stands."""

    IDLE = "idle"
    PREPARING = "preparing"
    CAPTURING = "capturing"
    MEASURING = "measuring"
    DONE = "done"
    FAULTED = "faulted"

    @property
    def working(self) -> bool:
        """Whether a command is under way."""
        return self in (State.PREPARING, State.CAPTURING, State.MEASURING)


class Lies(StrEnum):
    """What a technician lays before the camera."""

    BLACK_GLASS = "black_glass"
    WHITE_TILE = "white_tile"
    CHECK_PANEL = "check_panel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The line at one moment.

    Attributes
    ----------
    number : int
        Counts the changes since the program started.
    since : str
        When this state was entered: UTC, sortable.
    panel, recipe, pass_number, coat_number
        Of the panel in work, or the last one; None before the first.
    frames_done, frames_total : int
        Of the capture.
    fault : str or None
        One sentence in English: what went wrong, and what would help. While a view is asked for: why once more.
    fault_code : str or None
        Under which the pages have it in a person's language.
    fault_values : mapping
        Numbers and names in that sentence.
    inspection : int or None
        What was stored, when it is done.
    verdict : str or None
        Of it.
    hand : str or None
        A person is asked to switch on this lamp alone (empty: all off), and to say so.
    view, view_number, views_total : str or None, int, int
        Of a part that is larger than the field: the view at work, counted from 1 on.
    asks_view : bool
        A person is asked to lay the part for this view, and to say so.
    lies : str or None
        What lies there that is no panel of a recipe (`Lies`), while it is captured.
    """

    number: int
    state: State
    since: str
    panel: str | None = None
    recipe: str | None = None
    coat_number: int | None = None
    pass_number: int | None = None
    frames_done: int = 0
    frames_total: int = 0
    fault: str | None = None
    fault_code: str | None = None
    fault_values: Mapping[str, float | str] = field(default_factory=dict)
    inspection: int | None = None
    verdict: str | None = None
    hand: str | None = None
    view: str | None = None
    view_number: int = 0
    views_total: int = 0
    asks_view: bool = False
    lies: Lies | None = None


def said_of(fault: Refused | StationFault | None) -> dict[str, Any]:
    """What a snapshot says of a fault, or that there is none."""
    if isinstance(fault, (StationFault, NotNow)):
        return {"fault": str(fault), "fault_code": fault.code or None, "fault_values": fault.values}
    if fault is not None:
        return {"fault": str(fault), "fault_code": "refused", "fault_values": {}}
    return {"fault": None, "fault_code": None, "fault_values": {}}
