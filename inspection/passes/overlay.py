"""The panel's long waves of two passes laid over each other: coarse search, then least squares.

Worked on as slopes: they have about the same strength in every octave of wavelength, where heights are mostly the
longest wave and would give a broad peak.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import map_coordinates, spline_filter

from inspection.filters import spread
from inspection.passes.fingerprint import Fingerprint
from inspection.passes.places import Pose

Floats = NDArray[np.float64]

#: How far two placings of a panel may lie apart: each within 3 mm and 1 degree of nominal, and some room.
MOST_SHIFT_MM: Final = 8.0
MOST_TURN_DEG: Final = 2.5
#: Coarse grid: not finer than this.
COARSE_MM: Final = 2.0
#: A slope beyond this many robust standard deviations belongs to a mark, not to the texture.
MARK_SIGMA: Final = 5.0
#: Blocks whose residuals are taken as independent of each other, mm: about the longest wave that is stored.
BLOCK_MM: Final = 20.0
LEAST_BLOCKS: Final = 8
#: Neighbouring blocks share waves all the same: the variance is larger by this (from drawn textures of known pose).
SHARED_BLOCKS: Final = 2.0
#: What a pose cannot be better than: form and geometry of the two captures differ.
FLOOR_MM: Final = 0.02
#: Below this correlation the station's own slope errors, which turn and shift with nothing, weigh in: a poor station on
#: white paint erred by 0.3 mm at a correlation of 0.5. So much uncertainty for each unit of correlation missing, mm.
CLEAN_CORRELATION: Final = 0.8
STATION_MM: Final = 0.6
#: Tukey's biweight: 95 % efficiency.
BIWEIGHT: Final = 4.685
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """Best coarse fit.

    `correlation`: of the slopes, −1 … 1. `sigma`: that in standard deviations of what wrong shifts give.
    `shared_ratio`: overlap over the smaller of the two.
    """

    dx_mm: float
    dy_mm: float
    rotation_deg: float
    correlation: float
    sigma: float
    shared_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A pose (dx, dy in mm, turn in radians) and its covariance."""

    pose: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Slopes:
    """Two slope components, 0 where unknown, and their weights."""

    x: Floats
    y: Floats
    known: Floats


def search(before: Fingerprint, now: Fingerprint, centre_mm: tuple[float, float]) -> Peak | None:
    """The shift and turn at which the slopes agree best; None where the two hardly overlap."""
    pitch = max(COARSE_MM, before.pitch_mm, now.pitch_mm)
    grid = _grid(now, pitch)
    here = _sampled(_splines(now, pitch), now, *grid)
    radius = math.hypot(*(side * pitch / 2 for side in grid[0].shape))
    turns = math.ceil(math.radians(MOST_TURN_DEG) * radius / pitch)
    there = _splines(before, pitch)
    size = tuple(fft.next_fast_len(2 * n, real=True) for n in grid[0].shape)
    spectra = [fft.rfft2(a, size) for a in (here.x, here.y, here.known, here.x**2 + here.y**2)]
    best: Peak | None = None
    for turn in np.linspace(-MOST_TURN_DEG, MOST_TURN_DEG, 2 * turns + 1):
        pose = Pose(centre_mm, 0.0, 0.0, float(turn), 0.0)
        found = _best_shift(_warped(there, before, pose, *grid), spectra, size, pitch)
        if found is not None and (best is None or found[3] > best.sigma):
            dx, dy, correlation, sigma, shared = found
            best = Peak(dx, dy, float(turn), correlation, sigma, shared)
    return best


