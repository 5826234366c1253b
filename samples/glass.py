"""Black glass that is not clean: finger marks, dust, a scratch. A reference set as a careless operator takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from inspection.frames import Frames
from samples.paintwork import Panel, Patch
from samples.scene import render
from samples.stations import Station
from samples.surface import Mark

#: Share of the mirrored light that a fresh finger mark throws wide, and how rough it makes the glass.
FINGER_HAZE: Final = 0.06
FINGER_ALPHA: Final = 0.001


def finger_mark(x_mm: float, y_mm: float, size_mm: float = 12.0, haze: float = FINGER_HAZE) -> Patch:
    """Grease of a finger tip; x right, y down from the glass's middle."""
    return Patch("finger mark", x_mm, y_mm, size_mm, 0.2 * size_mm, alpha=FINGER_ALPHA, haze=haze)


def dust(x_mm: float, y_mm: float, size_mm: float = 1.5) -> Patch:
    """A fibre or grain that hides the glass."""
    return Patch("dust", x_mm, y_mm, size_mm, 0.15, covers=0.9, lab=(75.0, 1.0, 4.0))


def scratch(x_mm: float, y_mm: float, length_mm: float = 15.0, width_mm: float = 0.4) -> Mark:
    """A torn groove."""
    return Mark("scratch", x_mm, y_mm, length_mm, width_mm, -2.0, angle_deg=20.0, scatters=0.8)


def render_glass(station: Station, *dirt: Patch | Mark, seed: int) -> Frames:
    """The fringe, white and dark frames of a black glass with what lies on it, as a reference set."""
    glass = Panel(
        "reference",
        lab=(0.0, 0.0, 0.0),
        alpha=0.0,
        n_clear=station.glass_n,
        patches=tuple(d for d in dirt if isinstance(d, Patch)),
        marks=tuple(d for d in dirt if isinstance(d, Mark)),
    )
    frames = render(glass, station, seed=seed)
    kept = tuple(frame for frame in frames.frames if frame.group == "screen")
    return replace(frames, frames=kept, reference_set=True)
