"""The outline of a patch: an ellipse with a soft edge, fitted to the picture that shows it best."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.bump import PLACE_PX, blur_of
from inspection.defects.least_squares import inverse, solved
from inspection.defects.picture import Picture
from inspection.defects.window import Window, quantile

Floats = NDArray[np.float64]

#: Rounds of the fit, change of the misfit at which it has converged, damping at which it gives up.
ROUNDS, CONVERGED, HOPELESS = 20, 1e-3, 1e4
#: Of more bins than this every second, third, … is fitted.
MOST_POINTS = 900
#: Surroundings that count, in radii.
REACH = 1.7
#: Logarithms of the softest edge and the sharpest, over the radius.
_LOG_SOFTEST, _LOG_SHARPEST = math.log(0.9), math.log(0.02)
#: A patch is as long as where half its strength is left, which no blur moves, however soft its edge is. What thins out
#: towards its end instead (scuffs) ends where a tenth is left: so many softnesses further out.
TO_TENTH = float(np.arctanh(0.8))
#: Side of the blocks of bins over which what the fit leaves is alike or not.
BLOCK = 4
#: Half strength of the picture and of the patch are not quite at the same place, and paint around it varies: of the
#: extent, and of the place over the extent.
HALF_U, MIDDLE_U = 0.015, 0.004
#: A spot's weight counts from so many standard deviations of noise on, within so many bins around its footprint.
SPOT_SIGMA, SPOT_BINS = 2.0, 2
#: Variance of a spot's picture that blur leaves open, in square pixels, and its own soft flanks, which take up as much
#: as an edge of 0.15 mm does, mm²; least variance of a spot itself, square pixels.
SPOT_U_PX2, FLANK_U_MM2, LEAST_SPOT_PX2 = 0.05, 0.005, 0.02
#: The search's own footprint tells an extent to this share of it.
FOOTPRINT_U = 0.25


@dataclass(frozen=True, slots=True)
class Outline:
    """An ellipse, blur removed: half axes in mm where half the strength is left, and where a tenth is."""

    x_mm: float
    y_mm: float
    half_mm: tuple[float, float]
    tenth_mm: tuple[float, float]
    angle_deg: float
    u_place_mm: float
    u_half_mm: tuple[float, float]


def fit_outline(window: Window, picture: Picture) -> Outline | None:
    """Fit the outline; None where the picture shows none.

    Notes
    -----
    ``p = b + s/2 · (1 − tanh((ρ − 1)/w))`` with ρ the elliptic radius: centre, three numbers of the ellipse, softness
    w; b and s follow in every round. Least squares (Levenberg and Marquardt); what is left is alike over as many bins
    as the means of its blocks tell.
    """
    theta = _start(window, picture)
    if theta is None:
        return None
    known = np.isfinite(picture.values)
    near = known & (_rho(theta, window.x_mm, window.y_mm)[0] < REACH) | known & window.inside
    picked = np.flatnonzero(near)
    if len(picked) < 24:
        return None
    thin = max(1, len(picked) // MOST_POINTS)
    picked = picked[::thin]
    x, y, seen = window.x_mm.ravel()[picked], window.y_mm.ravel()[picked], picture.values.ravel()[picked]
    at, design, rest = _fitted(theta, x, y, seen)
    if at is None or not _on_footprint(at, window):
        return None
    left = np.zeros_like(picture.values)
    left.flat[picked] = rest
    alike = max(1.0, _alike(picture, window, at, near) / thin)
    covariance = inverse(design @ design.T) * float(rest @ rest) / max(len(rest) - len(design), 1) * alike
    return _outline(at, covariance)


def _on_footprint(theta: Floats, window: Window) -> bool:
    """Its middle lies within the box of the footprint: else a slope of the background was taken for a flank."""
    x, y = window.x_mm[window.inside], window.y_mm[window.inside]
    return bool(x.min() <= theta[0] <= x.max() and y.min() <= theta[1] <= y.max())


def _start(window: Window, picture: Picture) -> Floats | None:
    """Where the picture's weight lies, as a disk."""
    values = np.nan_to_num(picture.values)
    inside = window.inside
    top = quantile(values[inside], 0.8)
    if not top > 0:
        return None
    weight = np.where(inside, np.clip(values / top, 0.0, 1.0), 0.0)
    total = float(weight.sum())
    if not total > 0:
        return None
    x, y = float((weight * window.x_mm).sum() / total), float((weight * window.y_mm).sum() / total)
    p = np.pi / (total * window.bin_mm2)
    return np.array([x, y, p, 0.0, p, np.log(0.2)])


