"""Fringe series on a thinned grid: what the gates about frames look at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis, Frame, Frames
from inspection.fringes import Decoded
from inspection.noise import fringe_design

Floats = NDArray[np.float64]
Key = tuple[Axis, float]

#: So many pixels say enough about a whole frame.
SAMPLE_PX = 16_000
#: Beyond this standard deviation of one pixel's phase (rad) a fringe is too faint to tell anything by.
FAINT_RAD = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One fringe series at some pixels, light per ms.

    Attributes
    ----------
    mean, cos, sin : float64 (n,)
        Least squares of the steps, the screen's known harmonics taken off.
    rest : float64 (steps, n)
        What they leave; zeros for three steps.
    noise : float
        Standard deviation of one raw pixel at the panel's median light.
    closure_rad : float64 (n,)
        Phase of this series minus the one that all periods together give; NaN where there is none.
    """

    mean: Floats
    cos: Floats
    sin: Floats
    rest: Floats
    noise: float
    closure_rad: Floats

    @property
    def steps(self) -> int:
        """Frames of the series."""
        return len(self.rest)

    @property
    def phase_rad(self) -> Floats:
        """Phase by this series alone."""
        return np.arctan2(self.sin, self.cos)

    @property
    def modulation(self) -> Floats:
        """Half of peak to peak."""
        return np.hypot(self.cos, self.sin)

    @property
    def phase_noise_rad(self) -> float:
        """Standard deviation of one pixel's phase, median."""
        part = self.noise * math.sqrt(2 / self.steps)
        return float(np.median(part / np.maximum(self.modulation, 1e-3 * part)))

    @property
    def faint(self) -> bool:
        """Too weak to tell anything by."""
        return self.phase_noise_rad > FAINT_RAD


def thin(shape: tuple[int, int]) -> tuple[slice, slice]:
    """Every k-th pixel of a picture, `SAMPLE_PX` or fewer; k is odd, so that all colours of a mosaic count."""
    step = max(1, math.ceil(math.sqrt(shape[0] * shape[1] / SAMPLE_PX)))
    step |= 1
    return slice(None, None, step), slice(None, None, step)


def series_of(frames: Frames, decoded: Decoded) -> dict[Key, Series]:
    """Every series of a capture at the pixels of `thin`."""
    where = thin(frames.sensor.shape)
    position = {"x": decoded.screen_u_mm[where].ravel(), "y": decoded.screen_v_mm[where].ravel()}
    return {
        key: _series(frames, series, decoded, key, position[key[0]], where)
        for key, series in frames.fringe_series().items()
    }


def _series(
    frames: Frames, series: tuple[Frame, ...], decoded: Decoded, key: Key, position_mm: NDArray[np.float32],
    where: tuple[slice, slice],
) -> Series:  # fmt: skip
    black, white = frames.sensor.black_level, frames.sensor.white_level
    light = np.stack([
        (f.plane()[where].ravel().astype(np.float64) - black) / ((white - black) * f.exposure_ms) for f in series
    ])  # fmt: skip
    design = fringe_design(series)
    mean, cos, sin = np.linalg.pinv(design) @ light
    rest = light - design @ np.stack([mean, cos, sin])
    if key in decoded.straight:
        cos, sin = decoded.straight[key].fringe(cos, sin)
    away = np.arctan2(sin, cos) - 2 * np.pi * position_mm.astype(np.float64) / key[1]
    return Series(
        mean=mean,
        cos=cos,
        sin=sin,
        rest=rest,
        # `Decoded.noise` is of the modulation, a mean of n/2 pixels' worth of light.
        noise=decoded.noise[key] * math.sqrt(len(series) / 2),
        closure_rad=np.angle(np.exp(1j * away)),
    )
