"""Fringes that are no cosines: what a screen's gamma puts into phase and modulation is measured on glass and taken off.

A series of N steps cannot tell the harmonics of order N − 1 and N + 1 from the fringe itself: with its phase φ and the
pattern's offset p it sees ``b·exp(iφ)·(1 + below·exp(−iN(φ + p)) + above·exp(iN(φ + p)))``; and it takes the one of
order N, ``b·level·cos(N(φ + p))``, for mean light. Black glass is flat, so the true phase there is a smooth function of
the place in the picture, and the three shares follow by regression. Paint blurs harmonics more than the fringe: the
shares fall with its lobe, which the periods of the capture themselves show. What is known of them is undone pixel by
pixel by a table over the measured phase: exact, not iterated. What is left shows in the coarsest fringe against the
place that the finer ones tell.

Of three steps it is the second harmonic, 5 % of the fringe for a gamma of 1.15; of four the third, 1 %.

References: K. Liu, Y. Wang, D. L. Lau, Q. Hao, L. G. Hassebrook, "Gamma model and its analysis for phase measuring
profilometry", J. Opt. Soc. Am. A 27 (2010) 553.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inspection.continuity import Grid
from inspection.falloff import shape_through, transfer
from inspection.frames import AXES, Axis, Frame, Frames
from inspection.harmonics import Harmonic
from inspection.noise import fringe_design
from inspection.rig import Alias, NoiseModel, Rig

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Key = tuple[Axis, float]
Kind = TypeVar("Kind", bound=np.floating)

#: Pixels, drawn at random (a grid of them could beat with the fringes) and always the same.
SAMPLES, LEAST_SAMPLES = 20_000, 1_000
#: A harmonic that turns by less than this over the picture (rad) is not told from a shade.
LEAST_TURN = 6 * np.pi
#: A harmonic is one from this many standard uncertainties on.
SURE_SIGMA = 4.0
#: A harmonic left in the phase that is not the one of the calibration: a gamma that has moved by 0.03.
LEAST_LEFT = 0.01
#: Steps over a turn: 0.4 mrad each.
CELLS = 1 << 14
#: Transfer of paint against glass, over that of the coarsest period, below which it tells nothing of the lobe.
LEAST_SHARE = 0.01
#: A fringe is seen where its modulation is this many standard deviations above nothing.
_SEEN_SIGMA = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """What takes the parts of a series to those of a pure cosine, by the measured phase in equal steps from −π on.

    Attributes
    ----------
    turn : complex64
        Factor on the fringe.
    ripple : float32
        What the mean light is too bright by, over the measured modulation.
    """

    turn: NDArray[np.complex64]
    ripple: NDArray[np.float32]

    @classmethod
    def of(cls, steps: int, shares: tuple[float, float, float], phase_deg: float = 0.0) -> Straight:
        """From the harmonics of order steps − 1, steps + 1 and steps over the fringe itself."""
        below, above, level = shares
        offset = math.radians(phase_deg)

        def seen(phase: Floats) -> Complex:
            turn = np.exp(1j * steps * (phase + offset))
            return np.asarray(1 + below / turn + above * turn)

        true = np.linspace(-1.5 * np.pi, 1.5 * np.pi, 4 * CELLS + 1)
        centres = (np.arange(CELLS) + 0.5) * (2 * np.pi / CELLS) - np.pi
        at = np.interp(centres, true + np.angle(seen(true)), true)
        size = np.abs(seen(at))
        ripple = level * np.cos(steps * (at + offset)) / size
        return cls(np.asarray(np.exp(1j * (at - centres)) / size, np.complex64), ripple.astype(np.float32))

    def fringe(self, cos: NDArray[Kind], sin: NDArray[Kind]) -> tuple[NDArray[Kind], NDArray[Kind]]:
        """Cos and sin part of the fringe itself, from those that the steps see."""
        cell = _cells(cos, sin)
        real, imag = self.turn.real[cell], self.turn.imag[cell]
        return cos * real - sin * imag, cos * imag + sin * real

    def level(self, mean: NDArray[Kind], cos: NDArray[Kind], sin: NDArray[Kind]) -> NDArray[Kind]:
        """Mean light, from that of the steps and the parts that they see."""
        return np.asarray(mean - np.hypot(cos, sin) * self.ripple[_cells(cos, sin)])


def _cells(cos: NDArray[Kind], sin: NDArray[Kind]) -> NDArray[np.int32]:
    cell = np.arctan2(sin, cos) * cos.dtype.type(CELLS / (2 * np.pi)) + cos.dtype.type(CELLS / 2)
    return np.minimum(cell.astype(np.int32), CELLS - 1)


def on_glass(aliases: tuple[Alias, ...], glass: Frames) -> dict[Key, Straight]:
    """For the series of the glass that they were measured on."""
    series = glass.fringe_series()
    return {
        (one.axis, one.period_mm): Straight.of(
            one.steps, (one.below, one.above, one.level), series[one.axis, one.period_mm][0].phase_deg
        )
        for one in aliases
    }


def on_paint(frames: Frames, rig: Rig, noise: NoiseModel) -> dict[Key, Straight]:
    """For each series of a capture that is known to be no cosine.

    Series of other steps than the reference's are left alone.
    """
    known = {(one.axis, one.period_mm): one for one in rig.aliases}
    series = {key: one for key, one in even(frames) if key in known and len(one) == known[key].steps}
    if not series:
        return {}
    lobe = _lobes(frames, rig, noise)
    found = {}
    for (axis, period), frames_of in series.items():
        alias = known[axis, period]
        below, above, level = (
            share * lobe[axis].blurred(period, alias.steps + off)
            for share, off in ((alias.below, -1), (alias.above, 1), (alias.level, 0))
        )
        found[axis, period] = Straight.of(alias.steps, (below, above, level), frames_of[0].phase_deg)
    return found


def left_in_phase(
    frames: Frames,
    places: Mapping[Axis, NDArray[np.float32]],
    noise: NoiseModel,
    straight: Mapping[Key, Straight],
    glow: Mapping[Key, tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> Harmonic | None:
    """Harmonics that still turn the phase, over the fringe: the larger one of the two axes' coarsest series.

    `straight` and `glow` (on `Grid.over` the picture) are what was taken off. It stands out from `LEAST_LEFT` on. None
    where one period stands alone or too little is seen; where the finer ones are nearly gone it shows too little.
    """
    row, col = drawn(frames.sensor.shape)
    grid = Grid.over(frames.sensor.shape)
    by_axis: dict[Axis, list[tuple[float, tuple[Frame, ...]]]] = {axis: [] for axis in AXES}
    for (axis, period), series in even(frames):
        by_axis[axis].append((period, series))
    found: list[Harmonic] = []
    for axis, of_axis in by_axis.items():
        if len(of_axis) < 2:
            continue
        period, series = max(of_axis, key=lambda one: one[0])
        z, _, variance = parts(series, frames, noise, row, col)
        if (axis, period) in glow:
            cell = tuple(
                np.clip(np.rint((index - grid.start) / grid.stride).astype(np.intp), 0, size - 1)
                for index, size in zip((row, col), glow[axis, period][0].shape, strict=True)
            )
            z -= glow[axis, period][0][cell] + 1j * glow[axis, period][1][cell]
        phase = places[axis][row, col].astype(np.float64) * (2 * np.pi / period)
        good = np.isfinite(phase) & np.isfinite(z)
        if np.count_nonzero(good) < LEAST_SAMPLES:
            continue
        z, phase = z[good], phase[good]
        if (axis, period) in straight:
            cos, sin = straight[axis, period].fringe(z.real, z.imag)
            z = cos + 1j * sin
        turn = len(series) * (phase + math.radians(series[0].phase_deg))
        if np.ptp(turn) < LEAST_TURN:
            continue
        away = np.angle(z * np.exp(-1j * phase))
        # The rest of the paint's own diffuse fringe is no harmonic: it turns with the fringe.
        others = [wave(n * phase) for n in (1, 2) for wave in (np.sin, np.cos)]
        waves = np.column_stack([np.sin(turn), np.cos(turn), np.ones_like(turn), *others])
        ratio = abs(float(np.linalg.lstsq(waves, away, rcond=None)[0][0]))
        u = math.sqrt(2 * float(np.mean(variance[good] / np.square(np.abs(z)))) / z.size)
        found.append(Harmonic(ratio, ratio > max(LEAST_LEFT, SURE_SIGMA * u)))
    return max(found, key=lambda one: one.ratio, default=None)


class _Lobe:
    """Transfer of the paint against the glass, for one axis."""

    def __init__(self, shares: Mapping[float, float]) -> None:
        self._coarsest = max(shares, default=0.0)
        least = LEAST_SHARE * max(shares.values(), default=0.0)
        clear = sorted(p for p, share in shares.items() if p < self._coarsest and share > least)
        self._share = {p: shares[p] / shares[self._coarsest] for p in clear}
        self._shape = 1.0
        if len(clear) > 1:
            first, second = ((p, self._share[p]) for p in clear[:2])
            self._shape = shape_through(first, second, self._coarsest)

    def blurred(self, period_mm: float, order: int) -> float:
        """What paint leaves of a harmonic over what it leaves of the fringe."""
        if not self._share:
            return 1.0  # one period alone tells no lobe
        at = min(self._share, key=lambda p: abs(math.log(p / period_mm)))
        fine, own = (
            transfer(at, self._share[at], self._shape, self._coarsest, p) for p in (period_mm / order, period_mm)
        )
        return fine / own


def _lobes(frames: Frames, rig: Rig, noise: NoiseModel) -> dict[Axis, _Lobe]:
    row, col = drawn(frames.sensor.shape)
    shares: dict[Axis, dict[float, float]] = {axis: {} for axis in AXES}
    for (axis, period), series in frames.fringe_series().items():
        if (axis, period) not in rig.modulation:
            continue
        z, _, variance = parts(series, frames, noise, row, col)
        glass = rig.modulation[axis, period][row, col]
        good = np.isfinite(z) & np.isfinite(glass)
        if not good.any():
            continue
        # The mean square of a noisy length is too large by the noise of its two parts.
        power = (np.square(np.abs(z[good])) - 2 * variance[good]) / np.square(glass[good])
        shares[axis][period] = math.sqrt(max(float(np.median(power)), 0.0))
    return {axis: _Lobe(of_axis) for axis, of_axis in shares.items()}


def even(frames: Frames) -> Iterator[tuple[Key, tuple[Frame, ...]]]:
    """Series of even steps, all with one offset."""
    for key, series in frames.fringe_series().items():
        if all(frame.phase_deg == series[0].phase_deg and frame.steps == len(series) for frame in series):
            yield key, series


def drawn(shape: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the pixels that are looked at."""
    rng = np.random.default_rng(0)
    return rng.integers(0, shape[0], SAMPLES), rng.integers(0, shape[1], SAMPLES)


def parts(
    series: tuple[Frame, ...], frames: Frames, noise: NoiseModel, row: NDArray[np.intp], col: NDArray[np.intp]
) -> tuple[Complex, Floats, Floats]:
    """Fringe as a complex number, mean light, and variance of one part; per ms; NaN where saturated or unseen."""
    sensor = frames.sensor
    raw = np.stack([frame.plane()[row, col].astype(np.float64) for frame in series])
    light = (raw - sensor.black_level) / (sensor.white_level - sensor.black_level)
    exposure = np.array([[frame.exposure_ms] for frame in series])
    weights = np.linalg.pinv(fringe_design(series))
    mean, cos, sin = weights @ (light / exposure)
    variance = np.square(weights[1:]).sum() / 2 * noise.variance(light.mean(0)) / float(exposure.mean()) ** 2
    z = cos + 1j * sin
    z[(raw >= sensor.white_level).any(axis=0) | (np.square(np.abs(z)) < _SEEN_SIGMA**2 * variance)] = np.nan
    return z, mean, np.asarray(variance)
