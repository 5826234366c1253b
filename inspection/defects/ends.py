"""Where a line begins and ends, from its strength along it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.profile import Band, Profile
from inspection.defects.window import Places, Window

Floats = NDArray[np.float64]

#: Cells along the line in which its strength is taken.
CELLS = 40
#: A footprint may hold only a part of a faint line: it is followed to this many times its half length.
BEYOND = 1.6
#: Cells with less of the profile's weight than this share of the best know nothing.
LEAST_WEIGHT = 0.05
#: Rounds of stretch and level in turn.
ROUNDS = 4
#: A line that fades like a Gaussian is half as strong over this share of its length at 10 %, one that breaks off over
#: nearly all of it (0.55 and 0.9): between them lies what decides which of the two lengths it has.
FADES = 0.72
#: A groove runs out over some twentieth of its length at either end, and lost light, which goes with the square of a
#: shallow slope and not at all with a steep one, is halved elsewhere in it than depth: of the length, both ends.
SOFT_U = 0.045
#: A line that leaves the picture goes on for nobody knows how long: as this share of what is seen of it.
CUT_U = 0.15


@dataclass(frozen=True, slots=True)
class Ends:
    """Begin and end along the line, mm from its middle; standard uncertainty of the length; extreme over the fit."""

    begin_mm: float
    end_mm: float
    u_length_mm: float
    extreme: float


def along_strip(
    window: Window, middle_mm: tuple[float, float], angle: float, half: float, reach: float
) -> tuple[Places, Floats, Floats]:
    """Flat places of a window's bins in a straight strip, half its length and width in mm; along and across it, mm."""
    where = window.strip(*middle_mm, angle, half, reach)
    x, y = window.places_mm(where)
    dx, dy = x - middle_mm[0], y - middle_mm[1]
    cos, sin = np.cos(angle), np.sin(angle)
    along, across = dx * cos - dy * sin, dx * sin + dy * cos
    within = (np.abs(across) < reach) & (np.abs(along) < half)
    return where[within], along[within], across[within]


def ends_of(window: Window, band: Band, picture: Callable[[Places], Floats], profile: Profile) -> Ends:
    """The stretch of the line.

    Parameters
    ----------
    window, band : Window, Band
    picture : callable
        What the profile was fitted to, at flat places of the window; NaN = not there.
    profile : Profile

    Returns
    -------
    Ends
        Of a line that breaks off: where half its strength is left, which no blur moves; of one that fades like a
        Gaussian: where a tenth is left (contracts.md §4).

    Notes
    -----
    The stretch is the box that explains most of the strength in the cells along the line, by least squares: no gap that
    noise tears into a faint line ends it.
    """
    centres, strength, weight, noise = _along(window, band, picture, profile)
    cell = float(centres[1] - centres[0])
    low, high, level = _stretch(strength, weight)
    level = max(level, 1e-9)
    smooth = np.convolve(np.pad(strength, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    extreme = max(float(smooth[low : high + 1].max()), level)
    half = _crossing(centres, smooth, low, high, level / 2)
    begin, end = half
    if noise < 0.05 * extreme:
        peak = int(np.argmax(np.where((centres >= centres[low]) & (centres <= centres[high]), smooth, -np.inf)))
        of_peak = _crossing(centres, smooth, peak, peak, extreme / 2)
        tenth = _crossing(centres, smooth, peak, peak, extreme / 10)
        if of_peak[1] - of_peak[0] < FADES * (tenth[1] - tenth[0]):
            begin, end = tenth
    # A step in noise: by a cell as it falls on them, and by more where the noise exceeds the step.
    of_step = cell * (1 / np.sqrt(6) + np.sqrt(2) * float(np.square(noise / level)))
    seen = centres[weight > 0]
    cut = (begin < seen[0] + cell) + (end > seen[-1] - cell)
    u = float(np.linalg.norm([of_step, SOFT_U * (end - begin), CUT_U * cut * (end - begin)]))
    return Ends(begin, end, u, extreme)


def _along(
    window: Window, band: Band, picture: Callable[[Places], Floats], profile: Profile
) -> tuple[Floats, Floats, Floats, float]:
    """Cell centres, strength over the fitted one, its weight, and the scatter of a cell."""
    sigma, pixel = float(np.exp(profile.theta[2])), max(window.bin_mm)
    cell = max(2 * band.half / CELLS, 1.5 * pixel)
    reach = BEYOND * band.half + 4 * cell
    wide = 3 * sigma + pixel
    # The profile may run at a small angle to the band.
    aside = abs(profile.theta[0]) + abs(profile.theta[1]) * reach / band.half
    where, along, across = along_strip(window, (band.x_mm, band.y_mm), band.angle, reach, wide + aside)
    across = across - profile.theta[0] - profile.theta[1] * along / band.half
    values = picture(where)
    near = np.isfinite(values) & (np.abs(across) < wide)
    d, a, s = across[near] / sigma, along[near], values[near]
    z = np.exp(-d * d / 2)
    count = max(5, int(np.ceil(2 * reach / cell)))
    index = np.clip(((a + reach) / (2 * reach) * count).astype(int), 0, count - 1)
    n = np.maximum(np.bincount(index, minlength=count), 1)
    pattern = -d / sigma * z if profile.steep else z
    pattern = pattern - (np.bincount(index, pattern, count) / n)[index]
    weight = np.bincount(index, pattern * pattern, count)
    answer = np.bincount(index, pattern * s, count)
    known = weight > LEAST_WEIGHT * weight.max()
    strength = np.where(known, answer / np.maximum(weight, 1e-30), 0.0) / profile.linear[0]
    left = s - (strength[index] * profile.linear[0]) * pattern
    left = left - (np.bincount(index, left, count) / n)[index]
    scatter = float(np.sqrt(np.mean(left * left) / np.median(weight[known]))) / abs(float(profile.linear[0]))
    centres = (np.arange(count) + 0.5) / count * 2 * reach - reach
    return centres, strength, np.where(known, weight / weight.max(), 0.0), scatter


def _stretch(strength: Floats, weight: Floats) -> tuple[int, int, float]:
    """First and last cell of the best box, and its level."""
    level = max(float(np.quantile(strength, 0.75)), 1e-9)
    low, high = 0, len(strength) - 1
    for _ in range(ROUNDS):
        gain = np.concatenate([[0.0], np.cumsum(weight * (strength - level / 2))])
        lowest = np.minimum.accumulate(gain)[:-1]
        high = int(np.argmax(gain[1:] - lowest))
        low = high - int(np.argmin(gain[high::-1]))  # the last of several: cells that know nothing are not in it
        total = float(weight[low : high + 1].sum())
        if not total > 0:
            break
        level = max(float((weight * strength)[low : high + 1].sum()) / total, 1e-9)
    return low, high, level


def _crossing(centres: Floats, values: Floats, low: int, high: int, threshold: float) -> tuple[float, float]:
    """Where the values fall below a threshold outwards from these cells, between cells."""
    found = []
    for at, towards in ((low, -1), (high, 1)):
        while 0 <= at + towards < len(values) and values[at + towards] >= threshold:
            at += towards
        beyond, part = at + towards, 0.5
        if 0 <= beyond < len(values):
            part = float(np.clip((values[at] - threshold) / max(values[at] - values[beyond], 1e-9), 0, 1))
        found.append(float(centres[at] + towards * part * (centres[1] - centres[0])))
    return found[0], found[1]
