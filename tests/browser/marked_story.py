"""Made-up marks on the demonstration's panel, so that the pages show known ones after each of its five passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inspection.defects.kinds import ABOUT, Kind
from inspection.pipeline import Examination, examine
from inspection.report import Defect, Drift, FilmZone, Fit, NextStep, Registration, Report, Status, Task

N, P, S, R = Status.NEW, Status.PERSISTS, Status.SMALLER, Status.RETURNED
#: Kind, place, length, width (mm), height (µm), direction, the pass before its first, and its fate after each pass:
#: a dot where it is not there.
MARKS: tuple[tuple[Kind, float, float, float, float, float | None, float | None, str], ...] = (
    (Kind.NIB, 22.0, 20.0, 0.9, 0.8, 8.5, None, "fps.."),
    (Kind.SCRATCH, 84.0, 30.0, 26.0, 0.3, -1.1, 35.0, "fp.rp"),
    (Kind.CRATER, 40.0, 66.0, 1.4, 1.3, -6.2, None, "fpppp"),
    (Kind.RUN, 108.0, 60.0, 24.0, 5.0, 22.0, 88.0, "fss.."),
    (Kind.DUST, 60.0, 48.0, 0.6, 0.4, None, None, "f...."),
    (Kind.SWIRL, 62.0, 52.0, 30.0, 26.0, None, None, "..n.."),
    (Kind.PINHOLE, 43.0, 69.0, 0.3, 0.3, -4.0, None, "..npp"),
    (Kind.GLOSS_PATCH, 18.0, 82.0, 12.0, 9.0, None, None, "...np"),
)
FATE = {"f": None, "n": N, "p": P, "s": S, "r": R}


def with_marks(*arguments: Any, **more: Any) -> Examination:
    """What the measuring gives, with the made-up marks in place of those that it finds."""
    done = examine(*arguments, **more)
    return replace(done, report=marked(done.report))


def marked(report: Report) -> Report:
    """The report of a pass with its marks."""
    number = report.pass_number
    film = tuple(
        FilmZone(zone, source, film_um, 0.6, taken * number, 16.0 - taken * number, 14.8 - taken * number,
                 "stop" if taken * number > 13 else "warn" if taken * number > 11 else "ok", 95.0)
        for zone, source, film_um, taken in (("A", "gauge", 95.0 - 2.2 * number, 2.2), ("whole", "recipe", None, 2.6))
    )  # fmt: skip
    there = tuple(mark for i in range(len(MARKS)) if (mark := _mark(i, number)) is not None)
    gone = tuple(mark for i in range(len(MARKS)) if (mark := _gone(i, number)) is not None)
    tasks = tuple(
        Task(mark.id, mark.kind, {"en": f"Sand {mark.id} with a finger pad, then polish it.",
                                  "zh": f"用指垫打磨 {mark.id}，然后抛光。"}, mark.x_mm, mark.y_mm)
        for mark in there[:3] if number < 5
    )  # fmt: skip
    step = report.next_step
    moves = tuple(
        Drift(f.measure, f.region, f.knobs, f.unit, f.value, (-1) ** i * 0.1 * f.value, 0.02 * f.value, i % 3 > 0)
        for i, f in enumerate(report.findings)
        if f.value is not None and f.verdict is not None
    )
    return replace(
        report,
        defects=there,
        removed=gone,
        next_id=len(MARKS) + 1,
        searched_ratio=0.992,
        discrimination_mm={"nib": 0.31, "crater": 0.44, "scratch": 0.12, "swirl": 8.0, "pinhole": 0.28},
        registration=None if number == 1 else Registration(Fit.ALIGNED, number - 1, 1.2, -0.8, 0.6, 0.07, ""),
        drift=() if number == 1 else moves,
        film=film,
        next_step=NextStep(step.action, step.probability, step.reasons, step.places, tasks),
    )


def _mark(index: int, pass_number: int) -> Defect | None:
    kind, x, y, length, width, height, angle, fates = MARKS[index]
    fate = fates[pass_number - 1]
    if fate == ".":
        return None
    shrunk = 0.75 ** fates[:pass_number].count("s")
    length, width = length * shrunk, width * shrunk
    first = next(i for i, one in enumerate(fates, 1) if one != ".")
    half = max(length, width) / 2 + 0.3
    return Defect(
        f"D{index + 1}", str(kind), ABOUT[kind].code, x, y, length, width, 0.7 * length * width,
        None if height is None else height * shrunk, angle, 0.5, 0.93, "whole",
        status=FATE[fate], since_pass=first, caused_by_pass=first if fate == "n" else None, last_seen_pass=pass_number,
        u_place_mm=0.06, u_length_mm=0.05 * length, u_width_mm=0.06 * width,
        u_height_um=None if height is None else 0.3, contrast=5.0, contrast_measure=None, significance=15.0,
        box_mm=(x - half, y - half, x + half, y + half),
    )  # fmt: skip


def _gone(index: int, pass_number: int) -> Defect | None:
    seen = [n for n in range(1, pass_number) if _mark(index, n) is not None]
    if not seen or _mark(index, pass_number) is not None:
        return None
    last = _mark(index, seen[-1])
    assert last is not None
    return replace(last, status=Status.REMOVED)
