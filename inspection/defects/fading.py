"""What a narrow mark takes from the mirror image: the map of lost modulation at each period."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.evidence import Evidence
from inspection.defects.narrow import Lost
from inspection.defects.window import Window, known_of, median

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Fading:
    """Lost share of the modulation (rows, cols), 0 around the mark, 1 where nothing is left.

    `noise` is the scatter of one bin around the mark; `phase_per_mrad` the phase that a slope turns, along x and y.
    """

    period_mm: float
    share: Floats
    noise: float
    phase_per_mrad: tuple[float, float]

    def lost(self, amount: float, u: float, turned: tuple[float, float] | None = None) -> Lost:
        """As an observation: an amount and its uncertainty; `turned` where the flank does not face x and y alike."""
        return Lost(amount, u, self.phase_per_mrad if turned is None else turned)


def fadings_of(window: Window, evidence: Evidence) -> list[Fading]:
    """By period, coarse first; empty without a gloss map. A pixel without a mirror image has lost all of it."""
    if evidence.gloss is None:
        return []
    gloss = window.of(evidence.gloss.gu)
    found = []
    if evidence.clarity is not None:
        coarsest = evidence.clarity.coarsest_mm
        finer = sorted(evidence.clarity.pct, reverse=True)[:1]
        found = [(p, gloss * window.of(evidence.clarity.pct[p])) for p in finer]
        found.insert(0, (coarsest, gloss))
    fadings = []
    for period, modulation in found:
        around = known_of(modulation, window.around)
        level = median(around) if around.size else math.nan
        if not level > 0:
            continue
        share = np.nan_to_num(1 - modulation / level, nan=1.0)
        noise = 1.4826 * median(np.abs(around / level - 1))
        fadings.append(Fading(period, share, noise, phase_per_mrad(evidence, period)))
    return fadings


def phase_per_mrad(evidence: Evidence, period_mm: float) -> tuple[float, float]:
    """Phase that a slope of one mrad turns, along x and along y, at the field's centre (contracts.md §1)."""
    geometry = evidence.rig.geometry
    way = 2 * geometry.screen.distance_mm * 1e-3 * 2 * math.pi / period_mm
    return way * math.cos(math.radians(geometry.camera.angle_deg)), way
