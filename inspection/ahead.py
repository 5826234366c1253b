"""Maps that are built before the last frame is there: of screen and diffuse light, while lamps are photographed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from inspection import areas
from inspection.frames import Frame, Frames
from inspection.fringes import Decoded
from inspection.maps.kinds import Glow, ReflectanceMap, Target
from inspection.recipe import WHOLE
from inspection.registry import BUILDERS
from inspection.rig import Rig
from inspection.workbench import Workbench

#: Builders that look at frames themselves, and at none of a small lamp.
_WITHOUT_LAMPS = (Decoded, Glow, ReflectanceMap)


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What was built, and from what.

    Attributes
    ----------
    frames : tuple of Frame
        Those that were there: all but the small lamps' ones.
    rig : Rig
    target : Target
    built : mapping of kind to map
        Of the whole picture.
    """

    frames: tuple[Frame, ...]
    rig: Rig
    target: Target
    built: Mapping[type, Any]

    def of(self, frames: Frames, rig: Rig, target: Target) -> Mapping[type, Any]:
        """What was built, for the complete capture.

        Raises
        ------
        ValueError
            It is another capture, rig or target.
        """
        same = rig is self.rig and target == self.target
        if not same or any(one is not other for one, other in zip(self.frames, frames.frames, strict=False)):
            raise ValueError("maps that were built ahead belong to another capture")
        return self.built


def build_ahead(frames: Frames, rig: Rig, target: Target) -> Ahead:
    """Build every map that needs no frame of a small lamp.

    Parameters
    ----------
    frames : Frames
        The first ones of a capture: complete but for the groups of small lamps.

    Raises
    ------
    Refused
        They cannot be decoded; the complete capture will be refused for the same reason.
    """
    bench = Workbench(replace(frames, geometry=rig.geometry), rig, target, {WHOLE: areas.whole(frames.sensor.shape)})
    built = {kind: made for kind in BUILDERS if _early(kind) and (made := bench.get_or_none(kind)) is not None}
    return Ahead(frames.frames, rig, target, built)


@cache
def _early(kind: type) -> bool:
    """Whether a map rests on no frame that may still come."""
    if kind in _WITHOUT_LAMPS or kind in (Rig, Target):
        return True
    return kind in BUILDERS and all(_early(need) for need in BUILDERS[kind].needs)
