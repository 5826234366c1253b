"""Sharpness of the reflection per fringe period, against black glass."""

from __future__ import annotations

import math

import numpy as np

from inspection.frames import AXES, Axis
from inspection.fringes import Decoded, FloatMap
from inspection.maps.kinds import GLOW_U_RELATIVE, ClarityMap, Glow
from inspection.optics import pitch_mm
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig
from inspection.strips import in_strips


@builds
def clarity(decoded: Decoded, rig: Rig, glow: Glow) -> ClarityMap:
    """Clarity(P) = 100 [B(P)/B(P0)] / [B_glass(P)/B_glass(P0)], mean of both axes; P0 the coarsest.

    The modulation is the part in phase with the position that all periods agree on, so a vanished
    fringe scatters about 0 and a mean over pixels has no noise bias. NaN where the coarsest fringe is
    not seen. A coarsest period that the rig does not know: NO_REFERENCE; a single period: NO_FRAMES.
    """
    coarsest, *finer = decoded.periods_mm()
    # A period that only one axis shows says nothing of the other: marks often run one way.
    finer = [period for period in finer if all((axis, period) in decoded.modulation for axis in AXES)]
    if not finer:
        raise Missing(Quality.NO_FRAMES)
    shape = rig.sensor.shape
    pct = {period: np.zeros(shape, np.float32) for period in finer}
    known = decoded.modulation.keys() & rig.modulation.keys()
    shown = {p: [a for a in AXES if {(a, p), (a, coarsest)} <= known] for p in finer}
    if any(not axes for axes in shown.values()):
        raise Missing(Quality.NO_REFERENCE)

    def work(rows: slice) -> None:
        base = {axis: _base(decoded, rig, (axis, coarsest), rows) for axis in AXES if (axis, coarsest) in known}
        for period in finer:
            total = pct[period][rows]
            for axis in shown[period]:
                total += decoded.modulation[axis, period][rows] / rig.modulation[axis, period][rows] * base[axis]
            total *= np.float32(100 / len(shown[period]))

    in_strips(shape, work)
    return ClarityMap(
        to_panel_mm=rig.geometry.camera.pixel_to_panel_mm,
        pitch_mm=pitch_mm(rig.geometry, shape),
        pct=pct,
        coarsest_mm=coarsest,
        noise_pct=tuple((period, _noise(decoded, rig, period, coarsest, shown[period])) for period in finer),
        grain_relative=tuple((period, _grain(rig, period, coarsest, shown[period])) for period in finer),
        glow_u_pct=tuple((period, _glow_u(decoded, rig, glow, period, coarsest)) for period in finer),
        distance_u_relative=rig.terms.screen_distance_mm / rig.geometry.screen.distance_mm,
    )


def _base(decoded: Decoded, rig: Rig, key: tuple[Axis, float], rows: slice) -> FloatMap:
    """Glass over paint in the coarsest fringe; the mean of a noisy reciprocal is too large by its variance."""
    reciprocal = 1 / decoded.modulation[key][rows]
    excess = np.square(reciprocal * np.float32(decoded.noise[key]))
    return np.asarray(rig.modulation[key][rows] * reciprocal * (1 - np.minimum(excess, np.float32(0.2))))


def _noise(decoded: Decoded, rig: Rig, period: float, coarsest: float, axes: list[Axis]) -> float:
    """Standard deviation of one pixel, % (the coarsest fringe's own noise included)."""
    variance = 0.0
    thin = (slice(None, None, 8), slice(None, None, 8))
    for axis in axes:
        fine, coarse = decoded.modulation[axis, period][thin], decoded.modulation[axis, coarsest][thin]
        glass = float(np.nanmedian(rig.modulation[axis, coarsest][thin] / rig.modulation[axis, period][thin]))
        b, b0 = float(np.nanmedian(fine)), float(np.nanmedian(coarse))
        n, n0 = decoded.noise[axis, period], decoded.noise[axis, coarsest]
        variance += (100 * glass / b0) ** 2 * (n**2 + (b / b0 * n0) ** 2)
    return float(np.sqrt(variance)) / len(axes)


def _grain(rig: Rig, period: float, coarsest: float, axes: list[Axis]) -> float:
    """Standard deviation of one pixel by the noise of the glass's two modulations, relative."""
    return math.hypot(*(rig.modulation_noise_relative(a, p) for a in axes for p in (period, coarsest))) / len(axes)


def _glow_u(decoded: Decoded, rig: Rig, glow: Glow, period: float, coarsest: float) -> float:
    """What the model of the diffuse fringe leaves, % of clarity."""
    thin = (slice(None, None, 8), slice(None, None, 8))
    variance = 0.0
    for axis in AXES:
        if {(axis, period), (axis, coarsest)} <= decoded.modulation.keys() & rig.modulation.keys():
            glass = float(np.nanmedian(rig.modulation[axis, coarsest][thin] / rig.modulation[axis, period][thin]))
            b, b0 = (float(np.nanmean(decoded.modulation[axis, p][thin])) for p in (period, coarsest))
            rest, rest0 = (glow.strength.get((axis, p), 0.0) for p in (period, coarsest))
            variance += (100 * glass / b0) ** 2 * (rest**2 + (b / b0 * rest0) ** 2)
    return GLOW_U_RELATIVE * float(np.sqrt(variance)) / len(AXES)
