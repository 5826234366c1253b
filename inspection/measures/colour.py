"""Colour against the recipe's target, and its evenness. D65, 2°, 45° diffuse reflectance, gloss excluded."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inspection.colour import delta_e00 as ciede2000
from inspection.colour import lab_of
from inspection.maps.colour_blocks import ColourBlocks
from inspection.maps.kinds import Target
from inspection.propagation import through
from inspection.reading import Missing, Quality, Reading, Source
from inspection.registry import Joins, measure

Lab = NDArray[np.float64]
#: Terms of every measure of colour.
SOURCES = (Source.NOISE, Source.FLAT_FIELD, Source.REFERENCE, Source.DRIFT, Source.COLOUR_MATRIX, Source.PLACEMENT)
#: Noise is laid on the blocks this often, always the same, to see how a percentile scatters: on few blocks more often.
DRAWS, MOST_DRAWS, DRAWN_BLOCKS = 32, 200, 50_000


@measure(version=1, sources=SOURCES, possible=(0, math.inf))
def delta_e00(colour: ColourBlocks, target: Target) -> Reading:
    """Colour difference of the mean colour to the recipe, CIEDE2000.

    float64 on the mean linear light of the area, so pixel noise does not bias it. Valid for colours
    inside the camera's matrix; it is a drift against the recipe, not an absolute colour. No target:
    NO_TARGET. Near zero the difference is a length of a vector: u stays that of the vector.

    References: ISO/CIE 11664-6:2014.
    """
    aim = _aim(target)
    return _of_mean(colour, lambda lab: float(ciede2000(lab, aim)))


@measure(version=1, sources=SOURCES, joins=Joins.MEAN)
def delta_l_lab(colour: ColourBlocks, target: Target) -> Reading:
    """Lightness of the mean colour minus the recipe's: positive is lighter."""
    aim = _aim(target)
    return _of_mean(colour, lambda lab: float(lab[0] - aim[0]))


@measure(version=1, sources=SOURCES, joins=Joins.MEAN)
def delta_a_lab(colour: ColourBlocks, target: Target) -> Reading:
    """a* of the mean colour minus the recipe's: positive is redder."""
    aim = _aim(target)
    return _of_mean(colour, lambda lab: float(lab[1] - aim[1]))


@measure(version=1, sources=SOURCES, joins=Joins.MEAN)
def delta_b_lab(colour: ColourBlocks, target: Target) -> Reading:
    """b* of the mean colour minus the recipe's: positive is yellower."""
    aim = _aim(target)
    return _of_mean(colour, lambda lab: float(lab[2] - aim[2]))


@measure(version=1, sources=SOURCES, joins=Joins.MEAN)
def delta_c_lab(colour: ColourBlocks, target: Target) -> Reading:
    """Chroma of the mean colour minus the recipe's: positive is more vivid."""
    aim = _aim(target)
    return _of_mean(colour, lambda lab: math.hypot(lab[1], lab[2]) - math.hypot(aim[1], aim[2]))


@measure(version=1, sources=SOURCES, joins=Joins.MEAN)
def delta_h_lab(colour: ColourBlocks, target: Target) -> Reading:
    """Hue difference of the mean colour to the recipe (CIE 1976 metric hue difference, signed).

    Counter-clockwise in the a*b* plane is positive; near grey it is nearly 0 whatever the hue.
    """
    aim = _aim(target)

    def hue(lab: Lab) -> float:
        turn = math.atan2(lab[2], lab[1]) - math.atan2(aim[2], aim[1])
        chroma = math.hypot(lab[1], lab[2]) * math.hypot(aim[1], aim[2])
        return 2 * math.sqrt(chroma) * math.sin(math.remainder(turn, 2 * math.pi) / 2)

    return _of_mean(colour, hue)


@measure(version=1, sources=SOURCES, possible=(0, math.inf))
def delta_e00_p95(colour: ColourBlocks, target: Target) -> Reading:
    """Colour difference to the recipe that 95 % of the 4 mm blocks stay below, CIEDE2000."""
    aim = _aim(target)
    return _of_blocks(colour, lambda blocks, mean: ciede2000(lab_of(blocks), aim))


