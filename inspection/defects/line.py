"""A line: where it runs, how long and wide it is, how high or deep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.bump import LENS_PX, LENS_U_PX
from inspection.defects.fading import Fading
from inspection.defects.narrow import narrow
from inspection.defects.profile import Band, Profile, fit_profile
from inspection.defects.window import Window

Floats = NDArray[np.float64]

#: Points of the band along the line that are looked at, at most.
MOST_POINTS = 3000
#: Cells along the line in which its strength is taken.
CELLS = 40
#: Narrowest half width of the band that is looked at, in pixels.
LEAST_REACH_PX = 4.0
#: The line ends where its strength falls to this share: wide ones by the definition, faint ones where noise allows.
TENTH, HALF = 0.1, 0.5
#: Narrower than this share of the blur's variance nothing is told apart.
LEAST_OF_BLUR = 0.05
#: A profile seen narrower than this many pixels turns the fringe inside a pixel: its slopes cannot be read.
READABLE_PX = 1.3
#: What its slopes must explain to be believed.
BELIEVED = 0.5


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


def fit_line(window: Window, slope_x: Floats, slope_y: Floats, fadings: list[Fading]) -> Line | None:
    """Fit a straight line to the slope across it, or, where that is too narrow, to what it takes from the mirror image.

    Parameters
    ----------
    window : Window
        Its footprint is elongated.
    slope_x, slope_y : float64 (rows, cols)
        mrad; NaN = not there.
    fadings : list of Fading
        Coarse period first; empty where there is no gloss map.

    Returns
    -------
    Line or None
        None where the footprint has no length or nothing runs along it.

    Notes
    -----
    A line at an angle to the pixels samples its own profile much finer than a pixel: all points of a
    band along it are fitted as one profile. The height is the extreme along the line.
    """
    band = _band(window, slope_x, slope_y)
    if band is None:
        return None
    normal = band.normal
    slope = slope_x * normal[0] + slope_y * normal[1]
    steep = fit_profile(band, slope, steep=True)
    pixel = max(window.bin_mm)
    if steep is not None and steep.explained > BELIEVED and np.exp(steep.theta[2]) > READABLE_PX * pixel:
        return _by_slope(window, band, slope, steep)
    lit = np.isfinite(slope_x)
    faded = [(one, fit_profile(band, np.where(lit, one.share, np.nan), steep=False)) for one in fadings]
    shown = [(one, p) for one, p in faded if p is not None and p.linear[0] > 0]
    best = max(shown, key=lambda pair: pair[1].significance, default=None)
    if best is not None and (steep is None or best[1].significance > steep.significance):
        return _by_fading(window, band, shown, best)
    return None if steep is None else _by_slope(window, band, slope, steep)


def _band(window: Window, sx: Floats, sy: Floats) -> Band | None:
    inside, known = window.inside, np.isfinite(sx) & np.isfinite(sy)
    if np.count_nonzero(inside & known) < 4:
        return None
    weight = inside.astype(float)
    total = weight.sum()
    x, y = (float((weight * p).sum() / total) for p in (window.x_mm, window.y_mm))
    dx, dy = window.x_mm - x, window.y_mm - y
    xx, xy, yy = ((weight * p).sum() / total for p in (dx * dx, dx * dy, dy * dy))
    angle = float(0.5 * np.arctan2(-2 * xy, xx - yy))
    along, across = dx * np.cos(angle) - dy * np.sin(angle), dx * np.sin(angle) + dy * np.cos(angle)
    pixel = max(window.bin_mm)
    half = float(max(along[inside].max(), -along[inside].min()) + pixel / 2)
    reach = max(LEAST_REACH_PX * pixel, 2.5 * float(np.quantile(np.abs(across[inside]), 0.8)))
    where = np.flatnonzero(known & (np.abs(across) < reach) & (np.abs(along) < half))
    if len(where) < 24:
        return None
    where = where[:: max(1, len(where) // MOST_POINTS)]
    return Band(x, y, angle, half, reach, where, across.ravel()[where], along.ravel()[where])


def _by_slope(window: Window, band: Band, slope: Floats, profile: Profile) -> Line:
    sigma = float(np.exp(profile.theta[2]))
    blur2, blur_u = _blur(window, band.normal)
    true2 = max(sigma**2 - blur2, LEAST_OF_BLUR * blur2)
    gain = sigma / np.sqrt(true2)
    begin, end, u_end, extreme = _ends(window, band, slope, profile)
    amplitude = float(profile.linear[0]) * extreme
    u_sigma2 = float(np.hypot(2 * sigma**2 * np.sqrt(profile.covariance[2, 2]), blur_u))
    from_width = abs(amplitude) * gain * 0.5 * blur2 / true2 / sigma**2 * u_sigma2
    from_fit = gain * extreme * float(np.sqrt(profile.covariance[3, 3]))
    return _line(
        band, profile, begin, end, u_end,
        sigma=(float(np.sqrt(true2)), u_sigma2 / (2 * float(np.sqrt(true2)))),
        height=(amplitude * gain, float(np.hypot(from_fit, from_width))),
        slope=abs(amplitude) / sigma * float(np.exp(-0.5)),
    )  # fmt: skip


def _by_fading(
    window: Window, band: Band, shown: list[tuple[Fading, Profile]], best: tuple[Fading, Profile]
) -> Line:
    fading, profile = best
    begin, end, u_end, _ = _ends(window, band, fading.share, profile)
    pixel = float(np.sqrt(window.pixel_mm[0] * window.pixel_mm[1]))
    lost = []
    for one, p in shown:
        width = float(np.exp(p.theta[2])) * np.sqrt(2 * np.pi)
        amount = float(p.linear[0]) * width
        by_x, by_y = (abs(n) * k for n, k in zip(band.normal, one.phase_per_mrad, strict=True))
        lost.append(one.lost(amount, width * float(np.sqrt(p.covariance[3, 3])), (by_x, by_y)))
    found = narrow(lost, None, line=True, pixel_mm=pixel)
    return _line(
        band, profile, begin, end, u_end,
        sigma=(found.sigma_mm, found.u_sigma_mm),
        # What is too narrow to show its slopes is a cut: paint has no ridges as thin.
        height=(-found.height_um, found.u_height_um),
        slope=found.height_um / found.sigma_mm * float(np.exp(-0.5)),
    )  # fmt: skip


def _line(
    band: Band, profile: Profile, begin: float, end: float, u_end: float, *,
    sigma: tuple[float, float], height: tuple[float, float], slope: float,
) -> Line:  # fmt: skip
    middle = (begin + end) / 2
    off = float(profile.theta[0] + profile.theta[1] * middle / band.half)
    cos, sin = np.cos(band.angle), np.sin(band.angle)
    angle = band.angle - np.arctan2(profile.theta[1], band.half)
    return Line(
        x_mm=float(band.x_mm + middle * cos + off * sin),
        y_mm=float(band.y_mm - middle * sin + off * cos),
        length_mm=end - begin,
        u_length_mm=u_end,
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


def _ends(window: Window, band: Band, picture: Floats, profile: Profile) -> tuple[float, float, float, float]:
    """Begin, end, standard uncertainty of the length, and the extreme along the line over the fitted strength."""
    sigma, pixel = float(np.exp(profile.theta[2])), max(window.bin_mm)
    cell = max(2 * band.half / CELLS, 1.5 * pixel)
    reach = band.half + 4 * cell
    dx, dy = window.x_mm - band.x_mm, window.y_mm - band.y_mm
    cos, sin = np.cos(band.angle), np.sin(band.angle)
    along = dx * cos - dy * sin
    across = dx * sin + dy * cos - profile.theta[0] - profile.theta[1] * along / band.half
    near = np.isfinite(picture) & (np.abs(across) < 3 * sigma + pixel) & (np.abs(along) < reach)
    d, a, s = across[near] / sigma, along[near], picture[near]
    z = np.exp(-d * d / 2)
    count = max(5, int(np.ceil(2 * reach / cell)))
    index = np.clip(((a + reach) / (2 * reach) * count).astype(int), 0, count - 1)
    n = np.maximum(np.bincount(index, minlength=count), 1)
    pattern = -d / sigma * z if profile.steep else z
    pattern = pattern - (np.bincount(index, pattern, count) / n)[index]
    weight = np.bincount(index, pattern * pattern, count)
    strength = np.bincount(index, pattern * s, count) / np.maximum(weight, 1e-9 * weight.max()) / profile.linear[0]
    strength[weight < 0.05 * weight.max()] = 0.0
    smooth = np.convolve(np.pad(strength, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    centres = (np.arange(count) + 0.5) / count * 2 * reach - reach
    extreme = float(smooth[np.abs(centres) < band.half].max(initial=1.0))
    beyond = np.abs(centres) > band.half + cell
    noise = float(np.std(smooth[beyond])) if np.count_nonzero(beyond) > 1 else 0.0
    threshold = extreme * min(HALF, max(TENTH, 3 * noise / extreme))
    over = smooth >= threshold
    peak = int(np.argmax(np.where(np.abs(centres) < band.half, smooth, -np.inf)))
    ends = []
    for towards in (-1, 1):
        at, gap, last = peak, 0, peak
        while 0 <= at < count and gap <= 2:  # a line may fade for a moment
            gap = 0 if over[at] else gap + 1
            last = at if over[at] else last
            at += towards
        nxt = last + towards
        part = 0.5
        if 0 <= nxt < count:
            part = float(np.clip((smooth[last] - threshold) / max(smooth[last] - smooth[nxt], 1e-9), 0, 1))
        ends.append(float(np.clip(centres[last] + towards * part * cell, -reach, reach)))
    return ends[0], ends[1], cell / 2, extreme
