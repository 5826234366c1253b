"""Width of the mirrored lobe and the veil around it, against lobes of known width and shape."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sample_captures import PLAIN, capture, examined, finding, judged, rig_of, value_of
from scipy.special import k1

from calibration import calibrate
from inspection.frames import Role
from inspection.lobes import transfer
from inspection.maps.kinds import Area, ClarityMap
from inspection.maps.lobe import lobe, lobe_map
from inspection.measures.clarity import lobe_width_mrad
from inspection.optics import screen_runs_mm
from inspection.reading import Quality, Reading
from samples.paintwork import Panel, Patch
from samples.panels import NAMED as PANELS
from samples.scene import render, render_reference
from samples.stations import NAMED

A, B, C, POOR = (NAMED[name].sized(96) for name in ("A", "B", "C", "poor"))
PERIODS_MM = (12.0, 6.0, 3.0, 1.5)
COARSEST_MM = 48.0
SIDE = 64


def ggx_mrad(alpha: float) -> float:
    """Full width at half maximum of the mirrored lobe of GGX slopes: density (1 + s²/α²)^-2 falls to a half."""
    return 4e3 * alpha * math.sqrt(math.sqrt(2) - 1)


def painted(alpha: float, haze: float = 0.0) -> Panel:
    return Panel("lobe", lab=(28.0, 26.0, -34.0), alpha=alpha, haze=haze)


@pytest.mark.parametrize("station", [A, B, C, POOR], ids=lambda station: station.name)
@pytest.mark.parametrize("alpha", [0.0011, 0.0042])
def test_width_is_that_of_the_sample_world_s_lobe(alpha: float, station) -> None:
    """From well polished to freshly cut; the middle period alone is left of the latter in C, and its u says so."""
    found = finding(examined(painted(alpha), station).report, "lobe_width_mrad")
    assert found.value is not None
    assert found.u is not None
    assert abs(found.value - ggx_mrad(alpha)) <= 2 * found.u
    assert found.u < (0.03 if alpha < 0.002 else 0.2) * found.value


def test_a_perfect_mirror_has_no_width_beyond_its_uncertainty() -> None:
    found = finding(examined(painted(0.0), B).report, "lobe_width_mrad")
    assert found.value is not None
    assert found.u is not None
    assert found.value <= 2 * found.u < 0.5


def test_width_rests_on_the_coarse_fringe_where_fine_ones_have_vanished() -> None:
    """Sanded: of 3 mm nothing is left (clarity 0 within its u), of 12 mm some eight percent."""
    report = examined(painted(0.012), B).report
    assert value_of(report, "clarity_pct", period_mm=3.0) < 0.5
    found = finding(report, "lobe_width_mrad")
    assert found.value == pytest.approx(ggx_mrad(0.012), rel=0.05)


def test_matt_paint_of_which_no_fringe_is_left_is_undecided() -> None:
    found = finding(examined(painted(0.05), B).report, "lobe_width_mrad")
    assert (found.value, found.quality) == (None, (Quality.NO_SIGNAL,))


def test_unsharp_paint_has_no_veil_and_paint_with_a_veil_may_be_sharp() -> None:
    """`haze_pct` moves with both; width and veil each with its own."""
    seen = {}
    for alpha in (0.0011, 0.0026):
        for haze in (0.0, 0.08):
            report = examined(painted(alpha, haze), B).report
            veil = finding(report, "veil_pct")
            assert veil.value is not None
            assert veil.u is not None
            # Of a wide lobe a part misses the screen, so the share of what the camera gets is a little less.
            assert 0.85 * 100 * haze - 2 * veil.u <= veil.value <= 100 * haze + 2 * veil.u
            seen[alpha, haze] = [value_of(report, name) for name in ("lobe_width_mrad", "veil_pct", "haze_pct")]
    for alpha in (0.0011, 0.0026):
        (width, veil, _), (width_hazy, veil_hazy, _) = seen[alpha, 0.0], seen[alpha, 0.08]
        assert width_hazy == pytest.approx(width, rel=0.01)
        assert veil_hazy - veil == pytest.approx(7.8, abs=0.4)
    sharp, dull = seen[0.0011, 0.0], seen[0.0026, 0.0]
    assert dull[2] - sharp[2] > 3  # percent of haze that is no haze
    assert abs(dull[1] - sharp[1]) < 0.2


def test_map_shows_a_dull_patch_where_it_is() -> None:
    panel = replace(painted(0.0015), patches=(Patch("gloss_patch", -8.0, 6.0, 16.0, 1.0, alpha=0.004),))
    made = examined(panel, B).maps["lobe_width_mrad"]
    # Block by block; in the middle of the patch and far from it.
    assert made[60, 26] == pytest.approx(ggx_mrad(0.004), rel=0.05)
    assert made[10, 80] == pytest.approx(ggx_mrad(0.0015), rel=0.05)


def test_drawn_stations_err_as_u_says() -> None:
    """The screen's distance and the glass are drawn, and so is the noise; the rig knows neither."""
    off = []
    for seed in range(6):
        station = B.sized(48).drawn(seed)
        rig = calibrate([render_reference(station, seed=seed)])
        found = finding(judged(render(painted(0.002), station, seed=50 + seed), rig), "lobe_width_mrad")
        assert found.value is not None
        assert found.u is not None
        off.append((found.value - ggx_mrad(0.002)) / found.u)
    assert np.sqrt(np.mean(np.square(off))) < 1.6, off


