"""From the maps of a panel to candidates: every mark once, with its footprint and its evidence."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from inspection.defects.candidates import Candidate, Shape, Sign
from inspection.defects.evidence import Evidence
from inspection.defects.find_lamps import find_lamps
from inspection.defects.find_lines import find_lines
from inspection.defects.find_points import find_points
from inspection.defects.find_regions import find_regions
from inspection.defects.glints import without_glints
from inspection.defects.groups import Group
from inspection.defects.merge import merged
from inspection.defects.specks import Speck, overlap
from inspection.defects.strings import is_line
from inspection.strips import side_by_side

#: Faint lines are looked for in these maps, at this scale; footprints wider than this are no part of a line, shorter
#: ones no line, and a line of which a footprint shows this much already is no news.
LINE_SIGNS = frozenset((Sign.RELIEF, Sign.MIRROR))
LINE_SCALE_CELLS, WIDE_CELLS, SHORT_CELLS, KNOWN_RATIO = 1.1, 6.0, 6.0, 0.6
#: From this size on (both ways) a footprint is a region and no point.
REGION_MM = 8.0


def find(evidence: Evidence) -> list[Candidate]:
    """Every mark that stands out of noise and texture, in reading order.

    Clean paint gives on average `FALSE_MARKS_PER_PANEL` of them (inspection/defects/find_scales.py). Holes no larger
    than a speck are marks themselves; larger ones are bridged and hold none.
    """
    cell = evidence.cell_mm
    seen = evidence.fields
    # Every map on a core of its own: each is a chain of short steps that cannot be cut into strips.
    areas, *specks = side_by_side(partial(find_regions, evidence), *(partial(_points, evidence, sign) for sign in seen))
    points = dict(zip(seen, specks, strict=True))
    signs = [sign for sign in seen if sign in LINE_SIGNS]
    known = [*areas, *points.get(Sign.COLOUR, ()), *points.get(Sign.RELIEF, ())]
    lines = (partial(_lines, evidence, sign, points[sign], areas) for sign in signs)
    streaks, *extras = side_by_side(partial(find_lamps, evidence, known), *lines)
    for extra in extras:
        for line in extra:
            points[line.sign].append(line)
    groups = merged(points, areas + streaks, seen, cell, lamps=evidence.streaks is not None)
    found = [_candidate(one, evidence) for one in without_glints(groups, evidence)]
    return sorted(found, key=lambda c: (c.rows.start, c.cols.start))


def _points(evidence: Evidence, sign: Sign) -> list[Speck]:
    return find_points(evidence.space(sign), evidence.fields[sign], sign, only=-1 if sign is Sign.MIRROR else 0)


def _lines(evidence: Evidence, sign: Sign, points: list[Speck], regions: list[Speck]) -> list[Speck]:
    """Lines that no speck shows already."""
    one = evidence.fields[sign]
    hidden = cv2.dilate((~one.seen).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    for speck in (*regions, *(s for s in points if s.extent.width > WIDE_CELLS)):
        wide = speck.grown(LINE_SCALE_CELLS, one.values.shape)
        hidden[wide.rows, wide.cols] |= wide.inside
    scale = [s for s in evidence.space(sign) if s.scale_cells <= LINE_SCALE_CELLS][-1]
    known = [s for s in points if s.extent.length > SHORT_CELLS]
    return [
        line
        for line in find_lines(one, scale, sign, hidden)
        if not any(
            2 * overlap(s, line) >= s.area and s.extent.length >= KNOWN_RATIO * line.extent.length for s in known
        )
    ]


def _candidate(mark: Group, evidence: Evidence) -> Candidate:
    """In camera pixels."""
    bin_px, main = evidence.bin_px, mark.main
    inside = np.repeat(np.repeat(main.inside, bin_px, axis=0), bin_px, axis=1)
    top, left = main.top * bin_px, main.left * bin_px
    return Candidate(
        rows=slice(top, top + inside.shape[0]),
        cols=slice(left, left + inside.shape[1]),
        inside=inside,
        shape=_shape(mark, evidence.cell_mm),
        sigma=dict(mark.sigma),
        scale_mm=main.scale_cells * evidence.cell_mm,
        specks=max(1, mark.grain + len(mark.specks)),
        streaks=mark.streaks,
    )


def _shape(mark: Group, cell_mm: float) -> Shape:
    size = mark.main.extent
    if mark.region:
        return Shape.REGION
    if is_line(size, cell_mm):
        return Shape.LINE
    return Shape.REGION if size.width * cell_mm >= REGION_MM else Shape.POINT
