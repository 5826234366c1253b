"""CIELAB from linear sRGB (D65, 2°), the same formula in any precision. Differences come from scikit-image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000
from skimage.color.colorconv import xyz_from_rgb

#: White of the sRGB primaries' matrix: exactly what linear (1, 1, 1) gives, so that greys have a* = b* = 0.
WHITE_XYZ: NDArray[np.float64] = xyz_from_rgb.sum(axis=1)
#: Rows take linear sRGB to X/Xn, Y/Yn, Z/Zn.
RELATIVE_XYZ: NDArray[np.float64] = xyz_from_rgb / WHITE_XYZ[:, None]
#: From X/Xn … to L*, a*, b* after the cube root (CIE 15:2018, 8.2.1).
FROM_ROOTS: NDArray[np.float64] = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], float)
_LINEAR_BELOW, _SLOPE, _OFFSET = (6 / 29) ** 3, (29 / 6) ** 2 / 3, 4 / 29


def roots(relative: NDArray[np.floating]) -> NDArray[np.floating]:
    """CIE's cube root with its straight foot; the foot goes on below 0, so noise around black has no bias."""
    root = np.cbrt(relative)
    low = relative <= relative.dtype.type(_LINEAR_BELOW)
    if low.any():
        root[low] = relative[low] * relative.dtype.type(_SLOPE) + relative.dtype.type(_OFFSET)
    return root


def lab_of(linear_srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """L*a*b* of linear sRGB (…, 3), float64."""
    return roots(np.asarray(linear_srgb, np.float64) @ RELATIVE_XYZ.T) @ FROM_ROOTS.T - np.array([16.0, 0, 0])


def delta_e00(lab: NDArray[np.float64], target: tuple[float, float, float]) -> NDArray[np.float64]:
    """CIEDE2000 (ISO/CIE 11664-6) between colours (…, 3) and one target, float64."""
    wide = np.asarray(lab, np.float64)
    return np.asarray(deltaE_ciede2000(np.broadcast_to(np.array(target, float), wide.shape), wide))
