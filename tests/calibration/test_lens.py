"""A lens that bends the picture by almost as much as is allowed: what is measured through it after calibration."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hand_built import SIDE_PX, board_of
from numpy.typing import NDArray

from calibration import calibrate
from calibration.camera import MOST_BENT_MM
from calibration.rig_file import pack, unpack
from inspection.areas import polygon
from inspection.defects.describe import mark_of
from inspection.defects.find import find
from inspection.defects.marks import Mark as Found
from inspection.frames import Frames
from inspection.fringes import decode
from inspection.lens import Lens
from inspection.maps.kinds import SlopeMap, SurfaceMap
from inspection.maps.surface import surface_map
from inspection.noise import noise_of
from inspection.optics import panel_mm, pitch_mm, pixel_px, slopes_from_screen
from inspection.pipeline import Examination, examine
from inspection.rig import Rig
from samples.marks import MarkTruth, marks_of, pairs_of
from samples.paintwork import Panel
from samples.placement import pixels_of, plane_points, surface
from samples.plates import Laid, render_plates
from samples.scene import render, render_reference
from samples.stations import NAMED, Station
from samples.surface import Mark, Texture
from station.demo import sample_recipes
from station.training import evidence_of

#: k1, k2, p1, p2: a cushion whose edge is turned back, with elements a little off their axis.
BENT = (0.030, -0.012, 4e-4, -3e-4)
CORNERS = [(x, y) for x in (-41.0, 41.0) for y in (-41.0, 41.0)]
NIBS = Panel(
    "nibs", lab=(20.0, 0.0, 0.0), alpha=0.0015, n_clear=1.5,
    marks=tuple(Mark("nib", x, y, 1.6, 1.6, 8.0) for x, y in (*CORNERS, (0.0, 0.0), (-41.0, 0.0), (0.0, 41.0))),
)  # fmt: skip
WAVY = Panel("wavy", alpha=0.0, texture=Texture((0.0, 0.0, 0.0, 1.5, 6.0), seed=4))
AIM_MRAD, AIM_MM = 0.05, 0.1


@cache
def calibrated(name: str) -> tuple[Station, Rig]:
    station = replace(NAMED[name], subsamples=1).sized(SIDE_PX).bent(*BENT)
    plates = render_plates(station, [board_of(station)], seed=5, laid=Laid((1.0, -2.0), 2.0))
    return station, calibrate([render_reference(station, seed=5), plates])


def blind_to_it(rig: Rig) -> Rig:
    """The same with the nearest homography alone."""
    return replace(rig, geometry=replace(rig.geometry, camera=replace(rig.geometry.camera, lens=None)))


def nibs_of(frames: Frames, rig: Rig, station: Station) -> list[tuple[Found, MarkTruth, float]]:
    """Found nibs, true ones, and the distance between them from the field's centre, mm."""
    evidence = evidence_of(frames, rig, NIBS.n_clear)
    found = [mark_of(one, evidence) for one in find(evidence)]
    off = np.subtract(station.true_geometry().field_mm, rig.geometry.field_mm) / 2
    places = [(mark.x_mm + off[0], mark.y_mm + off[1]) for mark in found]
    truths = marks_of(NIBS, station)
    _, taken = pairs_of(places, truths)
    return [(found[i], truths[k], far) for k, (i, far) in taken.items()]


@pytest.mark.parametrize("name", ["A", "B"])
def test_nibs_at_the_corners_are_placed_through_the_lens(name: str) -> None:
    station, rig = calibrated(name)
    [bends] = [one.value for one in rig.measured if one.name == "lens_bends_at_most_mm"]
    assert 0.35 < bends <= MOST_BENT_MM
    frames = render(NIBS, station, seed=9)
    before, after = nibs_of(frames, blind_to_it(rig), station), nibs_of(frames, rig, station)
    assert len(before) == len(after) == len(NIBS.marks)
    assert max(far for *_, far in before) > 2 * AIM_MM
    for mark, _, far in after:
        assert far <= AIM_MM
        assert far <= 2 * mark.u_place_mm


