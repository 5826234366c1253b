"""Panels with known marks, captured and looked at where the marks are: what the search would hand over."""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians, sin

import numpy as np

from calibration import calibrate
from inspection.defects.candidates import Candidate, Shape, Sign
from inspection.defects.evidence import Evidence
from inspection.defects.window import place
from inspection.rig import Rig
from samples.marks import MarkTruth, marks_of
from samples.paintwork import Panel
from samples.scene import render, render_reference
from samples.stations import Station
from station.training import evidence_of

SIGNS = {
    "nib": {Sign.RELIEF}, "crater": {Sign.RELIEF}, "pinhole": {Sign.RELIEF, Sign.MIRROR}, "run": {Sign.RELIEF},
    "dent": {Sign.RELIEF}, "scratch": {Sign.RELIEF, Sign.MIRROR}, "dust": {Sign.COLOUR, Sign.MIRROR},
    "gloss_patch": {Sign.MIRROR}, "colour_patch": {Sign.COLOUR}, "burn_through": {Sign.COLOUR, Sign.MIRROR},
    "swirl": {Sign.MIRROR}, "hologram": {Sign.MIRROR},
}  # fmt: skip


@lru_cache(maxsize=4)
def rig_of(station: Station) -> Rig:
    return calibrate([render_reference(station, seed=1)])


Looked = tuple[Evidence, tuple[tuple[MarkTruth, Candidate], ...]]


@lru_cache(maxsize=8)
def looked_at(panel: Panel, station: Station, seed: int = 3) -> Looked:
    """Evidence of one capture, and each true mark with a footprint around it."""
    evidence = evidence_of(render(panel, station, seed=seed), rig_of(station), panel.n_clear)
    return evidence, tuple((mark, candidate_of(mark, evidence)) for mark in marks_of(panel, station))


def candidate_of(mark: MarkTruth, evidence: Evidence) -> Candidate:
    """A footprint a little larger than the mark, cut to whole pixels: no better than a search would give."""
    rows, cols = evidence.shape
    row, col = np.mgrid[:rows, :cols]
    x, y = place(evidence.rig.geometry.camera, col, row)
    angle = radians(mark.angle_deg)
    dx, dy = x - mark.x_mm, y - mark.y_mm
    pixel = min(evidence.one.pitch_mm)
    along = np.abs(dx * cos(angle) - dy * sin(angle)) / max(mark.length_mm / 2, pixel)
    across = np.abs(dx * sin(angle) + dy * cos(angle)) / max(0.6 * mark.width_mm, pixel)
    inside = np.maximum(along, across) < 1 if mark.shape == "line" else np.hypot(along / 1.2, across) < 1
    seen_rows, seen_cols = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    box = slice(seen_rows[0], seen_rows[-1] + 1), slice(seen_cols[0], seen_cols[-1] + 1)
    sigma = dict.fromkeys(sorted(SIGNS[mark.kind]), 30.0)
    return Candidate(*box, inside[box], Shape(mark.shape), sigma, mark.width_mm / 4)
