"""What a narrow mark takes from the mirror image: the map of lost modulation at each period."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inspection.defects.evidence import Evidence
from inspection.defects.narrow import Lost
from inspection.defects.window import Places, Window, median

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fading:
    """Lost share of the modulation at one period around a mark: 0 around it, 1 where nothing is left.

    `maps` make the modulation, multiplied; `level` is what the paint around the mark has. `noise` is the scatter of
    one bin around the mark; `phase_per_mrad` the phase that a slope turns, along x and y.
    """

    period_mm: float
    window: Window
    maps: tuple[NDArray[np.float32], ...]
    level: float
    noise: float
    phase_per_mrad: tuple[float, float]

    @cached_property
    def share(self) -> Floats:
        """Of every bin of the window, (rows, cols)."""
        return self._lost([self.window.of(one) for one in self.maps])

    def at(self, where: Places) -> Floats:
        """The same at flat places."""
        return self._lost([self.window.at(one, where) for one in self.maps])

    def _lost(self, factors: list[Floats]) -> Floats:
        share = 1 - math.prod(factors[1:], start=factors[0]) / self.level
        share[np.isnan(share)] = 1.0
        return share

    def lost(self, amount: float, u: float, turned: tuple[float, float] | None = None) -> Lost:
        """As an observation: an amount and its uncertainty; `turned` where the flank does not face x and y alike."""
        return Lost(amount, u, self.phase_per_mrad if turned is None else turned)


def fadings_of(window: Window, evidence: Evidence) -> list[Fading]:
    """By period, coarse first; empty without a gloss map. A pixel without a mirror image has lost all of it."""
    if evidence.gloss is None or evidence.clarity is None:
        return []
    gloss = evidence.gloss.gu
    finer = sorted(evidence.clarity.pct, reverse=True)[:1]
    found = [(evidence.clarity.coarsest_mm, (gloss,)), *((p, (gloss, evidence.clarity.pct[p])) for p in finer)]
    fadings = []
    for period, maps in found:
        around = math.prod((window.at(one, window.around) for one in maps[1:]), start=window.at(maps[0], window.around))
        around = around[np.isfinite(around)]
        level = median(around) if around.size else math.nan
        if not level > 0:
            continue
        noise = 1.4826 * median(np.abs(around / level - 1))
        fadings.append(Fading(period, window, maps, level, noise, phase_per_mrad(evidence, period)))
    return fadings


def phase_per_mrad(evidence: Evidence, period_mm: float) -> tuple[float, float]:
    """Phase that a slope of one mrad turns, along x and along y, at the field's centre (contracts.md §1)."""
    geometry = evidence.rig.geometry
    way = 2 * geometry.screen.distance_mm * 1e-3 * 2 * math.pi / period_mm
    return way * math.cos(math.radians(geometry.camera.angle_deg)), way
