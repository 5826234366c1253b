"""A panel, or a screen, that did not keep still."""

from __future__ import annotations

import math

import numpy as np

from inspection.fringes import FloatMap
from inspection.gates.gate import Capture, answer, gate
from inspection.gates.series import Floats, Key, Series, thin
from inspection.maps.kinds import GLOW_U_RELATIVE, Glow, SlopeMap, SurfaceMap
from inspection.report import Gate, GateState

#: Disagreement of the periods, rad of phase. 0.05 rad of a 4 mm fringe is 30 µm on the screen, at 400 mm a slope of
#: 0.04 mrad: what the finest orange peel of a finished panel has.
CLOSURE_RAD = (0.02, 0.05)
#: A disagreement is one from this many of its own standard uncertainties on.
SURE_SIGMA = 5.0
#: Harmonics of a fringe that gamma and the paint's own light can leave in its phase.
HARMONICS = (1, 2, 3, 4)
#: Scatter that is not told from noise, in its standard deviations: faint fringes scatter up to 15 % wider than a
#: linear model of their phase says, which is 0.6 of it in quadrature.
NOISE_SLACK = (0.6, 0.9)
#: Rotation of the slope field over its texture: a surface has none. What the camera's blur leaves is below 0.1.
CURL_RATIO = (0.12, 0.15)
#: Places this far apart share their texture, but not their noise; and at least this many pixels.
APART_MM, APART_PX = 0.8, 2
#: Values beyond this many standard deviations belong to single marks.
CLIP_SIGMA = 3.0
_TO_SIGMA = 1.4826


@gate("periods", "axes", spoils=True)
def moved(capture: Capture) -> Gate:
    """Nothing moved while the frames were taken: phase closure.

    Fringe periods must agree on the place that a pixel sees. A tilt, or a shift of a bent panel, moves a whole series
    (median of phase differences); a shift of the paint's texture moves places apart (their scatter beyond noise). Both
    in mrad of phase; a doubt from 20 mrad, red from 50 mrad, each beyond five standard uncertainties (noise, and 10 %
    of the paint's own diffuse fringe). Between the axes: slopes along x and y must belong to one surface; rotation of
    the slope field over 12 % of its texture is a doubt, over 15 % red.

    A flat panel without texture that slides in its own plane looks the same: nothing is told, and nothing is lost.
    """
    glow: Glow = capture.bench.get(Glow)
    loose = [_closure(key, one, glow) for key, one in capture.series.items() if not one.faint]
    found = [one for one in loose if one is not None]
    curl = _curl(capture)
    if not found and curl is None:
        return answer("moved", GateState.UNKNOWN, "No fringe is strong enough to tell whether the panel kept still.")
    ratio, state = curl if curl is not None else (0.0, GateState.OK)
    if state is not GateState.OK and state.rank >= max((one[0].rank for one in found), default=0):
        limit = CURL_RATIO[state is GateState.RED]
        text = f"Slopes along x and y do not belong to one surface ({ratio:.2f} of the texture, limit {limit:g}): "
        return answer("moved", state, text + "the panel moved during the capture.", ratio, "ratio", limit, fault="axes")
    if not found:
        return answer("moved", GateState.OK, "Both axes show one surface.", ratio, "ratio", CURL_RATIO[0])
    state, away, limit = max(found, key=lambda one: (one[0].rank, one[1] / one[2]))
    text = f"The fringe periods agree within {1e3 * away:.2g} mrad of phase"
    if state is not GateState.OK:
        text = f"The fringe periods disagree by {1e3 * away:.2g} mrad of phase, the limit is {1e3 * limit:.2g} mrad: "
        text += "the panel moved during the capture"
    fault = "" if state is GateState.OK else "periods"
    return answer("moved", state, f"{text}.", 1e3 * away, "mrad", 1e3 * limit, fault=fault)


