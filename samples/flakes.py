"""Metal flakes in the base coat: flat mirrors under the clearcoat, each far smaller than a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Share of the light that comes back: both ways through the clearcoat's surface, and off the metal.
_BACK: Final = 0.92 * 0.65
#: A direct lamp is refracted: half-vectors inside the coat are tilted this much less.
_REFRACTED: Final = 1 / 1.5
#: GGX width of one flake (not quite flat, diffraction) and of the wide light of the 45° bars.
_FLAKE_ALPHA, _BARS_ALPHA = 0.02, 0.3


@dataclass(frozen=True, slots=True)
class Flakes:
    """What is stirred into the base coat.

    Attributes
    ----------
    density_per_mm2 : float
        Flakes near the surface that a lamp reaches.
    diameter_um : float
        Mean diameter of a flake; single ones scatter by 20 %.
    tilt_deg : float
        Standard deviation of their tilt along each axis.
    """

    density_per_mm2: float
    diameter_um: float = 20.0
    tilt_deg: float = 12.0
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Lying:
    """Single flakes: place in the field (0 … 1 of its width and height), area in mm², slopes (x right, y up)."""

    across: Floats
    down: Floats
    area_mm2: Floats
    slope_x: Floats
    slope_y: Floats


@lru_cache(maxsize=4)
def lying(flakes: Flakes, field_mm: tuple[float, float]) -> Lying:
    """Every flake of a field, at random."""
    rng = np.random.default_rng([flakes.seed, 131])
    n = int(rng.poisson(flakes.density_per_mm2 * field_mm[0] * field_mm[1]))
    diameter = flakes.diameter_um * 1e-3 * np.maximum(1 + 0.2 * rng.standard_normal(n), 0.2)
    tilt = np.tan(np.radians(flakes.tilt_deg)) * rng.standard_normal((2, n))
    return Lying(rng.random(n), rng.random(n), np.pi / 4 * diameter**2, tilt[0], tilt[1])


def glints(flakes: Flakes, field_mm: tuple[float, float], half_x: Floats, half_y: Floats) -> Floats:
    """Density of mirroring flakes per pixel towards a half-vector, (rows, cols): compare with a GGX density.

    Parameters
    ----------
    half_x, half_y : (rows, cols)
        Tilt (tangent) of the half-vector outside the coat, station frame.
    """
    found, at = _at(flakes, field_mm, half_x.shape)
    x, y = half_x.ravel()[at] * _REFRACTED - found.slope_x, half_y.ravel()[at] * _REFRACTED - found.slope_y
    return _BACK * _summed(found, at, _ggx(x, y, _FLAKE_ALPHA), half_x.shape, field_mm)


def veil(flakes: Flakes, field_mm: tuple[float, float], shape: tuple[int, int]) -> Floats:
    """Reflectance factor that flakes add under the wide bars at 45°, (rows, cols)."""
    found, at = _at(flakes, field_mm, shape)
    off = np.tan(np.radians(22.5)) * _REFRACTED
    towards = (_ggx(found.slope_x, found.slope_y - side * off, _BARS_ALPHA) for side in (-1.0, 1.0))
    return _BACK * np.pi / 8 * _summed(found, at, np.sum(list(towards), axis=0), shape, field_mm)


def _at(flakes: Flakes, field_mm: tuple[float, float], shape: tuple[int, int]) -> tuple[Lying, NDArray[np.intp]]:
    found = lying(flakes, field_mm)
    row, col = (found.down * shape[0]).astype(np.intp), (found.across * shape[1]).astype(np.intp)
    return found, row * shape[1] + col


def _summed(
    found: Lying, at: NDArray[np.intp], values: Floats, shape: tuple[int, int], field_mm: tuple[float, float]
) -> Floats:
    pixel_mm2 = field_mm[0] * field_mm[1] / (shape[0] * shape[1])
    total = np.bincount(at, found.area_mm2 / pixel_mm2 * values, shape[0] * shape[1])
    return np.asarray(total, dtype=np.float64).reshape(shape)


def _ggx(sx: Floats, sy: Floats, alpha: float) -> Floats:
    return np.asarray(1 / (np.pi * alpha**2 * (1 + (sx**2 + sy**2) / alpha**2) ** 2))
