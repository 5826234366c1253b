"""One fringe series while it is decoded: weighted sums of its frames, strip by strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.continuity import Smooth
from inspection.frames import Frame
from inspection.noise import fringe_design
from inspection.rig import NoiseModel
from inspection.waveform import Straight

FloatMap = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One period of one axis, ready to be decoded: each row of `weights` makes mean, cos or sin part."""

    planes: tuple[NDArray[Any], ...]
    exposure_ms: float
    period_mm: float
    weights: NDArray[np.float64]
    black: float
    white: float
    glow: tuple[Smooth, Smooth] | None
    straight: Straight | None

    @classmethod
    def of(
        cls,
        frames: tuple[Frame, ...],
        black: float,
        white: float,
        glow: tuple[Smooth, Smooth] | None,
        straight: Straight | None,
    ) -> Series:
        per_ms = np.array([1.0 / (f.exposure_ms * (white - black)) for f in frames])
        return cls(
            planes=tuple(f.plane() for f in frames),
            exposure_ms=float(np.mean([f.exposure_ms for f in frames])),
            period_mm=float(frames[0].period_mm or 0),
            weights=np.linalg.pinv(fringe_design(frames)) * per_ms,
            black=black,
            white=white,
            glow=glow,
            straight=straight,
        )

    def part(self, which: int, rows: slice | tuple[slice, slice]) -> FloatMap:
        """Weighted sum of the frames' rows; the black level is taken off."""
        weights = self.weights[which]
        black = np.float32(self.black * weights.sum())
        if np.ptp(weights) < 1e-12 * abs(weights[0]):  # the mean of evenly stepped frames
            total = np.zeros(self.planes[0][rows].shape, np.float32)
            for plane in self.planes:
                cv2.accumulate(plane[rows], total)
            total *= np.float32(weights[0])
            total -= black
            return total
        used = [(f[rows], float(w)) for f, w in zip(self.planes, weights, strict=True) if abs(w) > 1e-15]
        # A row of the least-squares solution has at least two weights: three unknowns, three frames or more.
        (first, w0), (second, w1), *others = used
        total = np.asarray(cv2.addWeighted(first, w0, second, w1, -float(black), dtype=cv2.CV_32F), np.float32)
        for pixels, w in others:
            cv2.addWeighted(total, 1.0, pixels, w, 0.0, total, dtype=cv2.CV_32F)
        return total

    def mean(self, rows: slice) -> FloatMap:
        """Mean light of these rows."""
        mean = self.part(0, rows)
        if self.straight is None:
            return mean
        return np.asarray(self.straight.level(mean, self.part(1, rows), self.part(2, rows)))

    @property
    def gain(self) -> float:
        """Variance of the cos part (and of the sin part), per ms squared, over that of one raw pixel."""
        return float(np.square(self.weights[1:]).sum()) / 2 * (self.white - self.black) ** 2

    def raw_variance(self, light_per_ms: FloatMap, noise: NoiseModel) -> FloatMap:
        """Variance of one raw pixel at a mean light, full-scale fraction squared."""
        result = np.maximum(light_per_ms, np.float32(0))
        result *= np.float32(noise.per_signal * self.exposure_ms)
        result += np.float32(noise.constant)
        return result
