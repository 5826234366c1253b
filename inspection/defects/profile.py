"""The profile across a line, fitted to all points of a band along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.least_squares import inverse, solved

Floats = NDArray[np.float64]

#: Points that are looked at in the search for the start.
START_POINTS = 700
#: Of many more points than this a part is fitted first.
FIRST_POINTS = 700
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


def _design(theta: Floats, t: Floats, a: Floats, steep: bool, out: Floats) -> None:
    """Into the first rows of `out`: derivatives of a profile of strength one by `theta`, and that profile."""
    by_centre, by_tilt, by_width, strength = out[:4]
    scale = 1 / np.exp(theta[2])
    d = (t - (theta[0] + theta[1] * a)) * scale
    square = d * d
    np.exp(-0.5 * square, out=strength)
    if steep:
        np.multiply((1 - square) * strength, scale * scale, out=by_centre)
        np.multiply((2 - square) * d, strength * scale, out=by_width)
        strength *= d * -scale
    else:
        np.multiply(d * strength, scale, out=by_centre)
        np.multiply(square, strength, out=by_width)
    np.multiply(by_centre, a, out=by_tilt)


def _start(t: Floats, a: Floats, s: Floats, reach: float, steep: bool) -> Floats:
    """Best of a grid of centres, tilts and widths, by the power that the profile alone explains."""
    thin = slice(None, None, max(1, len(s) // START_POINTS))
    t, a, s = t[thin], a[thin], s[thin] - s.mean()
    centres = np.linspace(-0.5, 0.5, 11) * reach
    best, theta = -1.0, np.zeros(3)
    for sigma in (reach / 12, reach / 5):
        for tilt in (-0.5 * sigma, 0.0, 0.5 * sigma) if sigma < reach / 6 else (0.0,):
            d = ((t - tilt * a)[None, :] - centres[:, None]) / sigma
            z = np.exp(-d * d / 2)
            pattern = -d * z if steep else z - z.mean(1, keepdims=True)
            power = np.square(pattern @ s) / np.maximum(np.einsum("ij,ij->i", pattern, pattern), 1e-12)
            i = int(np.argmax(power))
            if power[i] > best:
                best, theta = float(power[i]), np.array([centres[i], tilt, np.log(sigma)])
    return theta


def fit_profile(band: Band, values: Floats, *, steep: bool) -> Profile | None:
    """Least squares of one profile to what a map shows at the places of a band; NaN = not there."""
    known = np.isfinite(values)
    if np.count_nonzero(known) < 24:
        return None
    t, a, s = band.across[known], band.along[known] / band.half, values[known]
    theta = _start(t, a, s, band.reach, steep)
    step = len(s) // FIRST_POINTS
    if step > 1:  # a part of the points tells nearly where all of them lead
        theta = _fitted(theta, t[::step], a[::step], s[::step], band.reach, steep)[0]
    theta, linear, normal, best = _fitted(theta, t, a, s, band.reach, steep)
    covariance = inverse(normal) * (best / max(len(s) - len(normal), 1)) * ALIKE_PX
    level = s - (linear[1] + linear[2] * t + linear[3] * a)
    return Profile(theta, linear, covariance, max(0.0, 1 - best / max(float(level @ level), 1e-30)), steep)


def _fitted(
    theta: Floats, t: Floats, a: Floats, s: Floats, reach: float, steep: bool
) -> tuple[Floats, Floats, Floats, float]:
    """Best `theta`, linear terms, normal matrix of all, and sum of squares of what is left.

    Levenberg and Marquardt; the linear terms are solved in every round.
    """
    design, tried = np.empty((7, len(s))), np.empty((7, len(s)))
    for one in (design, tried):
        one[4], one[5], one[6] = 1.0, t, a
    limits = np.log([reach / 40, reach])

    def at(values: Floats, out: Floats) -> tuple[Floats, Floats, Floats]:
        """Into `out` the design; its normal matrix, both with the solved strength; the linear terms, what is left."""
        _design(values, t, a, steep, out)
        normal = out @ out.T
        linear = solved(normal[3:, 3:], out[3:] @ s)
        out[:3] *= linear[0]
        normal[:3] *= linear[0]
        normal[:, :3] *= linear[0]
        return normal, linear, np.asarray(s - linear @ out[3:])

    normal, linear, rest = at(theta, design)
    best, damping = float(rest @ rest), 1e-3
    for _ in range(ROUNDS):
        step = solved(normal, design @ rest, damping)[:3]
        sigma = np.exp(theta[2])
        moved = theta + np.clip(step, [-sigma, -sigma, -0.6], [sigma, sigma, 0.6])
        moved[2] = np.clip(moved[2], *limits)
        new_normal, new_linear, new_rest = at(moved, tried)
        misfit = float(new_rest @ new_rest)
        if misfit < best:
            done = best - misfit < CONVERGED * best
            theta, normal, linear, rest = moved, new_normal, new_linear, new_rest
            design, tried = tried, design
            best, damping = misfit, damping / 5
            if done:
                break
        else:
            damping *= 10
            if damping > 1e4:
                break
    return theta, linear, normal, best
