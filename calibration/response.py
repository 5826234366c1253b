"""How the camera answers to light and the screen to grey levels, from `grey` frames: the even screen in black glass.

*Camera* (EMVA 1288, linear model; photon transfer): two frames of the full screen at each of several exposures. Half
the variance of their difference is the temporal noise of one picture at that light; against the light it is a straight
line whose slope is the inverse of the full scale in electrons and whose start is the read noise. The means against
the exposure time are a straight line too; what they are off it is the linearity error (EMVA 1288 Release 4: mean
relative deviation of the levels between 5 % and 95 %). Lines are fitted to what is below `HIGHEST`: nothing is clipped.

*Screen*: levels from 0 to 1 at one exposure. Light over that of level 1 is ``black + (1 − black)·level^gamma``. A gamma
that is left puts harmonics on the fringes. With N steps the harmonics of order kN ± 1 turn the phase by an amount that
repeats N times a period: it is worked out for the series of this very set and given as the slope that it would feign
(finest period, which carries the position). The fringes on the glass show the same harmonics and tell what to take off
(`calibration.waveform`): what is left then has the limit (`fringe_ripple_left_mrad`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from inspection.frames import Frame, Frames, Role
from inspection.harmonics import ripple_mrad
from inspection.noise import light_of
from inspection.refused import Refused
from inspection.rig import Measured, NoiseModel

Floats = NDArray[np.float64]

#: Exposures and grey levels that make a series; fewer are not judged.
LEAST_EXPOSURES, LEAST_LEVELS = 5, 6
#: Levels of light (full scale = 1) that the lines are fitted to.
LOWEST, HIGHEST = 0.05, 0.95
#: Groups of pixels of like light within one pair.
_GROUPS = 4
#: Noise (standard deviation at half of full scale) over what measuring takes for it: every `u_noise` rests on that.
MOST_NOISE_OVER_STATED = 1.2
#: Linearity error beyond which light is not the number it is taken for: gloss of half the glass's would err by as much.
MOST_NONLINEAR_PCT = 1.0
#: The screen's light, % of white, from the curve (RMS): beyond it the screen follows no gamma.
MOST_CURVE_RESIDUAL_PCT = 1.0


def measure_response(frames: Frames, glass: Frames, noise: NoiseModel) -> tuple[Measured, ...]:
    """What the `grey` frames of a reference set tell; nothing where there are none.

    Parameters
    ----------
    frames, glass : Frames
        The set of `grey` frames, and the set of fringe frames that the ripple is worked out for.
    noise : NoiseModel
        What measuring takes for the camera's noise: what is found may not be much more.

    Raises
    ------
    Refused
        There are too few of them for either series, or a limit is exceeded.
    """
    grey = frames.with_role(Role.GREY)
    if not grey:
        return ()
    exposures, levels = _by_exposure(grey), _by_level(grey)
    if len(exposures) < LEAST_EXPOSURES and len(levels) < LEAST_LEVELS:
        raise Refused(
            f"capture.json: frames: grey: expected pairs of level 1 at {LEAST_EXPOSURES} exposures or more, or "
            f"{LEAST_LEVELS} levels or more at one exposure; got {len(exposures)} and {len(levels)}"
        )
    found: tuple[Measured, ...] = ()
    if len(exposures) >= LEAST_EXPOSURES:
        found += _camera(frames, exposures, noise)
    if len(levels) >= LEAST_LEVELS:
        found += _screen(frames, levels, glass)
    for one in found:
        if one.limit is not None and abs(one.value) > one.limit:
            raise Refused(
                f"capture.json: frames: grey: {one.name} is {one.value:.3g}, at most {one.limit:.3g} is allowed"
            )
    return found


def _by_exposure(grey: Sequence[Frame]) -> dict[float, list[Frame]]:
    """Pairs of the full screen by exposure."""
    found: dict[float, list[Frame]] = defaultdict(list)
    for frame in grey:
        if frame.level == 1.0:
            found[frame.exposure_ms].append(frame)
    return {exposure: pair[:2] for exposure, pair in sorted(found.items()) if len(pair) >= 2}


def _by_level(grey: Sequence[Frame]) -> dict[float, list[Frame]]:
    """Frames by level, of the exposure at which most levels were taken."""
    exposures = [frame.exposure_ms for frame in grey]
    most = max(exposures, key=lambda e: len({f.level for f in grey if f.exposure_ms == e}))
    found: dict[float, list[Frame]] = defaultdict(list)
    for frame in grey:
        if frame.exposure_ms == most and frame.level is not None:
            found[frame.level].append(frame)
    return dict(sorted(found.items()))


def _plane(frame: Frame, frames: Frames) -> Floats:
    """Light of the pixels of one colour."""
    light = light_of(frame, frames.sensor)
    plane = light if light.ndim == 2 else light[..., 1]
    return plane[::2, ::2] if frames.sensor.mosaic else plane


def _camera(frames: Frames, exposures: dict[float, list[Frame]], noise: NoiseModel) -> tuple[Measured, ...]:
    light, variance, weight, means, times = [], [], [], [], []
    for exposure, pair in exposures.items():
        first, second = (_plane(frame, frames) for frame in pair)
        mean = ((first + second) / 2).ravel()
        if np.quantile(mean, 0.999) > HIGHEST:
            continue
        # The screen's flicker moves the whole picture: it is no noise of a pixel.
        away = (first - second).ravel()
        square = np.square(away - away.mean()) / 2
        for group in np.array_split(np.argsort(mean), _GROUPS):
            light.append(mean[group].mean())
            variance.append(square[group].mean())
            weight.append(sqrt(len(group) / 2))
        means.append(mean.mean())
        times.append(exposure)
    if len(means) < LEAST_EXPOSURES:
        raise Refused(
            f"capture.json: frames: grey: {len(means)} exposures stay below saturation, "
            f"at least {LEAST_EXPOSURES} are needed"
        )
    (slope, start), (slope_u, start_u) = _line(np.array(light), np.array(variance), np.array(weight))
    if slope <= 0:
        raise Refused("capture.json: frames: grey: the noise does not grow with the light: are the pixels raw?")
    averaged, sensor = frames.sensor.frames_averaged, frames.sensor
    electrons = 1 / (slope * averaged)
    step = 2.0 ** (sensor.bit_depth - sensor.adc_bits) / (sensor.white_level - sensor.black_level)
    read = sqrt(max(0.0, start * averaged - step * step / 12)) * electrons
    # The square is what is known; near nothing its root is not.
    read_u = min(start_u * averaged * electrons**2 / (2 * max(read, 1e-9)), sqrt(start_u * averaged) * electrons)
    over = sqrt((slope * 0.5 + start) / float(noise.variance(0.5)))
    return (
        Measured("camera_full_scale_e", electrons, electrons * slope_u / slope),
        Measured("camera_gain_dn_per_e", (sensor.white_level - sensor.black_level) / electrons),
        Measured("camera_read_noise_e", read, read_u),
        Measured("camera_noise_over_stated_ratio", over, limit=MOST_NOISE_OVER_STATED),
        Measured("camera_linearity_error_pct", _linearity(np.array(times), np.array(means)), limit=MOST_NONLINEAR_PCT),
    )


def _line(x: Floats, y: Floats, weight: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Slope and start, and their uncertainties; a variance from n pixels is known to ``sqrt(2/n)`` of itself."""
    design, sigma = np.stack([x, np.ones_like(x)], axis=1), y / weight
    for _ in range(4):
        root = design / sigma[:, None]
        fit, *_ = np.linalg.lstsq(root, y / sigma, rcond=None)
        sigma = np.maximum(design @ fit, y.min() / 10) / weight
    covariance = np.linalg.inv(root.T @ root)
    return (float(fit[0]), float(fit[1])), (sqrt(float(covariance[0, 0])), sqrt(float(covariance[1, 1])))


