"""Laws of reflection: Fresnel, roughness lobes, pupil and pixel as transfer of fringes.

Everything here is closed-form; nothing is shared with the decoding side.
"""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray
from scipy.special import j1, k1

Floats = NDArray[np.float64]


@overload
def fresnel(n: float, cos_incidence: float) -> float: ...
@overload
def fresnel(n: float, cos_incidence: Floats) -> Floats: ...
def fresnel(n: float, cos_incidence: Floats | float) -> Floats | float:
    """Reflectance of unpolarised light, air to a clear layer of refractive index `n`.

    Source: Fresnel's equations (Born & Wolf, Principles of Optics, 1.5.2).
    """
    c = cos_incidence
    t = np.sqrt(1.0 - (1.0 - c * c) / (n * n))
    s = (c - n * t) / (c + n * t)
    p = (t - n * c) / (t + n * c)
    result = 0.5 * (s * s + p * p)
    return result if isinstance(cos_incidence, np.ndarray) else float(result)


def roughness_transfer(alpha: Floats, phase_per_slope: Floats) -> Floats:
    """Share of a fringe's modulation that a rough surface keeps.

    Parameters
    ----------
    alpha : ndarray
        Width of the GGX distribution of micro-slopes; 0 is a mirror.
    phase_per_slope : ndarray
        Change of fringe phase (rad) per unit of slope, along the steepest direction.

    Returns
    -------
    ndarray in 0 … 1
        The characteristic function ``a·K1(a)``, ``a = alpha·phase_per_slope``, of the marginal
        slope density ``∝ (alpha² + p²)^(-3/2)`` of GGX (Walter et al. 2007).
    """
    a = np.maximum(np.asarray(alpha * phase_per_slope), 1e-6)
    return np.asarray(a * k1(a))


def screen_share(alpha: Floats, low_x: Floats, high_x: Floats, low_y: Floats, high_y: Floats) -> Floats:
    """Share of a GGX lobe that lands on the screen.

    Parameters
    ----------
    alpha : ndarray
    low_x, high_x, low_y, high_y : ndarray
        Edges of the screen as the slopes that would be needed to see them.

    Returns
    -------
    ndarray in 0 … 1
        Integral of ``1 / (π α² (1 + (p² + q²)/α²)²)`` over the rectangle: the same closed form as
        the view factor of a rectangle in a parallel plane.
    """
    scale = 1.0 / np.maximum(alpha, 1e-7)

    def corner(p: Floats, q: Floats) -> Floats:
        a, b = p * scale, q * scale
        ra, rb = 1 / np.sqrt(1 + a * a), 1 / np.sqrt(1 + b * b)
        return np.asarray((a * ra * np.arctan(b * ra) + b * rb * np.arctan(a * rb)) / (2 * np.pi))

    return corner(high_x, high_y) - corner(low_x, high_y) - corner(high_x, low_y) + corner(low_x, low_y)


def disk_transfer(phase_per_mm: Floats, diameter_mm: float) -> Floats:
    """Modulation kept when the phase is averaged over the camera's round pupil."""
    a = np.maximum(phase_per_mm * diameter_mm / 2, 1e-6)
    return np.asarray(2 * j1(a) / a)
