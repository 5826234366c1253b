"""Colour of the simulated paint: CIE Lab (D65, 2°) and linear sRGB, from the standards' own numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _rgb_to_xyz() -> Floats:
    """From the primaries and white of IEC 61966-2-1."""
    xy = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in xy]).T
    return columns * np.linalg.solve(columns, WHITE_XYZ)


#: D65, 2° observer: white of L* = 100 and of sRGB (1, 1, 1).
WHITE_XYZ: Final[Floats] = np.array([0.95047, 1.0, 1.08883])
RGB_TO_XYZ: Final[Floats] = _rgb_to_xyz()


def lab_to_linear_srgb(lab: Floats) -> Floats:
    """CIE L*a*b* (…, 3) to linear sRGB, 1 = perfect white diffuser. Source: CIE 15:2018, 8.2.1."""
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2) * WHITE_XYZ
    return np.asarray(xyz @ np.linalg.inv(RGB_TO_XYZ).T)


def linear_srgb_to_lab(rgb: Floats) -> Floats:
    """Linear sRGB (…, 3) to CIE L*a*b*; the inverse of `lab_to_linear_srgb`."""
    t = rgb @ RGB_TO_XYZ.T / WHITE_XYZ
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)