def _best_shift(
    there: _Slopes, spectra: list[NDArray[np.complex128]], size: tuple[int, ...], pitch: float
) -> tuple[float, float, float, float, float] | None:
    """Shift (mm), correlation, its significance and the shared part, by masked normalised cross-correlation."""

    def lagged(left: Floats, right: NDArray[np.complex128]) -> Floats:
        return fft.irfft2(np.conj(fft.rfft2(left, size)) * right, size)

    x, y, known, square = spectra
    product = lagged(there.x, x) + lagged(there.y, y)
    mine = lagged(there.known, square)
    theirs = lagged(there.x**2 + there.y**2, known)
    shared = lagged(there.known, known) / max(1.0, min(there.known.sum(), float(known[0, 0].real)))
    lag = [np.minimum(np.arange(n), n - np.arange(n)) * pitch for n in size]
    far = np.hypot(lag[0][:, None], lag[1][None, :])
    power = np.sqrt(np.maximum(mine, 0) * np.maximum(theirs, 0))
    usable = (shared > 0.3) & (power > 1e-9 * power.max())
    correlation = np.where(usable, product / np.where(usable, power, 1), 0.0)
    wrong = usable & (far > 1.5 * MOST_SHIFT_MM)
    if wrong.sum() < 50:
        return None
    # Fewer cells scatter more.
    score = correlation * np.sqrt(np.maximum(shared, 0))
    chance = float(np.sqrt(np.mean(np.square(score[wrong]))))
    near = usable & (lag[0][:, None] <= MOST_SHIFT_MM) & (lag[1][None, :] <= MOST_SHIFT_MM)
    if not near.any() or chance <= 0:
        return None
    at = np.unravel_index(int(np.argmax(np.where(near, score, -np.inf))), score.shape)
    dy, dx = (float(i - n if i > n // 2 else i) * pitch for i, n in zip(at, size, strict=True))
    return dx, dy, float(correlation[at]), float(score[at]) / chance, float(shared[at])


def refine(before: Fingerprint, now: Fingerprint, peak: Peak, centre_mm: tuple[float, float]) -> Estimate | None:
    """Least squares from a coarse fit: shift, turn and how much of the waves is left; None if it runs away.

    The covariance is taken from the scatter of the residuals between blocks of the panel (a sandwich estimate): what
    sanding changed is not white noise, and a model of it would promise too much.
    """
    pitch = max(now.pitch_mm, before.pitch_mm)
    grid = _grid(now, pitch)
    here = _sampled(_splines(now, pitch), now, *grid)
    there = _splines(before, pitch)
    pose = np.array([peak.dx_mm, peak.dy_mm, math.radians(peak.rotation_deg), peak.correlation])
    for _ in range(_ROUNDS):
        jacobian, residual, weight = _linearised(there, before, here, grid, pitch, pose, centre_mm)
        normal = np.einsum("ipn,iqn,in->pq", jacobian, jacobian, weight)
        if np.linalg.cond(normal) > 1e12:
            return None
        step = np.linalg.solve(normal, np.einsum("ipn,in,in->p", jacobian, residual, weight))
        pose = pose + step
        if max(abs(pose[0] - peak.dx_mm), abs(pose[1] - peak.dy_mm)) > 2 * COARSE_MM + pitch:
            return None
        if np.abs(step[:2]).max() < 1e-3 and abs(step[2]) < 1e-5:
            break
    if pose[3] <= 0:
        return None
    jacobian, residual, weight = _linearised(there, before, here, grid, pitch, pose, centre_mm)
    covariance = _sandwich(jacobian, residual, weight, grid)
    if covariance is None:
        return None
    station = STATION_MM * max(0.0, CLEAN_CORRELATION - peak.correlation)
    return Estimate(pose[:3], covariance[:3, :3] + np.diag([station**2, station**2, 0.0]))


def _linearised(
    there: _Slopes,
    before: Fingerprint,
    here: _Slopes,
    grid: tuple[Floats, Floats],
    pitch: float,
    pose: Floats,
    centre_mm: tuple[float, float],
) -> tuple[Floats, Floats, Floats]:
    """Jacobian (2, 4, cells), residual (2, cells) and weight (2, cells) of the slopes at a pose."""
    turned = _warped(there, before, Pose(centre_mm, pose[0], pose[1], math.degrees(pose[2]), 0.0), *grid)
    gain = float(pose[3])
    x, y = grid[0] - centre_mm[0] - pose[0], grid[1] - centre_mm[1] - pose[1]
    rows, residuals = [], []
    for field, other, sign, seen in ((turned.x, turned.y, 1.0, here.x), (turned.y, turned.x, -1.0, here.y)):
        along_y, along_x = np.gradient(field, pitch)
        by_turn = -(along_x * y - along_y * x) + sign * other
        rows.append(np.stack([-gain * along_x, -gain * along_y, gain * by_turn, field]).reshape(4, -1))
        residuals.append((seen - gain * field).ravel())
    residual = np.stack(residuals)
    shared = ((turned.known > 0.99) & (here.known > 0.99)).ravel()
    scale = spread(residual[:, shared]) if shared.any() else 0.0
    far = np.square(residual / (BIWEIGHT * scale)) if scale > 0 else np.zeros_like(residual)
    return np.stack(rows), residual, np.where(shared & (far < 1), np.square(1 - far), 0.0)


def _sandwich(jacobian: Floats, residual: Floats, weight: Floats, grid: tuple[Floats, Floats]) -> Floats | None:
    """Covariance of the fit from block sums of its residuals; None with too few blocks to know."""
    width, height = float(np.ptp(grid[0])), float(np.ptp(grid[1]))
    side = min(BLOCK_MM, math.sqrt(width * height / (2 * LEAST_BLOCKS)))
    across = int(width // side) + 1
    block = ((grid[1] - grid[1].min()) // side * across + (grid[0] - grid[0].min()) // side).astype(int).ravel()
    normal = np.einsum("ipn,iqn,in->pq", jacobian, jacobian, weight)
    pulls = np.einsum("ipn,in,in->pn", jacobian, residual, weight)
    count = int(block.max()) + 1
    sums = np.stack([np.bincount(block, pull, count) for pull in pulls])
    used = int((np.bincount(block, weight.sum(0), count) > 0).sum())
    if used < LEAST_BLOCKS:
        return None
    inverse = np.linalg.inv(normal)
    scatter = SHARED_BLOCKS * used / (used - len(pulls)) * (sums @ sums.T)
    return np.asarray(inverse @ scatter @ inverse + np.diag([FLOOR_MM**2] * 2 + [0, 0]), np.float64)


def _grid(print_: Fingerprint, pitch: float) -> tuple[Floats, Floats]:
    """Places (x, y) of an upright grid over the cells of a fingerprint, mm."""
    rows, cols = print_.height_um.shape
    xs = np.arange(print_.left_mm, print_.left_mm + (cols - 0.5) * print_.pitch_mm, pitch)
    ys = np.arange(print_.top_mm, print_.top_mm + (rows - 0.5) * print_.pitch_mm, pitch)
    x, y = np.meshgrid(xs, ys)
    return x, y


def _slopes(print_: Fingerprint) -> _Slopes:
    """Slopes of the stored relief; cells beside unseen ones, and those of marks, are unknown."""
    seen = print_.seen
    height = np.where(seen, print_.height_um, np.float32(0)).astype(np.float64)
    along_y, along_x = np.gradient(height, print_.pitch_mm)
    known = cv2.erode(seen.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0).astype(bool)
    scale = spread(np.stack([along_x, along_y])[:, known]) if known.any() else 0.0
    mark = np.maximum(np.abs(along_x), np.abs(along_y)) > MARK_SIGMA * scale
    known &= ~cv2.dilate(mark.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return _Slopes(np.where(known, along_x, 0.0), np.where(known, along_y, 0.0), known.astype(np.float64))


def _splines(print_: Fingerprint, pitch: float) -> _Slopes:
    """Slopes of a fingerprint ready to be sampled `pitch` mm apart: means over about that distance, as splines."""
    slopes = _slopes(print_)
    blur = 0.5 * pitch / print_.pitch_mm
    x, y, known = slopes.x, slopes.y, slopes.known
    if blur > 0.6:
        x, y, known = (
            np.asarray(cv2.GaussianBlur(a, (0, 0), blur, borderType=cv2.BORDER_CONSTANT), np.float64)
            for a in (x, y, known)
        )
    return _Slopes(spline_filter(x, order=3), spline_filter(y, order=3), known)


def _sampled(splines: _Slopes, print_: Fingerprint, x: Floats, y: Floats) -> _Slopes:
    """Slopes at places, 0 where less than half is known."""
    at = ((y - print_.top_mm) / print_.pitch_mm, (x - print_.left_mm) / print_.pitch_mm)
    sx, sy = (map_coordinates(a, at, order=3, mode="constant", prefilter=False) for a in (splines.x, splines.y))
    known = map_coordinates(splines.known, at, order=1, mode="constant")
    inside = known > 0.5
    return _Slopes(np.where(inside, sx, 0.0), np.where(inside, sy, 0.0), np.where(inside, known, 0.0))


def _warped(splines: _Slopes, print_: Fingerprint, pose: Pose, x: Floats, y: Floats) -> _Slopes:
    """Earlier slopes at places of now, their directions turned along."""
    turn = math.radians(pose.rotation_deg)
    rx, ry = x - pose.centre_mm[0] - pose.dx_mm, y - pose.centre_mm[1] - pose.dy_mm
    at_x = pose.centre_mm[0] + math.cos(turn) * rx - math.sin(turn) * ry
    at_y = pose.centre_mm[1] + math.sin(turn) * rx + math.cos(turn) * ry
    there = _sampled(splines, print_, at_x, at_y)
    return _Slopes(
        math.cos(turn) * there.x + math.sin(turn) * there.y,
        -math.sin(turn) * there.x + math.cos(turn) * there.y,
        there.known,
    )
