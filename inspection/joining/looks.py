"""What is drawn or said of a part beside its findings: zones of gloss, and marks of polishing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from inspection.passes.places import half_turn
from inspection.plan import View
from inspection.polishing_marks import PolishingMarks
from inspection.zones import GlossZone, GlossZones


def joined_zones(views: Sequence[View], seen: Sequence[GlossZones | None]) -> GlossZones | None:
    """The zones that each view answers for, in the part's frame; the dullest and the steepest step of any view."""
    placed = [_placed(view, zones) for view, zones in zip(views, seen, strict=True) if zones is not None]
    if not placed:
        return None
    return GlossZones(
        zone_mm=placed[0].zone_mm,
        zones=tuple(zone for one in placed for zone in one.zones),
        worst=min((one.worst for one in placed if one.worst is not None), key=lambda zone: zone.gu, default=None),
        steepest=max((one.steepest for one in placed if one.steepest), key=_per_mm, default=()),
    )


def joined_polishing(views: Sequence[View], seen: Sequence[PolishingMarks | None]) -> PolishingMarks | None:
    """Of the view where marks of polishing are strongest; a direction is that on the part."""
    told = [(view, marks) for view, marks in zip(views, seen, strict=True) if marks is not None]
    if not told:
        return None
    view, marks = max(told, key=lambda one: max(one[1].oriented_ratio, one[1].every_way_ratio))
    if marks.direction_deg is None:
        return marks
    return replace(marks, direction_deg=half_turn(marks.direction_deg + view.rotation_deg))


def _placed(view: View, zones: GlossZones) -> GlossZones:
    (a, b, c), (d, e, f), _ = view.to_part_mm

    def on_part(zone: GlossZone) -> GlossZone:
        return GlossZone(a * zone.x_mm + b * zone.y_mm + c, d * zone.x_mm + e * zone.y_mm + f, zone.gu)

    return GlossZones(
        zones.zone_mm,
        tuple(map(on_part, zones.zones)),
        None if zones.worst is None else on_part(zones.worst),
        tuple(map(on_part, zones.steepest)),
    )


def _per_mm(pair: Sequence[GlossZone]) -> float:
    duller, brighter = pair
    return (brighter.gu - duller.gu) / math.hypot(brighter.x_mm - duller.x_mm, brighter.y_mm - duller.y_mm)
