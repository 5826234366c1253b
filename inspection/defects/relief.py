"""The relief of a mark: a bump, a hollow or a line, whichever explains the slopes around it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspection.defects.bump import TENTH_SIGMA, Bump, blur_of, fit_bump
from inspection.defects.candidates import Candidate, Shape, Sign
from inspection.defects.evidence import Evidence
from inspection.defects.fading import Fading, fadings_of
from inspection.defects.line import Line, fit_line
from inspection.defects.narrow import Seen, narrow
from inspection.defects.window import Window

#: A relief that stands out less is none.
LEAST_SIGMA = 5.0
#: The same for a line that the search, which follows it further, has seen as one.
LINE_SIGMA = 3.0
#: A relief that explains less of the slopes around it is not what is there.
LEAST_EXPLAINED = 0.08
#: The same for a mark that the search saw by its relief alone: wide and shallow ones explain little beside short waves.
ONLY_SIGMA, ONLY_EXPLAINED = 2.0, 0.02
#: Longer than this many times its width, a bump is tried as a line.
LINE_ASPECT = 3.0
#: A line narrower than this many pixels is not tried as a bump.
WIDE_LINE_PX = 5.0
#: … nor one that explains more than this: of a bump that swells and thins out along its length as a Gaussian does, one
#: height all along explains five sixths.
SURE_LINE = 0.93
#: A point whose blur-free sigma is below this many pixels is measured by what it takes from the mirror image as well.
NARROW_PX = 0.75
#: Volume of a narrow point by its slopes, relative standard uncertainty; and what they must explain to be counted.
VOLUME_U, VOLUME_EXPLAINED = 0.35, 0.6
#: Steeper is a hole: dust under paint has softer flanks.
HOLE_MRAD = 45.0
#: What another shape than a Gaussian makes of the height, relative; and what scattering walls make of it where no
#: slope is seen.
SHAPE_U, DARK_U = 0.1, 0.45
#: Flanks that turn the fringe more than once within a pixel at every period.
DARK_MRAD = 25.0
#: Place of a point by its light alone, pixels: texture lies beneath, and half a pixel tells its side by one number.
LIGHT_PLACE_PX = 0.1
#: A hollow that lacks this share of its light at the coarsest period is too steep for its slopes to be read.
DARK_SHARE = 0.4
#: A wall lower than this share of the depth is none.
RIM_RATIO = 0.1
#: A wall may stand elsewhere than the model's and be steeper: relative, of the extent over it.
RIM_U = 0.04
#: A point without slopes must miss this many standard deviations of light.
LEAST_LOST_SIGMA = 5.0


@dataclass(frozen=True, slots=True)
class Relief:
    """What the slopes and the lost light say; sizes as in `marks.Mark`."""

    line: bool
    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    angle_deg: float
    height_um: float
    u_height_um: float
    u_place_mm: float
    u_length_mm: float
    u_width_mm: float
    rim_um: float
    significance: float
    explained: float
    slope_mrad: float


def relief_of(candidate: Candidate, window: Window, evidence: Evidence) -> Relief | None:
    """Fit what may be there; None where no relief stands out."""
    if evidence.surface is None or not window.inside.any():
        return None
    slopes = evidence.surface.x_mrad, evidence.surface.y_mrad
    fadings = fadings_of(window, evidence)
    found: list[Relief] = []
    if candidate.shape is Shape.LINE:
        line = fit_line(window, slopes, fadings)
        if line is not None and line.significance > LINE_SIGMA and line.explained > LEAST_EXPLAINED:
            found = [_of_line(line)]
            if found[0].width_mm < WIDE_LINE_PX * max(window.bin_mm) or line.explained > SURE_LINE:
                return found[0]
    thin = window.thinned()
    sx, sy = (thin.of(one) for one in slopes)
    bump = fit_bump(thin, sx, sy, beyond=found[0].explained if found else -1.0)
    if bump is not None and _stands_out(bump, candidate):
        found.append(_of_bump(bump))
    if candidate.shape is Shape.LINE:
        return max(found, key=lambda one: one.explained, default=None)
    if found and found[0].length_mm > LINE_ASPECT * found[0].width_mm:
        line = fit_line(window, slopes, fadings)
        if line is not None and line.significance > LEAST_SIGMA and line.explained > found[0].explained:
            return _of_line(line)
    pixel = math.sqrt(window.pixel_mm[0] * window.pixel_mm[1])
    if candidate.shape is Shape.POINT and (not found or bump is None or _unread(bump, fadings, window, pixel)):
        return _of_narrow(window, bump if found else None, fadings, pixel) or (found[0] if found else None)
    return found[0] if found else None


def _stands_out(bump: Bump, candidate: Candidate) -> bool:
    """Whether the bump is what the search saw: clearly, or as all that there is to see."""
    if candidate.sigma.keys() == {Sign.RELIEF}:
        return bump.significance > ONLY_SIGMA and bump.explained > ONLY_EXPLAINED
    return bump.significance > LEAST_SIGMA and bump.explained > LEAST_EXPLAINED


def _of_bump(bump: Bump) -> Relief:
    long, short = (2 * reach for reach in bump.reach_mm)
    long, short = max(long, short), min(long, short)
    of_rim = RIM_U if bump.rim_um > 0 else 0.0
    u_long, u_short = (math.hypot(u, of_rim) for u in bump.u_sigma_relative)
    seen = math.prod(bump.sigma_mm) / (math.prod(bump.seen_sigma_mm) * bump.seen_sigma_mm[1])
    return Relief(
        line=False,
        x_mm=bump.x_mm,
        y_mm=bump.y_mm,
        length_mm=long,
        width_mm=short,
        angle_deg=bump.angle_deg,
        height_um=bump.height_um,
        u_height_um=bump.u_height_um,
        u_place_mm=bump.u_place_mm,
        u_length_mm=u_long * long,
        u_width_mm=u_short * short,
        rim_um=bump.rim_um,
        significance=bump.significance,
        explained=bump.explained,
        slope_mrad=abs(bump.height_um) * seen * math.exp(-0.5),
    )


def _of_line(line: Line) -> Relief:
    return Relief(
        line=True,
        x_mm=line.x_mm,
        y_mm=line.y_mm,
        length_mm=line.length_mm,
        width_mm=2 * TENTH_SIGMA * line.sigma_mm,
        angle_deg=line.angle_deg,
        height_um=line.height_um,
        u_height_um=line.u_height_um,
        u_place_mm=line.u_place_mm,
        u_length_mm=line.u_length_mm,
        u_width_mm=2 * TENTH_SIGMA * line.u_sigma_mm,
        rim_um=0.0,
        significance=line.significance,
        explained=line.explained,
        slope_mrad=line.slope_mrad,
    )


def _unread(bump: Bump, fadings: list[Fading], window: Window, pixel: float) -> bool:
    """Whether a point is too narrow for its slopes, or too steep."""
    if bump.rim_um > RIM_RATIO * abs(bump.height_um):
        return False
    dark = bool(fadings) and bool((fadings[0].share[window.inside] > DARK_SHARE).any())
    return math.sqrt(math.prod(bump.sigma_mm)) < NARROW_PX * pixel or (dark and bump.height_um < 0)


def _of_narrow(window: Window, bump: Bump | None, fadings: list[Fading], pixel: float) -> Relief | None:
    """A point narrower than the blur: slopes and lost light together."""
    if not fadings:
        return None
    fine = fadings[-1]
    x, y, u_place = _centre(window, fine) if bump is None else (bump.x_mm, bump.y_mm, bump.u_place_mm)
    reach = 2.0 * pixel if bump is None else 2.0 * pixel + 2.5 * bump.sigma_mm[0]
    disc = np.hypot(window.x_mm - x, window.y_mm - y) < reach
    u = [f.noise * math.sqrt(np.count_nonzero(disc)) * window.bin_mm2 for f in fadings]
    lost = [f.lost(max(0.0, float(f.share[disc].sum()) * window.bin_mm2), s) for f, s in zip(fadings, u, strict=True)]
    significance = lost[-1].amount / max(u[-1], 1e-12)
    if bump is None and significance < LEAST_LOST_SIGMA:
        return None
    found = narrow(
        lost, None if bump is None else _seen(window, bump), line=False, torn=bump is None or bump.height_um < 0,
        pixel_mm=pixel,
    )  # fmt: skip
    steep = found.height_um / found.sigma_mm * math.exp(-0.5)
    believed = bump is not None and bump.explained > VOLUME_EXPLAINED and steep < HOLE_MRAD
    sign = math.copysign(1.0, bump.height_um) if believed and bump is not None else -1.0
    dark = not believed or steep > DARK_MRAD
    if dark:
        x, y, u_place = _centre(window, fine)
    size, u_size = 2 * TENTH_SIGMA * found.sigma_mm, 2 * TENTH_SIGMA * found.u_sigma_mm
    return Relief(
        line=False,
        x_mm=x,
        y_mm=y,
        length_mm=size,
        width_mm=size,
        angle_deg=0.0,
        height_um=sign * found.height_um,
        u_height_um=math.hypot(found.u_height_um, (DARK_U if dark else SHAPE_U) * found.height_um),
        u_place_mm=u_place,
        u_length_mm=u_size,
        u_width_mm=u_size,
        rim_um=0.0,
        significance=max(significance, 0.0 if bump is None else bump.significance),
        explained=0.0 if bump is None else bump.explained,
        slope_mrad=steep,
    )


def _centre(window: Window, fading: Fading) -> tuple[float, float, float]:
    """Centre of the lost light, and its standard uncertainty."""
    pixel = max(window.bin_mm)
    x0, y0 = float(window.x_mm[window.inside].mean()), float(window.y_mm[window.inside].mean())
    near = np.hypot(window.x_mm - x0, window.y_mm - y0) < 3 * pixel
    weight = np.where(near | window.inside, np.maximum(fading.share - 3 * fading.noise, 0.0), 0.0)
    total = float(weight.sum())
    if not total > 0:
        return x0, y0, pixel / 2
    # Of n bins with equal noise at an rms distance of about their reach over √2, both directions together.
    n = int(np.count_nonzero(weight))
    u = math.hypot(fading.noise * n / total * pixel / math.sqrt(2 * math.pi), LIGHT_PLACE_PX * pixel * math.sqrt(2))
    return float((weight * window.x_mm).sum() / total), float((weight * window.y_mm).sum() / total), u


def _seen(window: Window, bump: Bump) -> Seen:
    variance = math.prod(bump.seen_sigma_mm)
    blur, blur_u = blur_of(window)
    volume = abs(bump.height_um) * math.prod(bump.sigma_mm)
    return Seen(
        variance_mm2=variance,
        u_variance_mm2=0.06 * variance,
        blur_mm2=math.sqrt(float(np.linalg.det(blur))),
        u_blur_mm2=blur_u,
        volume=volume if bump.explained > VOLUME_EXPLAINED else None,
        u_volume=VOLUME_U * volume,
    )
