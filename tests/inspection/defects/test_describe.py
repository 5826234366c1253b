"""Marks measured: places, sizes, heights and what is said of their uncertainty, against the exact truth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from marked_panels import looked_at

from inspection.defects.candidates import Candidate, Shape, Sign
from inspection.defects.describe import describe, mark_of
from inspection.defects.kinds import Kind
from inspection.defects.marks import Mark as Found
from inspection.defects.severity import severity
from samples.marks import MarkTruth
from samples.paintwork import Panel, Patch
from samples.scuffs import Scuff
from samples.stations import NAMED, Station
from samples.surface import Mark, Texture

B = NAMED["B"].sized(240)
PEEL = Texture((0.0, 0.006, 0.03, 0.15, 0.5), 5)

WIDE = Panel(
    "WIDE",
    texture=PEEL,
    marks=(
        Mark("nib", -30.0, -30.0, 2.2, 2.0, 7.0),
        Mark("nib", 5.3, -31.2, 3.0, 2.6, 4.0, angle_deg=40.0),
        Mark("nib", 30.1, -28.9, 1.7, 1.7, 9.0),
        Mark("crater", -29.7, 0.4, 2.6, 2.6, -8.0, rim_um=2.0),
        Mark("crater", 28.2, 6.1, 3.2, 3.2, -6.0, rim_um=1.0),
        Mark("dent", 0.0, 6.0, 16.0, 14.0, -9.0, angle_deg=25.0),
        Mark("run", -10.0, 30.0, 24.0, 6.0, 12.0, angle_deg=84.0),
        Mark("nib", 46.0, 20.0, 2.0, 2.0, 6.0),
    ),
)
NARROW = Panel(
    "NARROW",
    texture=PEEL,
    marks=(
        Mark("nib", -30.0, -30.0, 0.5, 0.5, 4.0),
        Mark("nib", -9.9, -30.1, 0.7, 0.7, 5.0),
        Mark("nib", 10.0, -29.8, 0.9, 0.9, 6.0),
        Mark("nib", 30.1, -30.2, 1.1, 1.1, 5.0),
        Mark("crater", -30.0, -10.0, 0.9, 0.9, -5.0, rim_um=1.2),
        Mark("crater", -10.1, -9.9, 1.2, 1.2, -6.0, rim_um=1.5),
        Mark("crater", 10.2, -10.1, 1.6, 1.6, -8.0, rim_um=2.0),
        Mark("pinhole", 30.0, -9.8, 0.35, 0.35, -9.0),
        Mark("pinhole", -29.9, 10.2, 0.5, 0.5, -10.0),
        Mark("scratch", 5.0, 25.0, 26.0, 0.25, -1.5, angle_deg=33.0, groove=True),
    ),
)


def described(panel: Panel, station: Station = B) -> list[tuple[MarkTruth, Found]]:
    evidence, marks = looked_at(panel, station)
    return [(truth, mark_of(candidate, evidence)) for truth, candidate in marks]


def apart_mm(truth: MarkTruth, found: Found) -> float:
    return math.hypot(found.x_mm - truth.x_mm, found.y_mm - truth.y_mm)


def test_wide_marks_are_measured_within_a_tenth_of_their_height() -> None:
    for truth, found in described(WIDE):
        assert found.height_um == pytest.approx(truth.height_um, rel=0.12), (truth, found)


def test_the_height_of_a_wide_mark_lies_within_three_of_its_uncertainties() -> None:
    for truth, found in described(WIDE):
        assert found.height_um is not None
        assert found.u_height_um is not None
        assert abs(found.height_um - truth.height_um) < 3 * found.u_height_um, (truth, found)


def test_extents_are_those_at_a_tenth_of_the_extreme_with_the_blur_removed() -> None:
    for truth, found in described(WIDE):
        assert found.length_mm == pytest.approx(truth.length_mm, rel=0.15), (truth, found)
        assert found.width_mm == pytest.approx(truth.width_mm, rel=0.15), (truth, found)


def test_points_are_placed_within_a_tenth_of_a_pixel() -> None:
    far = [apart_mm(t, f) for panel in (WIDE, NARROW) for t, f in described(panel) if t.shape == "point"]
    assert np.median(far) < 0.04
    assert max(far) < 0.2


def test_a_mark_narrower_than_a_pixel_says_honestly_how_little_is_known_of_its_height() -> None:
    close = []
    for truth, found in described(NARROW):
        if truth.kind not in ("nib", "crater"):
            continue
        assert found.height_um is not None
        assert found.u_height_um is not None
        assert found.height_um * truth.height_um > 0, (truth, found)
        assert found.u_height_um > 0.05 * abs(found.height_um)
        close.append(abs(found.height_um - truth.height_um) < 2 * found.u_height_um)
    assert np.mean(close) >= 0.85


def test_a_scratch_narrower_than_a_pixel_is_followed_from_end_to_end() -> None:
    truth, found = next((t, f) for t, f in described(NARROW) if t.kind == "scratch")
    assert found.kind is Kind.SCRATCH
    assert found.angle_deg == pytest.approx(truth.angle_deg, abs=1.0)
    assert found.length_mm == pytest.approx(truth.length_mm, rel=0.15)
    assert apart_mm(truth, found) < 1.0
    assert found.height_um is not None
    assert found.height_um < 0


def test_a_nib_and_a_hollow_differ_in_sign_and_a_crater_has_its_rim() -> None:
    evidence, marks = looked_at(WIDE, B)
    for truth, candidate in marks:
        found = describe(candidate, evidence)
        assert (found.height_um or 0.0) * truth.height_um > 0
        assert (found.rim_um > 0) == (truth.kind == "crater"), truth


def test_a_patch_without_relief_has_no_height() -> None:
    panel = Panel(
        "PATCHES",
        texture=PEEL,
        patches=(
            Patch("gloss_patch", -22.0, -20.0, 16.0, 3.0, alpha=0.008, haze=0.06),
            Patch("colour_patch", 22.0, 20.0, 18.0, 3.0, delta_lab=(2.0, 2.0, -2.0)),
            Patch("burn_through", 22.0, -22.0, 8.0, 0.5, alpha=0.02, haze=0.1, lab=(65.0, 0.5, 2.0)),
            Patch("dust", -20.0, 22.0, 0.9, 0.15, covers=0.9, lab=(70.0, 0.0, 4.0)),
        ),
    )
    for truth, found in described(panel):
        assert found.height_um is None, truth
        assert found.u_height_um is None
        assert apart_mm(truth, found) < 0.6
        assert found.kind == truth.kind
        assert found.contrast > 0


def test_a_hologram_runs_the_way_its_streaks_run() -> None:
    for angle in (-60.0, 20.0):
        scuff = Scuff("hologram", 0.0, 0.0, 40.0, 900, 0.1, angle, gain=1.1, seed=4)
        ((_, found),) = described(Panel("STREAKS", texture=PEEL, scuffs=(scuff,)))
        assert found.kind in (Kind.HOLOGRAM, Kind.SWIRL)
        if found.kind is Kind.HOLOGRAM:
            assert found.angle_deg is not None
            assert abs((found.angle_deg - angle + 90) % 180 - 90) < 15


def test_a_lost_map_is_no_contrast_and_no_crash() -> None:
    evidence, marks = looked_at(WIDE, B)
    bare = replace(evidence, gloss=None, clarity=None, haze=None, reflectance=None, lamps=None)
    truth, candidate = marks[0]
    found = describe(candidate, bare)
    assert found.height_um == pytest.approx(truth.height_um, rel=0.12)
    assert set(found.contrast.__slots__) <= found.features().keys()
    assert found.contrast.gloss_loss_ratio == found.contrast.delta_e00 == 0.0
    blind = replace(bare, surface=None)
    assert describe(replace(candidate, sigma={Sign.COLOUR: 9.0}), blind).height_um is None


def test_holes_in_the_maps_leave_numbers() -> None:
    evidence, marks = looked_at(WIDE, B)
    surface = evidence.surface
    assert surface is not None
    x, y = surface.x_mrad.copy(), surface.y_mrad.copy()
    _, candidate = marks[0]
    x[candidate.rows.start : candidate.rows.start + 2, candidate.cols] = np.nan
    y[candidate.rows.start : candidate.rows.start + 2, candidate.cols] = np.nan
    holed = replace(evidence, surface=replace(surface, x_mrad=x, y_mrad=y))
    found = mark_of(candidate, holed)
    assert found.height_um == pytest.approx(marks[0][0].height_um, rel=0.25)
    nothing = np.full_like(x, np.nan)
    dark = replace(evidence, surface=replace(surface, x_mrad=nothing, y_mrad=nothing), gloss=None, clarity=None)
    assert all(math.isfinite(v) for v in describe(candidate, dark).features().values())


def test_marks_at_the_very_border_are_measured_by_what_is_seen() -> None:
    width = B.geometry().field_mm[0]
    panel = Panel("BORDER", texture=PEEL, marks=(Mark("nib", width / 2 - 0.9, 10.0, 2.0, 2.0, 6.0),))
    ((truth, found),) = described(panel)
    assert found.height_um == pytest.approx(truth.height_um, rel=0.25)
    assert apart_mm(truth, found) < 0.2


def test_any_footprint_gives_finite_numbers_and_a_kind() -> None:
    evidence, _ = looked_at(NARROW, B)
    rng = np.random.default_rng(8)
    rows, cols = evidence.shape
    for shape in Shape:
        for _ in range(8):
            height, width = (int(v) for v in rng.integers(1, 30, 2))
            top, left = int(rng.integers(0, rows - height + 1)), int(rng.integers(0, cols - width + 1))
            inside = rng.random((height, width)) < rng.choice([0.2, 1.0])
            inside[0, 0] = True
            sigma = {sign: 9.0 for sign in Sign if rng.random() < 0.6} or {Sign.RELIEF: 9.0}
            box = slice(top, top + height), slice(left, left + width)
            found = mark_of(Candidate(*box, inside, shape, sigma, 1.0), evidence)
            numbers = [found.x_mm, found.y_mm, found.length_mm, found.width_mm, found.severity, found.contrast]
            assert all(math.isfinite(v) for v in numbers)
            assert all(math.isfinite(v) for _, v in found.features)
            assert found.length_mm >= found.width_mm > 0
            assert 0 <= found.severity <= 1
            assert 0 <= found.confidence <= 1


def test_severity_grows_with_height_and_with_size() -> None:
    evidence, marks = looked_at(WIDE, B)
    found = describe(marks[0][1], evidence)
    assert found.height_um is not None
    higher = replace(found, height_um=1.5 * found.height_um, slope_mrad=1.5 * found.slope_mrad)
    larger = replace(found, area_mm2=2 * found.area_mm2)
    assert 0 <= severity(found) < severity(higher) <= 1
    assert severity(found) < severity(larger) <= 1
