"""Regions where the mirror image or the colour differs from the panel around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.colour import delta_e00, lab_of
from inspection.defects.candidates import Sign
from inspection.defects.course import course
from inspection.defects.evidence import Evidence
from inspection.defects.specks import Speck
from inspection.defects.window import quantile
from inspection.filters import binned, filled
from inspection.fringes import FloatMap

#: Regions are looked for on cells of about this size; a median over five of them takes out points and lines.
CELL_MM = 1.0
_MEDIAN_CELLS = 5
#: Share of a cell's pixels that must have been seen.
_LEAST_SHARE = 0.25
#: The smallest region that leaves its trace: it must fill the median's window.
LEAST_REGION_MM = _MEDIAN_CELLS * CELL_MM
#: A region stands out by this many standard deviations …
_SIGMA = 7.0
#: … and by so much: loss of gloss, relative; loss of clarity and rise of haze, % of black glass; colour, ΔE00.
#: Less is the slow residue of a real station's lens, screen and lamps.
LEAST_GLOSS_RATIO = 0.02
LEAST_CLARITY_PCT = 2.0
LEAST_HAZE_PCT = 1.5
LEAST_DELTA_E = 0.3
#: A footprint reaches down to this share of its region's strength.
FOOT_RATIO = 0.4
#: The middle of a region is worse than a ring this wide around it, by this share of its strength.
_RING_MM = 5.0
_STEP_RATIO = 0.4
_LEAST_STEP = 0.8
_LEAST_CELLS = 4
#: Colour is smoothed (standard deviation) until noise is no difference that a person sees: patches are wide.
_COLOUR_BLURS_CELLS = (1.0, 2.0, 4.0)
_QUIET_DELTA_E = 0.08
#: Variance of three normal variables over that of the half of them nearest to zero.
_HALF_TO_ALL = 2.7
#: Touching regions are two when the valley between them is below this share of the lower peak.
_VALLEY_RATIO = 0.6
_LEVEL_STEP = 1.2
_PART_CELLS = 12
#: Gaps in a grainy region are closed over this distance.
_CLOSE_MM = 3.0


def find_regions(evidence: Evidence) -> list[Speck]:
    """Regions of every map that shows any; several maps may show the same one."""
    found: list[Speck] = []
    for loss in _losses(evidence):
        found += _regions(evidence, loss)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Loss:
    """How much worse each cell is than the panel's slow course.

    `off` and `raw` (the map itself, worse is more) in its unit, of which `least` counts; `sigma` over the noise;
    `known`: where it was seen and not filled in.
    """

    sign: Sign
    off: FloatMap
    raw: FloatMap
    sigma: FloatMap
    least: float
    known: NDArray[np.bool_]

    def cut(self, box: tuple[slice, slice]) -> _Loss:
        """A part of it."""
        return replace(self, off=self.off[box], raw=self.raw[box], sigma=self.sigma[box], known=self.known[box])


def _losses(evidence: Evidence) -> Iterator[_Loss]:
    size = _cell_px(evidence)
    ground = _ground(evidence, size)
    if not ground.any():
        return
    if evidence.gloss is not None:
        gloss, known = _known(evidence, evidence.gloss.gu, size, ground)
        if _enough(known):
            yield _loss(-gloss, known, LEAST_GLOSS_RATIO * float(np.median(gloss[known])))
    if evidence.clarity is not None:
        for pct in evidence.clarity.pct.values():
            clarity, known = _known(evidence, pct, size, ground)
            if _enough(known):
                yield _loss(-clarity, known, LEAST_CLARITY_PCT)
    if evidence.haze is not None:
        haze, known = _known(evidence, evidence.haze.pct, size, ground)
        if _enough(known):
            yield _loss(haze, known, LEAST_HAZE_PCT)
    if evidence.reflectance is not None:
        light, share = evidence.in_blocks(evidence.reflectance.linear_srgb, size)
        known = (share >= _LEAST_SHARE) & ground
        if _enough(known):
            yield _colour(light, known)


def _enough(known: NDArray[np.bool_]) -> bool:
    """Less of a map than the median's window holds no region and its surroundings."""
    return int(np.count_nonzero(known)) > _MEDIAN_CELLS**2


