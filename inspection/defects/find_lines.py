"""Faint straight lines: too weak in any one cell, sure over their length."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.find_scales import Scale, laplacian, level_of
from inspection.defects.specks import Speck
from inspection.defects.window import median
from inspection.fringes import FloatMap

#: Directions that are tried, over half a turn; at the ends of the longest line the next one is a cell and a half away.
DIRECTIONS = 24
#: Lengths in cells: each is twice the one before; shorter lines are no surer than their cells.
DOUBLINGS, SHORTEST = 5, 16
#: One cell counts no more than this many standard deviations: points make no lines.
CLIP_SIGMA = 3.0
#: A footprint reaches down to this share of the threshold.
FOOT_RATIO = 0.65
#: A line is no wider than this (cells), and so many times as long as wide.
WIDEST, ASPECT = 8.0, 3.0
#: At a scale so much coarser it shows no more than this tells.
COARSER, NARROW_RATIO = 3.0, 0.8
#: Sums are whole numbers of this many standard deviations: exact enough, and twice as fast.
_STEP_SIGMA = 1 / 64
#: Every so many cells tell the noise; fewer than these tell nothing, and faint lines are not looked for.
LEAST_SAMPLES = 100
_SAMPLE = 5


def find_lines(field: Field, one: Scale, sign: Sign, hidden: NDArray[np.bool_]) -> list[Speck]:
    """Lines along which a map stands out a little everywhere.

    Parameters
    ----------
    field : Field
        The map.
    one : Scale
        Of it, of about the width of the lines, in search cells (factor 1).
    hidden : bool (rows, cols)
        Where larger marks are known: they are no part of a line.
    """
    cells = np.clip(one.sigma, -CLIP_SIGMA, CLIP_SIGMA)
    cells[hidden] = 0.0
    thin = (slice(None, None, _SAMPLE), slice(None, None, _SAMPLE))
    # Sums that miss cells are quieter than others: only those that see all tell the noise.
    reach = np.ones((SHORTEST + 1, SHORTEST + 1), np.uint8)
    clear = cv2.erode((~hidden).astype(np.uint8), reach)[thin].astype(bool)
    if np.count_nonzero(clear) < LEAST_SAMPLES:
        return []
    least = level_of(cells.size * DIRECTIONS, one.scale_cells)
    # Standard deviations of the best sum through each cell; 0 where it is not worth a footprint.
    best: FloatMap = np.zeros_like(cells)
    # numpy finds and takes places of a flat array ten times as fast as of one of rows and columns.
    flat, high = best.reshape(-1), np.empty(cells.shape, np.int16)
    for summed in _sums(cells):
        noise = max(1.4826 * median(np.abs(summed[thin][clear])), 1.0)
        # Scratches may be ridges or grooves; in the mirror image they are only dull.
        if sign is Sign.MIRROR:
            np.copyto(high, summed)
        else:
            np.abs(summed, out=high)
        at = np.flatnonzero(high >= int(FOOT_RATIO * least * noise))
        flat[at] = np.maximum(flat[at], high.reshape(-1)[at] * np.float32(1 / noise))
    if not (best >= least).any():
        return []
    low = best >= np.float32(FOOT_RATIO * least)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(low.astype(np.uint8), connectivity=8)
    found = []
    for label in np.unique(labels[best >= least]):
        left, top, width, height = (int(v) for v in stats[label, :4])
        box = (slice(top, top + height), slice(left, left + width))
        inside = labels[box] == label
        sigma = float(best[box][inside].max())
        row, col = divmod(int(np.argmax(np.where(inside, best[box], 0))), inside.shape[1])
        strength = -float(np.median(one.response[box][inside]))
        line = Speck(top, left, inside, sign, sigma, strength, one.scale_cells, top + row, left + col)
        if line.extent.width <= WIDEST and line.extent.length >= ASPECT * line.extent.width and _narrow(line, field):
            found.append(line)
    return found


def _narrow(line: Speck, field: Field) -> bool:
    """Whether it is a line by itself, and not the flank of something wide: that shows more at a coarser scale."""
    coarse = COARSER * line.scale_cells
    margin = int(4 * coarse)
    top, left = max(line.top - margin, 0), max(line.left - margin, 0)
    window = np.ascontiguousarray(field.values[top : line.rows.stop + margin, left : line.cols.stop + margin])
    wide = laplacian(window, coarse, line.sign is Sign.RELIEF)
    inner = wide[line.top - top : line.rows.stop - top, line.left - left : line.cols.stop - left][line.inside]
    return abs(line.strength) >= NARROW_RATIO * coarse**2 * abs(float(np.median(inner)))


def _sums(cells: FloatMap) -> Iterator[NDArray[np.int16]]:
    """Sums along lines of every direction and length, centred, by doubling; in steps of `_STEP_SIGMA`.

    Neighbouring directions begin with the same cells: what they share is summed once.
    """
    reach = 2**DOUBLINGS
    rows, cols = cells.shape
    wide = np.zeros((rows + 2 * reach, cols + 2 * reach), np.int16)
    np.rint(cells / np.float32(_STEP_SIGMA), out=wide[reach:-reach, reach:-reach], casting="unsafe")
    summed = [np.zeros_like(wide) for _ in range(DOUBLINGS)]
    before: list[tuple[int, int]] = []
    for k in range(DIRECTIONS):
        angle = np.pi * k / DIRECTIONS
        down, across = float(np.sin(angle)), float(np.cos(angle))
        steps = [(round(2**turn * down), round(2**turn * across)) for turn in range(DOUBLINGS)]
        line, length = wide, 1
        for turn in range(DOUBLINGS):
            if steps[: turn + 1] != before[: turn + 1]:
                _shifted_sum(line, *steps[turn], summed[turn])
            line = summed[turn]
            length *= 2
            # Half the length needs half the directions.
            if length == 2**DOUBLINGS or (length >= SHORTEST and k % 2 == 0):
                # The sum begins at its cell: half a length back is its middle.
                top, left = reach - round(length / 2 * down), reach - round(length / 2 * across)
                yield line[top : top + rows, left : left + cols]
        before = steps


def _shifted_sum(values: NDArray[np.int16], down: int, across: int, out: NDArray[np.int16]) -> None:
    """values[r, c] + values[r + down, c + across]; within `down` and `across` of the border it is not used."""
    rows, cols = values.shape
    left, shift = max(-across, 0), max(across, 0)
    to = (slice(0, rows - down), slice(left, cols - shift))
    # No sum comes near the largest whole number, where OpenCV would stop; it adds thrice as fast.
    cv2.add(values[to], values[down:, left + across : cols - shift + across], out[to])
