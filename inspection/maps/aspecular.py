"""Light that the paint throws back from single directions: its colour by the angle from the mirror direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frames, Geometry, Role
from inspection.fringes import FloatMap
from inspection.maps.colour_blocks import ColourBlocks, colour_blocks
from inspection.maps.kinds import Area, Map, ReflectanceMap
from inspection.maps.reflectance import reflectance_in
from inspection.optics import aspecular_deg, panel_mm
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig

#: Aspecular angles at which the trade measures metallic paint (ASTM E2194).
NOMINAL_DEG = (15.0, 45.0, 110.0)
#: A light this far off still serves: what it shows is taken to the nominal angle along the paint's own curve.
TOLERANCE_DEG = 2.5
#: Every so many pixels of an area the angle is computed.
_STEP = 4


@dataclass(frozen=True, slots=True, eq=False)
class AspecularMap(Map):
    """Reflectance factor under each of the three lights, by the light's angle at the field's centre, small ones first.

    `distance_mm`: of each light; None: far away.
    """

    lit: dict[float, ReflectanceMap]
    distance_mm: tuple[float | None, ...]
    geometry: Geometry

    def layers(self) -> dict[str, FloatMap]:
        return {}


@dataclass(frozen=True, slots=True, eq=False)
class AspecularColours:
    """Mean colour of an area under each of the three lights; mean of its aspecular angle, and standard deviation."""

    colours: tuple[ColourBlocks, ...]
    angles_deg: NDArray[np.float64]
    spreads_deg: NDArray[np.float64]


@builds
def aspecular(frames: Frames, rig: Rig) -> AspecularMap:
    """Take the frame next to each of 15°, 45° and 110°.

    None within `TOLERANCE_DEG` of one of them: NO_FRAMES; the rig has no white tile in that light: NO_REFERENCE.
    """
    found = frames.aspecular(Role.DIFFUSE)
    if not found:
        raise Missing(Quality.NO_FRAMES)
    angles = [min(found, key=lambda angle: abs(angle - nominal)) for nominal in NOMINAL_DEG]
    if any(abs(angle - nominal) > TOLERANCE_DEG for angle, nominal in zip(angles, NOMINAL_DEG, strict=True)):
        raise Missing(Quality.NO_FRAMES)
    lit = {angle: reflectance_in(found[angle], frames, rig) for angle in angles}
    return AspecularMap(
        to_panel_mm=lit[angles[0]].to_panel_mm,
        pitch_mm=lit[angles[0]].pitch_mm,
        lit=lit,
        distance_mm=tuple(found[angle].distance_mm for angle in angles),
        geometry=rig.geometry,
    )


@builds
def aspecular_colours(light: AspecularMap, area: Area) -> AspecularColours:
    """Average colour and angle over the pixels that are seen; doubts as `colour_blocks`."""
    colours = tuple(colour_blocks(one, area) for one in light.lit.values())
    seen_deg = []
    for (angle, one), distance in zip(light.lit.items(), light.distance_mm, strict=True):
        row, col = np.nonzero(np.isfinite(one.linear_srgb[::_STEP, ::_STEP, 0]))
        x, y = panel_mm(light.geometry, area.cols.start + _STEP * col, area.rows.start + _STEP * row)
        seen_deg.append(aspecular_deg(light.geometry, angle, distance, x, y))
    return AspecularColours(
        colours=colours,
        angles_deg=np.array([float(angle.mean()) for angle in seen_deg]),
        spreads_deg=np.array([float(angle.std()) for angle in seen_deg]),
    )
