"""Regions of streaks and what the other maps show of them: one mark."""

from __future__ import annotations

import cv2
import numpy as np

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.groups import Group, group
from inspection.defects.specks import Speck, overlap, union
from inspection.defects.texture import OUTSTANDING, Texture

#: A region is the same in both when they share this much of the smaller footprint.
SAME_RATIO = 0.5
#: What other maps show gives the outline when it covers this much of the streaks; less is only the densest part.
WHOLE_RATIO = 0.5
#: Between streaks there is bare paint: the texture of a region of them is so much weaker than a streak.
SPARSE = 2.0
#: Streaks that only dull the mirror image are so much longer than wide, and no wider than this.
STREAK_ASPECT, STREAK_MM = 1.5, 2.0
#: So many of them, each so near to the next, that do not lie on one line (standard deviation across it) and are alike
#: in strength are one mark. What is as narrow, this near to a region of streaks and no stronger than its texture is a
#: piece of a streak that sticks out of it.
BUNDLE, APART_MM, ACROSS_MM, ALIKE, BESIDE_MM = 3, 8.0, 1.5, 3.0, 10.0
#: So many specks that overlap a region of streaks by this share of the smaller are its other part.
SWARM, SHARED_RATIO = 8, 0.1


def with_lamps(areas: list[Group], streaks: list[Speck]) -> list[Group]:
    """The regions of all maps together.

    Parameters
    ----------
    areas : list of Group
        Of mirror image and colour.
    streaks : list of Speck
        Of the lamps; each is one mark.
    """
    for one in streaks:
        same = [a for a in areas if overlap(a.main, one) >= SAME_RATIO * min(a.main.area, one.area)]
        coloured = any(Sign.COLOUR in a.sigma for a in same)
        shown = sum(overlap(a.main, one) for a in same)
        if same and (coloured or shown >= WHOLE_RATIO * one.area):
            host = max(same, key=lambda a: overlap(a.main, one))
            areas = [a.joined(one) if a is host else a for a in areas]
        else:
            whole = group(one, region=True, streaks=True).joined(*(speck for a in same for speck in a.specks))
            areas = [*(a for a in areas if a not in same), whole]
    return areas


def bundled(groups: list[Group], fields: dict[Sign, Field], cell_mm: float) -> list[Group]:
    """Single streaks of the mirror image that lie side by side, or beside a region of streaks: one mark.

    Parameters
    ----------
    groups : list of Group
        All marks.
    fields : dict of Sign to Field
        The maps in which they were found.
    cell_mm : float
        Side of a search cell.
    """
    if Sign.MIRROR not in fields:
        return groups
    shape = fields[Sign.MIRROR].values.shape
    for host in [g for g in groups if g.streaks]:
        groups = _with_pieces(host, groups, fields, cell_mm)
    alone = [g for g in groups if _streak(g, cell_mm)]
    if len(alone) < BUNDLE:
        return groups
    canvas = np.zeros(shape, np.uint8)
    for one in alone:
        wide = one.main.grown(APART_MM / 2 / cell_mm, shape)
        canvas[wide.rows, wide.cols] |= wide.inside
    labels = cv2.connectedComponents(canvas, connectivity=8)[1]
    bundles: dict[int, list[Group]] = {}
    for one in alone:
        row, col = one.main.points()[0].astype(int)
        bundles.setdefault(int(labels[row, col]), []).append(one)
    for bundle in bundles.values():
        if len(bundle) >= BUNDLE and _side_by_side(bundle, cell_mm):
            outline = _joined(bundle).main
            parts = [*(g for g in groups if g.streaks and overlap(g.main, outline)), *bundle]
            groups = [g for g in groups if g not in parts] + [_joined(parts)]
    return groups


def _with_pieces(host: Group, groups: list[Group], fields: dict[Sign, Field], cell_mm: float) -> list[Group]:
    wide = host.main.grown(BESIDE_MM / cell_mm, fields[Sign.MIRROR].values.shape)
    texture = Texture(wide, fields)
    near = [
        g
        for g in groups
        if _other_part(g, host)
        or (_narrow(g, cell_mm) and overlap(wide, g.main) and texture.holds(g.main, SPARSE * OUTSTANDING))
    ]
    return [g for g in groups if g is not host and g not in near] + [_joined([host, *near])] if near else groups


def _other_part(one: Group, host: Group) -> bool:
    if not one.region or set(one.sigma) != {Sign.MIRROR} or len(one.specks) < SWARM:
        return False
    return overlap(one.main, host.main) >= SHARED_RATIO * min(one.main.area, host.main.area)


def _narrow(one: Group, cell_mm: float) -> bool:
    return not one.region and set(one.sigma) == {Sign.MIRROR} and one.main.extent.width * cell_mm <= STREAK_MM


def _streak(one: Group, cell_mm: float) -> bool:
    return _narrow(one, cell_mm) and one.main.extent.length >= STREAK_ASPECT * one.main.extent.width


def _side_by_side(bundle: list[Group], cell_mm: float) -> bool:
    strength = np.abs([one.main.strength for one in bundle])
    points = np.concatenate([one.main.points() for one in bundle]) * cell_mm
    across = float(np.sqrt(max(np.linalg.eigvalsh(np.cov(points.T))[0], 0.0)))
    return across >= ACROSS_MM and bool(strength.max() <= ALIKE * np.median(strength))


def _joined(parts: list[Group]) -> Group:
    """One region of several groups, with all that lies between them."""
    first, *rest = parts
    outline = union([part.main for part in parts]).hull()
    grain = sum(max(part.grain, 1) for part in parts)
    whole = Group((outline,), region=True, grain=grain, streaks=True, sigma=dict(first.sigma))
    return whole.joined(*first.specks[1:], *(speck for part in rest for speck in part.specks))
