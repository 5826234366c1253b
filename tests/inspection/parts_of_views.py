"""A simulated part of two views, its plan, and captures of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from calibration import calibrate
from inspection.frames import Conditions, Frames
from inspection.joining import Part
from inspection.plan import Plan, parse_plan
from inspection.recipe import Recipe, parse_recipe
from inspection.rig import Rig
from samples.paintwork import Panel, Pose
from samples.scene import render, render_reference
from samples.stations import NAMED
from samples.surface import Mark, Texture
from samples.views import laid_for

#: A field of 96 × 72 mm.
STATION = replace(NAMED["B"], subsamples=1).sized(240, 180)
#: 22 mm of it in both views.
PLAN_TEXT = """
format = "paint-plan/1"
part = "sill"
outline_mm = [[2, 2], [168, 2], [168, 70], [2, 70]]

[[views]]
name = "left"
title = { zh = "左", en = "left" }
x_mm = 0
y_mm = 0

[[views]]
name = "right"
title = { zh = "右", en = "right" }
x_mm = 74
y_mm = 0
"""
PLAN = parse_plan(PLAN_TEXT, "sill.toml")
RECIPE_TEXT = """
format = "paint-recipe/1"
name = "sill-black"
title = { zh = "黑", en = "black" }
passes = 2
n_clear = 1.5

[colour]
lab = [20.0, 0.0, 0.0]

[[checks]]
measure = "gloss_gu"
low = 60.0

[[checks]]
measure = "defect_count"
kind = "nib"
min_length_mm = 1.0
high = 3.0

[[checks]]
measure = "waviness_rms_um"
band_from_mm = 3.0
band_to_mm = 10.0
high = 3.0
"""
#: In the part's frame, mm: in the left view, in both, in the right one.
NIBS = ((20.0, 30.0), (84.0, 36.0), (150.0, 50.0))


@cache
def rig() -> Rig:
    return calibrate([render_reference(STATION, seed=0)])


def recipe(text: str = RECIPE_TEXT) -> Recipe:
    return parse_recipe(text, "sill.toml")


def sill(pass_number: int = 1, nibs: tuple[tuple[float, float], ...] = NIBS) -> Panel:
    """Nibs on paint whose peel tells where it lies."""
    left, top, right, bottom = PLAN.box_mm
    marks = tuple(
        Mark("nib", x - (left + right) / 2, y - (top + bottom) / 2, 1.4, 1.4, 9.0, identity=f"nib-{i}")
        for i, (x, y) in enumerate(nibs)
    )
    return Panel(
        "SILL-1", part="sill", recipe="sill-black", pass_number=pass_number, lab=(20.0, 0.0, 0.0), n_clear=1.5,
        texture=Texture((0.0, 0.0, 0.0, 0.6, 2.0), seed=3), marks=marks,
    )  # fmt: skip


def capture(panel: Panel, name: str, *, seed: int, plan: Plan = PLAN, slip: Pose | None = None) -> Frames:
    """One view, as the line hands it over."""
    view = next(one for one in plan.views if one.name == name)
    field = STATION.true_geometry().field_mm
    frames = render(laid_for(panel, plan, view, field, slip), STATION, seed=seed)
    return replace(frames, view=name, view_to_panel_mm=view.to_part_mm)


def part(plan: Plan = PLAN, asked: Recipe | None = None, **known: object) -> Part:
    return Part(
        plan,
        rig(),
        asked or recipe(),
        now="2026-11-22T10:00:00+08:00",
        software="test",
        conditions=Conditions(wiped=True),
        **known,
    )


def measured(panel: Panel, *, seed: int = 1, slips: tuple[Pose, Pose] = (Pose(), Pose()), **known: object) -> Part:
    """Both views of a panel."""
    one = part(**known)
    for number, (name, slip) in enumerate(zip(("left", "right"), slips, strict=True)):
        one.add(capture(panel, name, seed=2 * seed + number, slip=slip))
    return one
