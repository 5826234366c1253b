"""Power of a surface per wave, and in one band of wavelengths."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from inspection.strips import WORKERS, in_strips

FloatMap = NDArray[np.float32]

#: Share of a wave's power that a Hann window puts into the two neighbouring frequencies and leaves in place.
HANN_LEAKAGE = np.array([1, 4, 1]) / 6
#: The annulus is sharpened this often against that leakage (Van Cittert's iteration on the weights).
LEAKAGE_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Band:
    """Power of one wavelength band.

    `height_um2`, `slope_mrad2`: noise taken off, may be slightly negative; slope along one axis, mean over
    directions. `…_noise…`: what was taken off. `…_scatter…`: standard deviation that noise gives the power.
    `…_leaked…`: what the window had leaked out (positive) or in, and the sharpened annulus put back. `waves`:
    independent waves in the annulus.
    """

    height_um2: float
    slope_mrad2: float
    height_noise_um2: float
    slope_noise_mrad2: float
    height_scatter_um2: float
    slope_scatter_mrad2: float
    height_leaked_um2: float
    slope_leaked_mrad2: float
    waves: float


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Power of the height per wave (µm²), frequencies in 1/mm along columns and rows.

    `noise`: power density of the slope noise, mrad² mm². `independent`: share of the waves that are
    independent of each other after windowing. `pixel_mm`: width of the box that a slope is a mean of.
    """

    power_um2: NDArray[np.float32]
    fx_per_mm: FloatMap
    fy_per_mm: FloatMap
    pixel_mm: tuple[float, float]
    noise: float
    independent: float
    bands: dict[tuple[float, float], Band] = field(default_factory=dict, repr=False)

    def band(self, from_mm: float, to_mm: float) -> Band:
        """`measured_band`, taken once."""
        if (from_mm, to_mm) not in self.bands:
            self.bands[from_mm, to_mm] = self.measured_band(from_mm, to_mm)
        return self.bands[from_mm, to_mm]

    def measured_band(self, from_mm: float, to_mm: float) -> Band:
        """Height and slope power in the sharp annulus ``1/to ≤ f < 1/from``, pixel blur divided out.

        The weights of the annulus overshoot at its edges so that, after the window has smeared the
        spectrum, the effective edge is sharp again.
        """
        step_x, step_y = float(self.fx_per_mm[1]), float(self.fy_per_mm[1])
        half_cols, half_rows = (int(1 / from_mm / step) + LEAKAGE_ROUNDS + 2 for step in (step_x, step_y))
        half_cols = min(half_cols, len(self.fx_per_mm) - 1)
        half_rows = min(half_rows, (len(self.fy_per_mm) - 1) // 2)
        fx = step_x * np.arange(-half_cols, half_cols + 1)[None, :]
        fy = step_y * np.arange(-half_rows, half_rows + 1)[:, None]
        square = fx * fx + fy * fy
        annulus = ((square >= 1 / to_mm**2) & (square < 1 / from_mm**2)).astype(np.float64)
        inside: NDArray[np.floating] = annulus
        for _ in range(LEAKAGE_ROUNDS):
            smeared = cv2.sepFilter2D(inside, -1, HANN_LEAKAGE, HANN_LEAKAGE, borderType=cv2.BORDER_CONSTANT)
            inside = inside + annulus - smeared
        right = slice(half_cols, None)
        fx, square, inside, annulus = fx[:, right], square[:, right], inside[:, right], annulus[:, right]
        blur = np.square(np.sinc(fx * self.pixel_mm[0]) * np.sinc(fy * self.pixel_mm[1]))
        both_halves = np.concatenate([self.power_um2[-half_rows:], self.power_um2[: half_rows + 1]])
        power = both_halves[:, : half_cols + 1] / blur
        halves = np.where(fx > 0, 2.0, 1.0)  # of the spectrum: the left one is not kept
        with np.errstate(divide="ignore"):
            noise = np.where(square > 0, self.noise / (4 * np.pi**2 * square), 0.0) / blur * halves * step_x * step_y
        slope = 2 * np.pi**2 * square  # half of (2 pi f)^2: one of two directions
        # A wave with noise: its power scatters by the noise's own power and by the beat of the two.
        beat = (2 * np.maximum(power - noise, 0) * noise + noise * noise) * np.square(inside) / self.independent
        return Band(
            height_um2=float(((power - noise) * inside).sum()),
            slope_mrad2=float(((power - noise) * inside * slope).sum()),
            height_noise_um2=float((noise * inside).sum()),
            slope_noise_mrad2=float((noise * inside * slope).sum()),
            height_scatter_um2=float(np.sqrt(beat.sum())),
            slope_scatter_mrad2=float(np.sqrt((beat * slope * slope).sum())),
            height_leaked_um2=float((power * (annulus - inside)).sum()),
            slope_leaked_mrad2=float((power * (annulus - inside) * slope).sum()),
            waves=float((annulus * halves).sum()) / 2 * self.independent,
        )


def spectrum(x_mrad: FloatMap, y_mrad: FloatMap, pitch_mm: tuple[float, float], noise: float) -> Spectrum:
    """Power per wave of the height whose slopes are given.

    The Hann window is laid on the slopes and the waves are taken to height after that. Slopes have
    about the same power in every band where heights fall by orders of magnitude, so what the
    window leaks from a strong long wave into a weak short one stays small.

    Parameters
    ----------
    x_mrad, y_mrad : float32 (rows, cols)
        Without holes.
    noise : float
        Power density of the slope noise, mrad² mm².
    """
    rows, cols = x_mrad.shape
    by_row, by_col = hann(rows), hann(cols)
    fx = fft.rfftfreq(cols, pitch_mm[0]).astype(np.float32)
    fy = fft.fftfreq(rows, pitch_mm[1]).astype(np.float32)
    x, y = (
        fft.rfft2(_windowed(values, by_row, by_col), workers=WORKERS, overwrite_x=True) for values in (x_mrad, y_mrad)
    )
    norm = float(np.square(by_row).sum() * np.square(by_col).sum())
    power = np.empty(x.shape, np.float32)
    # Twice where a real picture leaves the other half of the spectrum out.
    both_halves = np.where((np.arange(len(fx)) >= 1) & (np.arange(len(fx)) < (cols + 1) // 2), 2.0, 1.0)
    scale = (both_halves / (4 * np.pi**2 * norm * rows * cols)).astype(np.float32)

    def work(part: slice) -> None:
        along_y = fy[part, None]
        square = along_y * along_y + fx * fx
        if part.start == 0:
            square[0, 0] = np.inf
        waves = x[part] * fx
        waves += y[part] * along_y
        waves /= square
        np.add(np.square(waves.real), np.square(waves.imag), out=power[part])
        power[part] *= scale

    in_strips(power.shape, work)
    return Spectrum(
        power_um2=power,
        fx_per_mm=fx,
        fy_per_mm=fy,
        pixel_mm=pitch_mm,
        noise=noise,
        independent=norm**2 / float((by_row**4).sum() * (by_col**4).sum()) / (rows * cols),
    )


def hann(n: int) -> NDArray[np.float64]:
    """Hann's window of n points, symmetric."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(n) + 0.5) / n)


def _windowed(values: FloatMap, by_row: NDArray[np.float64], by_col: NDArray[np.float64]) -> FloatMap:
    """Values under a window, their windowed mean taken off first."""
    result = np.empty_like(values)
    along = by_col.astype(np.float32)
    sums: list[float] = []

    def weigh(part: slice) -> None:
        window = by_row[part, None].astype(np.float32) * along
        sums.append(cv2.sumElems(np.multiply(values[part], window, out=result[part]))[0])

    in_strips(values.shape, weigh)
    level = np.float32(math.fsum(sums) / float(by_row.sum() * by_col.sum()))

    def centre(part: slice) -> None:
        result[part] -= (level * by_row[part, None].astype(np.float32)) * along

    in_strips(values.shape, centre)
    return result
