"""What belongs together: the same mark seen by several kinds of evidence, arcs of a swirl, edges of a patch."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.groups import Group, group
from inspection.defects.merge_lamps import SPARSE, bundled, with_lamps
from inspection.defects.parts import without_parts
from inspection.defects.specks import Mask, Speck, holds, overlap, union
from inspection.defects.strings import is_bead, is_line, strings, strung, without_beads
from inspection.defects.texture import OUTSTANDING, Texture

#: A region is the same in two maps when they share this much of the smaller footprint.
SAME_RATIO = 0.3
#: Two footprints of one kind are one mark when they share this much of the smaller one and are of like size.
LIKE_RATIO = 0.5
LIKE_AREA = 4.0
#: What lies this near to a footprint of another kind of evidence is the same mark.
NEAR_MM = 0.5
#: Arcs stick out of a swirl by this much.
FRINGE_MM = 4.0
#: A region smaller than this is a point.
SMALL_MM = 5.0
#: A speck that covers this much of a region is the region itself, seen again.
SAME_AREA = 0.25
#: Two footprints lie about the same centre when their centres are nearer than this share of the smaller one's width.
CENTRE_RATIO = 0.25
#: What is narrower than this share of a region is not the region itself.
CORE_RATIO = 1 / 3
BURNT = {Sign.MIRROR, Sign.COLOUR}
#: A region that fills less of its convex hull is a crescent.
CRESCENT_RATIO = 0.7
#: A footprint narrower than this (cells) is no ring.
WIDE_CELLS = 6.0
#: So many specks that are only dull, each near the next one, are a swirl.
SWARM = 8
#: Points nearer to each other than this (footprint to footprint) are one.
CLUSTER_MM = 0.6


def merged(
    points: dict[Sign, list[Speck]], regions: list[Speck], fields: dict[Sign, Field], cell_mm: float, *, lamps: bool
) -> list[Group]:
    """Marks from the specks of every map.

    Parameters
    ----------
    points : dict of Sign to list of Speck
        Strongest first.
    regions : list of Speck
    fields : dict of Sign to Field
        The maps in which the points were found.
    cell_mm : float
        Side of a search cell.
    lamps : bool
        Streaks were looked for in the light of lamps.
    """
    shape = next(iter(fields.values())).values.shape if fields else (0, 0)
    near = max(1.0, NEAR_MM / cell_mm)
    lone = {sign: _alike(specks) for sign, specks in points.items()}
    streaks = [r for r in regions if r.sign is Sign.LAMP]
    regions = [r for r in regions if r.sign is not Sign.LAMP]
    small = [r for r in regions if np.sqrt(r.area) * cell_mm < SMALL_MM]
    lone = {sign: _alike([*lone[sign], *(r for r in small if r.sign is sign)]) for sign in lone}
    areas = _same_regions([r for r in regions if r not in small])
    areas, lone = _on_relief(areas, lone, near, shape)
    areas = with_lamps(areas, streaks)
    # A map of which too little was seen is not searched; a region of it cannot be compared with its texture.
    lone = {sign: specks for sign, specks in lone.items() if sign in fields}
    areas, lone = _own_grain(areas, lone, fields, FRINGE_MM / cell_mm)
    if Sign.RELIEF in lone:
        lone[Sign.RELIEF] = without_parts(lone[Sign.RELIEF], fields)
    lone = {sign: strings(specks, cell_mm) for sign, specks in lone.items()}
    lone = without_beads(lone, fields, cell_mm)
    groups = [group(speck) for speck in lone.get(Sign.RELIEF, [])]
    for sign in (Sign.MIRROR, Sign.COLOUR, Sign.LAMP):
        specks = lone.get(sign, [])
        groups = _threaded(groups, [s for s in specks if is_line(s.extent, cell_mm)], near, shape)
        groups = _attached(groups, [s for s in specks if not is_line(s.extent, cell_mm)], near, shape)
    groups = _clustered(strung(groups, cell_mm), max(1.0, CLUSTER_MM / cell_mm), shape, cell_mm)
    groups = _swarms(_concentric(groups + areas), FRINGE_MM / cell_mm, shape)
    return bundled(groups, fields, cell_mm) if lamps else groups


def _swarms(groups: list[Group], near: float, shape: tuple[int, ...]) -> list[Group]:
    """Many dull specks close together are arcs of one swirl too sparse to be a region by themselves."""
    dull = [g for g in groups if set(g.sigma) == {Sign.MIRROR}]
    if sum(not g.region for g in dull) < SWARM:
        return groups
    canvas = np.zeros(shape, np.uint8)
    for one in dull:
        wide = one.main.grown(near / 2, shape)
        canvas[wide.rows, wide.cols] |= wide.inside
    _, labels = cv2.connectedComponents(canvas, connectivity=8)
    swarms: dict[int, list[Group]] = {}
    for one in dull:
        row, col = one.main.points()[0].astype(int)
        swarms.setdefault(int(labels[row, col]), []).append(one)
    for swarm in swarms.values():
        if sum(not g.region for g in swarm) >= SWARM:
            outline = union([g.main for g in swarm]).hull()
            whole = Group((outline,), region=True, grain=sum(max(g.grain, 1) for g in swarm))
            whole = whole.joined(*(speck for g in swarm for speck in g.specks))
            groups = [g for g in groups if g not in swarm] + [whole]
    return groups


def _alike(specks: list[Speck]) -> list[Speck]:
    """One of those that show the same thing at two scales; the stronger goes first."""
    kept: list[Speck] = []
    for speck in specks:
        twin = next((i for i, one in enumerate(kept) if _twins(one, speck)), None)
        if twin is None:
            kept.append(speck)
        else:
            kept[twin] = max(kept[twin], speck, key=lambda one: one.sigma)
    return kept


def _twins(a: Speck, b: Speck) -> bool:
    if not a.within(0, b):
        return False
    shared = overlap(a, b)
    small, large = sorted((a.area, b.area))
    if large <= LIKE_AREA * small and shared >= LIKE_RATIO * small:
        return True
    # A thin wall around the whole of a deeper hollow.
    outer, inner = (a, b) if a.area >= b.area else (b, a)
    weak = abs(inner.strength) > 2 * abs(outer.strength) and outer.scale_cells <= 1.5 * inner.scale_cells
    return weak and overlap(outer.hull(), inner) >= 0.8 * inner.area


def _same_regions(regions: list[Speck]) -> list[Group]:
    """Regions of different maps that lie on each other are one; a blur over several that others tell apart is none."""
    groups: list[Group] = []
    filled: list[Speck] = []
    for speck in sorted(regions, key=lambda s: -s.sigma):
        if _covers_several(speck, regions):
            continue
        whole = _filled_in(speck)
        same = next((i for i, one in enumerate(filled) if _share(one, whole) >= SAME_RATIO), None)
        if same is None:
            groups.append(group(speck, region=True))
            filled.append(whole)
        else:
            groups[same] = groups[same].joined(speck)
    return groups


def _filled_in(region: Speck) -> Speck:
    """A crescent is what is left of a disc around something worse: it counts with what it encloses."""
    hull = region.hull()
    return hull if region.area < CRESCENT_RATIO * hull.area else region


def _covers_several(speck: Speck, regions: list[Speck]) -> bool:
    parts = [r for r in regions if r.area < speck.area and overlap(r, speck) >= LIKE_RATIO * r.area]
    wide = [p for p in parts if p.area >= SAME_AREA * max(q.area for q in parts)]
    return any(_share(p, q) < SAME_AREA for i, p in enumerate(wide) for q in wide[:i])


def _share(a: Speck, b: Speck) -> float:
    return overlap(a, b) / min(a.area, b.area)


def _on_relief(
    areas: list[Group], lone: dict[Sign, list[Speck]], near: float, shape: tuple[int, ...]
) -> tuple[list[Group], dict[Sign, list[Speck]]]:
    """A steep flank dulls its mirror image: a region no larger than the relief under it is that relief, seen again."""
    relief = lone.get(Sign.RELIEF, [])
    kept: list[Group] = []
    again: list[Speck] = []
    for area in areas:
        hosts = (s for s in relief if area.main.area <= 2 * s.area and s.within(2 * near, area.main))
        if any(_share(host.grown(2 * near, shape), area.main) >= SAME_RATIO for host in hosts):
            again += area.specks
        else:
            kept.append(area)
    if not again:
        return areas, lone
    return kept, {**lone, Sign.MIRROR: [*lone.get(Sign.MIRROR, []), *(s for s in again if s.sign is Sign.MIRROR)]}


def _own_grain(
    areas: list[Group], lone: dict[Sign, list[Speck]], fields: dict[Sign, Field], fringe: float
) -> tuple[list[Group], dict[Sign, list[Speck]]]:
    """Takes the specks that are a region's own texture out of the list and counts them."""
    done = []
    for area in areas:
        own: list[Speck] = []
        outstanding = OUTSTANDING * (SPARSE if area.streaks else 1.0)
        for sign, specks in lone.items():
            inner = [speck for speck in specks if area.main.within(fringe, speck)]
            if not inner:
                continue
            wide = area.main.grown(fringe, fields[sign].values.shape)
            texture = Texture(wide, fields, _outline(area.main, wide, fringe / 2))
            for speck in inner:
                if overlap(wide, speck) <= 0.7 * speck.area:
                    continue
                again = sign in area.sigma and (
                    _outlined(speck) >= SAME_AREA * area.main.area or _same_centre(speck, area.main)
                )
                if again or (speck.area < SAME_AREA * area.main.area and texture.holds(speck, outstanding)):
                    own.append(speck)
        lone = {sign: [s for s in specks if s not in own] for sign, specks in lone.items()}
        done.append(replace(area, grain=len(own)))
    return done, lone


