"""A line: where it runs, how long and wide it is, how high or deep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.bump import LENS_PX, LENS_U_PX
from inspection.defects.ends import Ends, along_strip, ends_of
from inspection.defects.fading import Fading
from inspection.defects.narrow import Seen, narrow
from inspection.defects.profile import Band, Profile, fit_profile
from inspection.defects.window import Places, Window, quantile

Floats = NDArray[np.float64]
Slopes = tuple[NDArray[np.float32], NDArray[np.float32]]

#: Points of the band along the line that are looked at, at most.
MOST_POINTS = 3000
#: A footprint this many times as long or as short as the line in it is not its own.
LENGTH_RIGHT = 1.15
#: Narrowest half width of the band that is looked at, in pixels.
LEAST_REACH_PX = 4.0
#: Narrower than this share of the blur's variance nothing is told apart.
LEAST_OF_BLUR = 0.05
#: A profile seen narrower than this many pixels turns the fringe inside a pixel: its slopes cannot be read.
READABLE_PX = 1.3
#: What its slopes must explain to be believed, and how far stand out.
BELIEVED, BELIEVED_SIGMA = 0.5, 1.0
#: Section and variance (square pixels) of a groove narrower than a pixel by its slopes: single pixels see its flanks
#: unevenly.
SECTION_U, WIDTH_U_PX2 = 0.15, 0.06


@dataclass(frozen=True, slots=True)
class Line:
    """A straight groove or ridge with a Gaussian profile, blur removed; as `bump.Bump`."""

    x_mm: float
    y_mm: float
    length_mm: float
    u_length_mm: float
    sigma_mm: float
    u_sigma_mm: float
    angle_deg: float
    height_um: float
    u_height_um: float
    u_place_mm: float
    significance: float
    explained: float
    slope_mrad: float


def fit_line(window: Window, slopes: Slopes, fadings: list[Fading]) -> Line | None:
    """Fit a straight line to the slope across it, or, where that is too narrow, to what it takes from the mirror image.

    Parameters
    ----------
    window : Window
        Its footprint is elongated.
    slopes : along x and y
        Maps, mrad; NaN = not there.
    fadings : list of Fading
        Coarse period first; empty where there is no gloss map.

    Returns
    -------
    Line or None
        None where the footprint has no length or nothing runs along it.

    Notes
    -----
    A line at an angle to the pixels samples its own profile much finer than a pixel: all points of a
    band along it are fitted as one profile. The height is the extreme along the line. Of the window, which may be a
    hundred times as large, only the bins along the line are looked at.
    """
    band = _of_footprint(window, slopes)
    if band is None:
        return None
    line = _along(window, band, slopes, fadings)
    if line is None or band.half / LENGTH_RIGHT < line.length_mm / 2 < band.half * LENGTH_RIGHT:
        return line
    # The footprint was too long, and diluted it, or held only a part: once more on the line itself.
    angle = float(np.radians(line.angle_deg))
    band = _band(window, slopes, line.x_mm, line.y_mm, angle, line.length_mm / 2, band.reach)
    return line if band is None else _along(window, band, slopes, fadings)


def _along(window: Window, band: Band, slopes: Slopes, fadings: list[Fading]) -> Line | None:
    across = _across(window, band, slopes, band.where)
    steep = fit_profile(band, across, steep=True)
    pixel = max(window.bin_mm)
    if steep is not None and _believed(steep) and np.exp(steep.theta[2]) > READABLE_PX * pixel:
        return _by_slope(window, band, slopes, steep)
    faded = [(one, fit_profile(band, one.at(band.where), steep=False)) for one in fadings]
    shown = [(one, p) for one, p in faded if p is not None and p.linear[0] > 0]
    best = max(shown, key=lambda pair: pair[1].significance, default=None)
    if best is not None and (steep is None or best[1].significance > steep.significance):
        return _by_fading(window, band, shown, best, steep)
    return None if steep is None else _by_slope(window, band, slopes, steep)


def _across(window: Window, band: Band, slopes: Slopes, where: Places) -> Floats:
    """Slope across the line at flat places, mrad; NaN = not there."""
    normal = band.normal
    return np.asarray(window.at(slopes[0], where) * normal[0] + window.at(slopes[1], where) * normal[1])


def _believed(steep: Profile) -> bool:
    return steep.explained > BELIEVED and steep.significance > BELIEVED_SIGMA


def _of_footprint(window: Window, slopes: Slopes) -> Band | None:
    """The band that the footprint's moments show."""
    inside = window.footprint
    if np.count_nonzero(np.isfinite(window.at(slopes[0], inside) + window.at(slopes[1], inside))) < 4:
        return None
    dx, dy = window.places_mm(inside)
    x, y = float(dx.mean()), float(dy.mean())
    dx, dy = dx - x, dy - y
    xx, xy, yy = (float(p.mean()) for p in (dx * dx, dx * dy, dy * dy))
    angle = float(0.5 * np.arctan2(-2 * xy, xx - yy))
    along, across = dx * np.cos(angle) - dy * np.sin(angle), dx * np.sin(angle) + dy * np.cos(angle)
    pixel = max(window.bin_mm)
    half = float(max(along.max(), -along.min()) + pixel / 2)
    reach = max(LEAST_REACH_PX * pixel, 2.5 * quantile(np.abs(across), 0.8))
    return _band(window, slopes, x, y, angle, half, reach)


