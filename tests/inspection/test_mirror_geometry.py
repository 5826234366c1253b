"""Fresnel's reflectance and the geometry of the mirrored screen, against laws written down here a second time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from golden_tables import rows
from hypothesis import given, settings
from hypothesis import strategies as st

from inspection.frames import Geometry
from inspection.optics import (
    fresnel,
    mirrored_mm,
    panel_mm,
    pitch_mm,
    screen_solid_angle_sr,
    slopes_from_screen,
)
from samples.stations import NAMED, Station

GEOMETRIES = {name: NAMED[name].sized(256).geometry() for name in ("A", "B", "C")}
MANY = settings(max_examples=200, deadline=None, derandomize=True)


def by_angles(n: float, degrees: float) -> float:
    """Fresnel with sines and tangents of Snell's angles: no form shared with the library."""
    i = math.radians(degrees)
    t = math.asin(math.sin(i) / n)
    s, p = math.sin(i - t) / math.sin(i + t), math.tan(i - t) / math.tan(i + t)
    return (s * s + p * p) / 2


@pytest.mark.parametrize(("degrees", "percent"), [(20, 4.908), (45, 5.971), (60, 10.006), (75, 26.457), (85, 61.915)])
def test_black_glass_reflects_what_fresnel_says(degrees: int, percent: float) -> None:
    assert 100 * fresnel(1.567, math.radians(degrees)) == pytest.approx(percent, abs=5.1e-4)
    assert float(fresnel(1.567, math.radians(degrees))) == pytest.approx(by_angles(1.567, degrees), rel=1e-12)


@pytest.mark.parametrize("row", rows("fresnel_ceilings"), ids=lambda row: f"n={row['n']}")
def test_ceilings_of_gloss_are_those_of_the_table(row: dict[str, float]) -> None:
    for degrees in (20, 60, 85):
        ceiling = 100 * fresnel(row["n"], math.radians(degrees)) / fresnel(1.567, math.radians(degrees))
        assert ceiling == pytest.approx(row[f"gu_{degrees}"], abs=0.051)


@MANY
@given(n=st.floats(1.3, 1.8), degrees=st.floats(0.5, 89.0))
def test_fresnel_holds_for_every_index_and_angle(n: float, degrees: float) -> None:
    assert float(fresnel(n, math.radians(degrees))) == pytest.approx(by_angles(n, degrees), rel=1e-9)


def test_light_from_straight_above() -> None:
    assert float(fresnel(1.5, 0.0)) == pytest.approx(0.04, abs=1e-12)


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_signs_at_the_centre_are_those_of_the_contract(name: str) -> None:
    """du = -2 D cos(angle) dz/dx and dv = +2 D dz/dy, y down."""
    geometry, slope = GEOMETRIES[name], 1e-3
    d, angle = geometry.screen.distance_mm, math.radians(geometry.camera.angle_deg)
    centre = (np.zeros(1), np.zeros(1), 0.0)
    sx, sy = slopes_from_screen(geometry, centre, np.array([-2 * d * math.cos(angle) * slope]), np.zeros(1))
    assert sx[0] == pytest.approx(slope, rel=1e-5)
    assert sy[0] == pytest.approx(0, abs=2e-6)
    sx, sy = slopes_from_screen(geometry, centre, np.zeros(1), np.array([2 * d * slope]))
    assert sx[0] == pytest.approx(0, abs=1e-9)
    assert sy[0] == pytest.approx(slope, rel=2e-3)  # the screen is flat: second order in the slope


def met(geometry: Geometry, place: np.ndarray, slope_x: float, slope_y: float) -> tuple[float, float]:
    """Screen place that a facet with these slopes (y down) mirrors: ray reflected at its normal, met with the plane."""
    camera = np.array(geometry.camera.position_mm)
    normal = np.array([-slope_x, slope_y, 1.0])
    normal /= np.linalg.norm(normal)
    ray = place - camera
    out = ray - 2 * (ray @ normal) * normal
    u, v, centre = (np.array(a) for a in (geometry.screen.u_axis, geometry.screen.v_axis, geometry.screen.centre_mm))
    t_u_v = np.linalg.solve(np.stack([out, -u, -v], axis=1), centre - place)
    return float(t_u_v[1]), float(t_u_v[2])


