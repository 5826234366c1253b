"""The profile across a line, fitted to all points of a band along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.least_squares import inverse, solved

Floats = NDArray[np.float64]

#: Points that are looked at in the search for the start.
START_POINTS = 700
ROUNDS, CONVERGED = 10, 1e-4
#: Neighbouring pixels of texture and of the smoothed slopes that tell the same.
ALIKE_PX = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Points along a line: `across` and `along` in mm from its axis, `half` its half length."""

    x_mm: float
    y_mm: float
    angle: float
    half: float
    reach: float
    where: NDArray[np.intp]
    across: Floats
    along: Floats

    @property
    def normal(self) -> Floats:
        """Direction across, (x, y down)."""
        return np.array([np.sin(self.angle), np.cos(self.angle)])


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Fitted across a line: centre, tilt and log sigma; linear terms, strength first; their covariance together."""

    theta: Floats
    linear: Floats
    covariance: Floats
    explained: float
    steep: bool

    @property
    def significance(self) -> float:
        return abs(float(self.linear[0])) / max(float(np.sqrt(self.covariance[3, 3])), 1e-12)


def _design(theta: Floats, t: Floats, a: Floats, steep: bool) -> tuple[Floats, Floats]:
    sigma = np.exp(theta[2])
    d = (t - theta[0] - theta[1] * a) / sigma
    z = np.exp(-d * d / 2)
    if steep:
        strength, centre, width = -d * z / sigma, (1 - d * d) * z / sigma**2, (2 * d - d**3) * z / sigma
    else:
        strength, centre, width = z, d * z / sigma, d * d * z
    return np.stack([strength, np.ones_like(t), t, a], axis=1), np.stack([centre, centre * a, width], axis=1)


def _start(band: Band, values: Floats, steep: bool) -> Floats:
    """Best of a grid of centres, tilts and widths, by the power that the profile alone explains."""
    thin = slice(None, None, max(1, len(values) // START_POINTS))
    t, a, s = band.across[thin], (band.along / band.half)[thin], values[thin] - values.mean()
    centres = np.linspace(-0.5, 0.5, 11) * band.reach
    best, theta = -1.0, np.zeros(3)
    for sigma in (band.reach / 12, band.reach / 5):
        for tilt in (-0.5 * sigma, 0.0, 0.5 * sigma) if sigma < band.reach / 6 else (0.0,):
            d = (t[None, :] - centres[:, None] - tilt * a[None, :]) / sigma
            z = np.exp(-d * d / 2)
            pattern = -d * z if steep else z - z.mean(1, keepdims=True)
            power = np.square(pattern @ s) / np.maximum(np.square(pattern).sum(1), 1e-12)
            i = int(np.argmax(power))
            if power[i] > best:
                best, theta = float(power[i]), np.array([centres[i], tilt, np.log(sigma)])
    return theta


def fit_profile(band: Band, picture: Floats, *, steep: bool) -> Profile | None:
    """Least squares of one profile (Levenberg and Marquardt; the linear terms are solved in every round)."""
    s = picture.ravel()[band.where]
    known = np.isfinite(s)
    if np.count_nonzero(known) < 24:
        return None
    t, a, s = band.across[known], band.along[known] / band.half, s[known]
    theta = _start(Band(0, 0, 0, band.half, band.reach, band.where, t, a * band.half), s, steep)
    columns, jacobian = _design(theta, t, a, steep)
    linear = solved(columns.T @ columns, columns.T @ s)
    rest = s - columns @ linear
    best, damping = float(rest @ rest), 1e-3
    limits = np.log([band.reach / 40, band.reach])
    for _ in range(ROUNDS):
        both = np.concatenate([jacobian * linear[0], columns], axis=1)
        step = solved(both.T @ both, both.T @ rest, damping)[:3]
        sigma = np.exp(theta[2])
        moved = theta + np.clip(step, [-sigma, -sigma, -0.6], [sigma, sigma, 0.6])
        moved[2] = np.clip(moved[2], *limits)
        new_columns, new_jacobian = _design(moved, t, a, steep)
        new_linear = solved(new_columns.T @ new_columns, new_columns.T @ s)
        new_rest = s - new_columns @ new_linear
        misfit = float(new_rest @ new_rest)
        if misfit < best:
            done = best - misfit < CONVERGED * best
            theta, columns, jacobian, linear, rest = moved, new_columns, new_jacobian, new_linear, new_rest
            best, damping = misfit, damping / 5
            if done:
                break
        else:
            damping *= 10
            if damping > 1e4:
                break
    both = np.concatenate([jacobian * linear[0], columns], axis=1)
    covariance = inverse(both.T @ both) * (best / max(len(s) - both.shape[1], 1)) * ALIKE_PX
    level = s - columns[:, 1:] @ linear[1:]
    return Profile(theta, linear, covariance, max(0.0, 1 - best / max(float(level @ level), 1e-30)), steep)
