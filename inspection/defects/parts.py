"""Ragged edges, ripples and feet of larger marks in relief: parts of them."""

from __future__ import annotations

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.find_points import REACH_SCALES
from inspection.defects.specks import Speck, overlap
from inspection.defects.texture import Texture

#: Ragged edges lie within this many scales of a mark that is so many times as coarse.
PART_SCALES, PART_FINER = 1.0, 1.9
#: The foot of a Gaussian ridge bends the other way, 0.45 times as much as its crest, up to this many scales from it; at
#: its own scale the ridge shows 0.35 of its height: so the foot shows this share of that, times the squared ratio of
#: the scales.
SHADOW_RATIO = 0.45 / 0.35
#: The relief of a run or dent is smooth: what is so many times its texture lies on it.
PART_OUTSTANDING = 1.6


def without_parts(relief: list[Speck], fields: dict[Sign, Field]) -> list[Speck]:
    """Without the ragged edges and ripples of larger marks."""
    kept: list[Speck] = []
    for speck in sorted(relief, key=lambda s: -s.scale_cells):
        shape = fields[Sign.RELIEF].values.shape
        hosts = (
            h
            for h in kept
            if h.scale_cells >= PART_FINER * speck.scale_cells and h.within(PART_SCALES * h.scale_cells, speck)
        )
        wide = (h.grown(PART_SCALES * h.scale_cells, shape) for h in hosts)
        under = (Texture(w, fields) for w in wide if overlap(w, speck) > 0.5 * speck.area)
        shaded = any(_shadow(h, speck, shape) for h in kept)
        if not shaded and not any(texture.holds(speck, PART_OUTSTANDING) for texture in under):
            kept.append(speck)
    return sorted(kept, key=lambda s: -s.sigma)


def _shadow(host: Speck, speck: Speck, shape: tuple[int, ...]) -> bool:
    """Whether a finer speck is no more than the bend at the foot of a ridge."""
    finer = speck.scale_cells / host.scale_cells
    reach = REACH_SCALES * host.scale_cells
    if host.strength * speck.strength > 0 or PART_FINER * finer > 1 or not host.within(reach, speck):
        return False
    most = SHADOW_RATIO * abs(host.strength) * finer**2
    return abs(speck.strength) <= most and overlap(host.grown(reach, shape), speck) > 0.5 * speck.area
