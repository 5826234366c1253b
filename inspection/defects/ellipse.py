"""An ellipse of height in the slopes: where to begin, and the least-squares fit itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inspection.defects.least_squares import solved
from inspection.defects.window import Window, median

Floats = NDArray[np.float64]

#: Width of a crater's rim as a share of where it stands.
RIM_WIDTH = 0.25
#: Rounds of the fit, relative change of the misfit at which it has converged, damping at which it gives up.
ROUNDS, CONVERGED, HOPELESS = 14, 1e-3, 1e4
#: The same of a first fit, which only says where to go on.
FIRST_ROUNDS, NEARLY = 5, 1e-2
#: Numbers of an ellipse (centre and inverse covariance), and linear terms without the rim.
N_THETA, N_LINEAR = 5, 6
#: Of more pixels than this every second, third, … is fitted.
MOST_POINTS = 320
#: Surroundings that count in the fit: in standard deviations of the bump, and at least in pixels.
REACH_SIGMA, REACH_PX = 5.0, 3.5


def first_guess(window: Window, sx: Floats, sy: Floats, known: NDArray[np.bool_]) -> Floats | None:
    """Centre and the three numbers of the inverse covariance, from the moments of the slopes' power."""
    outside, inside = (at[known.ravel()[at]] for at in (window.around, window.footprint))
    if not inside.size:
        return None
    level = [median(s.ravel()[outside]) if outside.size else 0.0 for s in (sx, sy)]
    power = np.square(sx.ravel()[inside] - level[0]) + np.square(sy.ravel()[inside] - level[1])
    total = float(power.sum())
    if not total > 0:
        return None
    places = np.stack([window.x_mm.ravel()[inside], window.y_mm.ravel()[inside]])
    x, y = places @ power / total
    off = places - [[x], [y]]
    least = 0.35 * window.bin_mm[0] * window.bin_mm[1]
    cov = (off * power) @ off.T / total
    inverse = np.linalg.inv(cov + least * np.eye(2))
    return np.array([x, y, inverse[0, 0], inverse[0, 1], inverse[1, 1]])


def sharpest(window: Window, sx: Floats, sy: Floats, known: NDArray[np.bool_]) -> Floats:
    """A bump of one pixel where the surface bends most within the footprint."""
    x, y = np.nan_to_num(sx), np.nan_to_num(sy)
    bend = np.abs(np.gradient(x, axis=1) / window.bin_mm[0] + np.gradient(y, axis=0) / window.bin_mm[1])
    at = np.unravel_index(int(np.argmax(np.where(window.inside & known, bend, -1.0))), bend.shape)
    across, down = window.bin_mm
    return np.array([window.x_mm[at], window.y_mm[at], across**-2, 0.0, down**-2])


def power_of(sx: Floats, sy: Floats, near: NDArray[np.bool_]) -> float:
    """Mean square of both slopes about their means."""
    return float(np.var(sx[near]) + np.var(sy[near])) / 2


