"""The lobe of the mirrored light, from what is left of the fringes of every period."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.averages import BLOCK_MM, blocks, counted, mean
from inspection.filters import FloatMap
from inspection.lobes import WIDTHS_MRAD, Lobes, fit, transfer
from inspection.maps.kinds import Area, ClarityMap, LobeMap
from inspection.optics import screen_runs_mm
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig

Floats = NDArray[np.float64]

#: What clarity is not sure of beyond its noise: harmonics of the fringes, waves within a pixel. Of 1.
FLOOR = 0.001
#: Widths that are tried on each block.
STEPS = 240


@dataclass(frozen=True, slots=True, eq=False)
class Lobe:
    """The lobe of an area.

    Attributes
    ----------
    fitted : Lobes
        Of every shape, with their odds.
    by_noise_mrad : float
        What the pixels' noise alone leaves open of the width.
    coarsest_kept : float64, one for each of `fitted`
        What the coarsest fringe keeps: clarity, being relative to it, cannot see that.
    """

    fitted: Lobes
    by_noise_mrad: float
    coarsest_kept: Floats
    distance_u_relative: float
    n_px: int
    quality: tuple[Quality, ...]


@builds
def lobe(clarity: ClarityMap, rig: Rig, area: Area) -> Lobe:
    """Fit the area's mean clarity at every captured period at once, each by its own uncertainty.

    A period of which nothing is left says so little that it drops out by itself. Below 16 valid pixels:
    TOO_FEW_PIXELS; no fringe left at any period: NO_SIGNAL.
    """
    n, quality = counted(clarity.pct[min(clarity.pct)], area.n_px)
    periods = sorted(clarity.pct)
    runs = _runs_mm(clarity, rig)
    noise = np.array([dict(clarity.noise_pct)[period] for period in periods]) / 100 / math.sqrt(n)
    glow = np.array([dict(clarity.glow_u_pct)[period] for period in periods]) / 100
    u = np.sqrt(np.square(noise) + np.square(glow) + FLOOR**2)
    kept = [mean(clarity.pct[period])[0] / 100 for period in periods]
    fitted = _fit(clarity, kept, u, runs)
    shape, width = fitted.best
    step = 0.01 * width
    steepness = (_kept(clarity, runs, shape, width + step) - _kept(clarity, runs, shape, width)) / step
    # Weighted least squares: how the width moves with each clarity.
    pulls = steepness / np.square(u) / max(float(np.square(steepness / u).sum()), 1e-30)
    kept_of = transfer(fitted.shape[:, None], fitted.width_mrad[:, None], 2 * np.pi * runs / clarity.coarsest_mm)
    return Lobe(
        fitted=fitted,
        by_noise_mrad=min(float(np.linalg.norm(pulls * noise)), fitted.mean(fitted.width_mrad, fitted.u_mrad)[1]),
        coarsest_kept=kept_of.mean(axis=1),
        distance_u_relative=clarity.distance_u_relative,
        n_px=n,
        quality=quality,
    )


@builds
def lobe_map(clarity: ClarityMap, rig: Rig) -> LobeMap:
    """Width of the lobe on blocks of 4 mm, in the shape that fits the middle one best, at camera resolution.

    NaN where under half of a block was seen, and where no fringe is left. No block: TOO_FEW_PIXELS; no fringe left in
    the middle one: NO_SIGNAL.
    """
    periods = sorted(clarity.pct)
    shape = clarity.pct[periods[0]].shape
    parts = [blocks(clarity.pct[period], clarity.pitch_mm) for period in periods]
    noise = np.array([dict(clarity.noise_pct)[period] for period in periods]) / 100 / math.sqrt(parts[0][1])
    sigma = np.hypot(noise, FLOOR)
    seen = np.stack([means for means, _ in parts], axis=-1) / 100
    runs = _runs_mm(clarity, rig)
    usual, _ = _fit(clarity, np.nanmedian(seen, axis=(0, 1)).tolist(), sigma, runs).best
    widths = np.geomspace(*WIDTHS_MRAD, STEPS)
    table = _kept(clarity, runs, usual, widths)
    badness = np.zeros((*seen.shape[:2], STEPS), np.float32)
    for i, u in enumerate(sigma):
        badness += np.square((seen[..., i, None] - table[:, i].astype(np.float32)) / np.float32(u))
    width = _lowest(badness, widths)
    return LobeMap(clarity.to_panel_mm, clarity.pitch_mm, _enlarged(width, shape, clarity.pitch_mm))


def _lowest(badness: FloatMap, widths: Floats) -> FloatMap:
    """The width of least badness, between the steps; NaN where the widest is as good, or nothing is known."""
    unknown = np.asarray(~np.isfinite(badness).all(axis=-1))
    at = np.clip(np.where(unknown[..., None], 0, badness).argmin(axis=-1), 1, STEPS - 2)
    before, here, after = (np.take_along_axis(badness, at[..., None] + d, -1)[..., 0] for d in (-1, 0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.clip(0.5 * (before - after) / (before - 2 * here + after), -1, 1)
    lost = unknown | (badness[..., -1] < here + 1)
    return np.where(lost, np.nan, np.interp(at + np.nan_to_num(shift), np.arange(STEPS), widths)).astype(np.float32)


def _enlarged(values: FloatMap, shape: tuple[int, ...], pitch_mm: tuple[float, float]) -> FloatMap:
    """Every block's value at each of its pixels; the rest of the picture NaN."""
    rows, cols = (max(1, round(BLOCK_MM / pitch)) for pitch in pitch_mm[::-1])
    height, width = values.shape[0] * rows, values.shape[1] * cols
    large = np.full(shape, np.nan, np.float32)
    large[:height, :width] = cv2.resize(values, (width, height), interpolation=cv2.INTER_NEAREST)
    return large


def _fit(clarity: ClarityMap, kept: list[float], u: Floats, runs: Floats) -> Lobes:
    fitted = fit(kept, u.tolist(), lambda shape, width: _kept(clarity, runs, shape, width))
    if fitted is None:
        raise Missing(Quality.NO_SIGNAL)
    return fitted


def _kept(clarity: ClarityMap, runs: Floats, shape: Floats | float, width_mrad: Floats | float) -> Floats:
    """Clarity (of 1) that lobes have at each period, finest first (last axis): of the fringe over the coarsest."""
    shape, width_mrad = np.broadcast_arrays(shape, width_mrad)
    turn = 2 * np.pi * runs / np.array([*sorted(clarity.pct), clarity.coarsest_mm])[:, None]
    kept = transfer(shape[..., None, None], width_mrad[..., None, None], turn)
    return np.asarray((kept[..., :-1, :] / np.maximum(kept[..., -1:, :], 1e-12)).mean(axis=-1))


def _runs_mm(clarity: ClarityMap, rig: Rig) -> Floats:
    """How far a slope (steepest direction) moves the seen place of the screen along u and v, mean over the map."""
    rows, cols = clarity.pct[min(clarity.pct)].shape
    row, col = np.meshgrid(np.linspace(0, rows - 1, 5), np.linspace(0, cols - 1, 5))
    x, y, w = np.einsum("ij,j...->i...", np.array(clarity.to_panel_mm), np.stack([col, row, np.ones_like(row)]))
    return np.asarray(screen_runs_mm(rig.geometry, x / w, y / w).mean(axis=(0, 1)))
