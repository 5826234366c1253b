"""Height and width of a mark narrower than the blur, from how much of the mirror image it takes away.

Inside a pixel a steep flank turns the fringe away; what a pixel sees is the mean of all those phases. The area that is
missing from the modulation at each period is the same however the image is blurred:

    lost(P) = ∫ (1 − cos(2π u / P)) dA,    u = K · slope,

so two periods tell slope and width apart where a slope map shows only their product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: What is asked of: standard deviations of the profile, mm, and heights, µm.
SIGMA_MM, HEIGHT_UM = (0.015, 1.5), (0.1, 60.0)
CELLS = 48
#: How well the model of one Gaussian tells what is lost, relative.
MODEL_U = 0.15
#: Share of a cut's width, or of a hole's ground, that is torn and gives no mirror image at any period: not known
#: beforehand, all of these are alike.
TORN = (0.0, 0.1, 0.2, 0.3)
#: Extent at 10 % of the extreme, in standard deviations.
EXTENT_SIGMA = float(2 * np.sqrt(2 * np.log(10)))
#: Steepest phase at the finest period that `lost` knows, rad, up to which slopes are averaged as light is; a steeper
#: flank shows no slope, and what slopes there are tell the least that the mark may be.
READ_RAD = 3.0
#: A normal number lies below so many standard deviations with 95 %.
ONE_SIDED = 1.645
#: Steepest flank that paint has, mrad: a hole's wall is steeper, but then nothing comes back from it.
STEEPEST_MRAD, STEEPEST_U_LOG = 120.0, 0.5


@dataclass(frozen=True, slots=True)
class Lost:
    """What one period misses: area (point, mm²) or width (line, mm), with its u, and phase per slope (rad/mrad)."""

    amount: float
    u: float
    phase_per_mrad: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the fit to the slopes says.

    `variance_mm2`, `blur_mm2`: of the Gaussian as seen, and of the blur in it. `volume`: amplitude times variance
    (point) or times standard deviation (line), µm mm² or µm mm; None where the slopes do not show it.
    """

    variance_mm2: float
    u_variance_mm2: float
    blur_mm2: float
    u_blur_mm2: float
    volume: float | None
    u_volume: float


@dataclass(frozen=True, slots=True)
class Narrow:
    """Height (without sign) and standard deviation of the profile, with standard uncertainties."""

    height_um: float
    u_height_um: float
    sigma_mm: float
    u_sigma_mm: float


def narrow(lost: list[Lost], seen: Seen | None, *, line: bool, torn: bool, pixel_mm: float) -> Narrow:
    """Geometric mean and spread of height and width given all that was seen; every height and width alike before.

    Parameters
    ----------
    lost : list of Lost
        By period, coarse first; may be empty.
    seen : Seen or None
    line : bool
        A line loses a width, a point an area.
    torn : bool
        Its ground may be torn: a cut or a hole, no nib.
    """
    sigma = np.geomspace(SIGMA_MM[0], SIGMA_MM[1], CELLS)[:, None]
    height = np.geomspace(HEIGHT_UM[0], HEIGHT_UM[1], CELLS)[None, :]
    power = 1 if line else 2
    slope = height / sigma * np.exp(-0.5)
    chi2 = np.square(np.maximum(np.log(slope / STEEPEST_MRAD), 0.0) / STEEPEST_U_LOG)
    if seen is not None:
        read = slope * max((max(one.phase_per_mrad) for one in lost), default=0.0) < READ_RAD
        wide = sigma**2 + seen.blur_mm2 - seen.variance_mm2
        chi2 = chi2 + np.square(np.where(read, wide, np.maximum(wide, 0.0))) / (
            seen.u_variance_mm2**2 + seen.u_blur_mm2**2
        )
        if seen.volume is not None:
            large = height * sigma**power - seen.volume
            chi2 = chi2 + np.square(np.where(read, large, np.minimum(large, 0.0)) / seen.u_volume)
    across = EXTENT_SIGMA * sigma if line else np.pi / 4 * np.square(EXTENT_SIGMA * sigma)
    expected = []
    for one in lost:
        by_axis = [_lost(line, sigma / pixel_mm + 0 * height, height / sigma * k) for k in one.phase_per_mrad]
        expected.append(sigma**power * np.mean(by_axis, axis=0))
    total = np.zeros_like(chi2)
    for share in TORN if torn else (0.0,):
        misfit = chi2
        for one, turned in zip(lost, expected, strict=True):
            there = turned + share * across
            misfit = misfit + np.square(one.amount - there) / (one.u**2 + np.square(MODEL_U * there))
        total = total + np.exp(-0.5 * misfit)
    weight = total / total.sum()
    means = []
    for values in (np.log(height), np.log(sigma)):
        mean = float((weight * values).sum())
        spread = float(np.sqrt((weight * np.square(values - mean)).sum()))
        # Half of what holds 95 %: far above a small number rather than far below it.
        means += [float(np.exp(mean)), float(np.exp(mean) * max(spread, np.expm1(ONE_SIDED * spread) / 2))]
    return Narrow(*means)


def _lost(line: bool, sigma_px: Floats, phase: Floats) -> Floats:
    """Lost width or area in units of sigma or sigma², by sigma in pixels and phase of a slope of height/sigma."""
    sigmas, phases, values = _table(line)
    i = np.clip(np.interp(np.log(sigma_px), sigmas, np.arange(len(sigmas))), 0, len(sigmas) - 1.001)
    j = np.clip(np.interp(np.log(np.maximum(phase, 1e-3)), phases, np.arange(len(phases))), 0, len(phases) - 1.001)
    i0, j0 = i.astype(int), j.astype(int)
    fi, fj = i - i0, j - j0
    low = values[i0, j0] * (1 - fj) + values[i0, j0 + 1] * fj
    high = values[i0 + 1, j0] * (1 - fj) + values[i0 + 1, j0 + 1] * fj
    return np.asarray(np.exp(low * (1 - fi) + high * fi))


@lru_cache(maxsize=2)
def _table(line: bool) -> tuple[Floats, Floats, Floats]:
    """Logarithms of sigma in pixels, of phase, and of what is lost, the mean of marks in and between pixels."""
    sigmas, phases = np.geomspace(0.08, 1.6, 7), np.geomspace(0.03, 200.0, 13)
    values = np.empty((len(sigmas), len(phases)))
    for i, sigma in enumerate(sigmas):
        rays = int(np.ceil(2 / sigma)) if sigma < 0.4 else 5
        pixels = 2 * int(np.ceil(4.5 * sigma + 1))
        t = (np.arange(pixels * rays) + 0.5) / rays - pixels / 2
        for j, phase in enumerate(phases):
            parts = [_missing(line, (t - shift) / sigma, phase, rays) for shift in (0.0, 0.25, 0.5)]
            values[i, j] = (parts[0] + 2 * parts[1] + parts[2]) / 4 / sigma ** (1 if line else 2)
    return np.log(sigmas), np.log(phases), np.log(values)


def _missing(line: bool, t: Floats, phase: float, rays: int) -> float:
    """Modulation that pixels of so many rays lack in all, in pixels."""
    profile = np.exp(-t * t / 2).astype(np.float32)
    steep = (t * phase).astype(np.float32) * profile
    turned = steep if line else steep[None, :] * profile[:, None]
    fringe = np.cos(turned) + np.complex64(1j) * np.sin(turned)
    if line:
        return float((1 - np.abs(fringe.reshape(-1, rays).mean(1))).sum())
    count = len(t) // rays
    return float((1 - np.abs(fringe.reshape(count, rays, count, rays).mean((1, 3)))).sum())