def near_of(window: Window, theta: Floats, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels that count in the fit of this ellipse."""
    dx, dy = window.x_mm - theta[0], window.y_mm - theta[1]
    x2, y2 = dx * dx, dy * dy
    rho2 = theta[2] * x2 + 2 * theta[3] * dx * dy + theta[4] * y2
    close = x2 + y2 < (REACH_PX * max(window.bin_mm)) ** 2
    return np.asarray(known & ((rho2 < REACH_SIGMA**2) | close))


def design_of(theta: Floats, amplitude: float, x: Floats, y: Floats, rim: float, out: Floats | None = None) -> Floats:
    """Derivatives of both slopes (11 or 12, 2 n) by `theta`, then by the linear terms.

    The linear terms: height of the bump, five of a quadratic background, and height of the rim that stands `rim`
    standard deviations from the centre (0: none). `out`: of an earlier call for as many points, to be written over.
    """
    n = len(x)
    if out is None:
        out = np.zeros((N_THETA + N_LINEAR + (rim > 0), 2 * n))
        out[6, :n] = out[7, n:] = 1.0
    # Both slopes at once, (terms, 2, n): so few points cost less than so many calls.
    both = out.reshape(-1, 2, n)
    form = np.array([[theta[2], theta[3]], [theta[3], theta[4]]])
    off = np.stack([x - theta[0], y - theta[1]])
    toward = form @ off
    rho2 = toward[0] * off[0]
    rho2 += toward[1] * off[1]
    z = np.exp(-0.5 * rho2)
    az = amplitude * z
    steep = az * toward
    # Of the slopes −A z g: by the centre, and by the three numbers of the inverse covariance.
    np.multiply(az, form[:, :, None], out=both[:2])
    both[:2] -= steep * toward[:, None]
    half = 0.5 * off
    np.multiply(steep, (half[0] * off[0])[None], out=both[2])
    np.multiply(steep, (off[0] * off[1])[None], out=both[3])
    np.multiply(steep, (half[1] * off[1])[None], out=both[4])
    shift = az * off
    both[2:4, 0] -= shift
    both[3:5, 1] -= shift
    np.multiply(toward, -z, out=both[5])
    both[8:10, 0] = both[9:11, 1] = off
    if rim:
        rho, width = np.sqrt(rho2) + 1e-9, RIM_WIDTH * rim
        flank = np.exp(-0.5 * np.square((rho - rim) / width)) * (rim - rho) / (width * width * rho)
        np.multiply(toward, flank, out=both[11])
    return out


def fitted(
    window: Window, sx: Floats, sy: Floats, near: NDArray[np.bool_], theta: Floats, rim: float, *, first: bool = False
) -> tuple[Floats, Floats, float]:
    """Best `theta`, linear terms and mean square of what is left; `first`: nearly, to go on from."""
    x, y, seen = _picked(window, sx, sy, near)
    rounds, converged = (FIRST_ROUNDS, NEARLY) if first else (ROUNDS, CONVERGED)
    least = 0.02 * window.bin_mm[0] * window.bin_mm[1]
    most = 4 * (window.x_mm.max() - window.x_mm.min() + window.bin_mm[0]) ** 2
    bounds = (float(x.min()), float(x.max()), float(y.min()), float(y.max()))
    design = design_of(theta, 1.0, x, y, rim)
    columns = design[N_THETA:]
    at = np.concatenate([theta, solved(columns @ columns.T, columns @ seen)])
    design[:N_THETA] *= at[N_THETA]
    rest = seen - at[N_THETA:] @ design[N_THETA:]
    best, damping = float(rest @ rest), 1e-3
    normal, right = design @ design.T, design @ rest
    for _ in range(rounds):
        moved = at + solved(normal, right, damping)
        misfit = np.inf
        if _possible(moved, least, most, bounds):
            design = design_of(moved[:N_THETA], moved[N_THETA], x, y, rim, design)
            rest = seen - moved[N_THETA:] @ design[N_THETA:]
            misfit = float(rest @ rest)
        if misfit < best:
            done = best - misfit < converged * best
            at, best, damping = moved, misfit, damping / 5
            if done:
                break
            normal, right = design @ design.T, design @ rest
        else:
            damping *= 10
            if damping > HOPELESS:
                break
    return at[:N_THETA], at[N_THETA:], best / len(seen)


def better_with(
    window: Window,
    sx: Floats,
    sy: Floats,
    near: NDArray[np.bool_],
    theta: Floats,
    linear: Floats,
    rims: Sequence[float],
) -> Floats:
    """What share of the misfit a rim at each of these places would leave, all other numbers moving along with it.

    To first order: by the part of the rim that nothing else can explain.
    """
    x, y, seen = _picked(window, sx, sy, near)
    design = design_of(theta, float(linear[0]), x, y, 0.0)
    walls = np.stack([design_of(theta, 1.0, x, y, rim)[-1] for rim in rims])
    rest = seen - linear[:N_LINEAR] @ design[N_THETA:]
    walls -= solved(design @ design.T, design @ walls.T).T @ design
    gain = np.square(walls @ rest) / np.maximum(np.einsum("ij,ij->i", walls, walls), 1e-30)
    return np.asarray(1 - gain / max(float(rest @ rest), 1e-30))


def _picked(window: Window, sx: Floats, sy: Floats, near: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Places of the pixels that are fitted, and both slopes there, one behind the other."""
    picked = np.flatnonzero(near)
    picked = picked[:: max(1, len(picked) // MOST_POINTS)]
    x, y = window.x_mm.ravel()[picked], window.y_mm.ravel()[picked]
    return x, y, np.concatenate([sx.ravel()[picked], sy.ravel()[picked]])


def _possible(theta: Floats, least: float, most: float, bounds: tuple[float, float, float, float]) -> bool:
    """Whether the ellipse is one, of a size that the window can show, and within the bounds of x and y."""
    x, y, p, q, r = theta[:N_THETA].tolist()
    det = p * r - q * q
    if not (p > 0 and det > 0):
        return False
    mean, apart = (p + r) / 2, math.hypot((p - r) / 2, q)
    if not (1 / (mean + apart) > least and mean > apart and 1 / (mean - apart) < most):
        return False
    return bool(bounds[0] <= x <= bounds[1] and bounds[2] <= y <= bounds[3])
