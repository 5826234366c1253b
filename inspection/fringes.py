"""Fringe patterns: what the screen shows, and what the camera's pictures of it mean.

A series of ``steps`` pictures of a shifted cosine gives mean, modulation and phase of every pixel by
least squares (phase-shifting; any number of steps from 3, any known offset of each). The coarsest
period is made absolute over the field, each finer one is ordered by the coarser ones (hierarchical
temporal phase unwrapping) and all are combined by inverse variance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.continuity import CoarsePosition, Grid, Smooth, continued
from inspection.frames import AXES, Axis, Frame, Frames, Role
from inspection.harmonics import Harmonic, second_harmonic
from inspection.phase_steps import Series
from inspection.refused import Refused
from inspection.rig import NoiseModel
from inspection.strips import in_strips
from inspection.waveform import Straight, left_in_phase

FloatMap = NDArray[np.float32]
#: Two arrays on `inspection.continuity.Grid`: a cos and a sin part.
GridPair = tuple[FloatMap, FloatMap]

#: A fringe is seen where its modulation is this many standard deviations above nothing.
SEEN_SIGMA = 5.0
#: A fringe cannot be followed over fewer pixels than this.
LEAST_SIDE_PX = 4
#: A finer period is ordered by a coarser one only if this many standard deviations fit in half of it.
ORDER_SIGMA = 4.0
#: Closer than this share of the coarsest period to the next order, the order is not trusted.
ORDER_MARGIN = 0.08
#: Below this phase variance (rad²/2) the loss is under 0.1 % and not made up for.
LEAST_TURN = 1e-3
#: Weight (1/mm²) of a pixel that shows nothing at all.
LEAST_WEIGHT = np.float32(1e-30)
#: Beyond this variance (rad²) of the phase that the other periods give, its loss is not made up for any further.
MOST_TURN = np.float32(2.0)


def encode(
    s_mm: NDArray[np.floating], period_mm: float, step: int, steps: int, phase_deg: float = 0.0
) -> NDArray[np.floating]:
    """Relative light (0 … 1) that the screen shows at position `s_mm` along the fringe axis."""
    return 0.5 + 0.5 * np.cos(2 * np.pi * (s_mm / period_mm + step / steps) + np.radians(phase_deg))


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What the fringe frames say about every pixel; all maps float32 (rows, cols).

    Attributes
    ----------
    screen_u_mm, screen_v_mm
        Position on the screen seen by the pixel; NaN where unlit, saturated, without fringe or order.
    screen_u_u_mm, screen_v_u_mm
        Its standard uncertainty from noise.
    modulation : dict of (axis, period_mm)
        Half of peak to peak, full-scale fraction per ms. Projected on the phase that all periods
        agree on: free of noise bias, scatters about 0 where no fringe is left. NaN outside `valid`.
    offset
        Mean light of the coarsest series of both axes, dark subtracted, full-scale fraction per ms.
    noise : dict of (axis, period_mm) to float
        Standard deviation of one pixel's modulation at the panel's median light, same unit.
    valid
        Seen on both axes.
    saturated_ratio
        Share of pixels left out because a fringe frame saturates there.
    harmonic
        What the fit of the cosine leaves over; None where every series has three steps.
    left
        Harmonics that the steps cannot tell from the fringe and that are still in its phase; None where one period
        alone cannot show them.
    straight
        What was taken off the series on the way.
    """

    screen_u_mm: FloatMap
    screen_v_mm: FloatMap
    screen_u_u_mm: FloatMap
    screen_v_u_mm: FloatMap
    modulation: dict[tuple[Axis, float], FloatMap]
    offset: FloatMap
    noise: dict[tuple[Axis, float], float]
    valid: NDArray[np.bool_]
    saturated_ratio: float
    harmonic: Harmonic | None = None
    left: Harmonic | None = None
    straight: Mapping[tuple[Axis, float], Straight] = field(default_factory=dict)

    def layers(self) -> dict[str, FloatMap]:
        """The arrays a person may look at, by the name under which they are written."""
        named = {f"modulation_{axis}_{period:g}mm": m for (axis, period), m in self.modulation.items()}
        return {
            "screen_u_mm": self.screen_u_mm,
            "screen_v_mm": self.screen_v_mm,
            "screen_u_u_mm": self.screen_u_u_mm,
            "screen_v_u_mm": self.screen_v_u_mm,
        } | named

    def periods_mm(self) -> tuple[float, ...]:
        """Captured periods, coarse first."""
        return tuple(sorted({period for _, period in self.modulation}, reverse=True))


