"""Streaks under small lamps: light that runs along where a furrow would shine, and not across.

A furrow far narrower than a pixel throws a lamp's light into a fan across itself; the camera stands in that fan only
where the half-vector of lamp and camera points across the furrow. So at each place a lamp shows furrows of one known
direction, as fine streaks along it. Noise, flakes of the base coat, nibs and dust run no way: what they add to a sum
along the streaks they add as often to one across them. The difference of the two is free of them, and of the lamp's
lobe and the paint's colour, which change slowly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.filters import binned, filled
from inspection.fringes import FloatMap
from inspection.maps.kinds import Lamp, LampMap
from inspection.optics import half_vectors, panel_mm, pixel_px
from inspection.rig import Rig
from inspection.strips import side_by_side

Mask = NDArray[np.bool_]

#: Lamps are looked at on cells of about this size: finer ones cost more than they tell.
CELL_MM = 0.4
#: Doublings of the cells that are summed along a line, and directions over half a turn: at the end of a line the next
#: one is a cell away. Arcs shine over some millimetres; the mirror image loses light along all of them.
SHINING, DULL = (3, 12), (4, 24)
#: One cell counts no more than this many standard deviations: glints make no streaks. A line counts from so many on,
#: and no more than so many.
_CLIP_SIGMA, _LEAST_SIGMA, _MOST_SIGMA = 3.0, 2.0, 6.0
#: Fine structure is what a median and a mean over so many cells take off; its local noise is that of blocks.
_FINE_CELLS, _BLOCK_CELLS = 5, 16
#: Local noise may fall below that of the whole picture by this factor only.
_CALMEST = 0.5
#: Nearer to a lamp's mirror image than this (tangent of the half-vector's tilt) the paint's own waves make rings.
LEAST_TILT = 0.06
#: A saturated part that holds a square of so many cells is a lamp's mirror image; its surroundings count as little.
_WIDE_CELLS, _REACH_CELLS = 5, 8
#: Share of a cell that must have been seen.
_LEAST_SHARE = 0.5
#: Every so many cells tell the noise of a line.
_THIN = (slice(None, None, 4), slice(None, None, 4))
#: Half-vectors are worked out on every so many cells.
_COARSE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Streaks:
    """Of all lamps together.

    Attributes
    ----------
    excess : float32 (rows, cols)
        Square of the light along streaks less that across them (both beyond `_LEAST_SIGMA`), in variances of the
        latter, summed over the lamps; 0 on average where there are none.
    dull : float32 (rows, cols) or None
        Square of the light that the mirror image loses along the direction that loses most, less what it gains along
        the one that gains most, in variances: streaks that no lamp lights. Noise, waves and edges gain and lose alike.
    seen : bool (rows, cols)
        Cells that any lamp shows.
    cell_px : int
        Camera pixels along a side of a cell; a border that fills none is cut off.
    """

    excess: FloatMap
    dull: FloatMap | None
    seen: Mask
    cell_px: int


def streaks_of(lamps: LampMap, gloss: FloatMap | None, rig: Rig, unseen: Mask | None) -> Streaks | None:
    """Streaks in the light of every lamp whose polar angle is known; None where there is none.

    Parameters
    ----------
    lamps : LampMap
    gloss : float32 (rows, cols) or None
    rig : Rig
    unseen : bool (rows, cols) or None
        Camera pixels that are not searched.
    """
    used = [lamp for lamp in lamps.lamps if lamp.polar_deg is not None]
    least = 2 if rig.sensor.mosaic else 1
    cell_px = max(least, int(CELL_MM / min(lamps.pitch_mm) + 1e-6) // least * least)
    if not used or min(rig.sensor.shape) < 4 * _BLOCK_CELLS * cell_px:
        return None
    found = side_by_side(*(partial(_of_lamp, lamps, lamp, rig, cell_px, unseen) for lamp in used))
    return Streaks(
        excess=np.asarray(np.sum([excess for excess, _ in found], axis=0), np.float32),
        dull=None if gloss is None else _dull(gloss, cell_px, unseen),
        seen=np.any([seen for _, seen in found], axis=0),
        cell_px=cell_px,
    )


def _of_lamp(lamps: LampMap, lamp: Lamp, rig: Rig, cell_px: int, unseen: Mask | None) -> tuple[FloatMap, Mask]:
    # Arcs too bright for the frame are as bright as anything.
    light, seen = _on_cells(lamps.ratio[lamp.azimuth_deg], cell_px, unseen, np.max)
    direction, tilt = _directions(lamp, rig, light.shape, cell_px)
    seen &= tilt >= LEAST_TILT
    fine = _fine(light, seen)
    along, across = np.zeros_like(fine), np.zeros_like(fine)
    doublings, directions = SHINING
    lines = _Lines(fine, doublings)
    present, turned = np.unique(direction[::_COARSE, ::_COARSE]), (direction + directions // 2) % directions
    for k in np.unique([*present, *((present + directions // 2) % directions)]):
        line = lines.along(np.pi * float(k) / directions)
        cv2.copyTo(line, (direction == k).view(np.uint8), along)
        cv2.copyTo(line, (turned == k).view(np.uint8), across)
    thin = across[_THIN][seen[_THIN]]
    noise = 1.4826 * float(np.median(np.abs(thin))) if thin.size else 0.0
    if not noise > 0:
        return np.zeros_like(fine), np.zeros_like(seen)
    along = _beyond(along, 1 / noise) - _beyond(across, 1 / noise)
    along[~seen] = 0.0
    return along, seen


def _dull(gloss: FloatMap, cell_px: int, unseen: Mask | None) -> FloatMap:
    light, seen = _on_cells(gloss, cell_px, unseen, np.min)
    fine = _fine(light, seen)
    lost, gained = np.zeros_like(fine), np.zeros_like(fine)
    doublings, directions = DULL
    lines = _Lines(fine, doublings)
    for k in range(directions):
        line = lines.along(np.pi * k / directions)
        thin = line[_THIN][seen[_THIN]]
        line *= np.float32(1 / max(1.4826 * float(np.median(np.abs(thin))), 1e-12)) if thin.size else np.float32(0)
        np.minimum(lost, line, out=lost)
        np.maximum(gained, line, out=gained)
    excess = _beyond(lost, -1.0) - _beyond(gained, 1.0)
    excess[~seen] = 0.0
    return excess


def _beyond(line: FloatMap, factor: float) -> FloatMap:
    """Square of what a sum, times a factor, has beyond `_LEAST_SIGMA`: a few clear streaks outweigh much noise."""
    counts = np.clip(line * np.float32(factor), _LEAST_SIGMA, _MOST_SIGMA)
    counts -= np.float32(_LEAST_SIGMA)
    return np.square(counts, out=counts)


def _on_cells(
    values: FloatMap, cell_px: int, unseen: Mask | None, extreme: Callable[..., np.float32]
) -> tuple[FloatMap, Mask]:
    """Light on cells, and where it can be told: in a narrow hole as much as at the extreme."""
    light, share = binned(values, cell_px, cell_px)
    dark = share < _LEAST_SHARE
    if dark.any():
        wide = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_WIDE_CELLS, _WIDE_CELLS), np.uint8))
        image = cv2.dilate(wide, np.ones((2 * _REACH_CELLS + 1,) * 2, np.uint8)).astype(bool)
        light[dark & ~image] = extreme(light[~dark]) if not dark.all() else 0.0
        seen = ~image
        light = filled(light, seen)
    else:
        seen = ~dark
    if unseen is not None and unseen.any():
        seen = seen & (binned(unseen.astype(np.float32), cell_px, cell_px)[0] == 0.0)
        light = filled(light, seen)
    return light, seen


def _directions(lamp: Lamp, rig: Rig, shape: tuple[int, ...], cell_px: int) -> tuple[NDArray[np.uint8], FloatMap]:
    """Number of the direction in which streaks run at each cell (from +column to +row), and the half-vector's tilt."""
    rows, cols = shape[:2]
    row, col = (np.arange(-(-n // _COARSE)) * _COARSE * cell_px + (_COARSE * cell_px - 1) / 2 for n in (rows, cols))
    col, row = np.meshgrid(col, row)
    x, y = panel_mm(rig.geometry, col, row)
    assert lamp.polar_deg is not None
    tilt, towards, _, _ = half_vectors(rig.geometry, (lamp.azimuth_deg, lamp.polar_deg, lamp.distance_mm), x, y)
    # Along the streak, station frame; in the picture through the pixel map.
    sx, sy = -np.sin(towards), np.cos(towards)
    camera = rig.geometry.camera
    ahead_col, ahead_row = pixel_px(camera.pixel_to_panel_mm, camera.lens, x + sx, y - sy)
    angle = np.arctan2(ahead_row - row, ahead_col - col)
    number = (np.rint(angle * SHINING[1] / np.pi).astype(int) % SHINING[1]).astype(np.uint8)
    number, tilts = (
        np.repeat(np.repeat(a, _COARSE, 0), _COARSE, 1)[:rows, :cols] for a in (number, tilt.astype(np.float32))
    )
    return np.ascontiguousarray(number), np.ascontiguousarray(tilts)


def _fine(light: FloatMap, seen: Mask) -> FloatMap:
    """Structure of the size of a cell in its local standard deviation, clipped; 0 where nothing was seen."""
    smooth = cv2.blur(cv2.medianBlur(light, _FINE_CELLS), (_FINE_CELLS, _FINE_CELLS))
    fine = light - smooth
    rows, cols = (n // _BLOCK_CELLS for n in fine.shape)
    blocks = np.abs(fine[: rows * _BLOCK_CELLS, : cols * _BLOCK_CELLS]).reshape(rows, _BLOCK_CELLS, cols, _BLOCK_CELLS)
    local = 1.4826 * np.median(blocks[:, ::2, :, ::2].swapaxes(1, 2).reshape(rows, cols, -1), axis=-1)
    local = np.maximum(local, max(_CALMEST * float(np.median(local)), 1e-12)).astype(np.float32)
    # A border that fills no block is judged by the last one.
    wide = cv2.resize(local, (cols * _BLOCK_CELLS, rows * _BLOCK_CELLS), interpolation=cv2.INTER_LINEAR)
    pads = tuple((0, n - m) for n, m in zip(fine.shape, wide.shape, strict=True))
    fine /= np.pad(wide, pads, mode="edge")
    np.clip(fine, -_CLIP_SIGMA, _CLIP_SIGMA, out=fine)
    fine[~seen] = 0.0
    return fine


class _Lines:
    """Sums of 2^`doublings` cells along lines about each cell; beyond the border there is nothing."""

    def __init__(self, cells: FloatMap, doublings: int) -> None:
        self._doublings, self._reach, self._shape = doublings, 2**doublings, cells.shape
        self._cells = np.pad(cells, self._reach)
        self._buffers = np.zeros_like(self._cells), np.zeros_like(self._cells)

    def along(self, angle: float) -> FloatMap:
        """Of an angle from +column to +row, 0 … π. Not to be kept: the next call writes over it."""
        down, across = float(np.sin(angle)), float(np.cos(angle))
        line, length = self._cells, 1
        for turn in range(self._doublings):
            line = _shifted_sum(line, round(length * down), round(length * across), self._buffers[turn % 2])
            length *= 2
        half = (length - 1) / 2
        # The sum begins at its cell: half a length back is its middle.
        top, left = self._reach - round(half * down), self._reach - round(half * across)
        return line[top : top + self._shape[0], left : left + self._shape[1]]


def _shifted_sum(values: FloatMap, down: int, across: int, out: FloatMap) -> FloatMap:
    """values[r, c] + values[r + down, c + across]; within `down` and `across` of the border it is not used."""
    rows, cols = values.shape
    left, shift = max(-across, 0), max(across, 0)
    to = (slice(0, rows - down), slice(left, cols - shift))
    np.add(values[to], values[down:, left + across : cols - shift + across], out=out[to])
    return out
