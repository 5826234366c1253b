"""Inspections as the pipeline makes them, by hand: three passes of one panel, for the store and the API."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from small_sets import COLS, ROWS, good_frames

from inspection.defects.kinds import ABOUT, Kind
from inspection.frames import Frames
from inspection.reading import Quality, Reading
from inspection.recipe import Recipe, parse_recipe
from inspection.report import (
    Action,
    Defect,
    Drift,
    FilmZone,
    Finding,
    Fit,
    NextStep,
    Reason,
    Registration,
    Report,
    Status,
    Task,
)
from inspection.rig import NoiseModel, Rig
from inspection.units import unit_of
from inspection.verdict import Verdict, judge, overall

RECIPE_TEXT = """format = "paint-recipe/1"
name = "amethyst"
title = { zh = "紫水晶", en = "Amethyst" }
passes = 3
n_clear = 1.5
[colour]
lab = [28.0, 26.0, -34.0]
[[regions]]
name = "A"
polygon_mm = [[1, 1], [10, 1], [10, 8], [1, 8]]
[[checks]]
measure = "delta_e00"
high = 0.8
[[checks]]
measure = "gloss_of_ceiling_pct"
low = 85.0
[[checks]]
measure = "clarity_pct"
period_mm = 12.0
low = 75.0
"""

#: Values after pass 1, 2 and 3, with standard uncertainties: the paint gets better.
VALUES: dict[tuple[str, tuple[tuple[str, float], ...]], tuple[tuple[float, float, float], float]] = {
    ("delta_e00", ()): ((0.42, 0.40, 0.38), 0.05),
    ("gloss_of_ceiling_pct", ()): ((61.0, 83.9, 93.2), 0.6),
    ("clarity_pct", (("period_mm", 12.0),)): ((38.0, 71.0, 86.0), 0.8),
    ("gloss_gu", ()): ((50.0, 68.8, 76.4), 0.5),
    ("gloss_cv_pct", ()): ((6.1, 3.0, 1.4), 0.1),
    ("haze_pct", ()): ((9.0, 4.0, 1.5), 0.3),
    ("waviness_rms_um", (("band_from_mm", 3.0), ("band_to_mm", 10.0))): ((0.61, 0.33, 0.15), 0.02),
    ("delta_l_lab", ()): ((0.2, 0.18, 0.17), 0.04),
    ("delta_e00_p95", ()): ((0.9, 0.8, 0.7), 0.06),
}
LIMITS = {"delta_e00": (None, 0.8), "gloss_of_ceiling_pct": (85.0, None), "clarity_pct": (75.0, None)}
CAPTURED_AT = {1: "2026-11-22T09:30:00+08:00", 2: "2026-11-22T10:30:00+08:00", 3: "2026-11-22T11:30:00+08:00"}


def recipe_of(text: str = RECIPE_TEXT) -> Recipe:
    """The recipe of the panel."""
    return parse_recipe(text, "amethyst.toml")


def rig_of(frames: Frames, **changes: Any) -> Rig:
    """A rig that fits the frames; its numbers do not matter here."""
    rng = np.random.default_rng(7)

    def plane(*extra: int) -> NDArray[np.float32]:
        return rng.uniform(0.01, 0.02, (ROWS, COLS, *extra)).astype(np.float32)

    rig = Rig(
        sensor=frames.sensor,
        geometry=frames.geometry,
        modulation={key: plane() for key in frames.fringe_series()},
        offset=plane(),
        screen_u_mm=plane(),
        screen_v_mm=plane(),
        tile=plane(3),
        camera_rgb_to_linear_srgb=frames.camera_rgb_to_linear_srgb,
        noise=NoiseModel(1e-6, 3e-5),
        glass_n=1.567,
        calibrated_at="2026-11-22T08:00:00+08:00",
        expires_at="2026-11-23T08:00:00+08:00",
        simulated=True,
        station="T",
    )
    return replace(rig, **changes)


def frames_of(pass_number: int, panel: str | None = "AM-0007", **changes: Any) -> Frames:
    """The capture of one pass; no two frames of all passes have the same pixels."""
    frames = good_frames()
    frames = replace(
        frames,
        frames=tuple(
            replace(frame, pixels=np.roll(frame.pixels, pass_number + number, axis=0))
            for number, frame in enumerate(frames.frames)
        ),
        panel=panel,
        pass_number=pass_number,
        captured_at=CAPTURED_AT[pass_number],
    )
    frames = replace(frames, **changes)
    return replace(frames, sha256=hashlib.sha256(f"{panel}{pass_number}{changes}".encode()).hexdigest())


def findings_of(pass_number: int) -> tuple[Finding, ...]:
    """Thirty findings: the recipe's checks judged, everything else unjudged, one without a value."""
    findings = []
    for region in ("whole", "A", "B"):
        for number, ((measure, knobs), (values, u)) in enumerate(VALUES.items()):
            value = values[pass_number - 1]
            low, high = LIMITS.get(measure, (None, None)) if region == "whole" else (None, None)
            judged = low is not None or high is not None
            findings.append(
                Finding(
                    check_no=number if judged else None,
                    region=region,
                    measure=measure,
                    version=1,
                    knobs=dict(knobs),
                    value=value,
                    unit=unit_of(measure),
                    u=u,
                    u_noise=u / 5,
                    n_px=480,
                    quality=(),
                    low=low,
                    high=high,
                    verdict=judge(Reading(value, u, u / 5, 480), low, high) if judged else None,
                    budget={"noise": 0.2 * u, "reference": 0.96**0.5 * u},
                )
            )
        findings.append(
            Finding(None, region, "colour_spread_e00", 1, {}, None, "ΔE00", None, None, 0,
                    (Quality.NO_FRAMES,), None, None, None)
        )  # fmt: skip
    return tuple(findings)