@pytest.mark.parametrize("name", ["A", "B"])
def test_slopes_through_the_lens_are_right(name: str) -> None:
    """Of the geometry alone, against the truth, nothing taken off: place and ray of every pixel follow the lens."""
    station, rig = calibrated(name)
    capture = render(WAVY, station, seed=9)
    row, col = np.mgrid[:SIDE_PX, :SIDE_PX].astype(float)
    real = surface(WAVY, *plane_points(station.true_geometry(), col, row), height=False)
    errors = []
    for one in (blind_to_it(rig), rig):
        frames = replace(capture, geometry=one.geometry)
        seen = decode(frames, noise_of(frames))
        x, y = panel_mm(one.geometry, col, row)
        width, height = one.geometry.field_mm
        u, v = seen.screen_u_mm.astype(float), seen.screen_v_mm.astype(float)
        bare = slopes_from_screen(one.geometry, (x - width / 2, height / 2 - y, 0.0), u, v)
        errors.append(1e3 * np.hypot(bare[0] - real.slope_x, bare[1] - real.slope_y))
    before, after = (float(np.nanmedian(e)) for e in errors)
    assert before > AIM_MRAD
    assert after <= AIM_MRAD


@pytest.mark.parametrize("name", ["A", "B"])
def test_pixels_and_places_are_each_others_way_back(name: str) -> None:
    """Through the lens of the rig and that of the sample world, which has its own formula."""
    station, rig = calibrated(name)
    lens, real = rig.geometry.camera.lens, station.true_geometry()
    assert lens is not None
    row, col = (v.astype(float) for v in np.mgrid[0:SIDE_PX:13, 0:SIDE_PX:13])
    x, y = panel_mm(rig.geometry, col, row)
    back = pixel_px(rig.geometry.camera.pixel_to_panel_mm, lens, x, y)
    assert np.hypot(back[0] - col, back[1] - row).max() < 1e-6
    width, height = rig.geometry.field_mm
    seen = pixels_of(real, x - width / 2, height / 2 - y)
    assert np.hypot(seen[0] - col, seen[1] - row).max() * station.mm_per_px < 0.02
    # Far beyond the picture, where a recipe's region may reach: still finite and on the same side.
    far = lens.pixels_px(np.array([-900.0, 990.0]), np.array([45.0, 45.0]))
    assert far[0][0] < 0
    assert far[0][1] > SIDE_PX


def test_a_region_is_cut_out_where_the_lens_shows_it() -> None:
    _, rig = calibrated("B")
    camera, lens = rig.geometry.camera, rig.geometry.camera.lens
    x, y = panel_mm(rig.geometry, np.array(200.4), np.array(10.4))
    corners = tuple((float(x) + dx, float(y) + dy) for dx, dy in ((0.0, 0.0), (3.0, 0.0), (3.0, 3.0), (0.0, 3.0)))
    area = polygon(corners, camera.pixel_to_panel_mm, rig.sensor.shape, 0.16, lens)
    assert area is not None
    assert (area.cols.start, area.rows.start) == (200, 10)


def test_a_rig_with_a_lens_comes_back_bit_by_bit_and_one_without_names_none() -> None:
    rig = calibrated("B")[1]
    back = unpack(pack(rig), "b.rig")
    assert (back.geometry, back.sha256) == (rig.geometry, rig.sha256)
    camera = blind_to_it(rig).header()["geometry"]["camera"]  # type: ignore[index]
    assert "lens" not in camera
    assert unpack(pack(blind_to_it(rig)), "c.rig").geometry.camera.lens is None


