"""Furrows far below a pixel as fans of light: how much of the light of a place comes from how many, and which way.

Least squares on tiles: paint + furrows every way + furrows of one direction or two, none of them negative.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Contrast is stated from this tilt on: a haze lobe 0.06 wide has fallen to 1/700 of its peak.
STATED_TILT = 0.3
#: What is tried: directions; spreads of direction (standard deviation); GGX widths of the fan across a furrow.
DIRECTIONS_DEG = np.arange(-90.0, 90.0, 5.0)
SPREADS_DEG = (4.0, 8.0, 14.0, 24.0)
FANS = (0.1, 0.2, 0.4)
#: Directions of single furrows that are summed, in standard deviations of their spread.
STRAYED = np.linspace(-2.5, 2.5, 15)
#: GGX width along a furrow.
ALONG = 0.02
#: Lamps of one kind at one current are alike to this share (standard uncertainty).
LAMPS_ALIKE_RELATIVE = 0.02
#: How firmly a tile's own paint is held to the panel's: as so many times its own observations.
ONE_PAINT = 3.0
#: A tile has furrows of a second direction if they leave less than this of what the first leaves unexplained.
SECOND_LEAVES = 0.5
#: Fans and spreads are chosen on no more tiles than this.
TRIED_TILES = 40


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Light per irradiance of n tiles as (n, cells · lamps), and where each half-vector points."""

    light: Floats
    weight: Floats
    tilt: Floats
    towards: Floats
    shape_factor: Floats
    lamps: int

    def thinned(self) -> Seen:
        """Every so many tiles."""
        step = slice(None, None, -(-len(self.light) // TRIED_TILES))
        return Seen(
            self.light[step],
            self.weight[step],
            self.tilt[step],
            self.towards[step],
            self.shape_factor[step],
            self.lamps,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The paint's own light, furrows every way, and furrows of the best and of a second direction: columns and amounts.

    The second has a column of 0 in tiles that have no second. `best`: number of that direction; `gain`: chi-square
    that every direction explains beyond the other two columns (n, directions); `rest`: what stays unexplained.
    """

    columns: Floats
    amounts: Floats
    best: NDArray[np.intp]
    gain: Floats
    rest: Floats


def _columns(seen: Seen, fan: float, spread_deg: float) -> Floats:
    """(n, directions, 3, observations): paint, furrows every way, furrows of each direction.

    Furrows of every direction send 1 / (t (1 + (t/fan)²)^1.5) towards a tilt t (a GGX fan, averaged over directions);
    those of one direction a GGX fan, wide across and narrow along, mean over the spread of directions. Its flanks fall
    slowly: a Gauss curve would leave them to the furrows of every direction.
    """
    every_way = seen.shape_factor / (seen.tilt * (1 + (seen.tilt / fan) ** 2) ** 1.5)
    every_way /= 1 / (STATED_TILT * (1 + (STATED_TILT / fan) ** 2) ** 1.5)
    across = np.radians(DIRECTIONS_DEG + 90.0)
    off = seen.towards[:, None, :] - across[None, :, None]
    wide, narrow = (np.square(seen.tilt / width)[:, None, :] for width in (fan, ALONG))
    one_way = np.zeros(off.shape)
    for strayed, share in zip(STRAYED, np.exp(-0.5 * STRAYED**2), strict=True):
        one_way += share / np.square(1 + wide + (narrow - wide) * np.sin(off + np.radians(spread_deg) * strayed) ** 2)
    one_way *= (seen.shape_factor * (1 + (STATED_TILT / fan) ** 2) ** 2 / len(STRAYED))[:, None, :]
    paint = np.ones_like(one_way)
    return np.stack([paint, np.broadcast_to(every_way[:, None, :], one_way.shape), one_way], axis=-2)


def fit(seen: Seen, fan: float, spread_deg: float) -> Fit:
    """Each tile alone first; then all again with the one paint that they agree on."""
    columns = _columns(seen, fan, spread_deg)
    weighted = columns * seen.weight[:, None, None, :]
    gram = weighted @ columns.swapaxes(-1, -2)
    against = (weighted @ seen.light[:, None, :, None])[..., 0]
    n = np.arange(len(seen.light))
    alone = _never_negative(gram, against)[1].argmax(axis=1)
    paint = _one_paint(gram[n, alone], against[n, alone])
    firm = ONE_PAINT * seen.weight.sum(axis=1)
    gram[..., 0, 0] += firm[:, None]
    against[..., 0] += (firm * paint)[:, None]
    _, explained = _never_negative(gram, against)
    _, without = _never_negative(gram[:, 0, :2, :2], against[:, 0, :2])
    best = explained.argmax(axis=1)
    rest = (seen.weight * seen.light**2).sum(axis=1) + firm * paint**2 - explained[n, best]
    gain = np.maximum(explained - without[:, None], 0.0)
    chosen, amount, rest = _with_second(seen, columns, best, firm, paint, np.maximum(rest, 0.0))
    return Fit(chosen, amount, best, gain, rest)


def _with_second(
    seen: Seen, columns: Floats, best: NDArray[np.intp], firm: Floats, paint: float, rest: Floats
) -> tuple[Floats, Floats, Floats]:
    """Where two passes of a pad meet, furrows lie along two arcs: (n, 4, …) columns, amounts and what stays then."""
    n = np.arange(len(best))
    first = np.broadcast_to(columns[n, best][:, None], columns.shape)
    both = np.concatenate([first, columns[..., 2:, :]], axis=-2)
    weighted = both * seen.weight[:, None, None, :]
    gram, against = weighted @ both.swapaxes(-1, -2), (weighted @ seen.light[:, None, :, None])[..., 0]
    gram[..., 0, 0] += firm[:, None]
    against[..., 0] += (firm * paint)[:, None]
    _, explained = _never_negative(gram, against)
    second = explained.argmax(axis=1)
    total = (seen.weight * seen.light**2).sum(axis=1) + firm * paint**2
    left = np.maximum(total - explained[n, second], 0.0)
    meet = left < SECOND_LEAVES * rest
    chosen = both[n, np.where(meet, second, best)]
    chosen[~meet, 3] = 0.0
    gram[n[~meet], second[~meet], 3] = gram[n[~meet], second[~meet], :, 3] = 0.0
    against[n[~meet], second[~meet], 3] = 0.0
    amount, _ = _never_negative(gram[n, second], against[n, second])
    return chosen, amount, np.where(meet, left, rest)


def _one_paint(gram: Floats, against: Floats) -> float:
    """Mean of the tiles' paint, each as heavy as it is well known; not below 0."""
    steady = gram + 1e-6 * np.trace(gram, axis1=-2, axis2=-1)[:, None, None] * np.eye(gram.shape[-1])
    inverse = np.linalg.inv(steady)
    paint = np.einsum("nj,nj->n", inverse[:, 0], against)
    known = 1 / inverse[:, 0, 0]
    return max(float((paint * known).sum() / known.sum()), 0.0)


def _never_negative(gram: Floats, against: Floats) -> tuple[Floats, Floats]:
    """Least squares with no amount below 0, by trying every subset of columns; amounts and explained chi-square."""
    best, amounts = np.zeros(against.shape[:-1]), np.zeros_like(against)
    for chosen in _subsets(against.shape[-1]):
        some = gram[..., chosen, :][..., chosen]
        ridge = 1e-9 * np.trace(some, axis1=-2, axis2=-1)[..., None, None] * np.eye(len(chosen))
        right = against[..., chosen]
        found = np.linalg.solve(some + ridge + 1e-300 * np.eye(len(chosen)), right[..., None])[..., 0]
        explained = (found * right).sum(axis=-1)
        better = (found >= 0).all(axis=-1) & (explained > best)
        best = np.where(better, explained, best)
        spread_out = np.zeros_like(amounts)
        spread_out[..., chosen] = found
        amounts = np.where(better[..., None], spread_out, amounts)
    return amounts, best


def _subsets(n: int) -> Iterator[list[int]]:
    for size in range(1, n + 1):
        yield from map(list, combinations(range(n), size))


def contrasts(seen: Seen, columns: Floats, amounts: Floats) -> tuple[Floats, Floats]:
    """Per tile: light of furrows of one direction over the rest, and of those every way over the paint, best lamp.

    0 where no paint is left to compare with: all the light was taken for furrows'.
    """
    stated = (seen.tilt >= STATED_TILT) & (seen.weight > 0)
    shares = (columns * amounts[..., None] * stated[:, None, :]).reshape(*amounts.shape, -1, seen.lamps).sum(axis=2)
    paint, every_way, *some = shares.swapaxes(0, 1)
    one_way = np.sum(some, axis=0)

    def best(of: Floats, to: Floats) -> Floats:
        return np.asarray(np.divide(of, to, out=np.zeros_like(of), where=to > 0).max(axis=1))

    return best(one_way, paint + every_way), best(every_way, paint)


def noise(seen: Seen, fit: Fit) -> tuple[float, float]:
    """Of both means, from what the fit leaves: cells of a tile and lamp share their grain."""
    gram, _ = _normal(seen, fit, seen.light)
    gram += 1e-6 * np.trace(gram, axis1=-2, axis2=-1)[:, None, None] * np.eye(gram.shape[-1])
    left = fit.rest / np.maximum((seen.weight > 0).sum(axis=1) - 4, 1) * (seen.light.shape[1] / seen.lamps)
    u = np.sqrt(np.einsum("nii->ni", np.linalg.inv(gram)) * left[:, None])
    # The contrast that an amount of one u makes.
    steps = []
    for index, of in ((2, 0), (1, 1)):
        one = fit.amounts.copy()
        one[:, index] = u[:, index]
        one[:, 3] *= index == 1
        steps.append(contrasts(seen, fit.columns, one)[of])
    return tuple(float(np.sqrt(np.square(step).sum())) / len(step) for step in steps)  # type: ignore[return-value]


def by_lamps(seen: Seen, fit: Fit) -> tuple[float, float]:
    """Of both means, from lamps that are not quite alike: each one brighter by its uncertainty, directions kept."""
    start = [part.mean() for part in contrasts(seen, fit.columns, fit.amounts)]
    total = np.zeros(2)
    for lamp in range(seen.lamps):
        light = seen.light.copy()
        light[:, lamp :: seen.lamps] *= 1 + LAMPS_ALIKE_RELATIVE
        amounts, _ = _never_negative(*_normal(seen, fit, light))
        moved = [part.mean() for part in contrasts(seen, fit.columns, amounts)]
        total += np.square(np.subtract(moved, start))
    return float(np.sqrt(total[0])), float(np.sqrt(total[1]))


def _normal(seen: Seen, fit: Fit, light: Floats) -> tuple[Floats, Floats]:
    """Normal equations of the chosen directions for this light, the one paint found anew."""
    weighted = fit.columns * seen.weight[:, None, :]
    gram, against = weighted @ fit.columns.swapaxes(-1, -2), (weighted @ light[..., None])[..., 0]
    paint, firm = _one_paint(gram, against), ONE_PAINT * seen.weight.sum(axis=1)
    gram[:, 0, 0] += firm
    against[:, 0] += firm * paint
    return gram, against


def one_direction_pct_of(gain: Floats) -> float:
    """Light that one direction explains on all tiles over what each tile's own best explains; 100 where nothing is.

    `gain` as of `Fit`.
    """
    most = float(gain.max(axis=1).sum())
    return 100 * float(gain.sum(axis=0).max()) / most if most > 0 else 100.0


def one_direction_by_lamps_pct(seen: Seen, fan: float, spread_deg: float) -> float:
    """Of that share, from lamps that are not quite alike: one that is too bright lends all tiles one direction."""
    start, total = one_direction_pct_of(fit(seen, fan, spread_deg).gain), 0.0
    for lamp in range(seen.lamps):
        light = seen.light.copy()
        light[:, lamp :: seen.lamps] *= 1 + LAMPS_ALIKE_RELATIVE
        total += (one_direction_pct_of(fit(replace(seen, light=light), fan, spread_deg).gain) - start) ** 2
    return math.sqrt(total)
