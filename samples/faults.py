"""Captures that went wrong, as a real station would take them: something moved, a picture came twice, oil was left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from inspection.frames import Frame, Frames, Role
from samples.paintwork import Panel, Patch, Pose
from samples.scene import render
from samples.stations import Station

#: Noise of the second half of a capture in which something changed.
_OTHER_SEED = 1_000_003


def moved(panel: Panel, station: Station, *, seed: int, pose: Pose, after: int) -> Frames:
    """The panel lies in another pose from fringe frame number `after` (from 0) on."""
    there = render(replace(panel, pose=pose), station, seed=seed + _OTHER_SEED)
    return _from(render(panel, station, seed=seed), there, after)


def shifted(panel: Panel, station: Station, *, seed: int, shift_deg: float, after: int) -> Frames:
    """Every pattern is off by a phase from fringe frame number `after` on: a nudged screen, or a tilted panel."""
    there = render(panel, replace(station, phase_deg=station.phase_deg + shift_deg), seed=seed + _OTHER_SEED)
    return _from(render(panel, station, seed=seed), there, after)


def handed_over_twice(frames: Frames, number: int) -> Frames:
    """The camera's driver gave the picture of fringe frame `number` for the next one too."""
    places = fringe_places(frames)
    return with_pixels(frames, places[number + 1], frames.frames[places[number]])


def oiled(
    panel: Panel, *, haze: float = 0.12, angle_deg: float = 20.0, apart_mm: float = 9.0, reach_mm: float = 45.0
) -> Panel:
    """The panel with streaks of polish oil that a cloth left along one direction.

    Parameters
    ----------
    haze : share of light that the film throws aside where it is thickest
    apart_mm : distance of the streaks; each is half as wide
    reach_mm : half of the side of the square that they cover
    """
    dx, dy = math.cos(math.radians(angle_deg)), -math.sin(math.radians(angle_deg))
    width, count = apart_mm / 2, math.ceil(reach_mm / apart_mm)
    steps = math.ceil(2 * reach_mm / width)
    streaks = tuple(
        Patch("oil", x, y, width, width / 3, haze=haze)
        for i in range(-count, count + 1)
        for j in range(-steps, steps + 1)
        for x, y in ((j * width / 2 * dx - i * apart_mm * dy, j * width / 2 * dy + i * apart_mm * dx),)
        if max(abs(x), abs(y)) <= reach_mm
    )
    return replace(panel, patches=(*panel.patches, *streaks))


def fringe_places(frames: Frames) -> list[int]:
    """Where the fringe frames stand among all frames."""
    return [i for i, frame in enumerate(frames.frames) if frame.role is Role.FRINGE]


def with_pixels(frames: Frames, place: int, source: Frame) -> Frames:
    """The set with the pixels of another frame at one place; what is said about it stays."""
    changed = list(frames.frames)
    changed[place] = replace(changed[place], pixels=source.pixels)
    return replace(frames, frames=tuple(changed))


def _from(first: Frames, second: Frames, after: int) -> Frames:
    """The first capture up to a fringe frame, the second's pixels from there on, in all later frames."""
    start = fringe_places(first)[after]
    later: Sequence[Frame] = second.frames[start:]
    told = first.frames[start:]
    mixed = (replace(frame, pixels=other.pixels) for frame, other in zip(told, later, strict=True))
    return replace(first, frames=(*first.frames[:start], *mixed))