def _ground(evidence: Evidence, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Cells of the part that is searched: next to another one nothing can be told from its border."""
    ground = evidence.ground
    if ground.all():
        return np.ones((ground.shape[0] // size[0], ground.shape[1] // size[1]), np.bool_)
    return binned(ground.astype(np.float32), *size)[0] == 1.0


def _loss(worse: FloatMap, known: NDArray[np.bool_], least: float) -> _Loss:
    slow, _ = course(worse, known, one_sided=True)
    off = _calm(filled(worse - slow, known), 1.0)
    # Marks only add: the cells on the better side tell the noise.
    better = -off[known & (off <= 0)]
    noise = 1.4826 * float(np.median(better)) if better.size else 0.0
    return _Loss(Sign.MIRROR, off, _calm(worse, 1.0), off / np.float32(max(noise, 1e-12)), least, known)


def _cell_px(evidence: Evidence) -> tuple[int, int]:
    x, y = evidence.one.pitch_mm
    return max(1, round(CELL_MM / y)), max(1, round(CELL_MM / x))


def _known(
    evidence: Evidence, values: FloatMap, size: tuple[int, int], ground: NDArray[np.bool_]
) -> tuple[FloatMap, NDArray[np.bool_]]:
    """A map in cells, filled in where it was not seen; and where it was."""
    small, share = evidence.in_blocks(values, size)
    known = (share >= _LEAST_SHARE) & ground
    return filled(small, known), known


def _calm(values: FloatMap, blur_cells: float) -> FloatMap:
    """Without points and lines, smoothed."""
    pad = min(3 * _MEDIAN_CELLS, *(n - 1 for n in values.shape))
    wide = cv2.GaussianBlur(cv2.medianBlur(np.pad(values, pad, mode="reflect"), _MEDIAN_CELLS), (0, 0), blur_cells)
    return np.ascontiguousarray(wide[pad:-pad, pad:-pad])


def _colour(small: FloatMap, known: NDArray[np.bool_]) -> _Loss:
    """ΔE00 of each cell to the panel's own slow course of colour; how far that is beyond the noise of all three."""
    light = np.stack([filled(small[..., i], known) for i in range(3)], axis=-1)
    lab = lab_of(light.astype(np.float64)).astype(np.float32)
    planes = [np.ascontiguousarray(lab[..., i]) for i in range(3)]
    rest = [filled(plane - course(plane, known, one_sided=False)[0], known) for plane in planes]
    middle = np.median(lab[known], axis=0)
    for blur in _COLOUR_BLURS_CELLS:
        off = np.stack([_calm(plane, blur) for plane in rest], axis=-1)
        delta = delta_e00((middle + off).astype(np.float64), tuple(middle.tolist())).astype(np.float32)
        floor = float(np.median(delta[known]))
        if floor <= _QUIET_DELTA_E:
            break
    # Mahalanobis' distance by the half of the cells that are nearest to the panel's colour.
    whiten = np.linalg.pinv(np.cov(off[known & (delta <= floor)].T) * _HALF_TO_ALL)
    sigma = np.sqrt(np.maximum(np.einsum("...i,ij,...j->...", off, whiten, off), 0)).astype(np.float32)
    # Noise adds to a difference: without it the rest of the panel has none.
    clean = np.sqrt(np.maximum(np.square(delta) - np.float32(floor**2), 0))
    return _Loss(Sign.COLOUR, clean, clean, sigma, LEAST_DELTA_E, known)


def _regions(evidence: Evidence, loss: _Loss) -> Iterator[Speck]:
    size = _cell_px(evidence)
    standing_out = (loss.off >= loss.least) & (loss.sigma >= _SIGMA) & loss.known
    for everywhere in _pieces(standing_out):
        # What is further away than the ring decides nothing.
        box = _box(everywhere, round(_RING_MM / CELL_MM) + 1)
        near, whole = loss.cut(box), everywhere[box]
        for mine in _split(near.off, whole):
            peak = quantile(near.off[mine], 0.95)
            foot = _closed(mine & (near.off >= FOOT_RATIO * peak)) & mine
            if not (foot & near.known).any():
                continue
            if _step(near, foot, peak) >= max(_LEAST_STEP * loss.least, _STEP_RATIO * peak):
                found = np.zeros_like(everywhere)
                found[box] = foot
                yield _speck(evidence, loss.sign, found, size, peak, float(near.sigma[foot].max()))


def _box(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """What holds a mask, and so many cells more."""
    rows, cols = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    down, across = (slice(max(int(one[0]) - margin, 0), int(one[-1]) + margin + 1) for one in (rows, cols))
    return down, across


def _pieces(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Connected parts of a mask, small gaps closed."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_closed(mask).astype(np.uint8), connectivity=8)
    return [labels == i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= _LEAST_CELLS]


def _closed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    pad = round(_CLOSE_MM / CELL_MM) + 1
    wide = cv2.morphologyEx(np.pad(mask, pad).astype(np.uint8), cv2.MORPH_CLOSE, _disc(_CLOSE_MM / 2))
    return np.asarray(wide[pad:-pad, pad:-pad].astype(bool))


def _split(off: FloatMap, whole: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Regions that only touch: their peaks stand apart by a valley well below the lower one."""
    top = float(off[whole].max())
    if top <= 0:
        return [whole]
    level = _LEVEL_STEP * max(float(off[whole].min()), 1e-6 * top)
    while level < _VALLEY_RATIO * top:
        parts = [p for p in _pieces(whole & (off >= level)) if np.count_nonzero(p) >= _PART_CELLS]
        high = [p for p in parts if _VALLEY_RATIO * quantile(off[p], 0.95) >= level]
        if len(high) >= 2:
            return [piece for zone in _zones(whole, high) for piece in _split(off, zone)]
        level *= _LEVEL_STEP
    return [whole]


def _zones(whole: NDArray[np.bool_], seeds: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Every cell goes to the nearest seed."""
    far = np.stack([cv2.distanceTransform((~seed).astype(np.uint8), cv2.DIST_L2, 5) for seed in seeds])
    nearest = far.argmin(0)
    return [whole & (nearest == i) for i in range(len(seeds))]


def _step(loss: _Loss, foot: NDArray[np.bool_], peak: float) -> float:
    """How much worse the middle of a region is than its surroundings, without any model of the slow course."""
    wide = foot.astype(np.uint8)
    ring = cv2.dilate(wide, _disc(_RING_MM)).astype(bool) & ~cv2.dilate(wide, _disc(1.0)).astype(bool)
    ring &= loss.known
    middle = foot & (loss.off >= 0.7 * peak) & loss.known
    if not (ring.any() and middle.any()):
        return 0.0
    return float(np.median(loss.raw[middle]) - np.median(loss.raw[ring]))


def _disc(radius_mm: float) -> NDArray[np.uint8]:
    reach = max(1, round(radius_mm / CELL_MM))
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))


def _speck(
    evidence: Evidence, sign: Sign, foot: NDArray[np.bool_], size: tuple[int, int], strength: float, sigma: float
) -> Speck:
    """From region cells to the search grid."""
    box = _box(foot, 0)
    # Cells of the search grid along a side of a region cell: rarely a whole number.
    per_row, per_col = (n / evidence.bin_px for n in size)
    top, left = round(box[0].start * per_row), round(box[1].start * per_col)
    bottom = min(round(box[0].stop * per_row), evidence.grid[0])
    right = min(round(box[1].stop * per_col), evidence.grid[1])
    small = foot[box].astype(np.uint8)
    inside = cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST).astype(bool)
    row, col = (float(np.mean(where)) for where in np.nonzero(inside))
    scale = float(np.sqrt(np.count_nonzero(inside) / np.pi)) / 2
    return Speck(top, left, inside, sign, sigma, strength, scale, top + row, left + col)
