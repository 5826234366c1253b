"""The workbench: every map of one capture, built on first need and once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import inspection.defects
import inspection.maps
from inspection.frames import Frames, Role
from inspection.fringes import Decoded
from inspection.maps.kinds import Area, Map, Target
from inspection.reading import IMPOSSIBLE_SIGMA, Missing, Quality, Reading
from inspection.recipe import WHOLE
from inspection.registry import BUILDERS, Builder, Knobs, Measure, discover
from inspection.rig import Rig

discover(inspection.maps)
discover(inspection.defects)

#: Share of the largest possible value by which a model may err beyond its u.
IMPOSSIBLE_SLACK = 0.05


class Workbench:
    """Builds every map once, on first need, from one capture; regional ones once per region.

    `whole`: the region whose readings stand for the whole, where the picture holds more than is asked about.
    """

    def __init__(
        self, frames: Frames, rig: Rig, target: Target, regions: Mapping[str, Area | None], whole: str = WHOLE
    ) -> None:
        self._whole = whole
        self._inputs: dict[type, Any] = {Frames: frames, Rig: rig, Target: target}
        self._regions = regions
        self._built: dict[tuple[type, str], Any] = {}
        self._readings: dict[tuple[str, tuple[tuple[str, float | str], ...], str], Reading] = {}

    def take(self, built: Mapping[type, Any]) -> None:
        """Maps of the whole picture that are there already, by kind."""
        self._built |= {(kind, WHOLE): made for kind, made in built.items()}

    def get(self, kind: type, region: str = WHOLE) -> Any:
        """The map of a kind, cut to a region.

        Raises
        ------
        Missing
            It cannot be built from these frames, with the reason.
        """
        if kind in self._inputs:
            return self._inputs[kind]
        area = self._regions[region]
        if area is None:
            raise Missing(Quality.LOW_COVERAGE)
        if kind is Area:
            return area
        key = (kind, region)
        if key not in self._built:
            try:
                self._built[key] = self._make(BUILDERS[kind], region, area)
            except Missing as doubt:
                self._built[key] = doubt
        made = self._built[key]
        if isinstance(made, Missing):
            raise made
        return made

    def _make(self, builder: Builder, region: str, area: Area) -> Any:
        if region != WHOLE and not _regional(builder):
            return self.get(builder.makes).within(area)
        return builder.function(*(self._need(builder, need, region) for need in builder.needs))

    def _need(self, builder: Builder, need: type, region: str) -> Any:
        return self.get_or_none(need, region) if need in builder.optional else self.get(need, region)

    def get_or_none(self, kind: type, region: str = WHOLE) -> Any:
        """As `get`; None where the map cannot be built."""
        try:
            return self.get(kind, region)
        except Missing:
            return None

    @cached_property
    def diffuse_saturated_ratio(self) -> float:
        """Share of pixels that the diffuse frame leaves out because they are full."""
        frames: Frames = self._inputs[Frames]
        white = frames.sensor.white_level
        full = [f.pixels >= white for f in frames.with_role(Role.DIFFUSE) if f.pixels.max() >= white]
        return max((float((mask.any(-1) if mask.ndim == 3 else mask).mean()) for mask in full), default=0.0)

    def read(self, measure: Measure, knobs: Knobs, region: str) -> Reading:
        """What a measure says of a region; each is taken once."""
        region = self._whole if region == WHOLE else region
        key = (measure.id, tuple(knobs.items()), region)
        if key not in self._readings:
            try:
                taken = measure.function(*(self.get(need, region) for need in measure.needs), **knobs)
                self._readings[key] = _believed(taken, measure)
            except Missing as doubt:
                self._readings[key] = Reading.missing(doubt.quality)
        return self._readings[key]

    def area_px(self, region: str) -> int:
        """How many camera pixels readings of a region are asked about; 0 where the picture holds none of it."""
        area = self._regions[self._whole if region == WHOLE else region]
        return 0 if area is None else area.n_px

    def layers(self) -> dict[str, NDArray[np.float32]]:
        """Every map that a person may look at, by name; what cannot be built is left out."""
        named: dict[str, NDArray[np.float32]] = {}
        for kind in BUILDERS:
            if kind is Decoded or issubclass(kind, Map):
                made = self.get_or_none(kind)
                named |= {} if made is None else made.layers()
        return named


def _believed(reading: Reading, measure: Measure) -> Reading:
    """The reading, marked where no panel can have such a value (gloss knows its own ceiling)."""
    low, high = measure.possible
    slack = IMPOSSIBLE_SIGMA * reading.u + (IMPOSSIBLE_SLACK * high if math.isfinite(high) else 0.0)
    if low - slack <= reading.value <= high + slack or Quality.IMPOSSIBLE in reading.quality:
        return reading
    return replace(reading, quality=(*reading.quality, Quality.IMPOSSIBLE))


def _regional(builder: Builder) -> bool:
    return any(need is Area or (need in BUILDERS and _regional(BUILDERS[need])) for need in builder.needs)
