"""Where the marks of a simulated panel lie in a capture, and how big they are; definitions as in contracts.md §4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin
from typing import Final, Literal

import numpy as np

from samples.paintwork import Panel, Patch
from samples.placement import surface, to_station
from samples.scuffs import Scuff
from samples.stations import Station
from samples.surface import Mark, mark_relief
from samples.visibility import Visibility, visibility

Shape = Literal["point", "line", "region"]

POINTS: Final = ("nib", "crater", "pinhole", "dust")
LINES: Final = ("scratch", "run")


@dataclass(frozen=True, slots=True)
class MarkTruth:
    """A mark or patch where it lies in this capture: panel frame, names as in contracts.md §4.

    Attributes
    ----------
    identity : str
        What it is called in every pass; empty where the panel gives it no name.
    """

    kind: str
    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    height_um: float
    angle_deg: float
    identity: str = ""

    @property
    def shape(self) -> Shape:
        """How it extends, by its kind."""
        return "point" if self.kind in POINTS else "line" if self.kind in LINES else "region"

    @property
    def size_mm(self) -> float:
        """Width of a line, diameter of a point or region."""
        return self.width_mm if self.shape == "line" else self.length_mm

    @property
    def reach_mm(self) -> float:
        """Up to which distance something that was found is this mark."""
        return 2.0 if self.shape == "region" else max(2.0, self.size_mm)

    def distance_mm(self, x_mm: float, y_mm: float) -> float:
        """Of a place, to the centre of a point, the middle line of a line, the disk of a region (0 inside)."""
        dx, dy = x_mm - self.x_mm, y_mm - self.y_mm
        if self.shape == "line":
            ux, uy = cos(radians(self.angle_deg)), -sin(radians(self.angle_deg))
            along = min(max(dx * ux + dy * uy, -self.length_mm / 2), self.length_mm / 2)
            return hypot(dx - along * ux, dy - along * uy)
        return max(hypot(dx, dy) - (self.size_mm / 2 if self.shape == "region" else 0.0), 0.0)


def marks_of(panel: Panel, station: Station) -> tuple[MarkTruth, ...]:
    """Every mark, patch and scuff of the panel, in this order, also those outside the field."""
    width, height = station.true_geometry().field_mm
    cx, cy, cz = station.true_geometry().camera.position_mm

    def place(one: Mark | Patch | Scuff, length: float, across: float, h: float, angle: float) -> MarkTruth:
        x, y = to_station(panel, one.x_mm, one.y_mm)
        if panel.form.radius_mm is not None:
            # Places are those of the plane Z = 0 that the pixel map names.
            away = cz / (cz - float(surface(panel, np.array([[x]]), np.array([[y]]), texture=False).height_mm[0, 0]))
            x, y = cx + (x - cx) * away, cy + (y - cy) * away
        turned = (angle + panel.pose.rotation_deg + 90) % 180 - 90
        return MarkTruth(one.kind, x + width / 2, height / 2 - y, length, across, h, turned, one.identity)

    marks = [place(m, *_extent(m), m.height_um, m.angle_deg) for m in panel.marks]
    patches = [place(p, p.size_mm, p.size_mm, 0.0, 0.0) for p in panel.patches]
    scuffs = [place(s, s.size_mm, s.size_mm, 0.0, s.direction_deg or 0.0) for s in panel.scuffs]
    return (*marks, *patches, *scuffs)


def pairs_of(
    places_mm: Sequence[tuple[float, float]], truths: Sequence[MarkTruth]
) -> tuple[list[tuple[float, int, int]], dict[int, tuple[int, float]]]:
    """Which found places are which true marks.

    Returns
    -------
    list of (distance, number of the place, number of the mark)
        Every pair within reach, nearest first.
    dict of number of the mark to (number of the place, distance)
        Pairs taken one to one, nearest first.
    """
    near = ((t.distance_mm(x, y), i, k) for i, (x, y) in enumerate(places_mm) for k, t in enumerate(truths))
    pairs = sorted(p for p in near if p[0] <= truths[p[2]].reach_mm)
    taken: dict[int, tuple[int, float]] = {}
    used: set[int] = set()
    for far, i, k in pairs:
        if i not in used and k not in taken:
            taken[k] = (i, far)
            used.add(i)
    return pairs, taken


def seen_marks(panel: Panel, station: Station) -> tuple[tuple[MarkTruth, Visibility], ...]:
    """Marks whose centre lies in the field, and how well each could be seen."""
    width, height = station.true_geometry().field_mm
    parts: tuple[Mark | Patch | Scuff, ...] = (*panel.marks, *panel.patches, *panel.scuffs)
    return tuple(
        (truth, visibility(panel, station, part))
        for truth, part in zip(marks_of(panel, station), parts, strict=True)
        if 0 <= truth.x_mm <= width and 0 <= truth.y_mm <= height
    )


def _extent(mark: Mark) -> tuple[float, float]:
    """Length and width at 10 % of the extreme; a wall around a hollow counts in."""
    if abs(mark.rim_um) <= 0.1 * abs(mark.height_um):
        return mark.length_mm, mark.width_mm
    r = np.linspace(0, 1.5, 3001)[None, :]
    z = mark_relief(Mark(mark.kind, 0, 0, 1.0, 1.0, mark.height_um, mark.rim_um), r, np.zeros_like(r)).height_mm
    outer = 2 * float(r[np.abs(z) >= 0.1 * np.abs(z).max()].max())
    return outer * mark.length_mm, outer * mark.width_mm