def defect_of(number: int, kind: Kind = Kind.NIB, **changes: Any) -> Defect:
    """A mark as the search finds it, somewhere on the panel."""
    x_mm, y_mm = 2.0 + (2.7 * number) % 8, 2.0 + (1.9 * number) % 6
    mark = Defect(
        id=f"D{number}",
        kind=str(kind),
        code=ABOUT[kind].code,
        x_mm=x_mm,
        y_mm=y_mm,
        length_mm=0.8,
        width_mm=0.7,
        area_mm2=0.45,
        height_um=7.5,
        angle_deg=None,
        severity=0.6,
        confidence=0.97,
        region="whole",
        since_pass=1,
        last_seen_pass=1,
        u_place_mm=0.05,
        u_length_mm=0.06,
        u_width_mm=0.06,
        u_height_um=0.4,
        contrast=7.5,
        contrast_measure="height_um",
        significance=21.0,
        box_mm=(x_mm - 0.6, y_mm - 0.6, x_mm + 0.6, y_mm + 0.6),
    )
    return replace(mark, **changes)


def story_of(pass_number: int) -> dict[str, Any]:
    """Three marks, and what two passes did to them: fields of the report.

    The scratch goes and comes back, the nib gets smaller and goes, the crater stays, pass 2 makes a swirl.
    """
    nib, crater = defect_of(1), defect_of(3, Kind.CRATER, height_um=-3.1)
    scratch = defect_of(2, Kind.SCRATCH, length_mm=4.0, angle_deg=30.0, height_um=None, u_height_um=None)
    swirl = defect_of(
        4, Kind.SWIRL, status=Status.NEW, since_pass=2, last_seen_pass=2, caused_by_pass=2, height_um=None,
        u_height_um=None, length_mm=3.0, width_mm=2.5, region="A", contrast_measure="gloss_gu",
    )  # fmt: skip
    gone = {"status": Status.REMOVED}
    if pass_number == 1:
        return {"defects": (nib, scratch, crater), "next_id": 4, "film": film_of(1)}
    moved = Drift("haze_pct", "whole", {}, "%", 4.0, -5.0, 0.42, True)
    still = Drift("delta_e00", "whole", {}, "ΔE00", 0.40, -0.02, 0.07, False)
    common = {"drift": (moved, still), "film": film_of(pass_number), "next_id": 5}
    if pass_number == 2:
        smaller = replace(nib, status=Status.SMALLER, length_mm=0.5, height_um=3.4, last_seen_pass=2)
        return common | {
            "defects": (smaller, replace(crater, status=Status.PERSISTS, last_seen_pass=2), swirl),
            "removed": (replace(scratch, **gone),),
            "registration": Registration(Fit.ALIGNED, 1, 0.3, -0.2, 0.5, 0.05, "Laid over pass 1."),
        }
    return common | {
        "defects": (
            replace(scratch, status=Status.RETURNED, last_seen_pass=3),
            replace(crater, status=Status.PERSISTS, last_seen_pass=3),
        ),
        "removed": (replace(nib, **gone, length_mm=0.5, last_seen_pass=2), replace(swirl, **gone)),
        "registration": Registration(Fit.ALIGNED, 2, -0.1, 0.4, -0.25, 0.06, "Laid over pass 2."),
    }


