"""What the camera or the light leaves out is no mark, and hides none beside it."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from find_maps import PITCH_MM, clean
from numpy.typing import NDArray
from scoring import RIGS, Score, score, search
from spoilt_captures import ended, stuck

from calibration import calibrate
from inspection.defects.find import find
from inspection.frames import Frames
from samples.drawn import drawn_panel
from samples.marks import seen_marks
from samples.scene import render, render_reference

Mask = NDArray[np.bool_]

STATION = RIGS["B"].sized(240)
PANEL = drawn_panel(901, STATION, count=10)
ROW, COL = np.mgrid[: STATION.height_px, : STATION.width_px]
SIZE = STATION.width_px
#: Marks nearer than this to what was not seen, their size taken off, may be missed.
NEAR_MM = 4.0


@cache
def taken() -> tuple[Frames, Frames]:
    """Capture and reference."""
    return render(PANEL, STATION, seed=6), render_reference(STATION, seed=1)


def scored(capture: Frames, reference: Frames) -> tuple[Score, float]:
    marks = search(capture, calibrate([reference]), PANEL.n_clear)
    return score(marks.found, seen_marks(PANEL, STATION)), marks.searched_ratio


@cache
def undisturbed() -> Score:
    return scored(*taken())[0]


def beside(hidden: Mask, one: Score) -> set[tuple[float, float]]:
    """Places of the marks that were found and lie clear of what is hidden."""
    far = cv2.distanceTransform((~hidden).astype(np.uint8), cv2.DIST_L2, 5) * STATION.mm_per_px
    places = set()
    for hit in one.hits:
        row, col = int(hit.truth.y_mm / STATION.mm_per_px), int(hit.truth.x_mm / STATION.mm_per_px)
        if far[row, col] - hit.truth.size_mm / 2 >= NEAR_MM:
            places.add((hit.truth.x_mm, hit.truth.y_mm))
    return places


def some_pixels(count: int, seed: int) -> Mask:
    chosen = np.zeros(ROW.size, bool)
    chosen[np.random.default_rng(seed).choice(ROW.size, count, replace=False)] = True
    return chosen.reshape(ROW.shape)


@pytest.mark.parametrize(
    ("where", "level"),
    [
        (np.isin(COL, (SIZE // 2, SIZE // 2 + 1, SIZE // 2 + 2)), 0.0),
        ((SIZE // 3 == COL) & (ROW > SIZE // 4) & (ROW < SIZE // 2), 0.0),
        (some_pixels(200, 1), 0.0),
        (some_pixels(50, 2), 1.0),
        (some_pixels(50, 3), 0.6),
    ],
    ids=["three dead columns", "a short dead column", "dead pixels", "hot pixels", "pixels stuck at grey"],
)
def test_dead_pixels_are_no_marks_and_hide_none(where: Mask, level: float) -> None:
    capture, reference = taken()
    found, searched_ratio = scored(stuck(capture, where, level), stuck(reference, where, level))
    assert not found.false
    assert len(found.fragments) <= len(undisturbed().fragments)
    assert len(found.hits) >= len(undisturbed().hits) - 1  # one may lie under the columns
    assert searched_ratio == pytest.approx(1 - where.mean(), abs=1e-3)


def test_pixels_that_died_after_the_calibration_are_no_marks() -> None:
    capture, reference = taken()
    assert not scored(stuck(capture, some_pixels(50, 4), 1.0), reference)[0].false


@pytest.mark.parametrize(
    ("hidden", "behind"),
    [
        (SIZE / 2 <= COL, 0.0),
        (0.94 * (COL - SIZE / 2) + 0.34 * (ROW - SIZE / 2) > 0.25 * SIZE, 0.0),
        (0.94 * (COL - SIZE / 2) + 0.34 * (ROW - SIZE / 2) > 0.25 * SIZE, 0.5),
        ((np.abs(COL - SIZE / 2) > 0.4 * SIZE) | (np.abs(ROW - SIZE / 2) > 0.42 * SIZE), 0.3),
        (np.hypot(COL - 0.4 * SIZE, ROW - 0.55 * SIZE) * STATION.mm_per_px < 15.0, 0.0),
        (np.hypot(COL - 0.4 * SIZE, ROW - 0.55 * SIZE) * STATION.mm_per_px < 15.0, 0.5),
    ],
    ids=["half unlit", "slanted edge", "slanted edge, bright behind", "small panel", "handle", "bright handle"],
)
def test_where_the_panel_or_the_light_ends_there_is_no_mark(hidden: Mask, behind: float) -> None:
    capture, reference = taken()
    found, searched_ratio = scored(ended(capture, ~hidden, behind), reference)
    assert not found.false
    assert len(found.fragments) <= len(undisturbed().fragments)
    assert beside(hidden, undisturbed()) <= {(hit.truth.x_mm, hit.truth.y_mm) for hit in found.hits}
    # Less than two millimetres along the border are given up.
    border = cv2.dilate(hidden.astype(np.uint8), np.ones((11, 11), np.uint8)).astype(bool)
    assert 1 - border.mean() <= searched_ratio <= 1 - hidden.mean() + 1e-3


def test_a_nib_beside_a_part_that_was_not_seen_is_found() -> None:
    made = clean(33)
    made.bump(24.0 + 3.0, 40.0, 1.2, 8.0)
    for array in (made.height_um, made.gloss_gu, made.clarity_pct, made.haze_pct, made.light):
        array[:, : int(24.0 / PITCH_MM)] = np.nan
    assert len(find(made.evidence())) == 1
