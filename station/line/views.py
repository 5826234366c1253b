"""A part that is larger than the field: its views one after the other, joined to one inspection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from inspection.frames import Frames
from inspection.plan import View
from inspection.refused import Refused
from station.capture.taking import Subject
from station.faults import FrameFault
from station.line.measuring import Line, PartAtWork

#: Called before each view with its number from 1 on, and why it is asked for once more.
Ask = Callable[[int, View, Refused | FrameFault | None], None]


def measured_in_views(
    line: Line, subject: Subject, views: tuple[View, ...], begin: Callable[[Frames], PartAtWork], *, ask: Ask,
    capture: Callable[[Subject], Frames], measuring: Callable[[], None],
) -> int:  # fmt: skip
    """Capture and measure every view and keep the part; returns the inspection's id.

    A view that is refused, or of which a picture may not count, is asked for again with the reason; the others stay as
    they are. Nothing is stored before the last one is measured: stopped between two views, nothing was inspected.
    """
    part: PartAtWork | None = None
    number: int = 1
    why: Refused | FrameFault | None = None
    while number <= len(views):
        view = views[number - 1]
        ask(number, view, why)
        try:
            taken = capture(replace(subject, view=view.name, view_to_panel_mm=view.to_part_mm))
            measuring()
            if part is None:
                part = begin(taken)
            part.views.add(taken)
        except (Refused, FrameFault) as refused:
            why = refused
        else:
            number, why = number + 1, None
    assert part is not None, "a plan has views"
    return line.keep_part(part)
