"""Glints: points of another colour with the whole mirror image before them lie in the paint and not on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Sign
from inspection.defects.classify import PATCH_MM
from inspection.defects.evidence import Evidence
from inspection.defects.find_scales import Scale
from inspection.defects.groups import Group
from inspection.defects.specks import Speck
from inspection.defects.window import median

Floats = NDArray[np.float64]

#: Diffuse reflectance factors between which all dust lies: it hides least of the paint where it is white, or black.
WHITEST, BLACKEST = 1.0, 0.0
#: The paint's own is known no better than this: dust that differs by less cannot be told by its colour.
LEAST_APART = 0.05
#: Standard deviations by which the loss of gloss must fall short of the least that dust brings with it: 95 % of the
#: whitest dust loses more.
SHORT_SIGMA = 1.645
#: What lies in the paint is a mark from so many times the threshold on, which goes by the panel's own glints.
FAR_BEYOND = 2.0
#: The lens spreads a point beyond its footprint; what is around it tells level and noise (search cells).
_BLUR_CELLS, _AROUND_CELLS = 1, 6


def without_glints(groups: list[Group], evidence: Evidence) -> list[Group]:
    """Less the flakes of effect paint among the points that only the colour shows.

    Dust covers paint: by its colour at least a share of each cell, and it hides the mirror image of as much. A point
    without that loss is a flake, or lies under the clearcoat, and is a mark only far beyond the panel's own glints.
    Where the gloss is not known, or too noisy to tell, every point stays.
    """
    if not {Sign.COLOUR, Sign.MIRROR} <= evidence.fields.keys():
        return groups
    space = evidence.space(Sign.COLOUR)
    return [one for one in groups if not (_is_faint(one, space, evidence.cell_mm) and _is_bare(one.main, evidence))]


def _is_faint(one: Group, space: Sequence[Scale], cell_mm: float) -> bool:
    """Whether it is a point of colour only, too small for a patch and not far beyond the threshold of its scale."""
    if one.region or set(one.sigma) != {Sign.COLOUR} or one.main.extent.length * cell_mm >= PATCH_MM:
        return False
    scale = min(space, key=lambda s: abs(s.scale_cells - one.main.scale_cells))
    return one.sigma[Sign.COLOUR] < FAR_BEYOND * scale.threshold


def _is_bare(speck: Speck, evidence: Evidence) -> bool:
    """Whether nothing lies before the mirror image there."""
    mirror = evidence.fields[Sign.MIRROR]
    wide = speck.grown(_AROUND_CELLS, mirror.values.shape)
    box = wide.rows, wide.cols
    inside = np.zeros(wide.inside.shape, np.uint8)
    inside[speck.top - wide.top :, speck.left - wide.left :][: speck.inside.shape[0], : speck.inside.shape[1]] = (
        speck.inside
    )
    here = cv2.dilate(inside, np.ones((2 * _BLUR_CELLS + 1,) * 2, np.uint8)).astype(bool)
    if not mirror.seen[box][here].all():
        return False
    gloss = mirror.values[box].astype(np.float64)
    short_sigma = missing_loss_sigma(evidence.fields[Sign.COLOUR].values[box].astype(np.float64), gloss, here)
    return short_sigma > SHORT_SIGMA


def missing_loss_sigma(reflectance: Floats, gloss: Floats, here: NDArray[np.bool_]) -> float:
    """By how many standard deviations the loss of gloss falls short of the least that dust of this colour brings.

    Dust of reflectance D on paint of P shows by a difference d that it covers d / (D − P) of a cell, least where it is
    white (d > 0) or black, and hides as much of the mirror image; how dust shades the paint beside it only adds to
    that. Fitted to all cells at once, with the scatter of both maps around them.

    Parameters
    ----------
    reflectance : (rows, cols)
        Diffuse reflectance factor.
    gloss : (rows, cols)
        Any unit.
    here : bool (rows, cols)
        Cells of the point; the others tell level and noise.

    Returns
    -------
    float
        0 where nothing can be told: no gloss around, or no cell around or inside.
    """
    if here.all() or not here.any():
        return 0.0
    paint, level = median(reflectance[~here]), median(gloss[~here])
    if not level > 0:
        return 0.0
    change = reflectance[here] - paint
    dust = WHITEST if change.sum() > 0 else BLACKEST
    apart = np.copysign(max(abs(dust - paint), LEAST_APART), change.sum())
    hidden = np.minimum(change / apart, 1.0)
    lost = 1 - gloss[here] / level
    u_hidden = 1.4826 * median(np.abs(reflectance[~here] - paint)) / abs(apart)
    u_lost = 1.4826 * median(np.abs(gloss[~here] / level - 1))
    # Noise of the colour, squared, looks like dust that hides nothing.
    short = float((hidden * (hidden - lost)).sum()) - hidden.size * u_hidden**2
    return short / max(float(np.sqrt(np.square(hidden).sum())) * math.hypot(u_hidden, u_lost), 1e-12)
