"""A bump or hollow fitted to the slopes around it: place, extent, height, rim."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.covariance import carried
from inspection.defects.ellipse import (
    N_LINEAR,
    N_THETA,
    RIM_WIDTH,
    better_with,
    design_of,
    first_guess,
    fitted,
    near_of,
    power_of,
    sharpest,
)
from inspection.defects.window import Window

Floats = NDArray[np.float64]

#: A Gaussian falls to 10 % at this many standard deviations.
TENTH_SIGMA = float(np.sqrt(2 * np.log(10)))
#: Blur of the lens that a station may have without saying so, standard deviation in pixels, and how far it may be off.
LENS_PX, LENS_U_PX = 0.22, 0.2
#: A mark as narrow as the blur keeps this share of the blur's variance: how narrow it is cannot be seen.
LEAST_OF_BLUR = 0.08
#: Where the rim of a crater may stand, in standard deviations of the hollow.
RIM_AT = (2.1, 2.4, 2.7, 3.0)
#: A rim is this share of the depth at least, and leaves less than this of the misfit without it.
RIM_RATIO, RIM_BETTER = 0.06, 0.85
#: So many places of the rim are tried: the likeliest, if it may leave less than this of the misfit.
RIM_TRIALS, RIM_LIKELY = 2, 0.97
#: A first fit that leaves more of the slopes' power than this is tried again from another start.
POOR = 0.4
#: Fewer pixels than this are not fitted.
LEAST_POINTS = 12
#: Of more pixels than this every second, third, … tells what share is explained.
MOST_TOLD = 4000
#: Place that a model of the pixel as a box leaves open, pixels.
PLACE_PX = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Bump:
    """An elliptic Gaussian, as seen through lens and pixel unless it says otherwise.

    Attributes
    ----------
    x_mm, y_mm : float
    sigma_mm : (long, short)
        Standard deviations, blur removed.
    seen_sigma_mm : (long, short)
    angle_deg : float
        Of the long axis, counter-clockwise from +x as seen.
    height_um, u_height_um : float
        Blur removed.
    rim_um : float
        Of the wall around it.
    reach_mm : (long, short)
        Where it has fallen to 10 % of the height, over the wall where there is one, blur removed.
    u_place_mm : float
        Root mean square distance.
    u_sigma_relative : (long, short)
        Of both axes, blur removed.
    significance : float
        Height over what noise and texture alone would give.
    explained : float
        Share of the slopes' power around it that it explains, 0 … 1.
    """

    x_mm: float
    y_mm: float
    sigma_mm: tuple[float, float]
    seen_sigma_mm: tuple[float, float]
    angle_deg: float
    height_um: float
    u_height_um: float
    rim_um: float
    reach_mm: tuple[float, float]
    u_place_mm: float
    u_sigma_relative: tuple[float, float]
    significance: float
    explained: float


def fit_bump(window: Window, slope_x: Floats, slope_y: Floats, beyond: float = -1.0) -> Bump | None:
    """Fit an elliptic Gaussian on a quadratic background; a hollow gets a rim where one stands out.

    Parameters
    ----------
    window : Window
        Its footprint says where to begin.
    slope_x, slope_y : float64 (rows, cols)
        mrad; NaN = not there.
    beyond : float
        Share of the slopes' power that something else explains already: a bump that without a rim explains no more is
        none. Told before its uncertainties are worked out, which takes most of the time in a large window.

    Returns
    -------
    Bump or None
        None where too few pixels are there or no bump explains them.

    Notes
    -----
    Least squares on both slopes together (Levenberg and Marquardt, the linear terms solved in every round). The
    Gaussian is fitted as it is seen; the blur of pixel and lens is taken off its variance afterwards, the
    volume stays: ``h = A √(det Σ / det (Σ − B))``. Uncertainties: the residuals' own spectrum carried through the
    fit, so that texture counts with its true correlation.
    """
    known = np.isfinite(slope_x) & np.isfinite(slope_y)
    theta = first_guess(window, slope_x, slope_y, known)
    if theta is None:
        return None
    near = near_of(window, theta, known)
    if np.count_nonzero(near) < LEAST_POINTS:
        return None
    theta, linear, misfit = fitted(window, slope_x, slope_y, near, theta, 0.0, first=True)
    if window.step == 1 and misfit > POOR * power_of(slope_x, slope_y, near):
        # A wall or a neighbour may have led the moments astray: once more, from the sharpest bend.
        sharp = fitted(window, slope_x, slope_y, near, sharpest(window, slope_x, slope_y, known), 0.0, first=True)
        if sharp[2] < misfit:
            theta, linear, misfit = sharp
    again = near_of(window, theta, known)
    if np.count_nonzero(again) >= LEAST_POINTS:
        near = again
        theta, linear, misfit = fitted(window, slope_x, slope_y, near, theta, 0.0)
    rim = 0.0
    explained = _explained(window, slope_x, slope_y, near, theta, linear, rim)
    if explained <= beyond:
        return None
    if linear[0] < 0 and window.step == 1:  # what is large enough to be binned is a dent
        walled = _walled(window, slope_x, slope_y, near, theta, linear, misfit)
        if walled is not None:
            theta, rim = walled
            theta, linear, misfit = fitted(window, slope_x, slope_y, near, theta, rim)
            explained = _explained(window, slope_x, slope_y, near, theta, linear, rim)
    return _bump(window, slope_x, slope_y, known, near, theta, linear, rim, explained)


def _walled(
    window: Window, sx: Floats, sy: Floats, near: NDArray[np.bool_], theta: Floats, linear: Floats, misfit: float
) -> tuple[Floats, float] | None:
    """Ellipse and place of the rim with which a hollow is nearly fitted; None where none stands out."""
    left = better_with(window, sx, sy, near, theta, linear, RIM_AT)
    likely = np.argsort(left)[:RIM_TRIALS]
    if left[likely[0]] > RIM_LIKELY:
        return None
    tried = [(fitted(window, sx, sy, near, theta, RIM_AT[i], first=True), RIM_AT[i]) for i in likely]
    (theta, linear, least), rim = min(tried, key=lambda one: one[0][2])
    stands = linear[6] > RIM_RATIO * abs(linear[0]) and linear[0] < 0 and least < RIM_BETTER * misfit
    return (theta, rim) if stands else None


def _explained(
    window: Window, sx: Floats, sy: Floats, near: NDArray[np.bool_], theta: Floats, linear: Floats, rim: float
) -> float:
    """Share of the slopes' power, the background taken off, that the bump and its rim explain."""
    at = np.flatnonzero(near)
    at = at[:: max(1, len(at) // MOST_TOLD)]
    x, y = window.x_mm.ravel()[at], window.y_mm.ravel()[at]
    columns = design_of(theta, float(linear[0]), x, y, rim)[N_THETA:]
    seen = np.concatenate([sx.ravel()[at], sy.ravel()[at]])
    marked = seen - linear[1:N_LINEAR] @ columns[1:N_LINEAR]
    rest = seen - linear @ columns
    return max(0.0, 1 - float(rest @ rest) / max(float(marked @ marked), 1e-30))


def _bump(
    window: Window,
    sx: Floats,
    sy: Floats,
    known: NDArray[np.bool_],
    near: NDArray[np.bool_],
    theta: Floats,
    linear: Floats,
    rim: float,
    explained: float,
) -> Bump:
    full = design_of(theta, float(linear[0]), window.x_mm.ravel(), window.y_mm.ravel(), rim)
    both = np.stack([sx, sy])
    rest = both - (linear @ full[N_THETA:]).reshape(both.shape)
    rest[:, ~known] = 0.0
    wide = full.reshape(-1, *both.shape) * near
    covariance, height_alone = carried(wide, rest, near, N_THETA + 1)
    cov = np.linalg.inv(np.array([[theta[2], theta[3]], [theta[3], theta[4]]]))
    blur, blur_u = blur_of(window)
    values, vectors = np.linalg.eigh(cov)
    across, along = vectors[:, 0], vectors[:, 1]
    blurs = [float(v @ blur @ v) for v in (along, across)]
    seen = [float(values[1]), float(values[0])]
    true = [max(s - b, LEAST_OF_BLUR * b) for s, b in zip(seen, blurs, strict=True)]
    amplitude = float(linear[0])
    gain = float(np.sqrt(seen[0] * seen[1] / (true[0] * true[1])))
    # How the height follows from the seen covariance: by its own fit, and by the blur's uncertainty.
    d_theta = _gain_gradient(theta, blur, gain)
    g = np.zeros(len(covariance))
    g[2:5], g[5] = amplitude * d_theta, gain
    from_fit = float(np.sqrt(max(float(g @ covariance @ g), 0.0)))
    from_blur = abs(amplitude) * gain * 0.5 * blur_u * sum(1 / t for t in true)
    from_place = np.sqrt(np.maximum(covariance[0, 0] + covariance[1, 1], 0.0))
    axes_u = [_axis_u(cov, covariance[2:5, 2:5], axis) for axis in (along, across)]
    over = float(linear[6]) / abs(amplitude * gain) if rim else 0.0
    angle = float(np.degrees(np.arctan2(-along[1], along[0])))
    return Bump(
        x_mm=float(theta[0]),
        y_mm=float(theta[1]),
        sigma_mm=(float(np.sqrt(true[0])), float(np.sqrt(true[1]))),
        seen_sigma_mm=(float(np.sqrt(seen[0])), float(np.sqrt(seen[1]))),
        angle_deg=(angle + 90) % 180 - 90,
        height_um=amplitude * gain,
        u_height_um=float(np.hypot(from_fit, from_blur)),
        rim_um=float(linear[6]) if rim else 0.0,
        reach_mm=(_reach(seen[0], true[0], over, rim), _reach(seen[1], true[1], over, rim)),
        u_place_mm=float(np.hypot(from_place, PLACE_PX * np.sqrt(2) * max(window.pixel_mm))),
        u_sigma_relative=(
            float(np.hypot(axes_u[0], blur_u) / true[0] / 2),
            float(np.hypot(axes_u[1], blur_u) / true[1] / 2),
        ),
        significance=abs(amplitude) / max(height_alone, 1e-12),
        explained=explained,
    )


def blur_of(window: Window) -> tuple[Floats, float]:
    """Covariance of the blur of pixel (or bin) and lens, mm², and the standard uncertainty of its variance."""
    lens = [LENS_PX * p for p in window.pixel_mm]
    blur = np.diag([b * b / 12 + s * s for b, s in zip(window.bin_mm, lens, strict=True)])
    return blur, 2 * LENS_PX * LENS_U_PX * window.pixel_mm[0] * window.pixel_mm[1]


def _reach(seen: float, true: float, over: float, at: float) -> float:
    """Where 10 % of the height is left along an axis, mm; a crater counts over its rim.

    `seen` and `true` are variances of the hollow, `over` the rim's height as seen over the true depth. Blur makes the
    hollow and the wall wider but leaves the wall where it stands.
    """
    stands = at * float(np.sqrt(seen))
    flank = (RIM_WIDTH * stands) ** 2
    clear = max(flank - (seen - true), LEAST_OF_BLUR * (seen - true), 1e-12)
    share = 0.1 / max(over * float(np.sqrt(flank / clear)), 1e-12)
    if share >= 1:
        return TENTH_SIGMA * float(np.sqrt(true))
    return stands + float(np.sqrt(-2 * np.log(share) * clear))


def _gain_gradient(theta: Floats, blur: Floats, gain: float) -> Floats:
    """Derivative of the blur's gain by the three numbers of the inverse covariance, by differences."""
    p, q, r = theta[2:].tolist()
    step = 1e-3 * max(abs(p), abs(r))
    across, down = float(blur[0, 0]), float(blur[1, 1])
    moved = ((p + step, q, r), (p, q + step, r), (p, q, r + step))
    return np.array([(_gain(*one, across, down) - gain) / step for one in moved])


def _gain(p: float, q: float, r: float, across: float, down: float) -> float:
    """How much lower blur makes a Gaussian of this inverse covariance; blur's variances along x and y."""
    mean, apart = (p + r) / 2, math.hypot((p - r) / 2, q)
    turn = 0.5 * math.atan2(2 * q, p - r)  # of the short axis
    cos2, sin2 = math.cos(turn) ** 2, math.sin(turn) ** 2
    product = 1.0
    for value, b in (
        (1 / (mean + apart), cos2 * across + sin2 * down),
        (1 / (mean - apart), sin2 * across + cos2 * down),
    ):
        product *= value / max(value - b, LEAST_OF_BLUR * b)
    return math.sqrt(max(product, 0.0))


def _axis_u(cov: Floats, of_inverse: Floats, axis: Floats) -> float:
    """Standard uncertainty of the variance along an axis, from that of the three numbers of the inverse covariance."""
    x, y = cov @ axis  # d(aᵀ P⁻¹ a) = −(P⁻¹ a)ᵀ dP (P⁻¹ a)
    g = np.array([x * x, 2 * x * y, y * y])
    return float(np.sqrt(max(float(g @ of_inverse @ g), 0.0)))
