"""Gloss of an area as its mean and on blocks of 4 mm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.averages import BLOCK_MM, Elsewhere, blocks, counted, laid_elsewhere, mean
from inspection.falloff import SHAPE_RMS
from inspection.filters import FloatMap
from inspection.maps.kinds import Area, GlossMap
from inspection.reading import IMPOSSIBLE_SIGMA, Quality, Reading, Source
from inspection.registry import builds
from inspection.rig import SMOOTH_MM

#: A recipe's refractive index is known to some 0.01: the ceiling to this share.
CEILING_SLACK = 0.05


def _middle(blocks_gu: FloatMap) -> float:
    return float(np.nanmean(blocks_gu))


@dataclass(frozen=True, slots=True, eq=False)
class GlossBlocks:
    """What the gloss measures share.

    Attributes
    ----------
    mean_gu : float
        Over all valid pixels of the area.
    blocks_gu : float64 (rows, cols)
        Means of blocks of 4 mm, NaN where under half of the block was seen; `per_block` pixels each.
    elsewhere : Elsewhere
        The same had the panel been put down beside its place.
    block_mm : float, float
        What a block really measures along x and y: whole pixels.
    noise_gu, wide_grain_relative : float
        Standard deviation of one pixel by noise, and by the reference's modulation: what of the reference's grain is
        left in means over more than a block.
    block_grain_relative : float
        Standard deviation of a block by the reference.
    """

    mean_gu: float
    blocks_gu: NDArray[np.float64]
    elsewhere: Elsewhere
    per_block: int
    block_mm: tuple[float, float]
    ceiling_gu: float
    noise_gu: float
    wide_grain_relative: float
    block_grain_relative: float
    scale_u_relative: tuple[tuple[Source, float], ...]
    distance_u_relative: float
    n_px: int
    quality: tuple[Quality, ...]

    def reading(
        self, value: float, pixels: int, unit_gu: float = 1.0, of_blocks: Callable[[FloatMap], float] = _middle
    ) -> Reading:
        """A mean over some pixels, in units of `unit_gu`, with its uncertainty; `of_blocks` finds it in their means."""
        most = self.ceiling_gu / unit_gu
        budget = {
            Source.NOISE: self.noise_gu / unit_gu / math.sqrt(pixels),
            Source.FLAT_FIELD: self.wide_grain_relative * value / math.sqrt(pixels),
            # What the lobe takes from the coarsest fringe grows with the distance.
            Source.GEOMETRY: SHAPE_RMS * abs(value * math.log(max(value / most, 1e-3))) * self.distance_u_relative,
            Source.PLACEMENT: self.elsewhere.u_of(of_blocks) / unit_gu,
        } | {source: relative * value for source, relative in self.scale_u_relative}
        above = value > most * (1 + CEILING_SLACK) + IMPOSSIBLE_SIGMA * math.hypot(*budget.values())
        return Reading.of_terms(value, budget, pixels, self.quality + ((Quality.IMPOSSIBLE,) if above else ()))


@builds
def gloss_blocks(gloss: GlossMap, area: Area) -> GlossBlocks:
    """Average the gloss of the area; below 16 valid pixels: TOO_FEW_PIXELS."""
    n, quality = counted(gloss.gu, area.n_px)
    means, per_block = blocks(gloss.gu, gloss.pitch_mm)
    across, down = (max(1, round(BLOCK_MM / pitch)) for pitch in gloss.pitch_mm)
    return GlossBlocks(
        mean_gu=mean(gloss.gu)[0],
        blocks_gu=means.astype(np.float64),
        elsewhere=laid_elsewhere(gloss.gu, gloss.pitch_mm),
        per_block=per_block,
        block_mm=(across * gloss.pitch_mm[0], down * gloss.pitch_mm[1]),
        ceiling_gu=gloss.ceiling_gu,
        noise_gu=gloss.noise_gu,
        wide_grain_relative=gloss.wide_grain_relative,
        block_grain_relative=_block_grain(gloss),
        scale_u_relative=gloss.scale_u_relative,
        distance_u_relative=gloss.distance_u_relative,
        n_px=n,
        quality=quality,
    )


def _block_grain(gloss: GlossMap) -> float:
    """Standard deviation of a block's mean by the reference: ``G b + (1 - G) a`` of noise b in its modulation, a in its
    mean light, and G the Gaussian over `SMOOTH_MM` (see `calibration.assemble`).
    """
    sides = [max(1, round(BLOCK_MM / pitch)) for pitch in gloss.pitch_mm]
    widths = [max(1.0, SMOOTH_MM / pitch) for pitch in gloss.pitch_mm]
    whole = 1 / math.prod(sides)
    crossed = math.prod(_left(side, width / math.sqrt(2)) for side, width in zip(sides, widths, strict=True))
    twice = math.prod(map(_left, sides, widths))
    smooth, sharp = gloss.wide_grain_relative**2 * twice, gloss.grain_relative**2 * (whole - 2 * crossed + twice)
    return math.sqrt(smooth + sharp)


def _left(side: int, sigma: float) -> float:
    """Variance of the mean of `side` neighbours in white noise of variance 1, smoothed along a line by a Gaussian."""
    half = side / (2 * sigma)
    return (math.erf(half) - (1 - math.exp(-(half**2))) / (half * math.sqrt(math.pi))) / side
