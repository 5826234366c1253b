"""From a description to a kind: what physics rules out is out; a regression weighs what is left."""

from __future__ import annotations

import pkgutil
from functools import lru_cache

import numpy as np

from inspection.defects.description import Basis, Description
from inspection.defects.features import vector_of
from inspection.defects.kinds import Kind
from inspection.defects.learn import Learned, learned_of

#: Weights of the regression beside this file; `paint-station train` writes them.
WEIGHTS = "kinds.json"
#: Kinds that are a relief: height and sign are theirs.
RELIEF = frozenset({Kind.NIB, Kind.CRATER, Kind.PINHOLE, Kind.SCRATCH, Kind.RUN, Kind.DENT})
UP, DOWN = frozenset({Kind.NIB, Kind.RUN}), frozenset({Kind.CRATER, Kind.PINHOLE})
#: Kinds that show no relief only where they are narrower than the blur.
ALWAYS_RELIEF = frozenset({Kind.NIB, Kind.CRATER, Kind.RUN, Kind.DENT})
#: A sign of height counts from this many standard uncertainties on, on a relief seen over this many pixels that
#: explains this share of the slopes.
SURE_SIGMA, SURE_PX, SURE_EXPLAINED = 3.0, 1.5, 0.85
#: Longer than this, or than so many widths, nothing is a speck; shorter than this nothing is a dent or a run.
SPECK_MM, SPECK_ASPECT, FORM_MM = 5.0, 4.0, 2.5
#: Shorter than this nothing is a patch; narrower than this and longer than so many widths, everything is a scratch.
PATCH_MM, THREAD_MM, THREAD_ASPECT = 1.2, 1.5, 6.0
#: A pad wears through no spot smaller than this.
BURN_MM = 2.0
SCUFFS = frozenset({Kind.SWIRL, Kind.HOLOGRAM})
PATCHES = SCUFFS | {Kind.GLOSS_PATCH, Kind.COLOUR_PATCH}
#: A hollow that is seen whole and wider than this is no pinhole.
PINHOLE_MM = 1.2
#: A colour closer to the paint's than this, and within its noise, is no other colour.
PALE_E00, PALE_SIGMA = 0.25, 6.0
#: Share of the footprint too bright for the colour frame from which on it is matter of another colour.
GLARE = 0.25
#: Below this a kind is not named.
LEAST_CONFIDENCE = 0.5


def classify(mark: Description) -> tuple[Kind, float]:
    """Kind and the probability that it is right.

    `UNKNOWN` where the best kind has less than one half or contradicts the sign of the height; the probability is then
    that of this best kind.
    """
    learned = shipped()
    p = learned.probabilities(vector_of(mark.features())[None])[0]
    out = impossible(mark)
    p = np.where([kind in out for kind in learned.kinds], 0.0, p)
    total = float(p.sum())
    if not total > 0:
        return Kind.UNKNOWN, 0.0
    best = int(np.argmax(p))
    confidence = float(p[best] / total)
    kind = learned.kinds[best]
    named = confidence >= LEAST_CONFIDENCE and not _contradicts(kind, mark.height_um)
    return (kind if named else Kind.UNKNOWN), confidence


def _contradicts(kind: Kind, height_um: float | None) -> bool:
    """A nib below the paint, or a crater above it: kind or height is wrong, and which is not known."""
    return height_um is not None and ((kind in UP and height_um < 0) or (kind in DOWN and height_um > 0))


def impossible(mark: Description) -> frozenset[Kind]:
    """Kinds that physics rules out: by relief, by its sign, by size."""
    if mark.basis is Basis.STREAKS:
        return frozenset(Kind) - SCUFFS
    out: set[Kind] = set()
    if mark.height_um is None:
        out |= ALWAYS_RELIEF
    elif (
        mark.explained_ratio > SURE_EXPLAINED
        and mark.width_mm > SURE_PX * mark.pixel_mm
        and abs(mark.height_um) > SURE_SIGMA * (mark.u_height_um or 0.0)
    ):
        out |= DOWN if mark.height_um > 0 else UP
    if mark.contrast.glare_ratio > GLARE:
        # Something brighter than the paint lies there or was laid bare.
        out |= RELIEF | {Kind.GLOSS_PATCH, Kind.SWIRL, Kind.HOLOGRAM}
        if mark.length_mm > SPECK_ASPECT * mark.width_mm:  # a cut may lay primer bare
            out.discard(Kind.SCRATCH)
    if mark.length_mm > SPECK_MM:
        out |= {Kind.DUST, Kind.PINHOLE}
    if mark.length_mm < FORM_MM:
        out |= {Kind.DENT, Kind.RUN}
    if mark.height_um is not None and mark.explained_ratio > SURE_EXPLAINED and mark.width_mm > PINHOLE_MM:
        out.add(Kind.PINHOLE)  # polishing may have taken a crater's rim: it is still no pinhole
    if mark.contrast.delta_e00 < PALE_E00 and mark.contrast.colour_sigma < PALE_SIGMA and not mark.contrast.glare_ratio:
        out |= {Kind.COLOUR_PATCH, Kind.BURN_THROUGH}
    if mark.length_mm < PATCH_MM:
        out |= PATCHES
    if mark.length_mm < BURN_MM:
        out.add(Kind.BURN_THROUGH)
    if mark.width_mm < THREAD_MM and mark.length_mm > THREAD_ASPECT * mark.width_mm:
        out |= set(Kind) - {Kind.SCRATCH}
    return frozenset(out)


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """The weights that this version ships."""
    text = pkgutil.get_data(__package__, WEIGHTS)
    if text is None:
        raise FileNotFoundError(WEIGHTS)
    return learned_of(text.decode())
