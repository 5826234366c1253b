"""Marks of several views as marks of one part: places in its frame, and what two views saw counted once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from inspection.frames import Geometry
from inspection.joining.across import Floats, Inside, reaches_beyond, seen_of, together
from inspection.passes.likeness import misfit
from inspection.passes.places import half_turn
from inspection.plan import PLACED_U_MM, Plan, View, depth_px
from inspection.report import Defect, Status

#: Beyond the edge of a picture a mark may still be the one that it shows, for a view lies only about where it should.
EDGE_PX = 8.0


@dataclass(frozen=True, slots=True)
class Merged:
    """The marks of a part.

    Attributes
    ----------
    defects, removed : tuple of Defect
        In the part's frame, in reading order.
    renamed : tuple of mapping
        For each view: the number that holds, by the number it had given.
    """

    defects: tuple[Defect, ...]
    removed: tuple[Defect, ...]
    renamed: tuple[Mapping[str, str], ...]


@dataclass(slots=True)
class _One:
    """A mark of the part, and who has seen it: (view, number)."""

    mark: Defect
    depth_px: float
    seen_by: list[tuple[int, str]] = field(default_factory=list)

    @property
    def views(self) -> tuple[int, ...]:
        return tuple(view for view, _ in self.seen_by)


@dataclass(frozen=True, slots=True)
class _Pictures:
    """What of the part each view has in its picture."""

    plan: Plan
    geometry: Geometry
    shape: tuple[int, int]

    def depth_px(self, view: int, x_mm: Floats, y_mm: Floats) -> Floats:
        return depth_px(self.plan.views[view], self.geometry, self.shape, x_mm, y_mm)

    def depth_of(self, view: int, mark: Defect) -> float:
        return float(self.depth_px(view, np.array(mark.x_mm), np.array(mark.y_mm)))

    def of(self, views: tuple[int, ...]) -> Inside:
        """Which places lie in any of these."""
        return lambda x, y: np.maximum.reduce([self.depth_px(view, x, y) for view in views]) >= 0


def merged(
    plan: Plan, geometry: Geometry, shape: tuple[int, int], found: Sequence[tuple[Sequence[Defect], Sequence[Defect]]]
) -> Merged:
    """Join the marks of every view.

    Two views that both have a mark's place in their picture have seen the same one where place, kind and size of what
    both could see say so (as from pass to pass, one to one). The view that has it deeper in its picture measured it; a
    line or a patch that neither has in its picture whole is what both have; the older number holds.

    Parameters
    ----------
    found : (defects, removed) of each view of the plan
        At places of its field, with numbers that are given once over all views.
    """
    pictures = _Pictures(plan, geometry, shape)
    known: list[_One] = []
    for i, (view, (defects, _)) in enumerate(zip(plan.views, found, strict=True)):
        placed = [on_part(mark, view) for mark in defects]
        fresh = [_One(mark, pictures.depth_of(i, mark), [(i, mark.id)]) for mark in placed]
        links = _links(fresh, known, i, pictures)
        for k, one in enumerate(fresh):
            if k in links:
                _take_in(known[links[k]], one, pictures)
            else:
                known.append(one)
    renamed: list[dict[str, str]] = [{} for _ in plan.views]
    for one in known:
        for i, number in one.seen_by:
            renamed[i][number] = one.mark.id
    there = {one.mark.id for one in known} | {number for names in renamed for number in names}
    removed: dict[str, Defect] = {}
    for view, (_, gone) in zip(plan.views, found, strict=True):
        for mark in gone:
            before = removed.get(mark.id)
            if mark.id not in there and (before is None or before.status is not Status.REMOVED):
                removed[mark.id] = on_part(mark, view)
    return Merged(
        tuple(sorted((one.mark for one in known), key=lambda mark: (mark.y_mm, mark.x_mm))),
        tuple(removed.values()),
        tuple(renamed),
    )


def on_part(mark: Defect, view: View) -> Defect:
    """A mark of a view in the part's frame; its place is no surer than where the view lies."""
    (a, b, c), (d, e, f), _ = view.to_part_mm
    box = mark.box_mm
    if box is not None:
        corners = [(a * x + b * y + c, d * x + e * y + f) for x in box[::2] for y in box[1::2]]
        (left, *_, right), (top, *_, bottom) = (sorted(side) for side in zip(*corners, strict=True))
        box = (left, top, right, bottom)
    return replace(
        mark,
        x_mm=a * mark.x_mm + b * mark.y_mm + c,
        y_mm=d * mark.x_mm + e * mark.y_mm + f,
        u_place_mm=math.hypot(mark.u_place_mm or 0.0, PLACED_U_MM),
        angle_deg=None if mark.angle_deg is None else half_turn(mark.angle_deg + view.rotation_deg),
        box_mm=box,
    )


def _links(fresh: Sequence[_One], known: Sequence[_One], view: int, pictures: _Pictures) -> dict[int, int]:
    """Which mark of this view is which one that another view has seen."""
    by_number = {number: j for j, one in enumerate(known) for _, number in one.seen_by}
    links = {k: by_number[one.mark.id] for k, one in enumerate(fresh) if one.mark.id in by_number}
    here = pictures.of((view,))
    seen = [seen_of(one.mark, here) for one in known]
    near = [j for j, mark in enumerate(seen) if pictures.depth_of(view, mark) > -EDGE_PX]
    near = [j for j in near if j not in links.values()]
    left = [k for k in range(len(fresh)) if k not in links]
    if not near or not left:
        return links
    width_mm, height_mm = pictures.geometry.field_mm
    per_mm2 = (max(len(near), len(left)) + 1) / (width_mm * height_mm)
    cost = np.zeros((len(left), len(near)))
    for col, j in enumerate(near):
        there = pictures.of(known[j].views)
        for row, k in enumerate(left):
            value = misfit(seen_of(fresh[k].mark, there), seen[j], per_mm2)
            cost[row, col] = 0.0 if value is None else min(0.0, value)
    rows, cols = linear_sum_assignment(cost)
    return links | {left[r]: near[c] for r, c in zip(rows, cols, strict=True) if cost[r, c] < 0.0}


def _take_in(known: _One, other: _One, pictures: _Pictures) -> None:
    older = min(known.mark, other.mark, key=lambda mark: int(mark.id[1:]))
    known.mark = replace(
        _measured(known, other, pictures),
        id=older.id,
        status=older.status,
        since_pass=older.since_pass,
        caused_by_pass=older.caused_by_pass,
        last_seen_pass=older.last_seen_pass,
    )
    known.depth_px = max(known.depth_px, other.depth_px)
    known.seen_by += other.seen_by


def _measured(one: _One, other: _One, pictures: _Pictures) -> Defect:
    """The mark as the view has it that sees all of it, else the deeper one; pieces that no view has whole, together."""
    deeper, second = (one, other) if one.depth_px >= other.depth_px else (other, one)
    picture = pictures.of(deeper.views)
    if not reaches_beyond(second.mark, picture):
        return deeper.mark
    if not reaches_beyond(deeper.mark, pictures.of(second.views)):
        return second.mark
    return together(deeper.mark, second.mark)
