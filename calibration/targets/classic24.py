"""The classic colour chart of 24 patches: its colours and where they are."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from skimage.color.colorconv import xyz_from_rgb

from inspection.colour import WHITE_XYZ

Floats = NDArray[np.float64]

ROWS: Final = 4
COLUMNS: Final = 6
NAMES: Final = (
    "dark skin", "light skin", "blue sky", "foliage", "blue flower", "bluish green",
    "orange", "purplish blue", "moderate red", "purple", "yellow green", "orange yellow",
    "blue", "green", "red", "yellow", "magenta", "cyan",
    "white 9.5", "neutral 8", "neutral 6.5", "neutral 5", "neutral 3.5", "black 2",
)  # fmt: skip
#: CIE L*a*b*, D50, 2°, 45°:0°. Source: X-Rite, "New color specifications for ColorChecker SG and Classic charts",
#: charts made from November 2014 on.
LAB_D50: Final = (
    (37.54, 14.37, 14.92), (64.66, 19.27, 17.50), (49.32, -3.82, -22.54),
    (43.46, -12.74, 22.72), (54.94, 9.61, -24.79), (70.48, -32.26, -0.37),
    (62.73, 35.83, 56.50), (39.43, 10.75, -45.17), (50.57, 48.64, 16.67),
    (30.10, 22.54, -20.87), (71.77, -24.13, 58.19), (71.51, 18.24, 67.37),
    (28.37, 15.42, -49.80), (54.38, -39.72, 32.27), (42.43, 51.05, 28.62),
    (81.80, 2.67, 80.41), (50.63, 51.28, -14.12), (49.57, -29.71, -28.32),
    (95.19, -1.03, 2.93), (81.29, -0.57, 0.44), (66.89, -0.75, -0.06),
    (50.76, -0.13, 0.14), (35.63, -0.46, -0.48), (20.64, 0.07, -0.46),
)  # fmt: skip
#: Two charts of one making differ by about this much (ΔE00, k = 1); it is part of the fit's residual.
D50_XYZ: Final[Floats] = np.array([0.96422, 1.0, 0.82521])
#: Cone responses of the Bradford transform (ICC.1:2022, annex E).
BRADFORD: Final[Floats] = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _linear_srgb() -> Floats:
    """The patches as linear sRGB under D65: L*a*b* to XYZ under D50, then Bradford's linear adaptation.

    The adaptation predicts the colour of the same surface under D65; that of single patches can be off by some
    0.5 ΔE00 (their spectra are not known here), which the cross-validated residual contains.
    """
    lab = np.array(LAB_D50)
    fy = (lab[:, 0] + 16) / 116
    f = np.stack([fy + lab[:, 1] / 500, fy, fy - lab[:, 2] / 200], axis=1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * D50_XYZ
    scale = (BRADFORD @ WHITE_XYZ) / (BRADFORD @ D50_XYZ)
    adapted = xyz @ (np.linalg.inv(BRADFORD) @ np.diag(scale) @ BRADFORD).T
    return np.asarray(adapted @ np.linalg.inv(xyz_from_rgb).T)


#: Linear sRGB of each patch under D65, row by row from the top left: (24, 3). Cyan lies outside the sRGB gamut.
LINEAR_SRGB: Final[Floats] = _linear_srgb()
