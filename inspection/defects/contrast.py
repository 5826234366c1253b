"""How a mark differs from the paint around it in mirror image, colour and lamp light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.colour import delta_e00, lab_of
from inspection.defects.candidates import Shape
from inspection.defects.evidence import Evidence
from inspection.defects.grain import grain_of
from inspection.defects.window import Window, median, medians, quantile
from inspection.maps.kinds import LampMap, ReflectanceMap

Floats = NDArray[np.float64]

#: A point is as strong as this quantile of its footprint, whose outline is loose; a line and a region are their means.
POINT_QUANTILE = 0.85
#: Light under a lamp counts as thrown by the mark beyond this share over the paint around it.
LAMP_EXCESS = 0.05


@dataclass(frozen=True, slots=True)
class Contrast:
    """Differences of the footprint from its surroundings; 0 where a map is not there.

    Attributes
    ----------
    gloss_loss_ratio, clarity_loss_ratio, fine_loss_ratio : float
        Lost share of gloss, and of clarity at the coarser and at the finest period, 1 = nothing left.
    haze_gain_pct : float
    delta_e00, delta_l_lab : float
        Colour inside against outside.
    colour_sigma : float
        That difference in standard deviations of the camera's noise.
    lamp_excess_ratio : float
        Light of the brightest lamp over that on the paint around, less 1.
    lamp_direction_ratio : float
        0: lamps of all sides shine alike; 1: only those of one direction.
    grain_ratio : float
        Scatter of the gloss from pixel to pixel that the footprint has more than its surroundings, over the gloss.
    grain_direction_ratio, grain_angle_deg : float
        0: grain without direction, 1: streaks of one direction; and which.
    unseen_ratio, glare_ratio : float
        Shares of the footprint without mirror image, and without colour (too bright for the frame).
    """

    gloss_loss_ratio: float = 0.0
    clarity_loss_ratio: float = 0.0
    fine_loss_ratio: float = 0.0
    haze_gain_pct: float = 0.0
    delta_e00: float = 0.0
    delta_l_lab: float = 0.0
    colour_sigma: float = 0.0
    lamp_excess_ratio: float = 0.0
    lamp_direction_ratio: float = 0.0
    grain_ratio: float = 0.0
    grain_direction_ratio: float = 0.0
    grain_angle_deg: float = 0.0
    unseen_ratio: float = 0.0
    glare_ratio: float = 0.0


def contrast_of(window: Window, evidence: Evidence, shape: Shape) -> Contrast:
    """Compare a footprint with what surrounds it.

    Parameters
    ----------
    window : Window
    evidence : Evidence
        What is None shows no difference.
    shape : Shape
        A point is judged by its strongest pixels.
    """
    if not (window.footprint.size and window.around.size):
        return Contrast()
    found: dict[str, float] = {}
    if evidence.gloss is not None:
        gloss = evidence.gloss.gu
        found["gloss_loss_ratio"] = _loss(gloss, window, shape)
        found["unseen_ratio"] = 1 - window.inner(gloss).size / window.footprint.size
        grain = grain_of(window, evidence.gloss.gu)
        found["grain_ratio"], found["grain_direction_ratio"], found["grain_angle_deg"] = grain
    if evidence.clarity is not None and evidence.clarity.pct:
        periods = sorted(evidence.clarity.pct)
        found["clarity_loss_ratio"] = _loss(evidence.clarity.pct[periods[-1]], window, shape)
        found["fine_loss_ratio"] = found["clarity_loss_ratio"]
        if len(periods) > 1:
            found["fine_loss_ratio"] = _loss(evidence.clarity.pct[periods[0]], window, shape)
    if evidence.haze is not None:
        haze = window.inner(evidence.haze.pct)
        found["haze_gain_pct"] = _strength(haze, shape, top=True) - _median(window.beside(evidence.haze.pct))
    if evidence.reflectance is not None:
        found |= _colour(window, evidence.reflectance)
    if evidence.lamps is not None:
        found |= _lamps(window, evidence.lamps, shape)
    return Contrast(**{key: value if math.isfinite(value) else 0.0 for key, value in found.items()})


def _colour(window: Window, paint: ReflectanceMap) -> dict[str, float]:
    here, around = window.inner(paint.linear_srgb), window.beside(paint.linear_srgb)
    found = {"glare_ratio": 1 - len(here) / window.footprint.size}
    if not (len(here) and len(around)):
        return found
    mean, level = here.mean(axis=0), medians(around)
    lab, base = lab_of(mean), lab_of(level)
    found["delta_e00"] = float(delta_e00(lab, (float(base[0]), float(base[1]), float(base[2]))))
    found["delta_l_lab"] = float(lab[0] - base[0])
    noise = paint.noise / (window.step * math.sqrt(len(here)))
    found["colour_sigma"] = float(np.sqrt(np.mean(np.square((mean - level) / np.maximum(noise, 1e-9)))))
    return found


def _lamps(window: Window, lamps: LampMap, shape: Shape) -> dict[str, float]:
    azimuths = np.radians(sorted(lamps.ratio))
    excess = []
    for azimuth in sorted(lamps.ratio):
        ratio = lamps.ratio[azimuth]
        here, around = window.inner(ratio), window.beside(ratio)
        if len(here) < window.footprint.size or len(around) < window.around.size:
            # Too bright for the frame is as bright as it gets.
            top = float(np.nanmax(window.cut(ratio), initial=1.0))
            here, around = (
                np.pad(known, (0, places.size - len(known)), constant_values=top)
                for known, places in ((here, window.footprint), (around, window.around))
            )
        excess.append(_strength(here, shape, top=True) / max(_median(around), 1e-6) - 1)
    light = np.maximum(np.array(excess), 0.0)
    total = float(light.sum())
    turned = abs(complex((light * np.exp(2j * azimuths)).sum())) / total if total > LAMP_EXCESS * len(light) else 0.0
    return {"lamp_excess_ratio": float(light.max(initial=0.0)), "lamp_direction_ratio": turned}


def _loss(values: NDArray[np.float32], window: Window, shape: Shape) -> float:
    around = _median(window.beside(values))
    return 1 - _strength(window.inner(values), shape, top=False) / around if around > 0 else 0.0


def _strength(here: Floats, shape: Shape, *, top: bool) -> float:
    if not here.size:
        return math.nan
    if shape is Shape.POINT:
        return quantile(here, POINT_QUANTILE if top else 1 - POINT_QUANTILE)
    return float(here.mean())


def _median(around: Floats) -> float:
    return median(around) if around.size else math.nan
