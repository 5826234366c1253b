"""Which way the polish went: light of furrows far below a pixel, from lamps at several azimuths.

A furrow throws a lamp's light into a fan across itself. The camera stands in that fan only where the tilt that would
mirror the lamp into it, the half-vector, points across the furrow: a place of furrows that share a direction shines
for one lamp and not for the next; one of furrows that lie every way shines for all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection import fans
from inspection.averages import BLOCK_MM, blocks, counted
from inspection.fans import DIRECTIONS_DEG, FANS, SPREADS_DEG, Seen
from inspection.filters import FloatMap
from inspection.maps.kinds import Area, HologramMap, Lamp, LampMap
from inspection.optics import half_vectors, panel_mm
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig

Floats = NDArray[np.float64]

#: Cells along the side of a tile, in which furrows have one direction; a cell is 4 mm or, on a large area, as much
#: as makes this many tiles.
TILE_CELLS = 2
MOST_TILES = 256
#: A cell counts for a lamp whose half-vector is tilted at least this much (tangent): nearer the mirror image the
#: paint's own gloss and haze shine, and every furrow, whatever its direction.
LEAST_TILT = 0.125
#: Of a contrast, standard uncertainties of the model: furrows of one tile may turn along their arcs, where it has one
#: direction or two; a fan without direction is told from paint by its fall with the tilt alone.
ONE_WAY_U_RELATIVE = 0.15
EVERY_WAY_U_RELATIVE = 0.25
#: In the weights: what counts as dark, of the median light.
DARK_RELATIVE = 0.3
#: More saturated pixels than this in a cell: its light is not known.
MOST_FULL = 0.5
#: Every so many pixels are enough for what is alike all over, along either side.
THIN = 3
#: Fewer azimuths tell no direction.
LEAST_AZIMUTHS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Polishing:
    """Light of furrows on n tiles.

    Attributes
    ----------
    oriented, every_way : float64 (n,)
        Contrast to the paint's own light of furrows that share a direction, and of furrows that lie every way, in the
        lamp that shows them best.
    direction_deg : float64 (n,)
        Of those that share one, counter-clockwise from +x as seen, −90 … 90.
    explained : float64 (n, directions)
        Of the light's (weighted) variance, by furrows of each direction: chi-square.
    u_oriented, u_every_way : float
        Standard uncertainty of the means by noise and grain; `lamps_u_oriented`, `lamps_u_every_way` by lamps
        that are not quite alike, and `lamps_u_one_direction_pct` of the share that one direction explains;
        `model_u_oriented`, `model_u_every_way` by what is not known of fans and spread.
    places : intp (n, 2)
        Row and column of each tile among `shape` tiles of `tile_px` (rows, columns).
    """

    oriented: Floats
    every_way: Floats
    direction_deg: Floats
    explained: Floats
    u_oriented: float
    u_every_way: float
    lamps_u_oriented: float
    lamps_u_every_way: float
    lamps_u_one_direction_pct: float
    model_u_oriented: float
    model_u_every_way: float
    places: NDArray[np.intp]
    shape: tuple[int, int]
    tile_px: tuple[int, int]
    azimuths: int
    n_px: int
    quality: tuple[Quality, ...]


@builds
def polishing(lamps: LampMap, rig: Rig, area: Area) -> Polishing:
    """Fit each tile: paint + furrows every way + furrows of one direction, none of them negative.

    Furrows are GGX fans (Walter et al. 2007): widths and spread of direction are those that fit the panel best, their
    doubt goes into the uncertainty. Only lamps of known polar angle count; fewer than two: NO_FRAMES. An area without
    a tile of 8 mm: TOO_FEW_PIXELS. Valid for flat parts: slopes of the form are not taken off the half-vector.
    """
    used = [lamp for lamp in lamps.lamps if lamp.polar_deg is not None]
    if len(used) < LEAST_AZIMUTHS:
        raise Missing(Quality.NO_FRAMES)
    counts = [counted(lamps.ratio[lamp.azimuth_deg], area.n_px) for lamp in used]
    seen, places, shape, tile_px = _tiles(lamps, used, rig, area)
    few = seen.thinned()
    choices = [(fan, spread) for fan in FANS for spread in SPREADS_DEG]
    fits = [fans.fit(few, fan, spread) for fan, spread in choices]
    rests = np.array([fit.rest.sum() for fit in fits])
    # Cells of a tile share their grain: a tile and lamp is one observation.
    odds = np.exp(-0.5 * few.light.shape[0] * few.lamps * (rests / max(rests.min(), 1e-30) - 1))
    odds /= odds.sum()
    means = np.array([[part.mean() for part in fans.contrasts(few, fit.columns, fit.amounts)] for fit in fits])
    doubt = np.sqrt(odds @ np.square(means - odds @ means))
    choice = choices[int(np.argmin(rests))]
    fit = fans.fit(seen, *choice)
    oriented, every_way = fans.contrasts(seen, fit.columns, fit.amounts)
    by_noise = fans.noise(seen, fit)
    by_lamps = fans.by_lamps(seen, fit)
    return Polishing(
        oriented=oriented,
        every_way=every_way,
        direction_deg=DIRECTIONS_DEG[fit.best],
        explained=fit.gain,
        u_oriented=by_noise[0],
        u_every_way=by_noise[1],
        lamps_u_oriented=by_lamps[0],
        lamps_u_every_way=by_lamps[1],
        lamps_u_one_direction_pct=fans.one_direction_by_lamps_pct(few, *choice),
        model_u_oriented=math.hypot(doubt[0], ONE_WAY_U_RELATIVE * oriented.mean()),
        model_u_every_way=math.hypot(doubt[1], EVERY_WAY_U_RELATIVE * every_way.mean()),
        places=places,
        shape=shape,
        tile_px=tile_px,
        azimuths=len(used),
        n_px=min(n for n, _ in counts),
        quality=tuple(dict.fromkeys(doubt for _, doubts in counts for doubt in doubts)),
    )


@builds
def holograms(polishing: Polishing, lamps: LampMap) -> HologramMap:
    """Contrast of furrows that share a direction, and that direction, tile by tile at camera resolution."""
    shape = next(iter(lamps.ratio.values())).shape
    drawn = []
    for values in (polishing.oriented, polishing.direction_deg, polishing.every_way):
        tiles = np.full(polishing.shape, np.nan, np.float32)
        tiles[polishing.places[:, 0], polishing.places[:, 1]] = values
        large = np.full(shape, np.nan, np.float32)
        rows, cols = (n * side for n, side in zip(polishing.shape, polishing.tile_px, strict=True))
        large[:rows, :cols] = cv2.resize(tiles, (cols, rows), interpolation=cv2.INTER_NEAREST)
        drawn.append(large)
    return HologramMap(lamps.to_panel_mm, lamps.pitch_mm, *drawn)


def _tiles(
    lamps: LampMap, used: list[Lamp], rig: Rig, area: Area
) -> tuple[Seen, NDArray[np.intp], tuple[int, int], tuple[int, int]]:
    rows, cols = next(iter(lamps.ratio.values())).shape
    extent_mm2 = rows * lamps.pitch_mm[1] * cols * lamps.pitch_mm[0]
    cell_mm = max(BLOCK_MM, math.sqrt(extent_mm2 / MOST_TILES) / TILE_CELLS)
    cell = tuple(max(1, round(cell_mm / pitch)) for pitch in lamps.pitch_mm[::-1])
    parts = []
    for lamp in used:
        ratio = lamps.ratio[lamp.azimuth_deg]
        full = np.isnan(ratio) if area.inside is None else np.isnan(ratio) & area.inside
        means, _ = blocks(np.where(full, np.float32(lamp.full_ratio), ratio), lamps.pitch_mm, cell_mm)
        row, col = np.mgrid[: means.shape[0], : means.shape[1]] * np.reshape(cell, (2, 1, 1))
        row, col = row + (cell[0] - 1) / 2 + area.rows.start, col + (cell[1] - 1) / 2 + area.cols.start
        x, y = panel_mm(rig.geometry, col, row)
        assert lamp.polar_deg is not None
        tilt, towards, irradiance, factor = half_vectors(
            rig.geometry, (lamp.azimuth_deg, lamp.polar_deg, lamp.distance_mm), x, y
        )
        if full.any():
            share, _ = blocks(full.astype(np.float32), lamps.pitch_mm, cell_mm)
            means = np.where(share < MOST_FULL, means + share * _beyond_full(ratio, full, lamp, tilt, cell), np.nan)
        parts.append(np.stack([lamp.level_per_ms * means / irradiance, tilt, towards, factor]))
    shape = parts[0].shape[1] // TILE_CELLS, parts[0].shape[2] // TILE_CELLS
    if not all(shape):
        raise Missing(Quality.TOO_FEW_PIXELS)
    whole = np.stack(parts, axis=-1)[:, : shape[0] * TILE_CELLS, : shape[1] * TILE_CELLS]
    split = whole.reshape(4, shape[0], TILE_CELLS, shape[1], TILE_CELLS, len(used)).transpose(0, 1, 3, 2, 4, 5)
    light, tilt, towards, factor = split.reshape(4, shape[0] * shape[1], -1)
    known = np.isfinite(light) & (tilt >= LEAST_TILT)
    usual = float(np.median(light[known])) if known.any() else math.nan
    light = np.where(known, light, 0.0)
    # Light of furrows is as uneven as it is bright: by the mean of a tile, lest its dimmest cells count most.
    by_lamp = (len(light), -1, len(used))
    level = light.reshape(by_lamp).sum(axis=1) / np.maximum(known.reshape(by_lamp).sum(axis=1), 1)
    level = np.tile(np.maximum(level, 0.0), TILE_CELLS**2)
    weight = np.where(known, 1 / np.square(level + DARK_RELATIVE * usual), 0.0)
    full = known.mean(axis=1) >= 0.5
    if not full.any():
        raise Missing(Quality.TOO_FEW_PIXELS)
    places = np.argwhere(full.reshape(shape))
    seen = Seen(light[full], weight[full], tilt[full], towards[full], factor[full], len(used))
    return seen, places, shape, (cell[0] * TILE_CELLS, cell[1] * TILE_CELLS)


def _beyond_full(ratio: FloatMap, full: NDArray[np.bool_], lamp: Lamp, tilt: Floats, cell: tuple[int, ...]) -> float:
    """Mean light of saturated pixels beyond that at which they are full; left out, furrows would read too dim.

    The brightest pixels thin out as an exponential: its scale from those above half of what is full, censored there.
    Only where the cell counts: nearer the mirror image the lamp's own picture is what is full.
    """
    rows, cols = ((np.arange(0, size, THIN) // side) for size, side in zip(ratio.shape, cell, strict=True))
    rows, cols = np.minimum(rows, tilt.shape[0] - 1), np.minimum(cols, tilt.shape[1] - 1)
    there = tilt[np.ix_(rows, cols)] >= LEAST_TILT
    light, lost = ratio[::THIN, ::THIN][there], full[::THIN, ::THIN][there]
    start = lamp.full_ratio / 2
    known = light[light > start]
    if not len(known):
        return 0.0
    beyond = float((known - start).sum(dtype=np.float64)) + start * int(lost.sum())
    return min(beyond / len(known), lamp.full_ratio)
