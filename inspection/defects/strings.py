"""Lines: pieces of one scratch, and the beads on it, are one mark."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.groups import Group
from inspection.defects.specks import Extent, Speck, overlap, union
from inspection.defects.texture import Texture

#: Beads lie this near to the line that they are part of, which is so many times their area.
BEAD_MM, BEAD_AREA = 1.0, 1.5
#: Wider than this, a line is a run: what is on it is no bead.
SCRATCH_MM = 2.0
#: A footprint so many times as long as wide, and this long, is a line.
LINE_ASPECT, LINE_MM = 3.0, 2.0
#: Pieces of one scratch: directions within this angle, off the common line by less than this, and a gap of at most …
SAME_LINE_DEG, SAME_LINE_MM = 12.0, 0.8
GAP_MM, GAP_RATIO = 3.0, 0.5
#: Beads are no surer than their line, but for noise: two peaks that are alike differ by more once in twenty times.
LIKE_SIGMA = 2.8


def is_line(size: Extent, cell_mm: float) -> bool:
    """Whether a footprint is much longer than wide."""
    return size.length >= LINE_ASPECT * size.width and size.length * cell_mm >= LINE_MM


def is_bead(size: Extent, line: Extent) -> bool:
    """Whether a footprint is small enough to be a part of a line as wide as that."""
    return size.length <= 3 * line.width + 2


def strings(specks: list[Speck], cell_mm: float) -> list[Speck]:
    """Pieces of one line, put together; a small piece between two of them too."""
    sizes = [s.extent for s in specks]
    lines = [i for i, size in enumerate(sizes) if is_line(size, cell_mm)]
    taken: set[int] = set()
    result: list[Speck] = []
    for i in sorted(lines, key=lambda k: -sizes[k].length):
        if i in taken:
            continue
        taken.add(i)
        parts, size, whole = [specks[i]], sizes[i], specks[i]
        grew = True
        while grew:
            grew = False
            for k, speck in enumerate(specks):
                if k not in taken and _continues(size, sizes[k], cell_mm, speck.sigma, whole.sigma):
                    taken.add(k)
                    parts.append(speck)
                    whole = union(parts)
                    size, grew = whole.extent, True
        result.append(whole)
    result += [s for k, s in enumerate(specks) if k not in taken]
    return sorted(result, key=lambda s: -s.sigma)


def without_beads(lone: dict[Sign, list[Speck]], fields: dict[Sign, Field], cell_mm: float) -> dict[Sign, list[Speck]]:
    """Without the beads of lines: specks along one that are no more than the rest of it in the same map."""
    lines = [s for specks in lone.values() for s in specks if is_line(s.extent, cell_mm)]
    lines = [s for s in lines if s.extent.width * cell_mm <= SCRATCH_MM]
    gone: list[Speck] = []
    for line in sorted(lines, key=lambda s: -s.area):
        if line in gone:
            continue
        for sign, specks in lone.items():
            near = BEAD_MM / cell_mm
            beads = [s for s in specks if BEAD_AREA * s.area <= line.area and line.within(near, s)]
            beads = [s for s in beads if s is not line and s not in gone]
            if not beads:
                continue
            wide = line.grown(near, fields[sign].values.shape)
            texture = Texture(wide, fields)
            gone += [s for s in beads if overlap(wide, s) >= 0.7 * s.area and texture.holds(s)]
    return {sign: [s for s in specks if s not in gone] for sign, specks in lone.items()}


def strung(groups: list[Group], cell_mm: float) -> list[Group]:
    """Lines seen by different evidence in different pieces, and beads on them, become one mark."""
    order = sorted(range(len(groups)), key=lambda i: -groups[i].main.extent.length)
    sizes = {i: groups[i].main.extent for i in order}
    taken: set[int] = set()
    result: list[Group] = []
    for i in order:
        if i in taken:
            continue
        taken.add(i)
        mark, size = groups[i], sizes[i]
        grew = is_line(size, cell_mm)
        while grew:
            grew = False
            for k in order:
                if k in taken:
                    continue
                mine = max(mark.sigma.values())
                if _continues(size, sizes[k], cell_mm, max(groups[k].sigma.values()), mine):
                    taken.add(k)
                    grew = True
                    mark = mark.joined(*groups[k].specks)
                    whole = union([mark.main, groups[k].main])
                    mark = replace(mark, specks=(whole, *mark.specks))
                    size = whole.extent
        result.append(mark)
    return result


def _continues(line: Extent, piece: Extent, cell_mm: float, sigma: float, line_sigma: float) -> bool:
    """Whether a piece lies on a line or on its continuation."""
    along = np.array(line.along)
    off = np.array([piece.row - line.row, piece.col - line.col])
    ahead, aside = abs(float(off @ along)), abs(float(off[0] * along[1] - off[1] * along[0]))
    gap = ahead - (line.length + piece.length) / 2
    if gap * cell_mm > max(GAP_MM, GAP_RATIO * min(line.length, piece.length) * cell_mm):
        return False
    if is_line(piece, cell_mm):
        turn = abs(float(along @ np.array(piece.along)))
        straight = turn >= np.cos(np.radians(SAME_LINE_DEG))
        near = SAME_LINE_MM + (0.05 * max(gap, 0.0) + line.width / 2) * cell_mm
        return straight and aside * cell_mm <= near
    like = is_bead(piece, line) and sigma < line_sigma + LIKE_SIGMA
    return like and aside <= line.width / 2 + max(1.0, 0.4 / cell_mm)