@measure(version=1, sources=SOURCES, possible=(0, math.inf))
def colour_spread_e00(colour: ColourBlocks) -> Reading:
    """Unevenness of colour: difference to the area's own mean that 95 % of the 4 mm blocks stay below.

    Errors of lamp and tile act on blocks and mean alike and cancel.
    """

    def spread(blocks: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
        l, a, b = lab_of(mean).tolist()  # noqa: E741
        return ciede2000(lab_of(blocks), (l, a, b))

    return _of_blocks(colour, spread)


def _aim(target: Target) -> tuple[float, float, float]:
    if target.lab is None:
        raise Missing(Quality.NO_TARGET)
    return target.lab


def _of_mean(colour: ColourBlocks, quantity: Callable[[Lab], float]) -> Reading:
    """A function of the mean colour with its uncertainty through the function itself."""

    def at(linear: NDArray[np.float64]) -> float:
        return quantity(lab_of(linear))

    value = at(colour.mean)
    budget = {
        Source.NOISE: through(at, colour.mean, colour.mean_noise),
        Source.FLAT_FIELD: through(at, colour.mean, colour.mean_grain),
        Source.PLACEMENT: colour.elsewhere.u_of(lambda blocks: at(_seen(blocks).mean(axis=0))),
    } | _of_errors(lambda change: at(colour.mean + change @ colour.mean), colour)
    return Reading.of_terms(value, budget, colour.n_px, colour.quality)


def _of_errors(at: Callable[[NDArray[np.float64]], float], colour: ColourBlocks) -> dict[Source, float]:
    """Standard uncertainty by the calibration's terms: each one up and down, the others left alone."""
    middle = at(np.zeros((3, 3)))
    moved = [((at(error) - middle) ** 2 + (at(-error) - middle) ** 2) / 2 for error in colour.errors()]
    # The first is lamp and tile, the others are the entries of the matrix.
    return {
        Source.REFERENCE: math.sqrt(moved[0] * (1 - colour.drift_ratio)),
        Source.DRIFT: math.sqrt(moved[0] * colour.drift_ratio),
        Source.COLOUR_MATRIX: math.sqrt(sum(moved[1:])),
    }


def _seen(blocks: NDArray[np.float32]) -> NDArray[np.float64]:
    """Blocks that were seen, (n, 3)."""
    return blocks[np.isfinite(blocks[..., 0])].astype(np.float64)


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """What makes independent numbers scatter like that."""
    sizes, axes = np.linalg.eigh(covariance)
    return np.asarray(axes * np.sqrt(np.maximum(sizes, 0.0)))


def _of_blocks(
    colour: ColourBlocks,
    difference: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
) -> Reading:
    """95th percentile over the blocks; calibration errors move all blocks and the mean together."""

    def at(change: NDArray[np.float64]) -> float:
        off = np.eye(3) + change
        return float(np.percentile(difference(colour.blocks @ off.T, off @ colour.mean), 95))

    value = at(np.zeros((3, 3)))
    draws = max(DRAWS, min(MOST_DRAWS, DRAWN_BLOCKS // len(colour.blocks)))
    drawn = np.random.default_rng(0).standard_normal((draws, *colour.blocks.shape))

    light = colour.blocks.mean(axis=1, keepdims=True)
    light = np.maximum(light / max(float(np.median(light)), 1e-9), 0.0)

    def scatter(covariance: NDArray[np.float64], size: NDArray[np.float64]) -> float:
        """Of the percentile with noise of this covariance on a block of usual light, `size` times it on others."""
        noisy = colour.blocks + size * (drawn @ _root(covariance).T)
        return float(np.std(np.percentile(difference(noisy, colour.mean), 95, axis=1), ddof=1))

    def elsewhere(blocks: NDArray[np.float32]) -> float:
        seen = _seen(blocks)
        return float(np.percentile(difference(seen, seen.mean(axis=0)), 95))

    # Shot noise grows with the root of the light, what the tile's noise does to the paint with the light itself.
    budget = {
        Source.NOISE: scatter(colour.block_noise, np.sqrt(light)),
        Source.FLAT_FIELD: scatter(colour.block_grain, light),
        Source.PLACEMENT: colour.elsewhere.u_of(elsewhere),
    } | _of_errors(at, colour)
    return Reading.of_terms(value, budget, colour.n_px, colour.quality)
