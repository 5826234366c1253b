"""Streaks under small lamps: regions of many are marks, a scratch, flakes and waves are none."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scoring import rig_of, score, search, with_flakes

from calibration import calibrate
from inspection.defects.candidates import Sign
from inspection.defects.evidence import Evidence
from inspection.defects.field import Field
from inspection.defects.find_lamps import find_lamps
from inspection.defects.find_scales import scales
from inspection.defects.groups import Group, group
from inspection.defects.merge_lamps import bundled
from inspection.defects.specks import Speck
from inspection.maps.lamps import lamps
from inspection.optics import half_vectors
from inspection.rig import Rig
from samples.drawn import drawn_panel
from samples.marks import seen_marks
from samples.paintwork import Panel
from samples.scene import render, render_reference
from samples.scuffs import Scuff
from samples.stations import NAMED, Station
from samples.surface import Mark

#: One period only: the lamps are looked at.
STATION: Station = replace(NAMED["A"].sized(220), periods_mm=(64.0,))
BLUE = (28.0, 26.0, -34.0)


@cache
def rig() -> Rig:
    return calibrate([render_reference(STATION, seed=1)])


@cache
def evidence(panel: Panel, seed: int = 3) -> Evidence:
    return Evidence(rig(), None, None, None, None, None, lamps(render(panel, STATION, seed=seed), rig()))


def plain(*, peel_level: float = 0.5, seed: int = 1) -> Panel:
    return drawn_panel(seed, STATION, count=0, peel_level=peel_level, lab=BLUE)


def scuff(kind: str, coverage: float, direction_deg: float | None = None) -> Scuff:
    arcs = int(coverage * np.pi / 4 * 28 / (0.4 * 0.015))
    return Scuff(kind, 6.0, -4.0, 28.0, arcs, coverage, direction_deg, gain=1.0, seed=5)


def place(speck: Speck, seen: Evidence) -> tuple[float, float]:
    """Of the middle of a region, mm from the field's centre."""
    width, height = seen.rig.geometry.field_mm
    size = speck.extent
    return (size.col + 0.5) * seen.cell_mm - width / 2, (size.row + 0.5) * seen.cell_mm - height / 2


@pytest.mark.parametrize(("kind", "direction_deg"), [("swirl", None), ("hologram", 80.0)])
def test_arcs_on_a_hundredth_of_their_area_are_one_region(kind: str, direction_deg: float | None) -> None:
    seen = evidence(replace(plain(), scuffs=(scuff(kind, 0.01, direction_deg),)))
    (found,) = find_lamps(seen, [])
    assert np.hypot(*np.subtract(place(found, seen), (6.0, -4.0))) < 28 / 4
    assert 28 / 2 < found.extent.length * seen.cell_mm < 1.4 * 28


def test_more_arcs_stand_out_more() -> None:
    sigma = [find_lamps(evidence(replace(plain(), scuffs=(scuff("swirl", c),))), [])[0].sigma for c in (0.006, 0.02)]
    assert sigma[0] < sigma[1]


def test_two_scratches_that_shine_are_no_region() -> None:
    torn = [
        Mark("scratch", x, 0.0, 25.0, 0.3, -1.0, angle_deg=angle, groove=True, scatters=0.3)
        for x, angle in ((-4.0, 88.0), (4.0, 70.0))
    ]
    seen = evidence(replace(plain(), marks=tuple(torn)))
    assert seen.streaks is not None
    assert seen.streaks.excess.max() > 10  # they do shine
    assert find_lamps(seen, []) == []


@pytest.mark.parametrize("seed", range(3))
def test_flakes_on_heavy_orange_peel_are_no_region(seed: int) -> None:
    assert find_lamps(evidence(with_flakes(plain(peel_level=1.0, seed=seed), seed), seed), []) == []


def test_lamps_that_nobody_knows_the_place_of_show_no_streaks() -> None:
    seen = evidence(replace(plain(), scuffs=(scuff("swirl", 0.02),)))
    assert seen.lamps is not None
    nowhere = replace(seen.lamps, lamps=tuple(replace(one, polar_deg=None) for one in seen.lamps.lamps))
    assert find_lamps(replace(seen, lamps=nowhere), []) == []


def test_without_lamps_there_are_none() -> None:
    assert Evidence(rig(), None, None, None, None, None, None).streaks is None


def test_what_is_not_searched_shows_none() -> None:
    seen = evidence(replace(plain(), scuffs=(scuff("swirl", 0.02),)))
    away = replace(seen, blind=np.ones(seen.shape, np.bool_))
    assert find_lamps(away, []) == []