def decode(
    frames: Frames,
    noise: NoiseModel,
    glow: Mapping[tuple[Axis, float], GridPair] | None = None,
    straight: Mapping[tuple[Axis, float], Straight] | None = None,
) -> Decoded:
    """Decode every fringe series of a capture set.

    Parameters
    ----------
    frames : Frames
        At least one complete series per axis.
    noise : NoiseModel
        Of one raw pixel (`inspection.noise.noise_of`).
    glow : mapping of (axis, period_mm) to cos and sin part, optional
        Fringe of the paint's own diffuse light on `Grid.over` the picture, per ms: it is taken off first.
    straight : mapping of (axis, period_mm) to Straight, optional
        For patterns that are no cosines.

    Raises
    ------
    Refused
        An axis has no fringe frames, or the picture is a few pixels only.
    """
    black, white = frames.sensor.black_level, frames.sensor.white_level
    grid = Grid.over(frames.sensor.shape)
    smooth = {key: (Smooth.of(grid, cos), Smooth.of(grid, sin)) for key, (cos, sin) in (glow or {}).items()}
    series = {
        key: Series.of(value, black, white, smooth.get(key), (straight or {}).get(key))
        for key, value in frames.fringe_series().items()
    }
    by_axis: dict[Axis, list[Series]] = {axis: [s for (a, _), s in series.items() if a == axis] for axis in AXES}
    for axis in AXES:
        if not by_axis[axis]:
            raise Refused(
                f"capture.json: frames: no fringe frames on axis {axis}; at least one period per axis is needed"
            )
    shape = frames.sensor.shape
    if min(shape) < LEAST_SIDE_PX:
        raise Refused(f"capture.json: image.px: expected at least {LEAST_SIDE_PX} pixels along each side")
    coarse = {axis: _coarse_position(frames, axis, by_axis[axis][0], noise, grid) for axis in AXES}
    position = {axis: np.empty(shape, np.float32) for axis in AXES}
    sigma = {axis: np.empty(shape, np.float32) for axis in AXES}
    modulation = {key: np.empty(shape, np.float32) for key in series}
    offset = np.empty(shape, np.float32)
    valid = np.empty(shape, np.bool_)
    saturated: list[int] = []
    full_from = math.ceil(white)
    first = {axis: next(s[0] for (a, _), s in frames.fringe_series().items() if a == axis) for axis in AXES}
    darks = {axis: frames.dark_of(first[axis]) for axis in AXES}
    lit = [f.plane() for f in frames.with_role(Role.WHITE) if f.group == first["x"].group]
    lit += [plane for one in series.values() for plane in one.planes]

    def work(rows: slice) -> None:
        means = {axis: by_axis[axis][0].mean(rows) for axis in AXES}
        for axis in AXES:
            coarse[axis].fill(position[axis], rows)
            _decode_axis(axis, by_axis[axis], means[axis], noise, rows, position[axis], sigma[axis], modulation)
        of_x, of_y = (_without_dark(means[axis], darks[axis], frames, rows) for axis in AXES)
        mean = np.add(of_x, of_y, out=offset[rows])
        mean *= np.float32(0.5)
        peak = lit[0][rows].copy()
        for plane in lit[1:]:
            cv2.max(peak, plane[rows], peak)
        full = peak >= full_from
        saturated.append(int(np.count_nonzero(full)))
        good = np.logical_and(np.isfinite(position["x"][rows]), np.isfinite(position["y"][rows]), out=valid[rows])
        good &= np.logical_not(full, out=full)
        if not good.all():
            bad = ~good
            for array in (*position.values(), *sigma.values(), *modulation.values(), offset):
                array[rows][bad] = np.nan

    in_strips(shape, work)
    median = np.array([np.nanmedian(offset[::8, ::8]) if valid[::8, ::8].any() else np.nan], np.float32)
    return Decoded(
        screen_u_mm=position["x"],
        screen_v_mm=position["y"],
        screen_u_u_mm=sigma["x"],
        screen_v_u_mm=sigma["y"],
        modulation=modulation,
        offset=offset,
        noise={(axis, p): float(np.sqrt(s.gain * s.raw_variance(median, noise)[0])) for (axis, p), s in series.items()},
        valid=valid,
        saturated_ratio=sum(saturated) / (shape[0] * shape[1]),
        harmonic=second_harmonic(frames, noise),
        left=left_in_phase(frames, position, noise, straight or {}, glow or {}),
        straight=straight or {},
    )


def _without_dark(mean: FloatMap, dark: Frame | None, frames: Frames, rows: slice) -> FloatMap:
    if dark is None:
        return mean
    scale = 1.0 / (dark.exposure_ms * (frames.sensor.white_level - frames.sensor.black_level))
    taken = cv2.addWeighted(mean, 1.0, dark.plane()[rows], -scale, frames.sensor.black_level * scale, dtype=cv2.CV_32F)
    return np.asarray(taken, np.float32)


