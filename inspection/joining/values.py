"""Findings of several views as findings of one part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import cv2
import numpy as np

from inspection.areas import polygon_area_mm2
from inspection.defects.marks import Marks
from inspection.findings import as_marks, restated
from inspection.reading import Missing, Quality, Reading, Source
from inspection.recipe import WHOLE, Recipe
from inspection.registry import MEASURES, Joins
from inspection.report import Defect, Finding
from inspection.verdict import Verdict

#: What repeats anew in every view; all else is the station's and the same in each.
INDEPENDENT: Final = frozenset({Source.NOISE, Source.SAMPLING, Source.PLACEMENT, Source.DETECTION})
#: Worse is more.
_WORST: Final = (None, Verdict.PASS, Verdict.HOLD, Verdict.FAIL)

#: A finding of a view, and how many pixels of the area it is about that view answers for.
Part = tuple[Finding, int]


def joined_findings(
    views: Sequence[tuple[Sequence[Finding], Mapping[str, int]]],
    defects: Sequence[Defect],
    discrimination_mm: Mapping[str, float],
    recipe: Recipe,
) -> tuple[Finding, ...]:
    """One finding for each question that the views answer, in their order.

    Parameters
    ----------
    views : (findings, pixels by region)
    defects : of the part.
    discrimination_mm : by kind; of the view that finds least.
    """
    asked: dict[tuple[int | None, str, str, str], list[Part]] = {}
    for findings, area_px in views:
        for one in findings:
            key = (one.check_no, one.measure, one.region, repr(sorted(one.knobs.items())))
            asked.setdefault(key, []).append((one, area_px[one.region]))
    return tuple(_joined(parts, defects, discrimination_mm, recipe) for parts in asked.values())


def inside(x_mm: float, y_mm: float, corners_mm: Sequence[tuple[float, float]]) -> bool:
    """Whether a place lies in a polygon, its sides included."""
    return cv2.pointPolygonTest(np.array(corners_mm, np.float32), (x_mm, y_mm), False) >= 0


def _joined(
    parts: Sequence[Part], defects: Sequence[Defect], discrimination_mm: Mapping[str, float], recipe: Recipe
) -> Finding:
    seen = [(finding, area) for finding, area in parts if area > 0]
    if not seen:
        return restated(parts[0][0], Reading.missing(Quality.LOW_COVERAGE))
    measure = MEASURES[seen[0][0].measure]
    if measure.needs == (Marks,):
        return _counted(seen, defects, discrimination_mm, recipe)
    if measure.joins in (Joins.MEAN, Joins.SQUARE_MEAN):
        return restated(seen[0][0], _mean(seen, squares=measure.joins is Joins.SQUARE_MEAN))
    return _worst([finding for finding, _ in seen], least=measure.joins is Joins.LEAST)


def _worst(findings: Sequence[Finding], *, least: bool) -> Finding:
    """The view that is worst off by its verdict; where nothing is judged, that of the largest or smallest value."""

    def badness(one: Finding) -> tuple[int, float, float]:
        sign = -1.0 if least else 1.0
        value = math.inf if one.value is None else sign * one.value
        return _WORST.index(one.verdict), -(one.probability or 0.0) if one.verdict is not None else 0.0, value

    return max(findings, key=badness)


def _mean(seen: Sequence[Part], *, squares: bool) -> Reading:
    """The mean by area, or the root of the mean square; not measured where one view was not."""
    quality = _doubts(finding for finding, _ in seen)
    n_px = sum(finding.n_px for finding, _ in seen)
    values = [finding.value for finding, _ in seen]
    if any(value is None for value in values):
        return Reading.missing(*quality, n_px=n_px)
    value = np.array(values, float)
    weight = np.array([area for _, area in seen], float)
    weight /= weight.sum()
    mean = float(np.sqrt(np.sum(weight * value**2)) if squares else np.sum(weight * value))
    pull = weight * value / mean if squares and mean > 0 else weight
    budget = {
        source: float(np.hypot.reduce(pull * u) if source in INDEPENDENT else np.abs(np.sum(pull * u)))
        for source in Source
        if (u := np.array([finding.budget.get(source, 0.0) for finding, _ in seen])).any()
    }
    return Reading.of_terms(mean, budget, n_px, quality)


def _counted(
    seen: Sequence[Part], defects: Sequence[Defect], discrimination_mm: Mapping[str, float], recipe: Recipe
) -> Finding:
    """What counts marks counts those of the part; whether they could be seen is for each view to say."""
    finding = seen[0][0]
    corners = {region.name: region.polygon_mm for region in recipe.regions}.get(finding.region)
    counted = [one for one in defects if corners is None or inside(one.x_mm, one.y_mm, corners)]
    quality = _doubts(one for one, _ in seen)
    n_px = sum(one.n_px for one, _ in seen)
    if any(one.value is None for one, _ in seen):
        return restated(finding, Reading.missing(*quality, n_px=n_px))
    try:
        taken = MEASURES[finding.measure].function(as_marks(counted, discrimination_mm), **finding.knobs)
    except Missing as doubt:
        return restated(finding, Reading.missing(doubt.quality, n_px=n_px))
    told = tuple(dict.fromkeys((*taken.quality, *quality)))
    return restated(finding, Reading.of_terms(taken.value, taken.budget, n_px, told, step=taken.step))


def _doubts(findings: Iterable[Finding]) -> tuple[Quality, ...]:
    """Every doubt of any view, once."""
    return tuple(dict.fromkeys(Quality(doubt) for one in findings for doubt in one.quality))


def smallest_region(x_mm: float, y_mm: float, recipe: Recipe) -> str:
    """The smallest region of a recipe that holds a place of the part."""
    held = [
        (polygon_area_mm2(region.polygon_mm), region.name)
        for region in recipe.regions
        if inside(x_mm, y_mm, region.polygon_mm)
    ]
    return min(held)[1] if held else WHOLE