def _band(window: Window, slopes: Slopes, x: float, y: float, angle: float, half: float, reach: float) -> Band | None:
    where, along, across = along_strip(window, (x, y), angle, half, reach)
    known = np.isfinite(window.at(slopes[0], where) + window.at(slopes[1], where))
    if np.count_nonzero(known) < 24:
        return None
    thin = np.flatnonzero(known)
    thin = thin[:: max(1, len(thin) // MOST_POINTS)]
    return Band(x, y, angle, half, reach, where[thin], across[thin], along[thin])


def _by_slope(window: Window, band: Band, slopes: Slopes, profile: Profile) -> Line:
    sigma = float(np.exp(profile.theta[2]))
    blur2, blur_u = _blur(window, band.normal)
    true2 = max(sigma**2 - blur2, LEAST_OF_BLUR * blur2)
    gain = sigma / np.sqrt(true2)
    ends = ends_of(window, band, lambda where: _across(window, band, slopes, where), profile)
    amplitude, extreme = float(profile.linear[0]) * ends.extreme, ends.extreme
    u_sigma2 = float(np.hypot(2 * sigma**2 * np.sqrt(profile.covariance[2, 2]), blur_u))
    from_width = abs(amplitude) * gain * 0.5 * blur2 / true2 / sigma**2 * u_sigma2
    from_fit = gain * extreme * float(np.sqrt(profile.covariance[3, 3]))
    return _line(
        band, profile, ends,
        sigma=(float(np.sqrt(true2)), u_sigma2 / (2 * float(np.sqrt(true2)))),
        height=(amplitude * gain, float(np.hypot(from_fit, from_width))),
        slope=abs(amplitude) / sigma * float(np.exp(-0.5)),
    )  # fmt: skip


def _by_fading(
    window: Window, band: Band, shown: list[tuple[Fading, Profile]], best: tuple[Fading, Profile], steep: Profile | None
) -> Line:
    fading, profile = best
    ends = ends_of(window, band, fading.at, profile)
    pixel = float(np.sqrt(window.pixel_mm[0] * window.pixel_mm[1]))
    lost = []
    for one, p in shown:
        width = float(np.exp(p.theta[2])) * np.sqrt(2 * np.pi)
        amount = float(p.linear[0]) * width
        by_x, by_y = (abs(n) * k for n, k in zip(band.normal, one.phase_per_mrad, strict=True))
        lost.append(one.lost(amount, width * float(np.sqrt(p.covariance[3, 3])), (by_x, by_y)))
    seen = _seen(window, band, steep) if steep is not None and _believed(steep) else None
    found = narrow(lost, seen, line=True, torn=True, pixel_mm=pixel)
    return _line(
        band, profile, ends,
        sigma=(found.sigma_mm, found.u_sigma_mm),
        # What is too narrow to show its slopes is a cut: paint has no ridges as thin.
        height=(-found.height_um, found.u_height_um),
        slope=found.height_um / found.sigma_mm * float(np.exp(-0.5)),
    )  # fmt: skip


def _seen(window: Window, band: Band, steep: Profile) -> Seen:
    """What the slopes tell: all of the section where the flanks can be read, a part of it where they are too steep."""
    sigma = float(np.exp(steep.theta[2]))
    blur, u_blur = _blur(window, band.normal)
    section = abs(float(steep.linear[0])) * sigma
    from_fit = 2 * sigma**2 * np.sqrt(steep.covariance[2, 2])
    return Seen(
        variance_mm2=sigma**2,
        u_variance_mm2=float(np.hypot(from_fit, WIDTH_U_PX2 * max(window.bin_mm) ** 2)),
        blur_mm2=blur,
        u_blur_mm2=u_blur,
        volume=section,
        u_volume=float(np.hypot(SECTION_U * section, sigma * np.sqrt(steep.covariance[3, 3]))),
    )


def _line(
    band: Band, profile: Profile, ends: Ends, *,
    sigma: tuple[float, float], height: tuple[float, float], slope: float,
) -> Line:  # fmt: skip
    middle = (ends.begin_mm + ends.end_mm) / 2
    off = float(profile.theta[0] + profile.theta[1] * middle / band.half)
    cos, sin = np.cos(band.angle), np.sin(band.angle)
    angle = band.angle - np.arctan2(profile.theta[1], band.half)
    return Line(
        x_mm=float(band.x_mm + middle * cos + off * sin),
        y_mm=float(band.y_mm - middle * sin + off * cos),
        length_mm=ends.end_mm - ends.begin_mm,
        u_length_mm=ends.u_length_mm,
        sigma_mm=sigma[0],
        u_sigma_mm=sigma[1],
        angle_deg=float((np.degrees(angle) + 90) % 180 - 90),
        height_um=height[0],
        u_height_um=height[1],
        u_place_mm=float(np.sqrt(profile.covariance[0, 0])),
        significance=profile.significance,
        explained=profile.explained,
        slope_mrad=slope,
    )


def _blur(window: Window, across: Floats) -> tuple[float, float]:
    """Variance across the line of pixel and lens blur, mm², and its standard uncertainty."""
    square = np.square(across)
    box = sum(c * b * b / 12 for c, b in zip(square, window.bin_mm, strict=True))
    pixel2 = sum(c * p * p for c, p in zip(square, window.pixel_mm, strict=True))
    return float(box + LENS_PX**2 * pixel2), float(2 * LENS_PX * LENS_U_PX * pixel2)
