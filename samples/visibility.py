"""How well an ideal observer could see a mark: its signal-to-noise ratio, and what orange peel leaves of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inspection.frames import AXES
from samples.appearance import appearance
from samples.light import CHANNEL_RESPONSE, camera_reflectance, screen_light
from samples.paintwork import Panel, Patch
from samples.scuffs import Scuff
from samples.stations import Station
from samples.surface import BANDS_MM, Form, Mark, Texture, mark_relief
from samples.transfer import Transfer

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Visibility:
    """Of one mark.

    Attributes
    ----------
    noise_snr : float
        Matched filter over all frames against the camera's noise alone.
    snr : float
        The same against noise and orange peel; never above `noise_snr`.
    """

    noise_snr: float
    snr: float


@dataclass(frozen=True, slots=True)
class _Noise:
    """Of one pixel in the field's centre on paint without marks.

    Attributes
    ----------
    slope_x, slope_y : float
        Standard deviation of the slope that the phases of all periods tell together.
    modulation : tuple of (modulation, standard deviation), one per series
        Full scales of the exposed frame.
    reflectance : tuple of float
        Standard deviation of the three channels' reflectance factor.
    """

    slope_x: float
    slope_y: float
    modulation: tuple[tuple[float, float], ...]
    reflectance: tuple[float, float, float]


def visibility(panel: Panel, station: Station, mark: Mark | Patch | Scuff) -> Visibility:
    """Signal-to-noise ratio of one mark of a panel, wherever it lies: noise is that of the field's centre."""
    bare = replace(panel, marks=(), patches=(), scuffs=(), form=Form(), texture=Texture(), pose=type(panel.pose)())
    noise = _noise(bare, station.declared())
    if isinstance(mark, Mark):
        return _of_relief(mark, panel.texture, station, noise)
    if isinstance(mark, Scuff):
        lost, patch = mark.coverage, Patch(mark.kind, mark.x_mm, mark.y_mm, mark.size_mm)
    else:
        lost, patch = None, mark
    pixels = _pixels(patch.size_mm, station.mm_per_px)
    mirror = sum(
        (share * level / sigma) ** 2
        for share, (level, sigma) in zip(_lost(bare, station, patch, lost), noise.modulation, strict=True)
    )
    plain, there = (camera_reflectance(np.array(lab), station.true_colour_matrix()) for lab in _colours(bare, patch))
    colour = float(np.sum(((there - plain) / np.array(noise.reflectance)) ** 2))
    snr = float(np.sqrt(pixels * (mirror + colour)))
    return Visibility(snr, snr)


def _pixels(size_mm: float, pixel_mm: float) -> float:
    """Sum over pixels of the squared share of a disk."""
    area = np.pi / 4 * size_mm**2
    return float(area / pixel_mm**2 * area / (area + pixel_mm**2))


def _colours(panel: Panel, patch: Patch) -> tuple[tuple[float, ...], tuple[float, ...]]:
    shifted = tuple(a + b for a, b in zip(panel.lab, patch.delta_lab, strict=True))
    return panel.lab, patch.lab or shifted


def _lost(panel: Panel, station: Station, patch: Patch, covered: float | None) -> list[float]:
    """Share of its modulation that each series loses in the middle of a patch."""
    if covered is not None:
        return [covered] * (2 * len(station.periods_mm))
    inside = replace(
        panel,
        alpha=panel.alpha if patch.alpha is None else patch.alpha,
        haze=panel.haze if patch.haze is None else patch.haze,
    )
    tiny = station.declared().sized(3)
    before, after = (screen_light(p, tiny, p.n_clear).fringe for p in (panel, inside))
    return [1 - (1 - patch.covers) * float(np.abs(after[k][1, 1]) / np.abs(before[k][1, 1])) for k in before]


