"""A simulated sill, longer than the field of its small station, and the plan of its two views."""

from __future__ import annotations

from dataclasses import replace

from conftest import NOW

from calibration import calibrate
from inspection.frames import Conditions, Frames
from inspection.joining import Part
from inspection.plan import Plan, parse_plan
from inspection.recipe import Recipe
from samples.paintwork import Panel
from samples.scene import render, render_reference
from samples.stations import NAMED
from samples.surface import Mark, Texture
from samples.views import laid_for

#: A field of 64 × 48 mm: large enough to lay a pass over another.
STATION = replace(NAMED["B"].sized(160, 120), periods_mm=(48.0, 12.0), subsamples=1)
FIELD_MM = STATION.true_geometry().field_mm
#: Two fields side by side, with 14 mm in both.
PLAN_TEXT = """format = "paint-plan/1"
part = "sill"
outline_mm = [[1, 1], [113, 1], [113, 47], [1, 47]]
[[views]]
name = "left"
title = { zh = "左", en = "left" }
x_mm = 0
y_mm = 0
[[views]]
name = "right"
title = { zh = "右", en = "right" }
x_mm = 50
y_mm = 0
"""
PLAN: Plan = parse_plan(PLAN_TEXT, "sill.toml")
SILL = Panel(
    "SILL-1", part="sill", alpha=0.003, texture=Texture((0.0, 0.0, 0.0, 0.6, 2.0), seed=3),
    marks=(Mark("nib", 14.0, 3.0, 2.0, 2.0, 15.0), Mark("nib", 0.0, -9.0, 2.0, 2.0, 15.0)),
)  # fmt: skip


def captures() -> list[Frames]:
    """One of each view."""
    taken = []
    for seed, view in enumerate(PLAN.views, 1):
        frames = render(laid_for(SILL, PLAN, view, FIELD_MM), STATION, seed=seed, captured_at=NOW.isoformat())
        taken.append(replace(frames, view=view.name, view_to_panel_mm=view.to_part_mm))
    return taken


def measured(recipe: Recipe) -> Part:
    """The sill, all views measured."""
    rig = calibrate([render_reference(STATION, seed=0, captured_at=NOW.isoformat())])
    part = Part(PLAN, rig, recipe, now=NOW.isoformat(), software="0.1.0", conditions=Conditions(wiped=True))
    for frames in captures():
        part.add(frames)
    return part
