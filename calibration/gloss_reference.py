"""Is the black glass clean? It is the 100 of gloss and clarity: what lies on it makes every panel look better.

Clean glass changes the contrast of the fringes (modulation over mean light) only as lens and screen do, slowly over
the field. A finger mark throws light wide and takes contrast away in all periods alike; dust and scratches take light
itself away in a small place. Both are looked for against a smooth background, at a fine and at a coarse scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.filters import filled, robust_fit, spread
from inspection.frames import Frames
from inspection.fringes import Decoded
from inspection.optics import panel_mm, pitch_mm
from inspection.refused import Refused
from inspection.rig import Measured

FloatMap = NDArray[np.float32]

#: Width (sigma) of the averages that are looked at, and the share of light or contrast that may be lacking there. Over
#: 2 mm, one in a hundred makes the gloss of a panel read 1 GU high at that place; a finer spot spoils a few pixels.
SCALES_MM = ((0.5, 0.05), (2.0, 0.010))
#: A finger mark is seen where it is this many standard deviations of the map's own noise deep.
SEEN_SIGMA = 6.0
#: Light itself is compared with its surroundings this many times wider: vignetting has no smaller structure.
AROUND = 6.0
#: Degree of the polynomial that stands for lens and screen, and the points it is fitted to along each side.
DEGREE, FIT_POINTS = 4, 64
#: A mark this many times as long as wide is a scratch; one smaller than this is dust.
SCRATCH_ASPECT, DUST_MM = 4.0, 3.0


@dataclass(frozen=True, slots=True)
class Cleanliness:
    """The deepest lack of contrast that was found on a glass that passed, and what could have been found.

    Attributes
    ----------
    worst_pct : float
        Averaged over 2 mm.
    limit_pct : float
        Beyond which the glass is refused: 1 %, or six times the noise.
    noise_pct : float
        Standard deviation of the average over 2 mm.
    """

    worst_pct: float
    limit_pct: float
    noise_pct: float

    @property
    def values(self) -> tuple[Measured, ...]:
        """For the person who signs."""
        return (Measured("black_glass_worst_place_pct", self.worst_pct, limit=self.limit_pct),)


def check_clean(glass: Frames, seen: Decoded) -> Cleanliness:
    """Look for marks on the black glass.

    Parameters
    ----------
    glass : Frames
        The reference set.
    seen : Decoded
        Its decoded fringes.

    Raises
    ------
    Refused
        A mark beyond the limit: the largest one is named with place, size and depth.
    """
    pitch = pitch_mm(glass.geometry, glass.sensor.shape)
    contrast, light = _contrast(seen), _against_course(seen.offset, seen.valid)
    for sigma_mm, allowed in SCALES_MM:
        sigma = (sigma_mm / pitch[0], sigma_mm / pitch[1])
        wide = (AROUND * sigma[0], AROUND * sigma[1])
        # Light from pixel to pixel holds the sensor's own gains: as fine structure, not as a spot of several pixels.
        for off in (contrast, light / _mean(light, seen.valid, wide) - 1):
            lack = -_mean(off, seen.valid, sigma)
            noise = spread(lack[seen.valid])
            limit = max(allowed, SEEN_SIGMA * noise)
            _refuse_marks(lack, limit, seen.valid, glass)
            if off is contrast:
                result = Cleanliness(100 * float(lack[seen.valid].max()), 100 * limit, 100 * noise)
    return result


def _contrast(seen: Decoded) -> FloatMap:
    """Contrast of the fringes against its smooth course, minus 1: the median over all series.

    The ripple that a screen's gamma leaves in one series is not in the others.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        series = [_against_course(m / seen.offset, seen.valid) - 1 for m in seen.modulation.values()]
    return np.asarray(np.median(series, axis=0), np.float32)


def _against_course(values: FloatMap, valid: NDArray[np.bool_]) -> FloatMap:
    """Values over the polynomial that fits them, single marks left out; 1 where not valid."""
    rows, cols = valid.shape
    steps = max(1, rows // FIT_POINTS), max(1, cols // FIT_POINTS)
    thin = (slice(steps[0] // 2, None, steps[0]), slice(steps[1] // 2, None, steps[1]))
    known = valid & np.isfinite(values)
    box = cv2.blur(filled(np.where(known, values, np.float32(0)), known), (steps[1], steps[0]))[thin]
    down, across = (_powers(side, step) for side, step in zip((rows, cols), steps, strict=True))
    terms = [(i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)]
    design = np.stack([np.outer(down[i], across[j]).ravel() for i, j in terms], axis=1)
    factors = np.zeros((DEGREE + 1, DEGREE + 1))
    factors[tuple(zip(*terms, strict=True))] = robust_fit(design, box.ravel().astype(np.float64))
    course = (_powers(rows).T @ factors @ _powers(cols)).astype(np.float32)
    return np.where(known, values / course, np.float32(1))


def _powers(side: int, step: int = 1) -> NDArray[np.float64]:
    """Powers 0 … `DEGREE` of the place along one side, (powers, places)."""
    place = np.arange(step // 2, side, step) / side * 2 - 1
    return np.stack([place**power for power in range(DEGREE + 1)])


def _mean(values: FloatMap, valid: NDArray[np.bool_], sigma: tuple[float, float]) -> FloatMap:
    """Gaussian average of the valid pixels."""
    known = valid.astype(np.float32)
    over = cv2.GaussianBlur(values * known, (0, 0), sigma[0], sigmaY=sigma[1], borderType=cv2.BORDER_REFLECT_101)
    weight = cv2.GaussianBlur(known, (0, 0), sigma[0], sigmaY=sigma[1], borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(over / np.maximum(weight, 1e-6), np.float32)


def _refuse_marks(lack: FloatMap, limit: float, valid: NDArray[np.bool_], glass: Frames) -> None:
    marks = (lack > limit) & valid
    if not marks.any():
        return
    _, names, stats, _ = cv2.connectedComponentsWithStats(marks.astype(np.uint8), connectivity=8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    # Seen to its half depth: the limit alone would tell how strong it is, not how large.
    here = names == largest
    depth = float(lack[here].max())
    row, col = np.nonzero(here & (lack > depth / 2))
    x, y = panel_mm(glass.geometry, col.astype(float), row.astype(float))
    pitch = float(np.mean(pitch_mm(glass.geometry, glass.sensor.shape)))
    centred = np.stack([x - x.mean(), y - y.mean()])
    # An even ellipse is four of its standard deviations long.
    spreads = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(centred, bias=True)), 0))
    width, length = (max(pitch, float(4 * s)) for s in spreads)
    kind = "a scratch" if length > SCRATCH_ASPECT * width else "dust" if length < DUST_MM else "a finger mark or smear"
    others = len(stats) - 2
    more = f" and {others} more" if others else ""
    raise Refused(
        f"capture.json: frames: the black glass is not clean: {kind} of {length:.1f} x {width:.1f} mm at "
        f"x {x.mean():.0f} mm, y {y.mean():.0f} mm{more} takes {100 * depth:.1f} % of the fringes' light or "
        f"contrast, at most {100 * limit:.1f} % is accepted: wipe the glass and take the set again"
    )