@lru_cache(maxsize=64)
def _noise(panel: Panel, station: Station) -> _Noise:
    tiny = station.sized(3)
    light = screen_light(panel, tiny, panel.n_clear)
    level = float((light.mirrored + light.diffuse)[1, 1])
    exposure = station.exposure_target / (level + station.ambient_per_ms)
    var = _variance((level / 2 + station.ambient_per_ms) * exposure, station)
    sigma = float(np.sqrt(2 * var / station.steps))
    modulation = {key: float(np.abs(z[1, 1])) / 2 * exposure for key, z in light.fringe.items()}
    kept = Transfer(panel, tiny, np.arange(3))
    slope = []
    for axis in AXES:
        run = float(np.hypot(*(r[1, 1] for r in kept.slope_runs(axis))))
        told = sum((2 * np.pi / p * run * m / sigma) ** 2 for (a, p), m in modulation.items() if a == axis)
        slope.append(float(told**-0.5))
    spot = np.zeros((1, 1))
    lab = appearance(panel, spot, spot, station.mm_per_px).lab[0, 0]
    reflectance = camera_reflectance(lab, station.true_colour_matrix())
    lamps = station.lamp_per_ms * np.array(CHANNEL_RESPONSE)
    lit = station.exposure_target / (float((reflectance * lamps).max()) + station.ambient_per_ms)
    spread = np.sqrt([_variance(float(v) * lit, station) for v in reflectance * lamps]) / (lamps * lit)
    r, g, b = (float(v) for v in spread)
    return _Noise(slope[0], slope[1], tuple((m, sigma) for m in modulation.values()), (r, g, b))


def _variance(level: float, station: Station) -> float:
    electrons, read, averaged = station.electrons_full_scale, station.read_noise_e, station.frames_averaged
    step = 1 / (2**station.adc_bits - 1)
    return (max(level, 0.0) / electrons + (read / electrons) ** 2 + step**2 / 12) / averaged


def _of_relief(mark: Mark, texture: Texture, station: Station, noise: _Noise) -> Visibility:
    """Matched filter in the spectrum, in axes along and across the mark; pixel and lens taken off."""
    straight = replace(mark, x_mm=0.0, y_mm=0.0, angle_deg=0.0)
    sizes, steps = [], []
    for size, fine in ((mark.length_mm, 20 if mark.groove else 8), (mark.width_mm, 8)):
        step = size / fine
        sizes.append(round(max(3.2 * size, 10.0) / step))
        steps.append(step)
    x, y = ((np.arange(n) - n // 2) * step for n, step in zip(sizes, steps, strict=True))
    z = mark_relief(straight, *np.meshgrid(x, y)).height_mm
    fx, fy = np.fft.fftfreq(sizes[0], steps[0])[None, :], np.fft.fftfreq(sizes[1], steps[1])[:, None]
    f = np.hypot(fx, fy)
    pitch = station.mm_per_px
    blur = np.sinc(fx * pitch) * np.sinc(fy * pitch) * np.exp(-2 * (np.pi * f * pitch * station.lens_blur_px) ** 2)
    signal = (2 * np.pi * f * np.abs(np.fft.fft2(z)) * steps[0] * steps[1] * blur) ** 2
    # One noise for both slopes: the mark may lie in any direction.
    floor = (noise.slope_x**2 + noise.slope_y**2) / 2 * pitch**2
    peel = (2 * np.pi * f * blur) ** 2 * _peel(texture, f)
    cell = 1 / (sizes[0] * steps[0] * sizes[1] * steps[1])
    alone, in_peel = (float(np.sqrt((signal / n).sum() * cell)) for n in (floor, floor + peel))
    return Visibility(alone, in_peel)


def _peel(texture: Texture, f: Floats) -> Floats:
    """Power of the orange peel's height per unit of frequency squared, mm⁴."""
    power = np.zeros_like(f)
    for rms_um, (low, high) in zip(texture.rms_um, BANDS_MM, strict=True):
        inside = (f >= 1 / high) & (f < 1 / low)
        density = (rms_um * 1e-3) ** 2 / (2 * np.pi * np.log(high / low))
        power += np.where(inside, density / np.where(inside, f, 1) ** 2, 0)
    return power if texture.added is None else power + _peel(texture.added, f)
