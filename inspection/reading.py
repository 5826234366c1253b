"""What a measure returns: a value with its uncertainty, or an admitted doubt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Quality(StrEnum):
    """Doubts a reading can carry. Those in `BLOCKING` let no check pass."""

    NO_FRAMES = "NO_FRAMES"
    NO_TARGET = "NO_TARGET"
    NO_REFERENCE = "NO_REFERENCE"
    LIGHT_CHANGED = "LIGHT_CHANGED"
    NO_SIGNAL = "NO_SIGNAL"
    TOO_FEW_PIXELS = "TOO_FEW_PIXELS"
    LOW_COVERAGE = "LOW_COVERAGE"
    UNRESOLVED = "UNRESOLVED"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    INTERPOLATED = "INTERPOLATED"
    SATURATED = "SATURATED"
    HARMONICS = "HARMONICS"
    OTHER_WAVEFORM = "OTHER_WAVEFORM"
    NOT_WIPED = "NOT_WIPED"
    BELOW_LIMIT = "BELOW_LIMIT"
    DIFFUSE_DOMINATES = "DIFFUSE_DOMINATES"
    IMPOSSIBLE = "IMPOSSIBLE"
    SPOILT = "SPOILT"

    @property
    def meaning(self) -> str:
        """One plain English sentence; the pages translate it."""
        return _MEANING[self]


_MEANING = {
    Quality.NO_FRAMES: "The frames this measure needs were not captured.",
    Quality.NO_TARGET: "The recipe gives no target for this measure.",
    Quality.NO_REFERENCE: "The rig holds no reference for this measure.",
    Quality.LIGHT_CHANGED: "The lamps are not those of the calibration: the light changed, not the paint.",
    Quality.NO_SIGNAL: "The light is too weak to measure.",
    Quality.TOO_FEW_PIXELS: "Too few valid pixels.",
    Quality.LOW_COVERAGE: "Part of the area was not seen.",
    Quality.UNRESOLVED: "The pixels are too coarse for this wavelength.",
    Quality.OUT_OF_RANGE: "Outside the range that was captured.",
    Quality.INTERPOLATED: "Interpolated between captured fringe periods.",
    Quality.SATURATED: "Some pixels were saturated and left out.",
    Quality.HARMONICS: "The fringes are no pure waves: slopes may carry a ripple that is not on the panel.",
    Quality.OTHER_WAVEFORM: (
        "The screen's pattern is not that of the calibration: it ripples phase and contrast. Calibrate again."
    ),
    Quality.NOT_WIPED: "The panel was not confirmed as wiped.",
    Quality.BELOW_LIMIT: "Such marks are below what the station is sure to find.",
    Quality.IMPOSSIBLE: "No paint gives such a value: the light, an exposure time or the recipe is not right.",
    Quality.SPOILT: "The capture itself is not valid.",
    Quality.DIFFUSE_DOMINATES: "The paint's own diffuse light drowns the reflection.",
}

#: A value this many of its own uncertainties beyond what is possible is a fault, not noise.
IMPOSSIBLE_SIGMA = 4.0
#: Doubts that leave the check undecided whatever the value is.
BLOCKING = frozenset(
    {
        Quality.NO_FRAMES,
        Quality.NO_TARGET,
        Quality.NO_REFERENCE,
        Quality.LIGHT_CHANGED,
        Quality.NO_SIGNAL,
        Quality.TOO_FEW_PIXELS,
        Quality.LOW_COVERAGE,
        Quality.UNRESOLVED,
        Quality.OUT_OF_RANGE,
        Quality.IMPOSSIBLE,
        Quality.OTHER_WAVEFORM,
        Quality.NOT_WIPED,
        Quality.BELOW_LIMIT,
        Quality.SPOILT,
    }
)


class Source(StrEnum):
    """Where a part of an uncertainty comes from: the lines of a budget (JCGM 100:2008, 4 and 5)."""

    NOISE = "noise"
    FLAT_FIELD = "flat_field"
    REFERENCE = "reference"
    DRIFT = "drift"
    GEOMETRY = "geometry"
    COLOUR_MATRIX = "colour_matrix"
    LAMPS = "lamps"
    MODEL = "model"
    PLACEMENT = "placement"
    SAMPLING = "sampling"
    DETECTION = "detection"

    @property
    def meaning(self) -> str:
        """One plain English phrase; the pages translate it."""
        return _SOURCE[self]


_SOURCE = {
    Source.NOISE: "noise of the pixels: what repeats of the same capture show",
    Source.FLAT_FIELD: "noise of the reference's frames, pixel by pixel",
    Source.REFERENCE: "certificate of the reference (index of the glass, reflectance of the tile)",
    Source.DRIFT: "light of screen and lamps since the calibration",
    Source.GEOMETRY: "distance of the screen, direction of single lights",
    Source.COLOUR_MATRIX: "colour matrix of the camera",
    Source.LAMPS: "small lamps that are not alike",
    Source.MODEL: "models: diffuse light, shape of the reflection's lobe, leakage of the spectrum",
    Source.PLACEMENT: "where the panel lies: within 1 mm and half a degree",
    Source.SAMPLING: "the seen field stands for the paint",
    Source.DETECTION: "kind and size of the marks that were found",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value.

    Attributes
    ----------
    value : float
        In the unit of the measure's name; NaN where it could not be measured.
    u : float
        Combined standard uncertainty (k = 1), calibration included; NaN where unknown.
    u_noise : float
        The part of `u` that repeats of the same capture with the same rig would show.
    n_px : int
        Valid camera pixels the value rests on.
    quality : tuple of Quality
        Doubts, in the order of the registry.
    step : float
        Distance between possible values (1 for a count); 0 where every value is possible. A limit of 2 then holds
        for anything that rounds to 2.
    budget : mapping of Source to float
        Standard uncertainties whose root sum of squares is `u`, in the unit of the value.
    """

    value: float
    u: float
    u_noise: float
    n_px: int
    quality: tuple[Quality, ...] = ()
    step: float = 0.0
    budget: Mapping[Source, float] = field(default_factory=dict)

    @classmethod
    def of_terms(
        cls,
        value: float,
        budget: Mapping[Source, float],
        n_px: int,
        quality: tuple[Quality, ...] = (),
        *,
        step: float = 0.0,
    ) -> Reading:
        """A reading whose `u` is the root sum of squares of its budget; its noise and detection repeat anew."""
        u_noise = math.hypot(budget.get(Source.NOISE, 0.0), budget.get(Source.DETECTION, 0.0))
        return cls(value, math.hypot(*budget.values()), u_noise, n_px, quality, step, dict(budget))

    @classmethod
    def missing(cls, *quality: Quality, n_px: int = 0) -> Reading:
        """A reading without a value and the reason why."""
        return cls(math.nan, math.nan, math.nan, n_px, quality)


class Missing(Exception):
    """A map cannot be built from these frames; measures that need it give a reading with this doubt."""

    def __init__(self, quality: Quality) -> None:
        super().__init__(quality.value)
        self.quality = quality
