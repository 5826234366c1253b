"""Every mark once: on made-up maps, where the truth is exact, and on panels of the sample world."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest

from calibration import calibrate
from inspection import areas
from inspection.defects.candidates import Candidate, Shape, Sign
from inspection.defects.find import find
from inspection.defects.kinds import Kind
from inspection.defects.limits import discrimination_mm
from inspection.defects.marks import Marks
from inspection.defects.search import marks
from inspection.maps.kinds import Target
from inspection.reading import Missing, Quality
from inspection.rig import Rig
from inspection.workbench import Workbench
from samples.panels import NAMED as PANELS
from samples.scene import render, render_reference
from samples.stations import NAMED as STATIONS
from tests.inspection.defects.find_maps import PITCH_MM, Made, clean

SIZE_PX = 200


def places(found: list[Candidate]) -> list[tuple[float, float]]:
    """Centres of the footprints, mm."""
    where = [(np.nonzero(c.inside), c) for c in found]
    return [
        (float((col.mean() + c.cols.start + 0.5) * PITCH_MM), float((row.mean() + c.rows.start + 0.5) * PITCH_MM))
        for (row, col), c in where
    ]


def the_only(found: list[Candidate]) -> Candidate:
    assert len(found) == 1, [(p, c.shape, c.sigma) for p, c in zip(places(found), found, strict=True)]
    return found[0]


@pytest.mark.parametrize("peel_um", [0.05, 0.5, 2.0])
def test_clean_paint_has_no_marks_whatever_its_orange_peel(peel_um: float) -> None:
    # 0.05 expected per panel: more than one in four has a probability of 2 %.
    assert sum(len(find(clean(seed, peel_um=peel_um).evidence())) for seed in range(4)) <= 1


def test_a_slow_unevenness_is_no_mark() -> None:
    made = clean(1)
    slow = (made.x_mm - 40) / 40 + ((made.y_mm - 40) / 40) ** 2
    made.gloss_gu -= 0.05 * made.gloss_gu * slow
    made.clarity_pct -= 10 * slow
    made.light *= (1 + 0.01 * slow)[..., None]
    assert find(made.evidence()) == []


def test_a_nib_is_found_where_it_is() -> None:
    made = clean(2)
    made.bump(30.0, 50.0, 1.2, 6.0)
    found = the_only(find(made.evidence()))
    assert found.shape is Shape.POINT
    assert places([found])[0] == pytest.approx((30.0, 50.0), abs=PITCH_MM)


def test_two_nibs_three_millimetres_apart_are_two() -> None:
    made = clean(3)
    made.bump(40.0, 40.0, 1.0, 6.0)
    made.bump(43.0, 40.0, 1.0, 4.0)
    assert len(find(made.evidence())) == 2


def test_a_crater_and_its_rim_are_one() -> None:
    made = clean(4)
    made.bump(40.0, 40.0, 2.2, -12.0)
    r = np.hypot(made.x_mm - 40, made.y_mm - 40)
    made.height_um += 2.5 * np.exp(-((r - 1.5) ** 2) / (2 * 0.35**2)).astype(np.float32)
    the_only(find(made.evidence()))


def test_a_dent_is_one_region_though_wide() -> None:
    made = clean(5)
    made.bump(40.0, 40.0, 20.0, -16.0)
    found = the_only(find(made.evidence()))
    assert found.shape is Shape.REGION
    assert places([found])[0] == pytest.approx((40.0, 40.0), abs=1.5)


def test_a_nib_on_a_run_is_a_mark_of_its_own() -> None:
    made = clean(6)
    made.bump(40.0, 40.0, 7.0, 18.0, length_mm=40.0)
    assert the_only(find(made.evidence())).shape is Shape.LINE
    made.bump(40.0, 45.0, 1.0, 10.0)
    assert sorted(c.shape for c in find(made.evidence())) == [Shape.LINE, Shape.POINT]


def test_a_mark_at_the_border_is_found() -> None:
    made = clean(7)
    made.bump(0.4, 40.0, 1.5, 8.0)
    the_only(find(made.evidence()))


def test_a_slope_that_runs_out_of_the_picture_is_no_mark_at_its_border() -> None:
    made = clean(8)
    made.height_um += 3.0 * made.x_mm
    assert find(made.evidence()) == []


@pytest.mark.parametrize("angle_deg", [0.0, 37.0, 90.0, 140.0])
def test_a_scratch_too_faint_in_any_one_pixel_is_one_line(angle_deg: float) -> None:
    made = clean(9)
    a = np.radians(angle_deg)
    across = (made.x_mm - 40) * np.sin(a) + (made.y_mm - 40) * np.cos(a)
    along = (made.x_mm - 40) * np.cos(a) - (made.y_mm - 40) * np.sin(a)
    # Three standard deviations of the gloss's noise in its middle, over 25 mm.
    made.gloss_gu -= np.float32(1.8) * np.exp(-(across**2) / (2 * 0.25**2)) * (np.abs(along) < 12.5)
    found = the_only(find(made.evidence()))
    assert found.shape is Shape.LINE
    assert places([found])[0] == pytest.approx((40.0, 40.0), abs=2.0)


def test_a_scratch_in_pieces_is_one() -> None:
    made = clean(10)
    along = made.x_mm - 40
    there = (np.abs(along) < 15) & (np.abs(along % 6 - 3) > 0.8)
    made.gloss_gu -= np.float32(12) * np.exp(-((made.y_mm - 40) ** 2) / (2 * 0.25**2)) * there
    assert the_only(find(made.evidence())).shape is Shape.LINE


def test_a_scratch_too_steep_to_be_seen_is_one_though_only_beads_of_its_relief_are_left() -> None:
    made = clean(30)
    rows = np.arange(60, 140)
    cols = 70 + rows // 8
    made.gloss_gu[rows, cols] = np.nan
    made.height_um[rows, cols] = np.nan
    for row in (66, 97, 101, 128):
        made.height_um[row, cols[row - 60]] = made.height_um[row, cols[row - 60] - 1] - np.float32(3.0)
    found = the_only(find(made.evidence()))
    assert found.shape is Shape.LINE
    assert found.rows.stop - found.rows.start >= 0.8 * len(rows)


def test_paint_burnt_through_is_one_mark_with_a_sharp_edge() -> None:
    made = clean(31)
    spot = made.disc(40.3, 40.1, 12.0, edge_mm=0.5)
    made.gloss_gu -= 20 * spot
    made.clarity_pct -= 20 * spot
    made.light[..., 0] += 0.2 * spot
    found = the_only(find(made.evidence()))
    assert {Sign.MIRROR, Sign.COLOUR} <= set(found.sigma)


def test_the_foot_of_a_run_is_no_scratch_beside_it() -> None:
    made = clean(32, peel_um=0.02)
    made.bump(40.0, 40.0, 4.0, 25.0, length_mm=50.0)
    the_only(find(made.evidence()))


def swirl(made: Made, x_mm: float, y_mm: float, size_mm: float, seed: int) -> None:
    """Fine arcs that take a third of the gloss where they run, over a tenth of the disc."""
    rng = np.random.default_rng(seed)
    arcs = np.zeros(made.gloss_gu.shape, np.float32)
    for _ in range(int(size_mm**2 / 2)):
        r, turn = size_mm / 2 * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
        col, row = (int((v + r * f) / PITCH_MM) for v, f in ((x_mm, np.cos(turn)), (y_mm, np.sin(turn))))
        start = rng.uniform(0, 360)
        cv2.ellipse(arcs, (col, row), (40, 40), start, 0, 25, 1.0, 1, cv2.LINE_AA)
    arcs *= np.hypot(made.x_mm - x_mm, made.y_mm - y_mm) < size_mm / 2
    made.gloss_gu -= 25 * arcs
    made.haze_pct += 25 * arcs


def test_a_swirl_is_one_mark_with_its_arcs_counted() -> None:
    made = clean(11)
    swirl(made, 35.0, 40.0, 30.0, seed=1)
    found = the_only(find(made.evidence()))
    assert found.shape is Shape.REGION
    assert found.specks > 10
    assert places([found])[0] == pytest.approx((35.0, 40.0), abs=1.5)


def test_a_nib_in_a_swirl_stands_out_of_it() -> None:
    made = clean(12)
    swirl(made, 35.0, 40.0, 30.0, seed=2)
    made.bump(38.0, 42.0, 1.2, 7.0)
    assert sorted(c.shape for c in find(made.evidence())) == [Shape.POINT, Shape.REGION]


def test_a_dull_patch_is_one_region_in_all_maps_together() -> None:
    made = clean(13)
    disc = made.disc(30.0, 45.0, 16.0, edge_mm=4.0)
    made.gloss_gu -= 8 * disc
    made.clarity_pct -= 30 * disc
    made.haze_pct += 8 * disc
    found = the_only(find(made.evidence()))
    assert (found.shape, set(found.sigma)) == (Shape.REGION, {Sign.MIRROR})


def test_patches_that_touch_are_two() -> None:
    made = clean(14)
    made.gloss_gu -= 8 * made.disc(30.0, 40.0, 16.0, 4.0) + 30 * made.disc(46.0, 40.0, 14.0, 0.5)
    assert len(find(made.evidence())) == 2


def test_patches_over_a_third_of_the_field_do_not_hide_each_other() -> None:
    made = clean(15)
    centres = [(22.0, 22.0), (58.0, 22.0), (40.0, 58.0)]
    for x, y in centres:
        made.gloss_gu -= 5 * made.disc(x, y, 30.0)
    found = sorted(places(find(made.evidence())))
    assert found == [pytest.approx(c, abs=1.0) for c in sorted(centres)]


def test_a_faint_colour_patch_is_found_by_its_colour_alone() -> None:
    made = clean(16)
    # About 1 in CIEDE2000 on this purple.
    made.light += (np.array([0.004, 0.001, 0.008], np.float32)) * made.disc(45.0, 35.0, 20.0, 4.0)[..., None]
    found = the_only(find(made.evidence()))
    assert set(found.sigma) == {Sign.COLOUR}


def test_a_grain_of_dust_that_blinds_the_camera_is_one_mark() -> None:
    made = clean(17)
    hole = np.hypot(made.x_mm - 40, made.y_mm - 40) < 0.5
    for array in (made.height_um, made.gloss_gu, made.clarity_pct, made.haze_pct, made.light):
        array[hole] = np.nan
    the_only(find(made.evidence()))


def test_a_part_that_was_not_seen_is_no_mark() -> None:
    made = clean(18)
    for array in (made.height_um, made.gloss_gu, made.clarity_pct, made.haze_pct, made.light):
        array[:80, :60] = np.nan
    evidence = made.evidence()
    assert find(evidence) == []
    # Three pixels along its border are given up with it, round at its corner: the lens mixes both sides there.
    assert np.mean(evidence.searched) == pytest.approx(1 - 83 * 63 / SIZE_PX**2, abs=9 / SIZE_PX**2)


def test_holes_all_over_are_the_limit_of_seeing_and_not_dust() -> None:
    made = clean(19)
    hole = np.random.default_rng(0).random(made.gloss_gu.shape) < 0.02
    for array in (made.height_um, made.gloss_gu, made.clarity_pct, made.haze_pct):
        array[hole] = np.nan
    assert find(made.evidence()) == []


def test_a_noisier_panel_has_a_coarser_limit() -> None:
    quiet, loud = clean(20), clean(20)
    rng = np.random.default_rng(1)
    loud.height_um += rng.standard_normal(loud.height_um.shape).astype(np.float32) * np.float32(0.1)
    before, after = (discrimination_mm(made.evidence())[Kind.NIB] for made in (quiet, loud))
    assert after > 1.2 * before


def test_nibs_twice_as_large_as_the_limit_are_all_found() -> None:
    limit = discrimination_mm(clean(21).evidence())[Kind.NIB]
    made = clean(21)
    for x in (12.0, 28.0, 44.0, 60.0):
        for y in (15.0, 45.0):
            made.bump(x, y, 2 * limit, 20 * limit)
    assert len(find(made.evidence())) == 8


def test_nothing_to_search_says_so() -> None:
    with pytest.raises(Missing) as doubt:
        marks(None, None, None, None, None, None, None, None)  # type: ignore[arg-type]
    assert doubt.value.quality is Quality.NO_FRAMES


@lru_cache(maxsize=2)
def rig_of(name: str) -> Rig:
    return calibrate([render_reference(STATIONS[name].sized(SIZE_PX), seed=1)])


def searched(panel_name: str, station: str, pass_number: int) -> Marks:
    panel = PANELS[panel_name](pass_number)
    frames = render(panel, STATIONS[station].sized(SIZE_PX), seed=3)
    bench = Workbench(frames, rig_of(station), Target(None, panel.n_clear), {"whole": areas.whole(frames.sensor.shape)})
    found: Marks = bench.get(Marks)
    return found


@pytest.mark.parametrize("station", ["B", "poor"])
def test_the_graphite_panel_shows_every_mark_once(station: str) -> None:
    panel = PANELS["graphite_defects"](0)
    found = searched("graphite_defects", station, 0)
    middle = SIZE_PX * STATIONS[station].mm_per_px / 2
    true = [(m.x_mm + middle, m.y_mm + middle) for m in (*panel.marks, *panel.patches)]
    assert len(found.found) == len(true)
    for x, y in true:
        assert min(np.hypot(m.x_mm - x, m.y_mm - y) for m in found.found) < 2.0


@pytest.mark.parametrize("name", ["white", "sanded", "flat", "curved"])
def test_panels_without_new_marks_show_none(name: str) -> None:
    panel = PANELS[name](5)
    found = searched(name, "B", 5)
    assert len(found.found) <= len(panel.marks) + len(panel.patches)
