"""Captures of the sample world and what the library makes of them, made once per session."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from calibration import calibrate
from inspection.frames import Frames
from inspection.pipeline import Examination, examine
from inspection.recipe import Recipe, parse_recipe
from inspection.report import Finding, Report
from inspection.rig import Rig
from samples.paintwork import Panel
from samples.scene import render, render_reference
from samples.stations import Station

NOW = "2026-11-22T10:00:00+08:00"

PLAIN = """format = "paint-recipe/1"
name = "plain"
title = { zh = "素色", en = "Plain" }
passes = 5
n_clear = 1.5
[colour]
lab = [28.0, 26.0, -34.0]
[[checks]]
measure = "gloss_gu"
low = 5.0
"""


def recipe(text: str = PLAIN) -> Recipe:
    return parse_recipe(text, "plain.toml")


@lru_cache(maxsize=32)
def rig_of(station: Station, seed: int = 1) -> Rig:
    return calibrate([render_reference(station, seed=seed)])


@lru_cache(maxsize=32)
def capture(panel: Panel, station: Station, seed: int = 2) -> Frames:
    return render(panel, station, seed=seed)


@lru_cache(maxsize=32)
def examined(panel: Panel, station: Station, text: str = PLAIN, seed: int = 2) -> Examination:
    return examine(capture(panel, station, seed), rig_of(station), recipe(text), now=NOW, software="test")


def judged(frames: Frames, rig: Rig, text: str = PLAIN, **more: bool) -> Report:
    return examine(frames, rig, recipe(text), now=NOW, software="test", **more).report


def finding(report: Report, measure: str, **knobs: float) -> Finding:
    """The one finding of a measure with these knobs on the whole panel, asked or not."""
    found = [
        f for f in report.findings
        if f.measure == measure and f.region == "whole" and all(f.knobs.get(k) == v for k, v in knobs.items())
    ]  # fmt: skip
    assert len(found) == 1, [(f.measure, f.knobs) for f in found]
    return found[0]


def check_of(report: Report, number: int) -> Finding:
    """The finding of a check, by its number."""
    return next(f for f in report.findings if f.check_no == number)


def value_of(report: Report, measure: str, **knobs: float) -> float:
    value = finding(report, measure, **knobs).value
    assert value is not None
    return value


def blocks(values: np.ndarray, n: int = 10) -> np.ndarray:
    """Means on an n × n grid, NaN left out."""
    rows, cols = (size // n * n for size in values.shape)
    return np.nanmean(values[:rows, :cols].reshape(n, rows // n, n, cols // n), axis=(1, 3))
