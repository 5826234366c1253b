"""How noisy a raw pixel is: stated by the camera, or estimated from the frames themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frame, Frames, Role, Sensor
from inspection.refused import Refused
from inspection.rig import NoiseModel

# The difference of two Laplacians: blind to anything that is locally a paraboloid
# (J. Immerkaer, Computer Vision and Image Understanding 64(2), 1996). Its noise gain is 6.
_GAIN = 6.0
#: Pairs of (light, variance) are averaged in this many groups of equal size before the line is fitted.
_GROUPS = 12
#: Fewer pixels than this give no line.
LEAST_PX = 100


def light_of(frame: Frame, sensor: Sensor) -> NDArray[np.float64]:
    """Raw pixels as light: fraction of full scale above black, float64."""
    return _light(frame.pixels, sensor)


def _light(pixels: NDArray[Any], sensor: Sensor) -> NDArray[np.float64]:
    return (pixels.astype(np.float64) - sensor.black_level) / (sensor.white_level - sensor.black_level)


def noise_of(frames: Frames) -> NoiseModel:
    """The sensor's noise model for this capture set.

    Stated (``electrons_full_scale``, ``read_noise_e``): shot and read noise, divided by the number
    of averaged exposures, plus quantisation. Not stated: estimated from the redundancy of the
    coarsest fringe series (four or more steps), else from the fine texture of the white frame; and from that of
    the dark frame.

    Raises
    ------
    Refused
        Nothing is stated and there is neither a redundant fringe series nor a white frame.
    """
    sensor = frames.sensor
    step = 2.0 ** (sensor.bit_depth - sensor.adc_bits) / (sensor.white_level - sensor.black_level)
    floor = step * step / 12.0 / sensor.frames_averaged
    if sensor.electrons_full_scale is not None:
        full, read = sensor.electrons_full_scale, sensor.read_noise_e or 0.0
        return NoiseModel(
            constant=(read / full) ** 2 / sensor.frames_averaged + floor,
            per_signal=1.0 / full / sensor.frames_averaged,
        )
    light, variance = _scatter(frames)
    return _line(light, variance, floor)


def _scatter(frames: Frames) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Light and squared noise per pixel, each unbiased; the dark frame gives the line its other end."""
    redundant = [s for s in frames.fringe_series().values() if len(s) >= 4]
    white = frames.with_role(Role.WHITE)
    if redundant:
        series = max(redundant, key=lambda s: s[0].period_mm or 0.0)
        stack = np.stack([_one_colour(frame, frames.sensor) for frame in series])
        design = fringe_design(series)
        rest = _texture(stack - np.tensordot(design @ np.linalg.pinv(design), stack, 1))
        lit = series[0]
        found = [(stack.mean(0), (rest**2).sum(0) / (len(series) - 3))]
    elif white:
        lit = white[0]
        light = _one_colour(lit, frames.sensor)
        found = [(light, _texture(light) ** 2)]
    else:
        raise Refused(
            "capture.json: image.electrons_full_scale is not given, and there is neither a fringe series of "
            "four or more steps nor a white frame to estimate the noise from"
        )
    dark = frames.dark_of(lit)
    if dark is not None:
        light = _one_colour(dark, frames.sensor)
        found.append((light, _texture(light) ** 2))
    return (
        np.concatenate([light[1:-1, 1:-1].ravel() for light, _ in found]),
        np.concatenate([variance.ravel() for _, variance in found]),
    )


def _one_colour(frame: Frame, sensor: Sensor) -> NDArray[np.float64]:
    """Light of pixels of one colour: neighbours in a mosaic differ by more than noise."""
    plane = frame.plane()
    return _light(plane[::2, ::2] if sensor.mosaic else plane, sensor)


def _texture(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fine texture of pictures (…, rows, cols) with the noise's own variance; smooth content is gone.

    The harmonics that a screen's gamma leaves in a coarse fringe are smooth: they are not noise.
    """
    d = light[..., :, :-2] - 2 * light[..., :, 1:-1] + light[..., :, 2:]
    return (d[..., :-2, :] - 2 * d[..., 1:-1, :] + d[..., 2:, :]) / _GAIN


def dark_per_ms(frames: Frames) -> float | None:
    """Light without any lamp, full-scale fraction per ms: of the longest dark frame; None without one."""
    darks = frames.with_role(Role.DARK)
    if not darks:
        return None
    longest, sensor = max(darks, key=lambda frame: frame.exposure_ms), frames.sensor
    step = max(1, math.isqrt(longest.pixels.size // 16_000) | 1)
    pixels = longest.pixels[::step, ::step]
    # The mean but for hot and dead pixels: finer than a median, which cannot lie between two steps of the converter.
    level = float(np.clip(pixels, *np.percentile(pixels, (1, 99))).mean())
    return (level - sensor.black_level) / (sensor.white_level - sensor.black_level) / longest.exposure_ms


def fringe_design(series: tuple[Frame, ...]) -> NDArray[np.float64]:
    """Columns: mean, ``B cos(phase)``, ``B sin(phase)`` seen by each frame; shape (steps, 3)."""
    delta = np.array([2 * np.pi * (f.step or 0) / (f.steps or 1) + np.radians(f.phase_deg) for f in series])
    return np.stack([np.ones_like(delta), np.cos(delta), -np.sin(delta)], axis=1)


def _line(light: NDArray[np.float64], variance: NDArray[np.float64], floor: float) -> NoiseModel:
    """Straight line through group means; both terms are kept from going below what is possible."""
    if light.size < LEAST_PX:
        raise Refused(
            f"capture.json: image.px: too small to estimate the noise from; expected {LEAST_PX} pixels or more"
        )
    order = np.argsort(light)
    groups = [g for g in np.array_split(order, _GROUPS) if g.size]
    x = np.array([light[g].mean() for g in groups])
    y = np.array([np.minimum(variance[g], 25 * variance[g].mean()).mean() for g in groups])
    spread = x.std()
    slope = 0.0 if spread < 1e-6 else max(0.0, float(np.polyfit(x, y, 1)[0]))
    return NoiseModel(constant=max(floor, float((y - slope * x).mean())), per_signal=slope)
