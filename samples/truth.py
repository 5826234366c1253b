"""What a perfect measurement of a simulated panel would find; definitions as in contracts.md §5."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from inspection.frames import AXES
from samples.appearance import appearance
from samples.colour import lab_to_linear_srgb, linear_srgb_to_lab
from samples.light import screen_light
from samples.marks import MarkTruth, marks_of
from samples.optics import fresnel
from samples.paintwork import Panel
from samples.placement import hit, reflect, surface, to_local
from samples.stations import Station
from samples.surface import BANDS_MM, texture_relief

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BandTruth:
    """Orange peel of one wavelength band.

    Attributes
    ----------
    rms_um, rms_mrad : float
        By the definition: second order removed, Hann window, sharp annulus; the slope is that
        along a line, the mean of all directions. The window lets a little of a strong neighbouring
        band leak in.
    windowed_rms_um : float
        RMS of this band's own waves under the same window: no leakage, no form removed.
    field_rms_um : float
        Plain RMS of this band's own waves over the field.
    """

    rms_um: float
    rms_mrad: float
    windowed_rms_um: float
    field_rms_um: float


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Maps at camera resolution (rows, cols) for the centre ray of each pixel, and values of the field.

    Attributes
    ----------
    slope_x_mrad, slope_y_mrad, height_um
        Texture and marks, without the panel's form (dz/dx, dz/dy: y down).
    form_slope_x_mrad, form_slope_y_mrad
        Of the form alone.
    screen_u_mm, screen_v_mm
        Screen position that the true surface mirrors; NaN where the ray misses the screen.
    modulation : dict of (axis, period_mm) to ndarray
        Mirrored modulation, full scales per ms for a screen from 0 to 1.
    glass_modulation
        The same for the station's declared black glass.
    gloss_gu, haze_pct : ndarray
    clarity_pct : dict of period_mm to ndarray
        Mean of the two axes; every period but the coarsest.
    lab : (rows, cols, 3)
    mean_lab : (3,)
        Lab of the mean linear reflectance of the field.
    bands : dict of (from_mm, to_mm) to BandTruth
    marks : tuple of MarkTruth
        Every mark and patch of the panel, also those outside the field.
    """

    slope_x_mrad: Floats
    slope_y_mrad: Floats
    form_slope_x_mrad: Floats
    form_slope_y_mrad: Floats
    height_um: Floats
    screen_u_mm: Floats
    screen_v_mm: Floats
    modulation: dict[tuple[str, float], Floats]
    glass_modulation: dict[tuple[str, float], Floats]
    gloss_gu: Floats
    haze_pct: Floats
    clarity_pct: dict[float, Floats]
    lab: Floats
    mean_lab: Floats
    bands: dict[tuple[float, float], BandTruth]
    marks: tuple[MarkTruth, ...]

    def delta_e00(self, target_lab: tuple[float, float, float]) -> float:
        """ΔE00 between a recipe's Lab and the mean colour of the field."""
        return float(deltaE_ciede2000(np.array(target_lab), self.mean_lab))


