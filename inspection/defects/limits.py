"""Limit of discrimination (ISO 8785): the smallest mark of each kind found on this paint with 90 % probability."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from inspection.defects.candidates import Sign
from inspection.defects.evidence import Evidence
from inspection.defects.find_lines import DIRECTIONS, DOUBLINGS
from inspection.defects.find_regions import LEAST_REGION_MM
from inspection.defects.find_scales import Scale, level_of
from inspection.defects.kinds import Kind

#: 90 % of a normal variable lie above its mean minus this many standard deviations.
_Z90 = 1.28
#: A Gaussian falls to 10 % at this many standard deviations; the extent is twice that.
_EXTENT_SIGMA = 2 * float(np.sqrt(2 * np.log(10)))
#: Sizes that are tried, mm.
_SIZES_MM = np.geomspace(0.05, 30.0, 129)
#: What is typical of a kind: height or depth per width, µm per mm; share of the map's level that it takes or adds.
NIB_UM_PER_MM, CRATER_UM_PER_MM, DENT_UM_PER_MM, RUN_UM_PER_MM, SCRATCH_UM_PER_MM = 10.0, 6.0, 0.7, 2.0, 8.0
MIRROR_HIDES = {
    Kind.DUST: 0.8,
    Kind.PINHOLE: 0.3,
    Kind.BURN_THROUGH: 0.3,
    Kind.GLOSS_PATCH: 0.1,
    Kind.SWIRL: 0.1,
    Kind.HOLOGRAM: 0.1,
}
#: A colour difference of 1 changes the reflectance of paint of middle lightness by about this much.
COLOUR_CHANGES = {Kind.COLOUR_PATCH: 0.04}
#: Seen in the mirror image, told from others by their colour only.
TOLD_BY_COLOUR = frozenset((Kind.DUST, Kind.BURN_THROUGH))
REGIONS = frozenset((Kind.GLOSS_PATCH, Kind.SWIRL, Kind.HOLOGRAM, Kind.COLOUR_PATCH))
#: Cells along a line that are worth one independent cell.
_CELLS_PER_SAMPLE = 2.0


def discrimination_mm(evidence: Evidence) -> dict[Kind, float]:
    """Smallest size of each kind, from thresholds, noise and texture of this panel and the blur of its cells.

    Sizes as in contracts.md §4 (10 % of the extreme; a scratch: its width, at 32 cells of length or more). Kinds whose
    maps are missing, or that are not found at any size up to 30 mm, are left out. Shapes are Gaussian, of typical
    steepness; `paint-station pod` measures the same by simulation.
    """
    limits: dict[Kind, float] = {}
    if Sign.RELIEF in evidence.fields:
        space, cell = evidence.space(Sign.RELIEF), evidence.cell_mm
        limits |= _first(Kind.NIB, lambda size: _bump(space, cell, size, NIB_UM_PER_MM * size))
        limits |= _first(Kind.CRATER, lambda size: _bump(space, cell, size, CRATER_UM_PER_MM * size))
        limits |= _first(Kind.DENT, lambda size: _bump(space, cell, size, DENT_UM_PER_MM * size))
        limits |= _first(Kind.RUN, lambda size: _ridge(space, cell, size, RUN_UM_PER_MM * size))
        limits |= _first(Kind.SCRATCH, lambda size: _line(space[:2], cell, size, SCRATCH_UM_PER_MM * size))
    limits |= _hidden(evidence, Sign.MIRROR, MIRROR_HIDES)
    limits |= _hidden(evidence, Sign.COLOUR, COLOUR_CHANGES)
    return limits if Sign.COLOUR in evidence.fields else {k: mm for k, mm in limits.items() if k not in TOLD_BY_COLOUR}


def _hidden(evidence: Evidence, sign: Sign, share: dict[Kind, float]) -> dict[Kind, float]:
    """Smallest marks that change a map by a share of its level; a region is found from `LEAST_REGION_MM` anyway."""
    if sign not in evidence.fields:
        return {}
    space, cell = evidence.space(sign), evidence.cell_mm
    level = float(np.median(evidence.fields[sign].values[::8, ::8]))
    limits: dict[Kind, float] = {}
    for kind, part in share.items():
        limits |= _first(kind, partial(_flat, space, cell, part * level))
        if kind in REGIONS:
            limits[kind] = min(limits.get(kind, LEAST_REGION_MM), LEAST_REGION_MM)
    return limits


def _flat(space: Iterable[Scale], cell_mm: float, height: float, size_mm: float) -> float:
    return _bump(space, cell_mm, size_mm, height)


def _first(kind: Kind, margin: Callable[[float], float]) -> dict[Kind, float]:
    """The smallest size with a margin of 90 %."""
    found = next((float(size) for size in _SIZES_MM if margin(float(size)) >= _Z90), None)
    return {} if found is None else {kind: round(found, 3)}


def _blurred(cell_mm: float, size_mm: float) -> tuple[float, float]:
    """Standard deviation in cells of a Gaussian profile of that size: as it is, and as the cells show it."""
    own = size_mm / _EXTENT_SIGMA / cell_mm
    return own, float(np.sqrt(own**2 + 1 / 12))


def _bump(space: Iterable[Scale], cell_mm: float, size_mm: float, height: float) -> float:
    """Best margin over the threshold, in standard deviations, of a round Gaussian bump."""
    own, seen = _blurred(cell_mm, size_mm)
    peak = height * (own / seen) ** 2
    return max(
        peak * 2 * (s.scale_cells * seen / (s.scale_cells**2 + seen**2)) ** 2 / s.noise - s.threshold for s in space
    )


def _ridge(space: Iterable[Scale], cell_mm: float, size_mm: float, height: float) -> float:
    """The same of a straight Gaussian ridge, in one cell of it."""
    return max(_ridge_sigma(s, cell_mm, size_mm, height) - s.threshold for s in space)


def _line(space: Iterable[Scale], cell_mm: float, size_mm: float, height: float) -> float:
    """The same of a ridge summed along its length."""
    gain = float(np.sqrt(2**DOUBLINGS / _CELLS_PER_SAMPLE))
    return max(
        gain * _ridge_sigma(s, cell_mm, size_mm, height) - level_of(s.response.size * DIRECTIONS, s.scale_cells)
        for s in space
    )


def _ridge_sigma(one: Scale, cell_mm: float, size_mm: float, height: float) -> float:
    own, seen = _blurred(cell_mm, size_mm)
    scale = one.scale_cells
    return height * own / seen * scale**2 * seen / (scale**2 + seen**2) ** 1.5 / one.noise
