"""Marks of several views as marks of one part: places in its frame, and what two views saw counted once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from inspection.frames import Geometry
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


def merged(
    plan: Plan, geometry: Geometry, shape: tuple[int, int], found: Sequence[tuple[Sequence[Defect], Sequence[Defect]]]
) -> Merged:
    """Join the marks of every view.

    Two views that both have a mark's place in their picture have seen the same one where place, kind and size say so
    (as from pass to pass, one to one). The view that has it deeper in its picture measured it; the older number holds.

    Parameters
    ----------
    found : (defects, removed) of each view of the plan
        At places of its field, with numbers that are given once over all views.
    """
    known: list[_One] = []
    for i, (view, (defects, _)) in enumerate(zip(plan.views, found, strict=True)):
        fresh = [_one(mark, i, view, geometry, shape) for mark in defects]
        links = _links(fresh, known, view, geometry, shape)
        for k, one in enumerate(fresh):
            if k in links:
                _take_in(known[links[k]], one)
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


def _one(mark: Defect, i: int, view: View, geometry: Geometry, shape: tuple[int, int]) -> _One:
    placed = on_part(mark, view)
    return _One(placed, _depth(placed, view, geometry, shape), [(i, mark.id)])


def _depth(mark: Defect, view: View, geometry: Geometry, shape: tuple[int, int]) -> float:
    return float(depth_px(view, geometry, shape, np.array(mark.x_mm), np.array(mark.y_mm)))


def _links(
    fresh: Sequence[_One], known: Sequence[_One], view: View, geometry: Geometry, shape: tuple[int, int]
) -> dict[int, int]:
    """Which mark of this view is which one that another view has seen."""
    by_number = {number: j for j, one in enumerate(known) for _, number in one.seen_by}
    links = {k: by_number[one.mark.id] for k, one in enumerate(fresh) if one.mark.id in by_number}
    near = [j for j, one in enumerate(known) if _depth(one.mark, view, geometry, shape) > -EDGE_PX]
    near = [j for j in near if j not in links.values()]
    left = [k for k in range(len(fresh)) if k not in links]
    if not near or not left:
        return links
    per_mm2 = (max(len(near), len(left)) + 1) / (geometry.field_mm[0] * geometry.field_mm[1])
    cost = np.zeros((len(left), len(near)))
    for row, k in enumerate(left):
        for col, j in enumerate(near):
            value = misfit(fresh[k].mark, known[j].mark, per_mm2)
            cost[row, col] = 0.0 if value is None else min(0.0, value)
    rows, cols = linear_sum_assignment(cost)
    return links | {left[r]: near[c] for r, c in zip(rows, cols, strict=True) if cost[r, c] < 0.0}


def _take_in(known: _One, other: _One) -> None:
    older = min(known.mark, other.mark, key=lambda mark: int(mark.id[1:]))
    deeper = other if other.depth_px > known.depth_px else known
    known.mark = replace(
        deeper.mark,
        id=older.id,
        status=older.status,
        since_pass=older.since_pass,
        caused_by_pass=older.caused_by_pass,
        last_seen_pass=older.last_seen_pass,
    )
    known.depth_px = deeper.depth_px
    known.seen_by += other.seen_by