def _outline(region: Speck, wide: Speck, reach: float) -> Mask:
    """Cells of `wide` near the region's border."""
    inside = np.zeros(wide.inside.shape, np.uint8)
    inside[
        region.top - wide.top : region.rows.stop - wide.top, region.left - wide.left : region.cols.stop - wide.left
    ] = region.inside
    far = [cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (inside, 1 - inside)]
    return np.asarray(np.maximum(*far) <= reach)


def _outlined(speck: Speck) -> int:
    """Cells inside its outline: a sharp edge shows itself as a ring, open or closed."""
    return speck.area if speck.extent.width <= WIDE_CELLS else speck.hull().area


def _same_centre(speck: Speck, region: Speck) -> bool:
    """Whether it is the region, seen smaller: a point that lies in its very middle would be chance."""
    one, two = speck.extent, region.extent
    apart = np.hypot(one.row - two.row, one.col - two.col)
    return bool(one.width >= CORE_RATIO * two.width and apart <= CENTRE_RATIO * one.width)


def _concentric(groups: list[Group]) -> list[Group]:
    """Mirror and colour that differ about the same centre are one mark: paint burnt through."""
    done: list[Group] = []
    for one in sorted(groups, key=lambda g: (not g.region, -g.main.area)):
        twin = next((i for i, g in enumerate(done) if _centred(g, one)), None)
        if twin is None:
            done.append(one)
        else:
            done[twin] = done[twin].joined(*one.specks)
    return done


