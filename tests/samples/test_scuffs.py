"""Swirls, holograms and torn scratches: furrows far narrower than a pixel."""

from dataclasses import replace

import numpy as np
import pytest

from samples.furrows import Furrows
from samples.light import screen_light
from samples.paintwork import Panel, Pose
from samples.placement import hit, reflect
from samples.scene import truth
from samples.scuffs import Scuff, trail
from samples.stations import NAMED as STATIONS
from samples.surface import Form, Mark
from samples.transfer import Transfer

STATION = STATIONS["B"].sized(96)
PAINT = Panel("paint", lab=(20.0, 0.0, 0.0), alpha=0.0012)
SWIRL = Scuff("swirl", 2.0, -1.0, 24.0, 400, 0.08, gain=1.0, seed=5)
HOLOGRAM = replace(SWIRL, kind="hologram", direction_deg=0.0)


def inside(scuff: Scuff, share: float = 0.8) -> np.ndarray:
    """Pixels well inside the disk."""
    x, y = np.meshgrid(*((np.arange(96) + 0.5) * STATION.mm_per_px - 19.2,) * 2)
    return np.hypot(x - scuff.x_mm, y - scuff.y_mm) < share * scuff.size_mm / 2


@pytest.mark.parametrize("scuff", [SWIRL, HOLOGRAM])
@pytest.mark.parametrize("form", [Form(), Form(1500.0)])
def test_arcs_take_the_stated_share_of_the_area(scuff: Scuff, form: Form) -> None:
    panel = replace(PAINT, scuffs=(scuff,), form=form, pose=Pose(1.0, -0.5, 20.0))
    taken = Furrows(panel, STATION).within(np.arange(96)).sum().sum() * STATION.mm_per_px**2
    # A curved form shows its area under the cosine of its slope: 1 % here.
    assert taken == pytest.approx(scuff.coverage * np.pi / 4 * scuff.size_mm**2, rel=0.015)


def test_a_swirl_loses_its_coverage_of_every_fringe_and_is_grainy() -> None:
    clean = screen_light(PAINT, STATION, 1.5).fringe
    worn = screen_light(replace(PAINT, scuffs=(SWIRL,)), STATION, 1.5).fringe
    where = inside(SWIRL)
    taken = Furrows(replace(PAINT, scuffs=(SWIRL,)), STATION).within(np.arange(96)).sum()[where]
    for key in clean:
        kept = np.abs(worn[key])[where] / np.abs(clean[key])[where]
        # Arcs that happen to run along the fringe's gradient keep it: a few per cent of them.
        assert 0 < kept.mean() - (1 - taken.mean()) < 0.06 * taken.mean()
        assert kept.std() > 0.02


def test_arcs_of_one_direction_are_seen_in_one_axis_more_than_in_the_other() -> None:
    """Arcs along x throw light along y: fringes along x survive inside them."""
    clean = screen_light(PAINT, STATION, 1.5).fringe
    worn = screen_light(replace(PAINT, scuffs=(HOLOGRAM,)), STATION, 1.5).fringe
    where = inside(HOLOGRAM)
    lost = {a: float(1 - np.mean(np.abs(worn[a, 48.0])[where] / np.abs(clean[a, 48.0])[where])) for a in ("x", "y")}
    assert lost["y"] > lost["x"] > 0


def test_share_of_a_fan_on_the_screen_is_what_counted_rays_find() -> None:
    """Micro-slopes across one furrow drawn and mirrored one by one, no formula shared."""
    station = replace(STATION.sized(3), screen_width_mm=150.0, screen_height_mm=110.0)
    scratch = Mark("scratch", 0.0, 0.0, 0.3, 0.05, -0.001, angle_deg=30.0, groove=True, scatters=0.5)
    panel = replace(PAINT, marks=(scratch,))
    strip = Furrows(panel, station).within(np.arange(3))
    kept = Transfer(panel, station, np.arange(3))
    middle_px = np.zeros((3, 3))
    middle_px[1, 1] = 1.0
    [mine] = {round(float(v), 3) for v in strip.on_screen(kept)[strip.of(middle_px) > 0]}
    rng = np.random.default_rng(3)
    q = 2 * rng.random(200_000) - 1
    across = 0.2 * q / np.sqrt(1 - q * q)
    geometry = station.true_geometry()
    middle = hit(PAINT, geometry, np.ones((1, 1)), np.ones((1, 1)))
    a = np.radians(30.0)
    many = replace(
        middle, **{n: np.full(q.size, getattr(middle, n)[0, 0]) for n in "xyz"},
        slope_x=-across * np.sin(a), slope_y_up=across * np.cos(a),
    )  # fmt: skip
    seen = reflect(many, geometry.camera.position_mm, geometry.screen)
    on = (np.abs(seen.u_mm) < 75) & (np.abs(seen.v_mm) < 55) & (seen.cos_emission > 0)
    assert 0.1 < on.mean() < 0.9
    # The fan is followed straight where rays bend a little: slopes up to 0.2 are not small.
    assert mine == pytest.approx(on.mean(), abs=0.03)


def test_a_scuff_leaves_relief_and_colour_alone() -> None:
    plain, worn = truth(PAINT, STATION), truth(replace(PAINT, scuffs=(SWIRL,)), STATION)
    np.testing.assert_array_equal(worn.height_um, plain.height_um)
    np.testing.assert_array_equal(worn.lab, plain.lab)


def test_every_arc_stays_in_its_disk() -> None:
    points = trail(SWIRL)
    assert np.hypot(points.x_mm - SWIRL.x_mm, points.y_mm - SWIRL.y_mm).max() <= SWIRL.size_mm / 2
    np.testing.assert_allclose(np.hypot(points.along_x, points.along_y), 1.0)
