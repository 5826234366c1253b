"""A candidate becomes a mark: measured in millimetres and micrometres, and named."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from inspection.defects.candidates import Candidate, Shape, Sign
from inspection.defects.classify import RELIEF, classify
from inspection.defects.contrast import Contrast, contrast_of
from inspection.defects.description import Basis, Description
from inspection.defects.evidence import Evidence
from inspection.defects.kinds import Kind
from inspection.defects.marks import Mark
from inspection.defects.outline import fit_outline, footprint_of, spot_of
from inspection.defects.picture import picture_of
from inspection.defects.relief import Relief, relief_of
from inspection.defects.severity import severity
from inspection.defects.window import Window, place, window_of
from inspection.optics import pixel_px

#: Less elongated than this it has no direction.
ROUND = 1.3
#: Extents that differ by fewer standard uncertainties are one.
ALIKE_SIGMA = 1.0
#: Scuffs thin out, and end where the last arc does; what their arcs are, one by one, makes their extent this unsure.
SCUFFS = frozenset({Kind.SWIRL, Kind.HOLOGRAM})
SCUFF_U, SCUFF_PLACE_U = 0.04, 0.006
#: … and where single streaks are all that is seen, this unsure.
STREAKS_U = 0.15


def mark_of(candidate: Candidate, evidence: Evidence) -> Mark:
    """Describe and classify one candidate.

    What has a kind without relief lies where its footprint lies, whatever texture the fit went along with.
    """
    found = describe(candidate, evidence)
    kind, confidence = classify(found)
    contrast, measure = strongest(found)
    features = tuple(found.features().items())
    if found.height_um is not None and kind not in RELIEF and kind is not Kind.UNKNOWN:
        window = window_of(candidate, evidence.shape, evidence.rig.geometry.camera)
        found = _flat(candidate, window, found.contrast, evidence)
    if kind in SCUFFS:
        found = _to_its_end(found)
    found = _in_the_picture(found, evidence)
    angle = found.contrast.grain_angle_deg if kind is Kind.HOLOGRAM else found.angle_deg
    return Mark(
        kind=kind,
        confidence=confidence,
        x_mm=found.x_mm,
        y_mm=found.y_mm,
        length_mm=found.length_mm,
        width_mm=found.width_mm,
        area_mm2=found.area_mm2,
        height_um=found.height_um,
        angle_deg=angle,
        contrast=contrast,
        contrast_measure=measure,
        significance=found.significance,
        severity=severity(found),
        box_mm=found.box_mm,
        u_place_mm=found.u_place_mm,
        u_length_mm=found.u_length_mm,
        u_width_mm=found.u_width_mm,
        u_height_um=found.u_height_um,
        features=features,
    )


def _alike(long: float, short: float, u_long: float, u_short: float) -> tuple[float, float]:
    """Length and width: of two extents that are the same but for noise neither is the length."""
    if math.log(long / short) < ALIKE_SIGMA * math.hypot(u_long / long, u_short / short):
        return math.sqrt(long * short), math.sqrt(long * short)
    return long, short


def _in_the_picture(mark: Description, evidence: Evidence) -> Description:
    """With its place where it can be shown: half of a mark that the border cuts may lie beyond it."""
    camera = evidence.rig.geometry.camera
    col, row = (float(v) for v in pixel_px(camera.pixel_to_panel_mm, camera.lens, mark.x_mm, mark.y_mm))
    rows, cols = evidence.shape
    inside = (float(np.clip(col, 0, cols - 1)), float(np.clip(row, 0, rows - 1)))
    if inside == (col, row):
        return mark
    x, y = (float(v) for v in place(camera, *inside))
    moved = math.hypot(x - mark.x_mm, y - mark.y_mm)
    return replace(mark, x_mm=x, y_mm=y, u_place_mm=math.hypot(mark.u_place_mm, moved))


def _to_its_end(scuff: Description) -> Description:
    """With the extent where a tenth is left instead of half."""
    long, short = scuff.length_mm * scuff.thins_out, scuff.width_mm * scuff.thins_out
    u_long, u_short = math.hypot(scuff.u_length_mm, SCUFF_U * long), math.hypot(scuff.u_width_mm, SCUFF_U * short)
    long, short = _alike(long, short, u_long, u_short)
    area = scuff.area_mm2 * scuff.thins_out**2
    return replace(
        scuff, length_mm=long, width_mm=short, area_mm2=area, u_length_mm=u_long, u_width_mm=u_short,
        u_place_mm=math.hypot(scuff.u_place_mm, SCUFF_PLACE_U * long),
    )  # fmt: skip


def strongest(mark: Description) -> tuple[float, str]:
    """The contrast that shows the mark best, and in which measure."""
    c = mark.contrast
    options = [
        (mark.slope_mrad / 1.0, mark.slope_mrad, "slope_mrad"),
        (c.gloss_loss_ratio / 0.1, 100 * c.gloss_loss_ratio, "gloss_loss_pct"),
        (c.clarity_loss_ratio / 0.1, 100 * c.clarity_loss_ratio, "clarity_loss_pct"),
        (c.delta_e00 / 1.0, c.delta_e00, "delta_e00"),
        (c.lamp_excess_ratio / 0.3, 1 + c.lamp_excess_ratio, "lamp_ratio"),
    ]
    _, value, measure = max(options)
    return value, measure


def describe(candidate: Candidate, evidence: Evidence) -> Description:
    """Measure one candidate: relief where it has one, else extent and contrast of its footprint.

    Parameters
    ----------
    candidate : Candidate
    evidence : Evidence
        Maps that were not captured are None: what they would show counts as not there.
    """
    window = window_of(candidate, evidence.shape, evidence.rig.geometry.camera)
    contrast = contrast_of(window, evidence, candidate.shape)
    # Points and lines too narrow for the slopes show in the mirror alone; a patch that does has no relief of its own.
    tilted = Sign.RELIEF in candidate.sigma or (Sign.MIRROR in candidate.sigma and candidate.shape is not Shape.REGION)
    relief = relief_of(candidate, window, evidence) if tilted else None
    if relief is None:
        return _flat(candidate, window, contrast, evidence)
    return _of_relief(candidate, window, contrast, relief)


def _of_relief(candidate: Candidate, window: Window, contrast: Contrast, relief: Relief) -> Description:
    long, short = max(relief.length_mm, relief.width_mm), min(relief.length_mm, relief.width_mm)
    return _description(
        candidate, window, contrast, Basis.LINE if relief.line else Basis.BUMP, relief.x_mm, relief.y_mm, long, short,
        area_mm2=long * short * (1.0 if relief.line else math.pi / 4),
        angle_deg=relief.angle_deg if long > ROUND * short else None,
        height_um=relief.height_um,
        u=(relief.u_place_mm, relief.u_length_mm, relief.u_width_mm, relief.u_height_um),
        rim_um=relief.rim_um, explained=relief.explained, significance=relief.significance, slope=relief.slope_mrad,
    )  # fmt: skip


def _flat(candidate: Candidate, window: Window, contrast: Contrast, evidence: Evidence) -> Description:
    """What has no relief: by its outline in the picture that shows it best, else by its footprint."""
    spot = candidate.shape is Shape.POINT
    seen = window.inside.any() and not candidate.streaks  # single streaks show no edge
    picture = picture_of(window, evidence, spot=spot) if seen and candidate.shape is not Shape.LINE else None
    outline = None
    if picture is not None:
        outline = spot_of(window, picture) if spot else fit_outline(window, picture)
    if outline is None:
        outline = footprint_of(window, STREAKS_U) if candidate.streaks else footprint_of(window)
    (long, short), (u_long, u_short) = ((2 * a, 2 * b) for a, b in (outline.half_mm, outline.u_half_mm))
    return _description(
        candidate, window, contrast, Basis.STREAKS if candidate.streaks else Basis.FOOTPRINT,
        outline.x_mm, outline.y_mm, long, short,
        area_mm2=math.pi / 4 * long * short, angle_deg=outline.angle_deg if long > ROUND * short else None,
        height_um=None, u=(outline.u_place_mm, u_long, u_short, None),
        thins_out=outline.tenth_mm[0] / outline.half_mm[0], rim_um=0.0, explained=0.0, significance=0.0, slope=0.0,
    )  # fmt: skip


def _description(
    candidate: Candidate, window: Window, contrast: Contrast, basis: Basis,
    x_mm: float, y_mm: float, length_mm: float, width_mm: float, *,
    area_mm2: float, angle_deg: float | None, height_um: float | None,
    u: tuple[float, float, float, float | None],
    rim_um: float, explained: float, significance: float, slope: float, thins_out: float = 1.0,
) -> Description:  # fmt: skip
    x, y = window.places_mm(window.footprint if window.footprint.size else np.arange(window.inside.size))
    pad = max(window.bin_mm)
    if basis is not Basis.LINE:
        length_mm, width_mm = _alike(length_mm, width_mm, u[1], u[2])
    return Description(
        basis=basis,
        shape=candidate.shape,
        x_mm=x_mm,
        y_mm=y_mm,
        length_mm=max(length_mm, width_mm),
        width_mm=min(length_mm, width_mm),
        area_mm2=area_mm2,
        angle_deg=angle_deg,
        height_um=height_um,
        u_place_mm=u[0],
        u_length_mm=u[1],
        u_width_mm=u[2],
        u_height_um=u[3],
        rim_um=rim_um,
        explained_ratio=explained,
        relief_significance=significance,
        significance=max(significance, *candidate.sigma.values()),
        slope_mrad=slope,
        specks=candidate.specks,
        contrast=contrast,
        thins_out=thins_out,
        pixel_mm=math.sqrt(window.pixel_mm[0] * window.pixel_mm[1]),
        box_mm=(
            float(min(x.min(), x_mm - length_mm / 2)) - pad,
            float(min(y.min(), y_mm - length_mm / 2)) - pad,
            float(max(x.max(), x_mm + length_mm / 2)) + pad,
            float(max(y.max(), y_mm + length_mm / 2)) + pad,
        ),
    )