def film_of(pass_number: int) -> tuple[FilmZone, ...]:
    """Film of two zones: one that was gauged, one that is counted by the recipe."""
    taken = 3.0 * pass_number
    return (
        FilmZone("A", "gauge", 95.0 - taken, 0.6, taken, 16.0 - taken, 14.9 - taken, "ok", 95.0),
        FilmZone("whole", "recipe", None, 1.5, 2 * taken, 16.0 - 2 * taken, 13.0 - 2 * taken,
                 {1: "ok", 2: "warn", 3: "stop"}[pass_number], 95.0),
    )  # fmt: skip


def report_of(frames: Frames, rig: Rig, recipe: Recipe, **more: Any) -> Report:
    """The report of a capture; `more` are fields about marks and passes, as `story_of` gives them."""
    findings = findings_of(frames.pass_number)
    verdict = overall([finding.verdict for finding in findings if finding.verdict is not None])
    passed = verdict is Verdict.PASS
    return Report(
        panel=frames.panel,
        part=frames.part,
        coat_number=frames.coat_number,
        pass_number=frames.pass_number,
        view=frames.view,
        captured_at=frames.captured_at,
        station=frames.station,
        simulated=True,
        recipe={"name": recipe.name, "sha256": recipe.sha256},
        rig={"sha256": rig.sha256, "calibrated_at": rig.calibrated_at, "expires_at": rig.expires_at},
        capture={"sha256": frames.sha256},
        software="0.1.0",
        verdict=verdict,
        next_step=NextStep(
            Action.RELEASE if passed else Action.FULL_PASS,
            0.99 if passed else 0.02,
            (Reason("all_checks_pass", "every check passes"),)
            if passed
            else (Reason("checks_fail", "2 checks fail", {"count": 2}),),
            () if passed else ("D3",),
            () if passed else (Task("D3", "crater", {"en": "Leave the crater.", "zh": "不要打磨缩孔。"}, 4.1, 3.7),),
        ),
        findings=findings,
        valid_ratio=0.997,
        saturated_ratio=0.0,
        timing_ms={"total": 12.0},
        **more,
    )


def maps_of(pass_number: int) -> dict[str, NDArray[np.float32]]:
    """Three maps; the gloss rises by 1 GU per column, and its first pixel was not measured."""
    gloss = np.tile(np.arange(COLS, dtype=np.float32) + 10 * pass_number, (ROWS, 1))
    gloss[0, 0] = np.nan
    lab = np.empty((ROWS, COLS, 3), np.float32)
    lab[...] = (28.0, 26.0, -34.0)
    lab[0, 0] = np.nan
    return {"gloss_gu": gloss, "modulation_x_48mm": gloss / 1000, "lab": lab}