def test_heights_are_summed_up_along_what_the_lens_shows() -> None:
    """A lens that bends nothing shows what the homography does; through one of twice the scale all is twice as high."""
    rig = blind_to_it(calibrated("A")[1])
    camera, rows, cols = rig.geometry.camera, *rig.sensor.shape
    matrix = np.array(camera.pixel_to_panel_mm)
    same = Lens((0.0, 0.0, 0.0, 0.0), ((cols - 1) / 2, (rows - 1) / 2), 100.0, camera.pixel_to_panel_mm)
    col, row = np.meshgrid(np.arange(cols, dtype=np.float32), np.arange(rows, dtype=np.float32))
    x, y = np.cos(col / 9).astype(np.float32), np.sin(row / 7 + col / 20).astype(np.float32)
    slopes = SlopeMap(camera.pixel_to_panel_mm, pitch_mm(rig.geometry, rig.sensor.shape), x, y, (0.01, 0.01), 0.0)

    def through(lens: Lens | None) -> SurfaceMap:
        geometry = replace(rig.geometry, camera=replace(camera, lens=lens))
        return surface_map(slopes, replace(rig, geometry=geometry))

    flat, by_lens = through(None), through(same)
    for one, other in zip(flat.layers().values(), by_lens.layers().values(), strict=True):
        assert np.abs(one - other).max() < 1e-3 * np.abs(one).max()
    twice = replace(same, to_panel_mm=tuple(tuple(v) for v in (np.diag([2.0, 2.0, 1.0]) @ matrix).tolist()))
    assert np.ptp(through(twice).height_um) == pytest.approx(2 * np.ptp(flat.height_um), rel=1e-3)


def test_captures_of_a_station_whose_lens_bends_fit_its_rig() -> None:
    station, rig = calibrated("B")
    assert rig.geometry.camera.lens is not None
    assert rig.mismatch(render(WAVY, station, seed=9)) is None


@cache
def examined(name: str) -> Examination:
    station, rig = calibrated(name)
    recipe = next(one for one in sample_recipes() if one.name == "obsidian")
    return examine(render(NIBS, station, seed=9), rig, recipe, now="2026-11-22T10:00:00+08:00", software="test")


@pytest.mark.parametrize("name", ["A", "B"])
def test_zones_of_gloss_are_told_where_the_lens_shows_them(name: str) -> None:
    """The first zone's middle is a whole number of pixels from the picture's corner, whatever the lens does."""
    _, rig = calibrated(name)
    camera, zones = rig.geometry.camera, examined(name).report.gloss_zones
    assert camera.lens is not None
    assert zones is not None
    off = []
    for zone in zones.zones:
        column, row = (2 * float(v) + 1 for v in camera.lens.pixels_px(zone.x_mm, zone.y_mm))
        assert (column % 1, row % 1) == pytest.approx((round(column % 1), round(row % 1)), abs=0.08)
        straight = pixel_px(camera.pixel_to_panel_mm, None, zone.x_mm, zone.y_mm)
        off.append(max(abs(2 * float(straight[0]) + 1 - column), abs(2 * float(straight[1]) + 1 - row)))
    assert max(off) > 0.5


@pytest.mark.parametrize("name", ["A", "B"])
def test_maps_that_are_handed_on_show_a_nib_where_its_place_says(name: str) -> None:
    """Rings are drawn by the homography: on the map its top lies within a pixel or two of the true place."""
    station, rig = calibrated(name)
    done = examined(name)

    def farthest_mm(height_um: NDArray[np.float32]) -> float:
        camera = rig.geometry.camera
        inverse = np.linalg.inv(np.array(camera.pixel_to_panel_mm))
        off = []
        for truth in marks_of(NIBS, station):
            place = np.subtract(
                (truth.x_mm, truth.y_mm), np.subtract(station.true_geometry().field_mm, rig.geometry.field_mm) / 2
            )
            col, row, w = inverse @ (*place, 1.0)
            left, top = (round(v / w) - 5 for v in (col, row))
            piece = height_um[top : top + 11, left : left + 11].astype(float)
            weight = np.square(np.clip(piece - 0.4 * np.nanmax(piece), 0, None))
            rows, cols = np.mgrid[top : top + 11, left : left + 11]
            found = np.array(camera.pixel_to_panel_mm) @ (
                np.average(cols, weights=weight),
                np.average(rows, weights=weight),
                1.0,
            )
            off.append(float(np.hypot(*(found[:2] / found[2] - place))))
        return max(off)

    seen = farthest_mm(done.workbench.layers()["height_um"])
    drawn = farthest_mm(done.maps["height_um"])
    assert seen > 0.25
    assert drawn <= AIM_MM
