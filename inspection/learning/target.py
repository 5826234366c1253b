"""The colour that accepted panels have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

import inspection.measures
from inspection import areas
from inspection.colour import delta_e00
from inspection.frames import Frames
from inspection.learning.tolerance import distance_limit
from inspection.maps.kinds import Target
from inspection.reading import BLOCKING, Reading
from inspection.recipe import WHOLE
from inspection.refused import Refused
from inspection.registry import MEASURES, discover
from inspection.rig import Rig
from inspection.workbench import Workbench

discover(inspection.measures)

#: Two panels further apart than this are not one colour. Hand-finished paint is accepted within about 1; what lies
#: half-way between two colours is a target that neither meets.
MOST_APART_E00: Final = 3.0
#: From this target a difference is the colour itself.
_ORIGIN = Target((0.0, 0.0, 0.0), 1.5)
_AXES = ("delta_l_lab", "delta_a_lab", "delta_b_lab")

Lab = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Colour:
    """Mean colour of one panel, CIE L*a*b* (D65, 2°), and its standard uncertainty."""

    lab: Lab
    u_lab: Lab


@dataclass(frozen=True, slots=True)
class ColourTarget:
    """Mean of several panels.

    Attributes
    ----------
    u_lab
        Standard uncertainty: panels scatter, and what the calibration errs by is common to them all.
    reach_e00
        Distance from `lab` that panels like these keep (`distance_limit`).
    """

    lab: Lab
    u_lab: Lab
    reach_e00: float


def colour_of(frames: Frames, rig: Rig, source: str) -> Colour:
    """The mean colour of a panel.

    Raises
    ------
    Refused
        The rig does not belong to these frames, or the colour cannot be measured.
    """
    why = rig.mismatch(frames)
    if why is not None:
        raise Refused(f"{source}: the rig does not belong to this capture: {why}")
    bench = Workbench(frames, rig, _ORIGIN, {WHOLE: areas.whole(frames.sensor.shape)})
    readings = [bench.read(MEASURES[name], {}, WHOLE) for name in _AXES]
    doubts = [flag for flag in readings[0].quality if flag in BLOCKING]
    if doubts:
        raise Refused(f"{source}: frames: the colour cannot be learned from this capture. {doubts[0].meaning}")
    return Colour(_each(readings, "value"), _each(readings, "u"))


def common_target(colours: Mapping[str, Colour]) -> ColourTarget:
    """Mean colour, by the panels' sources.

    Raises
    ------
    Refused
        Two of them are further apart than `MOST_APART_E00`: names the one that is furthest from the middle.
    """
    labs = np.array([colour.lab for colour in colours.values()])
    apart = max(float(delta_e00(labs, colour.lab).max()) for colour in colours.values())
    if apart > MOST_APART_E00:
        middle = np.median(labs, axis=0)
        far = delta_e00(labs, _lab(middle))
        odd = list(colours)[int(np.argmax(far))]
        raise Refused(
            f"{odd}: another colour than the other panels: two of them are {apart:.1f} ΔE00 apart, expected at most "
            f"{MOST_APART_E00:g} among panels of one recipe"
        )
    mean = labs.mean(axis=0)
    u_calibration = np.array([colour.u_lab for colour in colours.values()])
    u = np.sqrt(labs.var(axis=0, ddof=1) / len(labs) + (u_calibration**2).mean(axis=0))
    reach, _ = distance_limit(_steps(labs, mean))
    # Two decimals are far below any u; what is written is what the tolerance is about.
    return ColourTarget(_lab(mean.round(2)), _lab(u), reach)


def _steps(labs: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the mean to each colour, as long as their ΔE00."""
    steps = labs - mean
    lengths = np.linalg.norm(steps, axis=1)
    scale = np.divide(delta_e00(labs, _lab(mean)), lengths, out=np.zeros(len(labs)), where=lengths > 0)
    return steps * scale[:, None]


def _each(readings: list[Reading], name: str) -> Lab:
    lightness, a, b = (float(getattr(reading, name)) for reading in readings)
    if not all(map(math.isfinite, (lightness, a, b))):
        raise Refused("the colour of a panel is not a number")
    return lightness, a, b


def _lab(values: NDArray[np.float64]) -> Lab:
    lightness, a, b = values.tolist()
    return lightness, a, b