def test_white_paint_has_a_width_too() -> None:
    """Its diffuse fringe is taken off; what the model of it leaves is in the uncertainty."""
    panel = PANELS["white"](0)
    text = PLAIN.replace("[28.0, 26.0, -34.0]", str([float(v) for v in panel.lab]))
    found = finding(examined(panel, B, text).report, "lobe_width_mrad")
    assert found.value is not None
    assert found.u is not None
    assert abs(found.value - ggx_mrad(panel.alpha)) <= 2 * found.u


def told(kept, noise_pct: float = 0.0, seed: int = 0) -> Reading:
    """Width of an invented clarity: `kept` of a fringe's period and its run over it (rad per slope)."""
    rng, rig = np.random.default_rng(seed), rig_of(B)
    camera = rig.geometry.camera
    middle = screen_runs_mm(rig.geometry, np.array(B.sized(SIDE).geometry().field_mm[0] / 2), np.array(12.8)).ravel()
    base = np.array([kept(2 * np.pi * run / COARSEST_MM) for run in middle])
    pct = {
        p: np.full((SIDE, SIDE), 100 * float(np.mean([kept(2 * np.pi * run / p) for run in middle] / base)), np.float32)
        + rng.normal(0, noise_pct, (SIDE, SIDE)).astype(np.float32)
        for p in PERIODS_MM
    }
    clarity = ClarityMap(
        camera.pixel_to_panel_mm, (B.mm_per_px,) * 2, pct, COARSEST_MM, tuple((p, noise_pct) for p in PERIODS_MM),
        tuple((p, 0.0) for p in PERIODS_MM), tuple((p, 0.0) for p in PERIODS_MM), 0.001,
    )  # fmt: skip
    area = Area(slice(0, SIDE), slice(0, SIDE), None, SIDE * SIDE)
    found = lobe(clarity, rig, area)
    assert np.nanmedian(lobe_map(clarity, rig).width_mrad) == pytest.approx(lobe_width_mrad(found).value, rel=0.1)
    return lobe_width_mrad(found)


@pytest.mark.parametrize("alpha", [0.001, 0.002, 0.004])
@pytest.mark.parametrize(
    ("kept", "half"),
    [(lambda a: np.exp(-a), math.sqrt(2 ** (2 / 3) - 1)), (lambda a: a * k1(a), math.sqrt(math.sqrt(2) - 1)),
     (lambda a: np.exp(-a * a / 4), math.sqrt(math.log(2)))],
    ids=["long tails", "GGX", "Gaussian"],
)  # fmt: skip
def test_width_does_not_hang_on_the_shape_of_the_lobe(kept, half: float, alpha: float) -> None:
    """`half`: slope of half density over α, from each density's own formula. Rounded off at 0.3 % of clarity."""
    found = told(lambda turn: kept(alpha * turn), noise_pct=1.0)
    assert abs(found.value - 4e3 * alpha * half) <= 2 * found.u


def test_a_shape_of_the_family_is_its_closed_form() -> None:
    """ν = 1/2, 1 and ∞ against exp(-a), a K1(a) and exp(-a²/4), at α = 1 (4000 times the half-maximum slope)."""
    a = np.array([0.01, 0.3, 1.0, 4.0])
    assert transfer(0.5, 4e3 * math.sqrt(2 ** (2 / 3) - 1), a) == pytest.approx(np.exp(-a), rel=1e-9)
    assert transfer(1.0, 4e3 * math.sqrt(math.sqrt(2) - 1), a) == pytest.approx(a * k1(a), rel=1e-9)
    assert transfer(math.inf, 4e3 * math.sqrt(math.log(2)), a) == pytest.approx(np.exp(-a * a / 4), rel=1e-9)
    assert transfer(5.0, 1.0, np.array([0.0, 1e9])) == pytest.approx([1.0, 0.0])


def test_runs_of_the_mirrored_place_are_those_of_the_contract_at_the_centre() -> None:
    """du = 2 D cos θ per slope along x, dv = 2 D per slope along y."""
    for station in (A, B):
        geometry = station.geometry()
        width, height = geometry.field_mm
        run = screen_runs_mm(geometry, np.array(width / 2), np.array(height / 2)).ravel()
        cos = math.cos(math.radians(station.camera_angle_deg))
        assert run == pytest.approx([2 * station.screen_distance_mm * cos, 2 * station.screen_distance_mm], rel=1e-3)


def test_a_veil_needs_frames_of_both() -> None:
    frames = capture(painted(0.0011), B)
    dark = replace(frames, frames=tuple(f for f in frames.frames if f.role is not Role.DIFFUSE))
    report = judged(dark, rig_of(B))
    assert finding(report, "veil_pct").value is None
    assert finding(report, "lobe_width_mrad").value is not None