def truth(panel: Panel, station: Station) -> Truth:
    """Exact truth of a capture of this panel with this station, free of noise and of drift.

    Gloss, clarity and haze compare with a perfect reading of the declared black glass, so that an
    error of the station's own reference counts as an error of the measurement.
    """
    geometry = station.true_geometry()
    column, row = np.meshgrid(np.arange(station.width_px, dtype=float), np.arange(station.height_px, dtype=float))
    points = hit(panel, geometry, column, row)
    seen = reflect(points, geometry.camera.position_mm, geometry.screen)
    on = (np.abs(seen.u_mm) <= geometry.screen.width_mm / 2) & (np.abs(seen.v_mm) <= geometry.screen.height_mm / 2)
    relief = surface(panel, points.x, points.y, form=False)
    whole = surface(panel, points.x, points.y, texture=False)

    light = screen_light(panel, station, panel.n_clear)
    glass = screen_light(Panel("glass", lab=(0.0, 0.0, 0.0), alpha=0.0), station.declared(), station.glass_n)
    b = {key: np.abs(z).astype(np.float64) for key, z in light.fringe.items()}
    bg = {key: np.abs(z).astype(np.float64) for key, z in glass.fringe.items()}
    coarse = max(station.periods_mm)
    share = np.mean([b["x", coarse] / light.mirrored, b["y", coarse] / light.mirrored], axis=0)
    glass_share = np.mean([bg["x", coarse] / glass.mirrored, bg["y", coarse] / glass.mirrored], axis=0)
    ratio = np.mean([b[axis, coarse] / bg[axis, coarse] for axis in AXES], axis=0)
    c = cos(radians(station.camera_angle_deg))
    clarity = {
        p: 100 * np.mean([b[a, p] / b[a, coarse] / (bg[a, p] / bg[a, coarse]) for a in AXES], axis=0)
        for p in station.periods_mm
        if p != coarse
    }
    lab = appearance(panel, points.x, points.y, station.mm_per_px).lab
    return Truth(
        slope_x_mrad=relief.slope_x * 1e3,
        slope_y_mrad=relief.slope_y * 1e3,
        form_slope_x_mrad=whole.slope_x * 1e3,
        form_slope_y_mrad=whole.slope_y * 1e3,
        height_um=relief.height_mm * 1e3,
        screen_u_mm=np.where(on, seen.u_mm, np.nan),
        screen_v_mm=np.where(on, seen.v_mm, np.nan),
        modulation={(a, p): m for (a, p), m in b.items()},
        glass_modulation={(a, p): m for (a, p), m in bg.items()},
        gloss_gu=100 * ratio * fresnel(station.glass_n, c) / fresnel(1.567, c),
        haze_pct=100 * (1 - share / glass_share),
        clarity_pct=clarity,
        lab=lab,
        mean_lab=linear_srgb_to_lab(lab_to_linear_srgb(lab).mean(axis=(0, 1))),
        bands=_bands(panel, station),
        marks=marks_of(panel, station),
    )


def _bands(panel: Panel, station: Station) -> dict[tuple[float, float], BandTruth]:
    """Waviness of the field, on a regular grid half a pixel wide."""
    geometry = station.geometry()
    n = [max(64, round(2 * size / station.mm_per_px)) for size in geometry.field_mm]
    pitch = [size / count for size, count in zip(geometry.field_mm, n, strict=True)]
    x = (np.arange(n[0]) + 0.5) * pitch[0] - geometry.field_mm[0] / 2
    y_up = geometry.field_mm[1] / 2 - (np.arange(n[1]) + 0.5) * pitch[1]
    lx, ly = to_local(panel, *np.meshgrid(x, y_up))
    alone = [texture_relief(panel.texture, lx, ly, (i,)).height_mm * 1e3 for i in range(len(BANDS_MM))]
    height = _without_second_order(np.sum(alone, axis=0))
    window = np.outer(np.hanning(n[1] + 2)[1:-1], np.hanning(n[0] + 2)[1:-1])
    power = np.abs(np.fft.fft2(height * window)) ** 2 / (np.sum(window**2) * height.size)
    f = np.hypot(np.fft.fftfreq(n[1], pitch[1])[:, None], np.fft.fftfreq(n[0], pitch[0])[None, :])
    found = {}
    for (low, high), own in zip(BANDS_MM, alone, strict=True):
        inside = (f >= 1 / high) & (f < 1 / low)
        found[low, high] = BandTruth(
            rms_um=float(np.sqrt(power[inside].sum())),
            rms_mrad=float(np.sqrt((power * (2 * np.pi * f) ** 2)[inside].sum() / 2)),
            windowed_rms_um=float(np.sqrt(np.average(own**2, weights=window**2))),
            field_rms_um=float(np.std(own)),
        )
    return found


def _without_second_order(height: Floats) -> Floats:
    y, x = np.mgrid[-1 : 1 : height.shape[0] * 1j, -1 : 1 : height.shape[1] * 1j]
    basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y]).reshape(6, -1)
    fit, *_ = np.linalg.lstsq(basis.T, height.ravel(), rcond=None)
    return np.asarray(height - (fit @ basis).reshape(height.shape))