def _closure(key: Key, one: Series, glow: Glow) -> tuple[GateState, float, float] | None:
    """State, disagreement and its limit in rad, of one series against all; None where no place is known."""
    there = np.isfinite(one.closure_rad)
    if np.count_nonzero(there) < 100:
        return None
    away = _without_harmonics(one.closure_rad[there], one.phase_rad[there])
    middle = float(np.median(away))
    scatter = _TO_SIGMA * float(np.median(np.abs(away - middle)))
    noise = one.phase_noise_rad
    excess = math.sqrt(max(0.0, scatter**2 - noise**2))
    paint = GLOW_U_RELATIVE * glow.strength.get(key, 0.0) / float(np.median(one.modulation))
    # Variance of a median of n: π/2 that of their mean.
    sure = SURE_SIGMA * math.hypot(noise * math.sqrt(math.pi / 2 / away.size), paint)
    graded = [
        (state, value, limit)
        for state, least, slack in zip((GateState.DOUBT, GateState.RED), CLOSURE_RAD, NOISE_SLACK, strict=True)
        for value, limit in ((abs(middle), max(least, sure)), (excess, least + slack * noise + paint))
        if value > limit
    ]
    if graded:
        return max(graded, key=lambda found: (found[0].rank, found[1] / found[2]))
    return GateState.OK, abs(middle), max(CLOSURE_RAD[0], sure)


def _without_harmonics(away: Floats, phase: Floats) -> Floats:
    """Phase differences less what repeats with the fringe itself."""
    waves = np.exp(1j * phase)[:, None] ** np.array(HARMONICS)
    shapes = np.concatenate([waves.real, waves.imag], axis=1)
    shapes -= shapes.mean(0)
    return np.asarray(away - shapes @ np.linalg.pinv(shapes.T @ shapes) @ (shapes.T @ (away - away.mean())))


def _curl(capture: Capture) -> tuple[float, GateState] | None:
    """Rotation of the measured slopes over the surface's texture, both axes together; None without slopes."""
    slope: SlopeMap | None = capture.bench.get_or_none(SlopeMap)
    surface: SurfaceMap | None = capture.bench.get_or_none(SurfaceMap)
    if slope is None or surface is None:
        return None
    apart = max(APART_PX, round(APART_MM / min(slope.pitch_mm)))
    if min(slope.x_mrad.shape) < 4 * apart:
        return None
    # What white noise puts into both rotations at a distance adds up to nothing: no model of it is needed.
    rest, u_rest = _shared((slope.x_mrad - surface.x_mrad, slope.y_mrad - surface.y_mrad), apart)
    texture, _ = _shared((surface.x_mrad, surface.y_mrad), apart)
    if not texture > 0 or rest < SURE_SIGMA * u_rest:
        return 0.0, GateState.OK
    ratio = math.sqrt(rest / texture)
    doubt, red = CURL_RATIO
    return ratio, GateState.RED if ratio > red else GateState.DOUBT if ratio > doubt else GateState.OK


def _shared(parts: tuple[FloatMap, FloatMap], apart: int) -> tuple[float, float]:
    """Covariance of places `apart` pixels from each other, along x and along y, summed over the parts; and its u."""
    total, power, count = 0.0, 0.0, 0
    for values in parts:
        thinned = values[thin(values.shape)]
        seen = thinned[np.isfinite(thinned)]
        if not seen.size:
            return 0.0, math.inf
        middle = float(np.median(seen))
        reach = CLIP_SIGMA * _TO_SIGMA * float(np.median(np.abs(seen - middle)))
        step = thin(values.shape)[0].step
        here = values[:-apart:step, :-apart:step]
        for there in (values[:-apart:step, apart::step], values[apart::step, :-apart:step]):
            product = np.clip(here - middle, -reach, reach) * np.clip(there - middle, -reach, reach)
            known = product[np.isfinite(product)]
            total += float(known.mean()) / 2
            power += float(np.square(known).mean())
            count += known.size
    return total, math.sqrt(power / max(count, 1)) if count else math.inf
