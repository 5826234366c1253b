"""Whether polish oil is left on the panel."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.averages import blocks
from inspection.gates.gate import Capture, answer, gate
from inspection.maps.kinds import HazeMap
from inspection.reading import Missing, Reading
from inspection.recipe import WHOLE
from inspection.registry import MEASURES
from inspection.report import Gate, GateState

#: Blocks on which streaks are looked for: a cloth leaves them some millimetres wide.
BLOCK_MM = 1.5
#: One direction of the gradients against the other, 0 … 1: noise and round patches stay below 0.2.
STREAKED = 0.35
#: Streaks stand out when their spread is this many times the blocks' noise.
STREAK_SIGMA = 4.0
#: Haze is up from this many standard uncertainties, and this much, %: less is no oil that anybody could wipe off.
UP_SIGMA = 3.0
UP_PCT = 1.0
#: Fewer blocks along a side have no direction.
LEAST_BLOCKS = 16


@gate("streaks", "hazy", spoils=False)
def oil(capture: Capture) -> Gate:
    """No polish oil is left: haze is not up in streaks.

    An oil film scatters as haze does, along the strokes of the cloth that spread it. Two signs: mean haze above that
    of the last pass (without one: above what the recipe allows) by 1 % and three standard uncertainties; and streaks,
    blocks of 1.5 mm whose gradients run one way (coherence of the structure tensor over 0.35, spread over four times
    the noise). Streaks alone are a doubt (sanding marks are streaked too), both are red: wipe and measure again. An
    attempt after wiping is compared with the one before: haze that stayed is in the paint, and the gate is content.

    Unknown where no haze map can be made, or the picture is under 16 blocks wide.
    """
    haze: HazeMap | None = capture.bench.get_or_none(HazeMap)
    reading = capture.bench.read(MEASURES["haze_pct"], {}, WHOLE)
    streaked = None if haze is None or not math.isfinite(reading.value) else _coherence(haze)
    if streaked is None:
        return answer("oil", GateState.UNKNOWN, "Haze was not measured, or on too small a picture.")
    now, before = float(reading.value), capture.before_wiping
    if before is not None and abs(before - now) < _least(reading):
        text = f"Wiping changed nothing: haze was {before:.1f} % and is {now:.1f} %: no oil, it is in the paint."
        return answer("oil", GateState.OK, text, now, "pct", before, told="in_paint", before=before)
    if before is not None and streaked < STREAKED:
        text = f"Wiping took {before - now:.1f} % haze away: it was {before:.1f} % and is {now:.1f} %."
        return answer("oil", GateState.OK, text, now, "pct", told="wiped_off", before=before, taken=before - now)
    if streaked < STREAKED:
        return answer("oil", GateState.OK, "Haze is not streaked.", now, "pct")
    reference = _expected(capture)
    if reference is None or now - reference < _least(reading):
        text = f"Haze of {now:.1f} % lies in streaks: polish oil, or sanding marks."
        return answer("oil", GateState.DOUBT, text, now, "pct", reference, fault="streaks")
    text = f"Haze is {now:.1f} % and lies in streaks, {reference:.1f} % was expected: wipe the oil off, measure again."
    return answer("oil", GateState.RED, text, now, "pct", reference, fault="hazy")


def _least(reading: Reading) -> float:
    """The smallest change of haze that is one."""
    return max(UP_PCT, UP_SIGMA * reading.u)


def _expected(capture: Capture) -> float | None:
    """Haze of the last pass; else what the recipe allows after this pass, or after the last one."""
    for found in () if capture.earlier is None else capture.earlier.findings:
        if found.measure == "haze_pct" and found.region == WHOLE and found.value is not None:
            return found.value
    asked = [*capture.recipe.checks_for(capture.frames.pass_number), *capture.recipe.checks_for(capture.recipe.passes)]
    return next((check.high for _, check in asked if check.measure == "haze_pct" and check.high is not None), None)


def _coherence(haze: HazeMap) -> float | None:
    """How much the gradients of haze run one way, 0 where they do not stand out; None where the picture is small."""
    try:
        means, per_block = blocks(haze.pct, haze.pitch_mm, BLOCK_MM)
    except Missing:
        return None
    if min(means.shape) < LEAST_BLOCKS:
        return None
    known = np.isfinite(means)
    level = float(np.median(means[known]))
    # Single marks are far brighter than any film: they may not give the direction.
    spread = 1.4826 * float(np.median(np.abs(means[known] - level)))
    noise = haze.noise_pct / math.sqrt(per_block)
    if spread < STREAK_SIGMA * noise:
        return 0.0
    flat = np.where(known, np.clip(means, level - 3 * spread, level + 3 * spread), level).astype(np.float32)
    along = (cv2.Scharr(flat, cv2.CV_32F, *order, scale=1 / 32)[1:-1, 1:-1] for order in ((1, 0), (0, 1)))
    return _anisotropy(*(np.asarray(gradient, np.float32) for gradient in along))


def _anisotropy(along_x: NDArray[np.float32], along_y: NDArray[np.float32]) -> float:
    """Difference over sum of the structure tensor's eigenvalues."""
    xx, yy, xy = (float(np.mean(a * b)) for a, b in ((along_x, along_x), (along_y, along_y), (along_x, along_y)))
    return math.hypot(xx - yy, 2 * xy) / max(xx + yy, 1e-30)
