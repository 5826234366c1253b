"""The one picture in which a mark without relief stands out best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.defects.evidence import Evidence
from inspection.defects.fading import Fading, fadings_of
from inspection.defects.window import Window, known_of, median, medians

Floats = NDArray[np.float64]

#: A colour that stands out this many standard deviations of a bin is looked at before the mirror image: light that is
#: mixed by area says where an edge is half way, lost light says it only by its logarithm.
COLOUR_SIGMA = 3.0
#: More than this share of the mirror image cannot be seen to be lost.
MOST_LOST = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """How much of the mark each bin shows, (rows, cols), around 0 outside and positive inside; NaN = not there.

    `noise` is the standard deviation of a bin outside.
    """

    values: Floats
    noise: float
    stands_out: float


def picture_of(window: Window, evidence: Evidence, *, spot: bool) -> Picture | None:
    """The picture of a mark; None where no map shows anything.

    Parameters
    ----------
    spot : bool
        What hides the mirror image by area (dust), whose lost light counts as it is. Of a patch the logarithm counts:
        roughness takes from the mirror image by its exponent.
    """
    colour = _colour(window, evidence)
    if colour is not None and colour.stands_out > COLOUR_SIGMA:
        return colour
    mirror = [_mirror(window, fading, spot) for fading in fadings_of(window, evidence)]
    found = [one for one in (colour, *mirror) if one is not None]
    return max(found, key=lambda one: one.stands_out, default=None)


def _colour(window: Window, evidence: Evidence) -> Picture | None:
    """Reflectance along the way from the paint's colour to the mark's, each channel weighed by its noise."""
    if evidence.reflectance is None:
        return None
    light = window.of(evidence.reflectance.linear_srgb)
    here, around = window.inner(evidence.reflectance.linear_srgb), window.beside(evidence.reflectance.linear_srgb)
    if not (len(here) and len(around)):
        return None
    base = medians(around)
    noise = 1.4826 * medians(np.abs(around - base))
    way = (np.mean(here, axis=0) - base) / np.square(np.maximum(noise, 1e-9))
    values = (light - base) @ way
    if len(here) < window.footprint.size:  # too bright for the frame
        values = np.where(~np.isfinite(values) & window.inside, np.max((here - base) @ way), values)
    return _picture(window, values)


def _mirror(window: Window, fading: Fading, spot: bool) -> Picture | None:
    lost = np.minimum(fading.share, MOST_LOST)
    return _picture(window, lost if spot else -np.log1p(-lost))


def _picture(window: Window, values: Floats) -> Picture | None:
    outside, inside = known_of(values, window.around), known_of(values, window.footprint)
    if outside.size < 4 or not inside.size:
        return None
    level = median(outside)
    noise = max(1.4826 * median(np.abs(outside - level)), 1e-12)
    return Picture(values - level, noise, (float(inside.mean()) - level) / noise)