def _decode_axis(
    axis: Axis,
    series: list[Series],
    mean: FloatMap,
    noise: NoiseModel,
    rows: slice,
    position: FloatMap,
    sigma: FloatMap,
    modulation: dict[tuple[Axis, float], FloatMap],
) -> None:
    """Turn the coarse position of these rows into the final one, coarse to fine, in place."""
    u, weight = position[rows], None
    votes: list[tuple[FloatMap, FloatMap, NDArray[np.bool_]]] = []
    variances: dict[float, FloatMap] = {}
    for one in series:
        c, s = one.part(1, rows), one.part(2, rows)
        if one.exposure_ms not in variances:
            variances[one.exposure_ms] = one.raw_variance(mean, noise)
        variance, least = variances[one.exposure_ms], np.float32(SEEN_SIGMA**2 * one.gain)
        spare = np.empty_like(c)
        bare: NDArray[np.bool_] | None = None
        if one.glow is not None:
            # What is taken off may not make a fringe where the camera saw none.
            power = np.multiply(c, c)
            power += np.multiply(s, s, out=spare)
            bare = np.divide(power, variance, out=power) > least
            c -= one.glow[0].at(rows, spare)
            s -= one.glow[1].at(rows, spare)
        if one.straight is not None:
            c, s = one.straight.fringe(c, s)
        here = np.arctan2(s, c)
        here *= np.float32(one.period_mm / (2 * np.pi))
        power = np.multiply(c, c, out=c)
        power += np.multiply(s, s, out=s)
        w = np.divide(power, variance, out=s)
        seen = w > least
        if bare is not None:
            seen &= bare
        w *= np.float32((2 * np.pi / one.period_mm) ** 2 / one.gain)
        # Distance to the nearest position with this phase, in periods from the position known so far.
        gap = np.subtract(u, here, out=spare)
        gap *= np.float32(1 / one.period_mm)
        if weight is None:
            order = np.rint(gap)
            gap -= order
            seen &= np.abs(gap, out=gap) < np.float32(0.5 - ORDER_MARGIN)
            order *= np.float32(one.period_mm)
            here += order
            u, weight = here, w
            if not seen.all():
                u = here.copy()
                u[~seen] = np.nan
                np.maximum(weight, LEAST_WEIGHT, out=weight)  # a dead pixel has none to divide by
        else:
            order = np.rint(gap, out=gap)
            order *= np.float32(one.period_mm)
            here += order
            both = np.add(weight, w, out=order)
            share = np.divide(w, both)
            # Both together must tell this period's orders apart by what the coarser ones know.
            seen &= share * weight > np.float32((ORDER_SIGMA * 2 / one.period_mm) ** 2)
            if seen.all():
                weight = both
            else:
                share *= seen
                weight += np.multiply(w, seen, out=w)
            step = np.subtract(here, u, out=w)
            step *= share
            u = np.add(u, step, out=step)
        votes.append((here, power, seen))
    assert weight is not None
    position[rows] = u
    spread = np.reciprocal(weight, out=weight)
    np.sqrt(spread, out=sigma[rows])
    largest = float(spread.max(initial=0))
    for one, (here, power, seen) in zip(series, votes, strict=True):
        turn = np.float32(2 * np.pi / one.period_mm)
        away = np.subtract(u, here, out=here)
        away *= turn
        part = np.multiply(np.sqrt(power, out=power), np.cos(away, out=away), out=modulation[axis, one.period_mm][rows])
        # Phase noise of variance v turns the projection away by exp(-v/2) where the period did not vote; where
        # it did, the phase follows its own noise and the projection comes out too long by exp(v/2).
        half_turn = turn * turn / 2
        if largest * half_turn > LEAST_TURN:
            half = np.minimum(np.multiply(spread, half_turn, out=away), MOST_TURN / 2, out=away)
            half *= np.subtract(np.float32(1), np.multiply(seen, np.float32(2), out=power), out=power)
            part *= np.exp(half, out=half)


def _coarse_position(frames: Frames, axis: Axis, coarsest: Series, noise: NoiseModel, grid: Grid) -> CoarsePosition:
    """Where the coarsest series alone sees each pixel, on a coarse grid."""
    level, c, s = (coarsest.part(which, grid.pixels()) for which in range(3))
    least = np.float32(SEEN_SIGMA**2 * coarsest.gain) * coarsest.raw_variance(level, noise)
    seen = c * c + s * s > least
    if coarsest.glow is not None:
        c, s = (part - smooth.at_grid() for part, smooth in zip((c, s), coarsest.glow, strict=True))
        seen &= c * c + s * s > least
    if coarsest.straight is not None:
        c, s = coarsest.straight.fringe(c, s)
    return continued(frames.geometry, axis, grid, np.arctan2(s, c), seen, coarsest.period_mm)