def _centred(a: Group, b: Group) -> bool:
    if not (set(a.sigma) | set(b.sigma) == BURNT and set(a.sigma) != set(b.sigma)):
        return False
    one, two = a.main.extent, b.main.extent
    apart = np.hypot(one.row - two.row, one.col - two.col)
    return bool(apart <= CENTRE_RATIO * min(one.width, two.width))


def _clustered(groups: list[Group], near: float, shape: tuple[int, ...], cell_mm: float) -> list[Group]:
    """Points that touch are one mark: what is steep or hollow is seen in pieces."""
    result: list[Group] = []
    for one in sorted(groups, key=lambda g: -g.main.area):
        if np.sqrt(one.main.area) * cell_mm > SMALL_MM or is_line(one.main.extent, cell_mm):
            result.append(one)
            continue
        wide = one.main.grown(near, shape)
        host = next(
            (
                i
                for i, g in enumerate(result)
                if np.sqrt(g.main.area) * cell_mm <= SMALL_MM
                and not is_line(g.main.extent, cell_mm)
                and overlap(wide, g.main) > 0
            ),
            None,
        )
        if host is None:
            result.append(one)
        else:
            result[host] = _stronger_first(result[host], one)
    return result


def _stronger_first(a: Group, b: Group) -> Group:
    first, second = (a, b) if max(a.sigma.values()) >= max(b.sigma.values()) else (b, a)
    return first.joined(*second.specks)


def _threaded(groups: list[Group], lines: list[Speck], near: float, shape: tuple[int, ...]) -> list[Group]:
    """Lines, and on them what is no thicker: where a scratch is too steep, only beads of its relief are left."""
    for line in lines:
        wide = line.grown(near, shape)
        beads = [g for g in groups if is_bead(g.main.extent, line.extent) and overlap(wide, g.main) > 0]
        if not beads:
            groups = _attached(groups, [line], near, shape)
            continue
        whole = group(line).joined(*(speck for bead in beads for speck in bead.specks))
        groups = [g for g in groups if g not in beads] + [whole]
    return groups


def _attached(groups: list[Group], specks: list[Speck], near: float, shape: tuple[int, ...]) -> list[Group]:
    """Gives every speck to the mark that it lies on and that is most like it in size; the rest are new marks."""
    fresh: list[Group] = []
    for speck in specks:
        wide = speck.grown(near, shape)
        touching = [
            (abs(np.log(g.main.area / speck.area)), i)
            for i, g in enumerate(groups)
            if overlap(wide, g.main) > 0 or (g.main.area < speck.area and holds(wide, g.main.row, g.main.col))
        ]
        if touching:
            best = min(touching)[1]
            groups[best] = groups[best].joined(speck)
        else:
            fresh.append(group(speck))
    # Among themselves: what touches is one.
    for one in fresh:
        wide = one.main.grown(near, shape)
        host = next((i for i, g in enumerate(groups) if overlap(wide, g.main) > 0), None)
        if host is None:
            groups.append(one)
        else:
            groups[host] = groups[host].joined(*one.specks)
    return groups
