"""What of a screen's pattern is no cosine, from black glass under the fringes alone: see `inspection.waveform`.

Black glass is flat: the true phase is a smooth function of the place in the picture. Against it each series shows its
harmonics in its phase, its modulation and its mean light, over many fringes at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from inspection.frames import AXES, Axis, Frames
from inspection.harmonics import Harmonic
from inspection.refused import Refused
from inspection.rig import Alias, Measured, NoiseModel
from inspection.waveform import LEAST_SAMPLES, LEAST_TURN, SURE_SIGMA, drawn, even, parts

Floats = NDArray[np.float64]

#: Harmonics below this turn the phase by less than 1 mrad.
LEAST = 1e-3
#: Steps times harmonics: at 1 the measured phase no longer runs with the true one everywhere; here its noise is up to
#: three times as large.
MOST_TURN = 0.7
#: Feigned slope, amplitude: the station's aim for slopes.
MOST_RIPPLE_MRAD = 0.05
#: Degree of the polynomials in row and column that the true phase, and the contrast, follow on glass.
PLACE_DEGREE, SHADE_DEGREE = 4, 2


def aliases_of(glass: Frames, places: Mapping[Axis, NDArray[np.float32]], noise: NoiseModel) -> tuple[Alias, ...]:
    """What each series of flat black glass holds beside its cosine; none where that is within noise.

    Parameters
    ----------
    glass : Frames
    places : (rows, cols) per axis
        Screen position seen by each pixel, mm, NaN where there is none; ripples in it do not matter.

    Raises
    ------
    Refused
        The pattern is so far from a cosine that phases are no longer in order.
    """
    row, col = drawn(glass.sensor.shape)
    taken = {key: parts(series, glass, noise, row, col) for key, series in even(glass)}
    if not taken:
        return ()
    # A pixel's own gain and the shade of the lens; a series' own ripple is a small part of it.
    gain = np.mean([level for _, level, _ in taken.values()], axis=0)
    found = []
    for (axis, period), (z, level, variance) in taken.items():
        place = places[axis][row, col].astype(np.float64)
        good = np.isfinite(place) & np.isfinite(z) & (gain > 0)
        if np.count_nonzero(good) < LEAST_SAMPLES:
            continue
        series, light = glass.fringe_series()[axis, period], gain[good]
        basis = _polynomials(row[good], col[good], glass.sensor.shape, PLACE_DEGREE)
        phase = basis @ np.linalg.lstsq(basis, place[good], rcond=None)[0] * (2 * np.pi / period)
        turn = len(series) * (phase + math.radians(series[0].phase_deg))
        if np.ptp(turn) < LEAST_TURN:
            continue
        shade = _polynomials(row[good], col[good], glass.sensor.shape, SHADE_DEGREE)
        fringe = z[good] * np.exp(-1j * phase) / light
        contrast = float(np.median(fringe.real))
        ripple = _share(np.cos(turn), shade, level[good] / light) / contrast
        # The series' own share of the gain has taken that share of its ripple away.
        ripple /= max(1 - 1 / len(taken), 1 / len(taken))
        along = _share(np.cos(turn), shade, fringe.real) / contrast + ripple * contrast / len(taken)
        across = _share(np.sin(turn), shade, fringe.imag) / contrast
        u = math.sqrt(float(np.mean(variance[good] / light**2)) / light.size) / contrast
        if math.hypot(along, across) / math.sqrt(2) > max(LEAST, SURE_SIGMA * u):
            found.append(Alias(axis, period, len(series), (along - across) / 2, (along + across) / 2, ripple))
    for one in found:
        share = abs(one.below) + abs(one.above)
        if one.steps * share > MOST_TURN:
            raise Refused(
                f"capture.json: frames: the {one.period_mm:g} mm fringe on axis {one.axis} is no cosine: harmonics of "
                f"{100 * share:.0f} % cannot be told from it with {one.steps} steps; "
                "correct the screen's gamma, or take four steps or more"
            )
    return tuple(found)


def ripple_left(glass: Frames, left: Harmonic | None) -> tuple[Measured, ...]:
    """The slope that harmonics still feign in the finest series, were they as large there as in the coarsest.

    Raises
    ------
    Refused
        It is more than the station's aim for slopes.
    """
    if left is None:
        return ()
    finest = max(min(p for a, p in glass.fringe_series() if a == axis) for axis in AXES)
    mrad = 1e3 * left.ratio * finest / (2 * math.pi) / (2 * glass.geometry.screen.distance_mm)
    if left.stands_out and mrad > MOST_RIPPLE_MRAD:
        raise Refused(
            f"capture.json: frames: the fringes feign slopes of {mrad:.3f} mrad, at most {MOST_RIPPLE_MRAD:g} mrad are "
            "allowed: did screen, glass and light keep still, and is the screen's gamma the same all over?"
        )
    return (Measured("fringe_ripple_left_mrad", mrad, limit=MOST_RIPPLE_MRAD),)


def _share(wave: Floats, shade: Floats, values: Floats) -> float:
    """How much of a wave values hold that also follow a smooth shade."""
    return float(np.linalg.lstsq(np.column_stack([wave, shade]), values, rcond=None)[0][0])


def _polynomials(row: NDArray[np.intp], col: NDArray[np.intp], shape: tuple[int, int], degree: int) -> Floats:
    """Products of Chebyshev polynomials over the picture, (points, (degree + 1)²)."""
    by_row, by_col = (
        np.polynomial.chebyshev.chebvander((2 * index + 1) / size - 1, degree)
        for index, size in zip((row, col), shape, strict=True)
    )
    return np.asarray((by_row[:, :, None] * by_col[:, None, :]).reshape(len(row), -1))