@MANY
@given(
    name=st.sampled_from(["A", "B", "C"]),
    x=st.floats(-80, 80),
    y=st.floats(-80, 80),
    z=st.floats(-2, 2),
    slope_x=st.floats(-0.06, 0.06),
    slope_y=st.floats(-0.06, 0.06),
)
def test_slopes_are_those_of_the_facet_that_mirrors(
    name: str, x: float, y: float, z: float, slope_x: float, slope_y: float
) -> None:
    geometry = GEOMETRIES[name]
    u, v = met(geometry, np.array([x, y, z]), slope_x, slope_y)
    sx, sy = slopes_from_screen(geometry, (np.array([x]), np.array([y]), z), np.array([u]), np.array([v]))
    assert sx[0] == pytest.approx(slope_x, abs=1e-10)
    assert sy[0] == pytest.approx(slope_y, abs=1e-10)


@MANY
@given(name=st.sampled_from(["A", "B", "C"]), x=st.floats(0, 100), y=st.floats(0, 100))
def test_a_flat_panel_mirrors_the_place_that_the_reflected_ray_meets(name: str, x: float, y: float) -> None:
    geometry = GEOMETRIES[name]
    width, height = geometry.field_mm
    u, v = mirrored_mm(geometry, np.array([x]), np.array([y]))
    assert (u[0], v[0]) == pytest.approx(met(geometry, np.array([x - width / 2, height / 2 - y, 0.0]), 0, 0), abs=1e-8)


def test_a_screen_behind_the_ray_is_not_mirrored() -> None:
    geometry = GEOMETRIES["B"]
    behind = replace(geometry, screen=replace(geometry.screen, centre_mm=(0.0, -120.0, -330.0)))
    u, v = mirrored_mm(behind, np.array([10.0]), np.array([10.0]))
    assert np.isnan(u).all()
    assert np.isnan(v).all()


def test_pixels_of_a_tilted_camera_fall_where_its_rays_meet_the_panel() -> None:
    station = NAMED["A"].sized(200, 150)
    geometry = station.geometry()
    camera = geometry.camera
    assert camera.focal_px is not None
    right, up, forward = (np.array(a) for a in (camera.right, camera.up, camera.forward))
    for col, row in [(0, 0), (199, 0), (120, 75), (199, 149)]:
        ray = (col - 99.5) * right - (row - 74.5) * up + camera.focal_px * forward
        place = np.array(camera.position_mm) - ray * camera.position_mm[2] / ray[2]
        x, y = panel_mm(geometry, np.array([float(col)]), np.array([float(row)]))
        width, height = geometry.field_mm
        assert (x[0] - width / 2, height / 2 - y[0]) == pytest.approx((place[0], place[1]), abs=1e-8)


def test_pixels_of_a_tilted_camera_are_longer_along_the_plane_of_incidence() -> None:
    """mm_per_px across it at the centre, 1/cos(25 degrees) of that along it."""
    across, along = pitch_mm(NAMED["A"].sized(200).geometry(), (200, 200))
    assert across == pytest.approx(0.4, rel=1e-3)
    assert along == pytest.approx(0.4 / math.cos(math.radians(25)), rel=1e-3)
    assert pitch_mm(NAMED["C"].sized(50).geometry(), (50, 50)) == pytest.approx((0.2, 0.2), rel=1e-9)


def above(size_mm: tuple[float, float], distance_mm: float, angle_deg: float) -> tuple[Geometry, np.ndarray]:
    """A screen facing the field's centre from some angle, and the centre."""
    station = Station("s", screen_angle_deg=angle_deg, screen_distance_mm=distance_mm)
    station = replace(station, screen_width_mm=size_mm[0], screen_height_mm=size_mm[1])
    geometry = station.geometry()
    return geometry, np.array([geometry.field_mm[0] / 2])


def test_a_small_screen_far_away_fills_area_over_distance_squared() -> None:
    geometry, centre = above((20.0, 10.0), 1000.0, 40.0)
    expected = 200.0 * math.cos(math.radians(40)) / 1000.0**2
    assert screen_solid_angle_sr(geometry, centre, centre)[0] == pytest.approx(expected, rel=3e-4)


@pytest.mark.parametrize("size", [(100.0, 100.0), (300.0, 200.0), (700.0, 700.0)])
def test_a_parallel_screen_fills_its_view_factor(size: tuple[float, float]) -> None:
    """Element to parallel rectangle over its corner (Howell's catalogue B-3), four times; solid angle is pi F."""
    distance = 350.0
    a, b = size[0] / 2 / distance, size[1] / 2 / distance
    ra, rb = math.sqrt(1 + a * a), math.sqrt(1 + b * b)
    factor = 4 / (2 * math.pi) * (a / ra * math.atan(b / ra) + b / rb * math.atan(a / rb))
    geometry, centre = above(size, distance, 0.0)
    assert screen_solid_angle_sr(geometry, centre, centre)[0] == pytest.approx(math.pi * factor, rel=1e-3)