def _rho(theta: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    dx, dy = x - theta[0], y - theta[1]
    return np.sqrt(np.maximum(theta[2] * dx * dx + 2 * theta[3] * dx * dy + theta[4] * dy * dy, 1e-9)), dx, dy


def _model(theta: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The edge, and its derivatives by `theta` (6, n)."""
    rho, dx, dy = _rho(theta, x, y)
    w = np.exp(theta[5])
    u = (rho - 1) / w
    t = np.tanh(u)
    by_u = -0.5 * (1 - t * t)
    by_rho = by_u / w / (2 * rho)
    return 0.5 - 0.5 * t, np.stack([
        -2 * by_rho * (theta[2] * dx + theta[3] * dy), -2 * by_rho * (theta[3] * dx + theta[4] * dy),
        by_rho * dx * dx, by_rho * 2 * dx * dy, by_rho * dy * dy, -by_u * u,
    ])  # fmt: skip


def _fitted(theta: Floats, x: Floats, y: Floats, seen: Floats) -> tuple[Floats | None, Floats, Floats]:
    """Best parameters with level and strength behind them, the design there and what is left."""
    ones = np.ones_like(seen)

    def at_best(values: Floats) -> tuple[Floats, Floats, Floats]:
        edge, slopes = _model(values, x, y)
        columns = np.stack([ones, edge])
        linear = solved(columns @ columns.T, columns @ seen)
        return np.concatenate([slopes * linear[1], columns]), linear, np.asarray(seen - linear @ columns)

    design, linear, rest = at_best(theta)
    best, damping = float(rest @ rest), 1e-2
    for _ in range(ROUNDS):
        moved = theta + solved(design @ design.T, design @ rest, damping)[: len(theta)]
        moved[5] = min(max(moved[5], _LOG_SHARPEST), _LOG_SOFTEST)
        misfit = np.inf
        if _possible(moved, theta):
            new_design, new_linear, new_rest = at_best(moved)
            misfit = float(new_rest @ new_rest)
        if misfit < best:
            done = best - misfit < CONVERGED * best
            theta, design, linear, rest, best = moved, new_design, new_linear, new_rest, misfit
            damping /= 5
            if done:
                break
        else:
            damping *= 10
            if damping > HOPELESS:
                break
    return (theta if linear[1] > 0 else None), design, rest


def _possible(theta: Floats, before: Floats) -> bool:
    """An ellipse, and not more than thrice as large or small in one step."""
    p, q, r = theta[2:5]
    was = before[2] * before[4] - before[3] ** 2
    det = p * r - q * q
    return bool(p > 0 and r > 0 and was / 81 < det < was * 81)


def _alike(picture: Picture, window: Window, theta: Floats, near: NDArray[np.bool_]) -> float:
    """Bins that tell the same: how much more the means of blocks scatter than those of as many strangers would."""
    edge = _model(theta, window.x_mm.ravel(), window.y_mm.ravel())[0].reshape(near.shape)
    values, e = picture.values[near], edge[near]
    columns = np.stack([np.ones_like(e), e])
    linear = solved(columns @ columns.T, columns @ values)
    left = np.zeros(near.shape)
    left[near] = values - linear @ columns
    rows, cols = (n // BLOCK * BLOCK for n in near.shape)

    def blocks(values: Floats) -> Floats:
        return np.asarray(values[:rows, :cols].reshape(rows // BLOCK, BLOCK, cols // BLOCK, BLOCK).sum((1, 3)))

    count, total = blocks(near.astype(float)), blocks(left)
    full = count > BLOCK * BLOCK / 2
    single = float(np.mean(np.square(left[near])))
    if not full.any() or not single > 0:
        return float(BLOCK * BLOCK)
    return float(np.mean(np.square(total[full]) / count[full]) / single)


def _outline(theta: Floats, covariance: Floats) -> Outline:
    values, vectors = np.linalg.eigh(np.array([[theta[2], theta[3]], [theta[3], theta[4]]]))
    half = [float(v**-0.5) for v in np.maximum(values, 1e-9)]
    further = 1 + float(np.exp(theta[5])) * TO_TENTH
    u = []
    for value, v in zip(values, vectors.T, strict=True):
        g = np.array([v[0] ** 2, 2 * v[0] * v[1], v[1] ** 2]) / (2 * value**1.5)
        u.append(float(np.sqrt(max(float(g @ covariance[2:5, 2:5] @ g), 0.0))))
    long = vectors[:, 0]
    angle = float(np.degrees(np.arctan2(-long[1], long[0])))
    return Outline(
        x_mm=float(theta[0]),
        y_mm=float(theta[1]),
        half_mm=(half[0], half[1]),
        tenth_mm=(half[0] * further, half[1] * further),
        angle_deg=(angle + 90) % 180 - 90,
        u_place_mm=float(np.sqrt(max(covariance[0, 0] + covariance[1, 1], 0.0) + (2 * MIDDLE_U * half[0]) ** 2)),
        u_half_mm=(float(np.hypot(u[0], HALF_U * half[0])), float(np.hypot(u[1], HALF_U * half[1]))),
    )


def spot_of(window: Window, picture: Picture) -> Outline | None:
    """A spot of few pixels, by the moments of its light; None where none is left over the noise.

    A disk's variance along each axis is a sixteenth of its squared diameter; that of pixel and lens is taken off.
    """
    around = cv2.dilate(window.inside.astype(np.uint8), np.ones((2 * SPOT_BINS + 1,) * 2, np.uint8)).astype(bool)
    values = np.nan_to_num(picture.values)
    weight = np.where(around & (values > SPOT_SIGMA * picture.noise), values, 0.0)
    total = float(weight.sum())
    if not total > 0:
        return None
    x, y, cov = _moments(window, weight)
    blur, _ = blur_of(window)
    seen, vectors = np.linalg.eigh(cov)
    pixel2 = window.bin_mm2
    clear = [float(v) - float(e @ blur @ e) for v, e in zip(seen, vectors.T, strict=True)]
    true = [max(v, LEAST_SPOT_PX2 * pixel2) for v in clear]
    n = int(np.count_nonzero(weight))
    # Noise of n bins at about the spot's own distance from its middle.
    spread = picture.noise * np.sqrt(n) / total
    u_place = float(np.hypot(spread * np.sqrt(np.trace(cov)), PLACE_PX * np.sqrt(2 * pixel2)))
    u_variance = float(np.linalg.norm([spread * np.trace(cov), SPOT_U_PX2 * pixel2, FLANK_U_MM2]))
    half = [2 * float(np.sqrt(v)) for v in true[::-1]]
    u = [2 * u_variance / h for h in half]
    long = vectors[:, 1]
    angle = (float(np.degrees(np.arctan2(-long[1], long[0]))) + 90) % 180 - 90
    return Outline(x, y, (half[0], half[1]), (half[0], half[1]), angle, u_place, (u[0], u[1]))


def footprint_of(window: Window, u_relative: float = FOOTPRINT_U) -> Outline:
    """What the search saw, where no picture shows more: a filled ellipse with its moments, known to this share."""
    inside = window.inside if window.inside.any() else np.ones_like(window.inside)
    x, y, cov = _moments(window, inside.astype(float))
    cov += np.diag(np.square(window.bin_mm)) / 12
    values, vectors = np.linalg.eigh(cov)
    half = (2 * float(np.sqrt(values[1])), 2 * float(np.sqrt(values[0])))
    long = vectors[:, 1]
    angle = (float(np.degrees(np.arctan2(-long[1], long[0]))) + 90) % 180 - 90
    pixel = float(np.sqrt(window.bin_mm2))
    u = [float(np.hypot(pixel / 2, u_relative * h)) for h in half]
    return Outline(x, y, half, half, angle, float(np.hypot(pixel / 2, u_relative * half[1] / 2)), (u[0], u[1]))


def _moments(window: Window, weight: Floats) -> tuple[float, float, Floats]:
    total = weight.sum()
    x, y = (float((weight * p).sum() / total) for p in (window.x_mm, window.y_mm))
    dx, dy = window.x_mm - x, window.y_mm - y
    xx, xy, yy = (float((weight * p).sum() / total) for p in (dx * dx, dx * dy, dy * dy))
    return x, y, np.array([[xx, xy], [xy, yy]])