def test_a_microfacet_that_lies_flat_mirrors_a_lamp_opposite_the_camera() -> None:
    geometry = rig().geometry
    x, y, z = geometry.camera.position_mm
    lamp = (float(np.degrees(np.arctan2(-y, -x))), float(np.degrees(np.arctan2(np.hypot(x, y), z))), None)
    middle = [np.array([side / 2]) for side in geometry.field_mm]
    tilt, _, irradiance, _ = half_vectors(geometry, lamp, *middle)
    assert tilt == pytest.approx(0.0, abs=1e-9)
    assert irradiance == pytest.approx(np.cos(np.radians(lamp[1])))
    tilt, towards, _, _ = half_vectors(geometry, (lamp[0], lamp[1] + 20.0, None), *middle)
    assert tilt == pytest.approx(np.tan(np.radians(10.0)))
    assert np.degrees(towards) == pytest.approx(lamp[0])


def test_faint_swirls_and_holograms_are_one_mark_each_and_no_scratches() -> None:
    station = NAMED["A"].sized(280)
    scuffs = (
        replace(scuff("swirl", 0.007), x_mm=-25.0, y_mm=-20.0),
        replace(scuff("hologram", 0.007, 40.0), x_mm=22.0, y_mm=25.0),
    )
    panel = replace(plain(), scuffs=scuffs)
    found = search(render(panel, station, seed=2), rig_of(station), panel.n_clear).found
    result = score(found, seen_marks(panel, station))
    assert (len(result.hits), result.missed, result.false, result.fragments) == (2, (), (), ())
    assert all(hit.named for hit in result.hits)
    # Outlines of single arcs: within what their uncertainty says.
    assert all(abs(hit.mark.length_mm - 28.0) < 3 * hit.mark.u_length_mm for hit in result.hits)


def streak(row: int, col: int, strength: float = -1.0) -> Speck:
    """Thirty cells long, two wide, along a row."""
    return Speck(row, col, np.ones((2, 30), np.bool_), Sign.MIRROR, 8.0, strength, 1.0, row + 1.0, col + 15.0)


def bundles_of(*specks: Speck) -> list[Group]:
    blank = Field(np.zeros((120, 160), np.float32), np.ones((120, 160), np.bool_))
    return bundled([group(one) for one in specks], {Sign.MIRROR: blank}, cell_mm=0.4)


def test_dull_streaks_side_by_side_are_one_mark() -> None:
    (whole,) = bundles_of(streak(40, 40), streak(50, 46), streak(62, 42))
    assert whole.region
    assert whole.streaks
    assert whole.grain == 3


def test_dull_streaks_that_follow_each_other_are_no_bundle() -> None:
    assert len(bundles_of(streak(40, 10), streak(41, 50), streak(40, 90))) == 3


def test_a_deep_scratch_among_faint_streaks_is_no_part_of_a_bundle() -> None:
    assert len(bundles_of(streak(40, 40), streak(50, 46, strength=-9.0), streak(62, 42))) == 3


def test_two_scratches_are_no_bundle() -> None:
    assert len(bundles_of(streak(40, 40), streak(50, 46))) == 2


def test_single_glints_of_long_tails_are_no_dust() -> None:
    seen = np.ones((300, 300), np.bool_)
    glints = [np.random.default_rng(i).exponential(1.0, seen.shape).astype(np.float32) ** 1.5 for i in range(3)]

    def beyond(*, sparkles: bool) -> int:
        finest = (next(iter(scales(Field(g, seen), coarsest_cells=1.0, odd=False, sparkles=sparkles))) for g in glints)
        return sum(int((np.abs(one.sigma) > one.threshold).sum()) for one in finest)

    assert beyond(sparkles=True) < beyond(sparkles=False) / 4


def test_a_bundle_on_a_region_of_streaks_is_a_part_of_it() -> None:
    shape = (120, 160)
    blank = Field(np.zeros(shape, np.float32), np.ones(shape, np.bool_))
    lit = Speck(20, 10, np.ones((60, 50), np.bool_), Sign.LAMP, 20.0, 20.0, 5.0, 50.0, 35.0)
    groups = [group(lit, region=True, streaks=True), *(group(streak(row, 55)) for row in (40, 50, 62))]
    (whole,) = bundled(groups, {Sign.MIRROR: blank}, cell_mm=0.4)
    assert set(whole.sigma) == {Sign.LAMP, Sign.MIRROR}
