"""The search for marks: evidence, candidates, descriptions."""

from __future__ import annotations

from dataclasses import replace

from inspection.defects.describe import mark_of
from inspection.defects.evidence import LEAST_FIELD_MM, Evidence
from inspection.defects.find import find
from inspection.defects.ground import blind_pixels
from inspection.defects.limits import discrimination_mm
from inspection.defects.marks import Marks
from inspection.frames import Frames
from inspection.maps.kinds import ClarityMap, GlossMap, HazeMap, LampMap, ReflectanceMap, SurfaceMap
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig


@builds
def marks(
    frames: Frames,
    rig: Rig,
    surface: SurfaceMap | None,
    gloss: GlossMap | None,
    clarity: ClarityMap | None,
    haze: HazeMap | None,
    reflectance: ReflectanceMap | None,
    lamps: LampMap | None,
) -> Marks:
    """Every mark on the panel: found, described, named.

    Whatever maps exist are searched together; neither relief nor colour: NO_FRAMES. A field narrower than 8 mm holds
    no marks and their surroundings: TOO_FEW_PIXELS.
    """
    if surface is None and reflectance is None:
        raise Missing(Quality.NO_FRAMES)
    if min(rig.geometry.field_mm) < LEAST_FIELD_MM:
        raise Missing(Quality.TOO_FEW_PIXELS)
    evidence = Evidence(rig, surface, gloss, clarity, haze, reflectance, lamps)
    blind = blind_pixels(frames, evidence.unseen)
    if blind is not None:
        evidence = replace(evidence, blind=blind)
    found = sorted((mark_of(one, evidence) for one in find(evidence)), key=lambda m: (m.y_mm, m.x_mm))
    return Marks(
        found=tuple(found),
        searched=evidence.searched,
        area_px=evidence.searched.size,
        to_panel_mm=rig.geometry.camera.pixel_to_panel_mm,
        discrimination_mm=discrimination_mm(evidence),
        lens=rig.geometry.camera.lens,
    )