def _linearity(times: Floats, means: Floats) -> float:
    """Mean deviation, % of the level, from the line that keeps relative deviations least."""
    inside = means >= LOWEST
    t, y = times[inside], means[inside]
    design = np.stack([t, np.ones_like(t)], axis=1) / y[:, None]
    fit, *_ = np.linalg.lstsq(design, np.ones_like(y), rcond=None)
    return 100 * float(np.mean(np.abs(design @ fit - 1)))


def _screen(frames: Frames, levels: dict[float, list[Frame]], glass: Frames) -> tuple[Measured, ...]:
    if min(levels) > 0.05 or max(levels) < 1.0:
        raise Refused("capture.json: frames: grey: levels are needed from 0 (at most 0.05) to 1")
    dark = frames.dark_of(levels[1.0][0])
    below = 0.0 if dark is None else float(_plane(dark, frames).mean()) / dark.exposure_ms * levels[1.0][0].exposure_ms
    mean = {level: float(np.mean([_plane(f, frames).mean() for f in same])) - below for level, same in levels.items()}
    x, y = np.array(list(mean)), np.array(list(mean.values())) / mean[1.0]
    (gamma, black), covariance = curve_fit(_shown, x, y, p0=(1.0, 1e-3))
    residual = 100 * float(np.sqrt(np.mean(np.square(y - _shown(x, gamma, black)))))
    return (
        Measured("screen_gamma_ratio", float(gamma), sqrt(float(covariance[0, 0]))),
        Measured("screen_black_ratio", float(black), sqrt(float(covariance[1, 1]))),
        Measured("screen_curve_residual_rms_pct", residual, limit=MOST_CURVE_RESIDUAL_PCT),
        Measured("fringe_ripple_mrad", ripple_mrad(glass, float(gamma))),
    )


def _shown(level: Floats, gamma: float, black: float) -> Floats:
    return np.asarray(black + (1 - black) * np.power(level, gamma))
