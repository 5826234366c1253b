"""A candidate becomes a mark: measured in millimetres and micrometres, and named."""

from __future__ import annotations

import math

import numpy as np

from inspection.defects.candidates import Candidate, Shape, Sign
from inspection.defects.classify import RELIEF, classify
from inspection.defects.contrast import Contrast, contrast_of
from inspection.defects.description import Basis, Description
from inspection.defects.evidence import Evidence
from inspection.defects.kinds import Kind
from inspection.defects.marks import Mark
from inspection.defects.relief import Relief, relief_of
from inspection.defects.severity import severity
from inspection.defects.window import Window, window_of
from inspection.maps.kinds import Homography

#: Less elongated than this it has no direction.
ROUND = 1.3
#: A patch ends softly: its outline is known to this share of its size.
OUTLINE_U = 0.08


def mark_of(candidate: Candidate, evidence: Evidence) -> Mark:
    """Describe and classify one candidate.

    What has a kind without relief lies where its footprint lies, whatever texture the fit went along with.
    """
    found = describe(candidate, evidence)
    kind, confidence = classify(found)
    contrast, measure = strongest(found)
    features = tuple(found.features().items())
    if found.height_um is not None and kind not in RELIEF and kind is not Kind.UNKNOWN:
        window = window_of(candidate, evidence.shape, to_panel_of(evidence))
        found = _footprint(candidate, window, found.contrast)
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
    window = window_of(candidate, evidence.shape, to_panel_of(evidence))
    contrast = contrast_of(window, evidence, candidate.shape)
    # Points and lines too narrow for the slopes show in the mirror alone; a patch that does has no relief of its own.
    tilted = Sign.RELIEF in candidate.sigma or (Sign.MIRROR in candidate.sigma and candidate.shape is not Shape.REGION)
    relief = relief_of(candidate, window, evidence) if tilted else None
    if relief is None:
        return _footprint(candidate, window, contrast)
    return _of_relief(candidate, window, contrast, relief)


def to_panel_of(evidence: Evidence) -> Homography:
    """How pixels fall on the panel: the same for all maps."""
    return evidence.rig.geometry.camera.pixel_to_panel_mm


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


def _footprint(candidate: Candidate, window: Window, contrast: Contrast) -> Description:
    inside = window.inside
    if not inside.any():
        inside = np.ones_like(inside)
    x, y = float(window.x_mm[inside].mean()), float(window.y_mm[inside].mean())
    dx, dy = window.x_mm[inside] - x, window.y_mm[inside] - y
    px, py = window.bin_mm
    cov = np.array([[np.mean(dx * dx) + px * px / 12, np.mean(dx * dy)], [0.0, np.mean(dy * dy) + py * py / 12]])
    cov[1, 0] = cov[0, 1]
    values, vectors = np.linalg.eigh(cov)
    # A filled ellipse: four standard deviations from end to end.
    long, short = 4 * float(np.sqrt(values[1])), 4 * float(np.sqrt(values[0]))
    angle = (math.degrees(math.atan2(-vectors[1, 1], vectors[0, 1])) + 90) % 180 - 90
    pixel = math.sqrt(window.bin_mm2)
    area = float(np.count_nonzero(inside)) * window.bin_mm2
    u_length, u_width = (math.hypot(pixel, OUTLINE_U * size) for size in (long, short))
    return _description(
        candidate, window, contrast, Basis.FOOTPRINT, x, y, long, short,
        area_mm2=area, angle_deg=angle if long > 1.3 * short else None, height_um=None,
        u=(pixel / math.sqrt(12), u_length, u_width, None), rim_um=0.0, explained=0.0, significance=0.0, slope=0.0,
    )  # fmt: skip


def _description(
    candidate: Candidate, window: Window, contrast: Contrast, basis: Basis,
    x_mm: float, y_mm: float, length_mm: float, width_mm: float, *,
    area_mm2: float, angle_deg: float | None, height_um: float | None,
    u: tuple[float, float, float, float | None],
    rim_um: float, explained: float, significance: float, slope: float,
) -> Description:  # fmt: skip
    inside = window.inside if window.inside.any() else np.ones_like(window.inside)
    x, y = window.x_mm[inside], window.y_mm[inside]
    pad = max(window.bin_mm)
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
        pixel_mm=math.sqrt(window.pixel_mm[0] * window.pixel_mm[1]),
        box_mm=(
            float(min(x.min(), x_mm - length_mm / 2)) - pad,
            float(min(y.min(), y_mm - length_mm / 2)) - pad,
            float(max(x.max(), x_mm + length_mm / 2)) + pad,
            float(max(y.max(), y_mm + length_mm / 2)) + pad,
        ),
    )
