"""The sample world keeps to contracts.md §1 and to the physics it states."""

from dataclasses import replace

import numpy as np
import pytest

from inspection.frames import Frames, Role
from samples.optics import fresnel
from samples.paintwork import Pose
from samples.panels import NAMED as PANELS
from samples.panels import Mark, Panel, Texture
from samples.scene import render, render_reference, truth
from samples.stations import NAMED as STATIONS
from samples.stations import Drift, Station

QUIET = replace(STATIONS["B"].sized(33), electrons_full_scale=1e12, read_noise_e=0.0, adc_bits=16, ambient_per_ms=0.0)
MIRROR = Panel("mirror", lab=(0.0, 0.0, 0.0), alpha=0.0)


def light(frames: Frames, name: str) -> np.ndarray:
    frame = next(f for f in frames.frames if f.file == f"{name}.png")
    s = frames.sensor
    return (frame.pixels.astype(float) - s.black_level) / (s.white_level - s.black_level)


def tilted_by(slope_x: float, slope_y: float) -> Panel:
    """A mirror whose middle is the flank of a bump a kilometre away: one slope everywhere in the field."""
    # A Gaussian's steepest flank, one standard deviation from its top, slopes by height/σ/√e.
    sigma_mm, size = 1e4, 1e4 * 2 * np.sqrt(2 * np.log(10))
    slope = np.hypot(slope_x, slope_y)
    up = np.array([slope_x, slope_y]) / slope
    height_um = slope * sigma_mm * np.sqrt(np.e) * 1e3
    centre = up * sigma_mm
    return replace(MIRROR, marks=(Mark("dent", float(centre[0]), float(centre[1]), size, size, float(height_um)),))


@pytest.mark.parametrize("name", ["A", "B"])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_the_field_centre_of_a_flat_mirror_shows_the_screen_centre(name: str, axis: str) -> None:
    station = replace(QUIET, **{k: getattr(STATIONS[name], k) for k in ("camera_model", "steps", "periods_mm")})
    frames = render(MIRROR, station, seed=1)
    white, black = 1.0, 1.0 / station.screen_contrast
    period = max(station.periods_mm)
    for step in range(station.steps):
        got = light(frames, f"fringe_{axis}_{period:g}mm_{step}")[16, 16] / light(frames, "white")[16, 16]
        pattern = black + (white - black) * (0.5 + 0.5 * np.cos(2 * np.pi * step / station.steps))
        assert got == pytest.approx(pattern, abs=0.002)  # the pupil takes 0.1 % of the modulation


def test_phase_runs_with_screen_position_as_the_contract_says() -> None:
    station = replace(QUIET, phase_deg=40.0)
    frames, real = render(MIRROR, station, seed=1), truth(MIRROR, station)
    i = np.stack([light(frames, f"fringe_y_12mm_{k}") for k in range(4)])
    phase = np.arctan2(i[3] - i[1], i[0] - i[2])
    expected = 2 * np.pi * real.screen_v_mm / 12 + np.radians(40)
    assert np.abs(np.angle(np.exp(1j * (phase - expected)))).max() < 0.003


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_a_slope_moves_the_seen_spot_as_the_contract_says(name: str) -> None:
    station = STATIONS[name].sized(33)
    flat = truth(MIRROR, station)
    d, c = station.screen_distance_mm, np.cos(np.radians(station.camera_angle_deg))
    across, down = truth(tilted_by(1e-3, 0.0), station), truth(tilted_by(0.0, 1e-3), station)
    assert across.slope_x_mrad[16, 16] == pytest.approx(1.0, rel=1e-5)
    assert (across.screen_u_mm - flat.screen_u_mm)[16, 16] == pytest.approx(-2 * d * c * 1e-3, rel=2e-3)
    assert (down.screen_v_mm - flat.screen_v_mm)[16, 16] == pytest.approx(2 * d * 1e-3, rel=2e-3)
    assert abs((across.screen_v_mm - flat.screen_v_mm)[16, 16]) < 0.002


def test_more_rays_and_rougher_paint_lose_fine_fringes_first() -> None:
    real = truth(PANELS["amethyst"](1), STATIONS["B"].sized(64))
    fine, coarse = real.clarity_pct[3.0].mean(), real.clarity_pct[12.0].mean()
    assert 0 < fine < coarse < 100


def test_ideal_paint_reads_the_fresnel_ceiling_and_full_clarity() -> None:
    real = truth(PANELS["flat"](0), QUIET)
    assert real.gloss_gu.mean() == pytest.approx(82.03, abs=0.05)
    assert real.clarity_pct[3.0].mean() == pytest.approx(100, abs=0.01)
    assert real.haze_pct.mean() == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("model", ["shift", "tilted"])
def test_light_of_rough_paint_is_what_counted_rays_bring(model: str) -> None:
    """One pixel, rays through drawn micro-slopes and a drawn place in pixel and pupil: no formula shared."""
    station = replace(QUIET, camera_model=model, camera_angle_deg=25.0, screen_angle_deg=25.0, periods_mm=(48.0, 6.0))
    panel = replace(MIRROR, alpha=0.002, haze=0.1, haze_alpha=0.05)
    frames = render(panel, station, seed=1)
    n, rng = 600_000, np.random.default_rng(8)
    share, turn, wide = rng.random(n), rng.random(n) * 2 * np.pi, rng.random(n) < panel.haze
    radius = np.where(wide, panel.haze_alpha, panel.alpha) * np.sqrt(share / (1 - share))
    normal = np.stack([-radius * np.cos(turn), -radius * np.sin(turn), np.ones(n)])
    normal /= np.linalg.norm(normal, axis=0)
    geometry, (row, col) = station.geometry(), (28, 5)
    m = np.array(geometry.camera.pixel_to_panel_mm)
    pixel = m @ np.stack([col + rng.random(n) - 0.5, row + rng.random(n) - 0.5, np.ones(n)])
    pixel /= pixel[2]
    at = np.stack([pixel[0] - geometry.field_mm[0] / 2, geometry.field_mm[1] / 2 - pixel[1], 0 * share])
    r, t = 0.5 * station.aperture_mm * np.sqrt(rng.random(n)), rng.random(n) * 2 * np.pi
    up = np.array(geometry.camera.up or (0.0, 1.0, 0.0))
    eye = np.array(geometry.camera.position_mm)[:, None] + up[:, None] * r * np.sin(t)
    eye[0] += r * np.cos(t)
    ray = (at - eye) / np.linalg.norm(at - eye, axis=0)
    out = ray - 2 * (ray * normal).sum(axis=0) * normal
    screen = geometry.screen
    face = np.cross(screen.u_axis, screen.v_axis)
    to = np.array(screen.centre_mm)[:, None] - at
    place = out * (face @ to) / (face @ out) - to
    u, v = np.array(screen.u_axis) @ place, np.array(screen.v_axis) @ place
    lit = (np.abs(u) < screen.width_mm / 2) & (np.abs(v) < screen.height_mm / 2) & (face @ out > 0)
    white = light(frames, "white")[row, col] / frames.with_role(Role.WHITE)[0].exposure_ms
    cos_i = -(ray * np.array([[0.0], [0.0], [1.0]])).sum(axis=0).mean()
    assert white == pytest.approx(fresnel(1.5, float(cos_i)) * lit.mean(), rel=0.004)
    for axis, s in (("x", u), ("y", v)):
        for period, step in ((48, 0), (48, 1), (6, 0), (6, 1)):
            name = f"fringe_{axis}_{period}mm_{step}"
            wave = 0.001 + 0.999 * (0.5 + 0.5 * np.cos(2 * np.pi * s / period + step * np.pi / 2))
            counted = np.where(lit, wave, 0).mean() / lit.mean()
            got = light(frames, name)[row, col] / light(frames, "white")[row, col]
            assert got == pytest.approx(counted, abs=0.002), name  # 4 standard errors of the count


def test_white_paint_swamps_its_mirror_image() -> None:
    station = STATIONS["B"].sized(32)
    white, dark = (render(PANELS[name](0), station, seed=1) for name in ("white", "amethyst"))

    def contrast(frames: Frames) -> float:
        a, c = light(frames, "fringe_x_48mm_0").astype(float), light(frames, "fringe_x_48mm_2")
        return float(np.abs(a - c).max() / light(frames, "white").max())

    assert contrast(white) < 0.5 * contrast(dark)


def test_diffuse_over_tile_gives_the_paint_colour() -> None:
    station = replace(QUIET, adc_bits=16)
    panel, glass = render(PANELS["amethyst"](5), station, seed=1), render_reference(station, seed=2)
    paint = light(panel, "diffuse") / panel.with_role(Role.DIFFUSE)[0].exposure_ms
    tile = light(glass, "diffuse_ref") / glass.with_role(Role.DIFFUSE_REF)[0].exposure_ms / 0.98
    rgb = (paint / tile) @ np.array(station.camera_rgb_to_linear_srgb).T
    # Luminance of linear sRGB (IEC 61966-2-1) and of L* 28.2 (CIE 15).
    assert (rgb @ [0.2126, 0.7152, 0.0722]).mean() == pytest.approx(((28.2 + 16) / 116) ** 3, rel=1e-3)


def test_noise_follows_photon_transfer() -> None:
    station = replace(STATIONS["B"].sized(48), frames_averaged=2)
    a, b = (render(MIRROR, station, seed=seed) for seed in (1, 2))
    level = light(a, "white").mean()
    spread = (light(a, "white") - light(b, "white")).var() / 2
    electrons, read = station.electrons_full_scale, station.read_noise_e
    expected = (level / electrons + (read / electrons) ** 2 + (1 / 4031) ** 2 / 12) / 2
    assert spread == pytest.approx(expected, rel=4 * np.sqrt(2 / 48**2))


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    station, panel = STATIONS["B"].sized(24), PANELS["amethyst"](2)
    first, again, other = (render(panel, station, seed=seed) for seed in (3, 3, 4))
    assert first.sha256 == again.sha256 != other.sha256
    assert all((f.pixels == g.pixels).all() for f, g in zip(first.frames, again.frames, strict=True))


def test_everything_says_simulated() -> None:
    station = STATIONS["B"].sized(24)
    assert render(PANELS["flat"](0), station, seed=1).simulated
    assert render_reference(station, seed=1).simulated


def test_a_reference_set_holds_what_a_rig_needs() -> None:
    frames = render_reference(STATIONS["A"].sized(24), seed=1)
    assert frames.reference_set
    assert {f.role for f in frames.frames} == {Role.FRINGE, Role.WHITE, Role.DARK, Role.DIFFUSE_REF}
    assert sorted(frames.fringe_series()) == [(axis, p) for axis in "xy" for p in (4.0, 16.0, 64.0)]
    assert all(len(series) == 3 for series in frames.fringe_series().values())


def test_dark_frames_hold_the_room_light() -> None:
    station = replace(QUIET, ambient_per_ms=1e-3)
    frames = render(MIRROR, station, seed=1)
    exposure = frames.with_role(Role.WHITE)[0].exposure_ms
    assert light(frames, "dark").mean() == pytest.approx(1e-3 * exposure, rel=1e-3)


def test_overexposure_saturates() -> None:
    frames = render(MIRROR, replace(QUIET, exposure_target=1.3), seed=1)
    assert (frames.with_role(Role.WHITE)[0].pixels == frames.sensor.white_level).mean() > 0.9


def test_a_bayer_sensor_keeps_one_channel_per_pixel() -> None:
    station = replace(QUIET.sized(32), mosaic="GRBG")
    frames = render(PANELS["amethyst"](5), station, seed=1)
    diffuse = light(frames, "diffuse")
    colour = light(render(PANELS["amethyst"](5), replace(station, mosaic=None), seed=1), "diffuse")
    assert diffuse.shape == (32, 32)
    scale = diffuse[0::2, 0::2].mean() / colour[0::2, 0::2, 1].mean()
    assert diffuse[1::2, 0::2].mean() / colour[1::2, 0::2, 2].mean() == pytest.approx(scale, rel=1e-3)
    assert diffuse[0::2, 1::2].mean() / colour[0::2, 1::2, 0].mean() == pytest.approx(scale, rel=1e-3)


def test_eight_bit_frames_fit_in_a_byte() -> None:
    frames = render(MIRROR, STATIONS["poor"].sized(24), seed=1)
    assert all(f.pixels.dtype == np.uint8 for f in frames.frames)


def test_a_wrong_screen_gamma_bends_the_fringes() -> None:
    frames = render(MIRROR, replace(QUIET, screen_gamma=1.3), seed=1)
    half = light(frames, "fringe_x_48mm_1")[16, 16] / light(frames, "white")[16, 16]
    assert half == pytest.approx(0.001 + 0.999 * 0.5**1.3, abs=0.01)


def test_a_turned_panel_shows_the_same_relief_turned() -> None:
    """The slope at a mark's flank turns with the panel."""
    station = STATIONS["B"].sized(65)
    nib = replace(MIRROR, marks=(Mark("nib", 4.0, 0.0, 6.0, 6.0, 9.0),))
    straight, turned = truth(nib, station), truth(replace(nib, pose=Pose(rotation_deg=90.0)), station)
    # A quarter turn counter-clockwise takes the nib from the right of the centre to above it.
    assert turned.height_um == pytest.approx(np.rot90(straight.height_um), abs=1e-6)
    assert turned.slope_y_mrad == pytest.approx(-np.rot90(straight.slope_x_mrad), abs=1e-6)
    mark = turned.marks[0]
    assert (mark.x_mm, mark.y_mm) == pytest.approx((13.0, 9.0))


@pytest.mark.parametrize("name", ["A", "B"])
def test_a_curved_panel_is_met_where_its_ray_meets_it(name: str) -> None:
    station = STATIONS[name].sized(128)
    real = truth(replace(MIRROR, form=PANELS["curved"](5).form), station)
    geometry = station.geometry()
    m = np.array(geometry.camera.pixel_to_panel_mm) @ [5.0, 100.0, 1.0]
    flat = np.array([m[0] / m[2] - geometry.field_mm[0] / 2, geometry.field_mm[1] / 2 - m[1] / m[2], 0.0])
    eye = np.array(geometry.camera.position_mm)
    ray = (flat - eye) / np.linalg.norm(flat - eye)
    # Exact meeting of the ray with a ball of radius 2500 mm whose top touches the origin.
    to_centre = eye - [0, 0, -2500.0]
    b = ray @ to_centre
    at = eye + ray * (-b - np.sqrt(b * b - to_centre @ to_centre + 2500.0**2))
    assert real.form_slope_x_mrad[100, 5] == pytest.approx(-1e3 * at[0] / (at[2] + 2500), rel=1e-6)
    assert real.form_slope_y_mrad[100, 5] == pytest.approx(1e3 * at[1] / (at[2] + 2500), rel=1e-6)


def test_band_truth_finds_the_stated_height_on_a_large_field() -> None:
    """One band alone in a field of many of its waves: the window only blurs the band's edges."""
    panel = replace(MIRROR, texture=Texture((0.0, 0.0, 0.0, 0.25, 0.0), 3))
    real = truth(panel, replace(STATIONS["B"].sized(256), subsamples=1)).bands[3.0, 10.0]
    assert real.field_rms_um == pytest.approx(0.25, rel=0.06)
    assert real.rms_um == pytest.approx(real.field_rms_um, rel=0.06)


def test_drawn_stations_stray_by_the_calibration_terms() -> None:
    drifts = [STATIONS["B"].drawn(seed).drift for seed in range(400)]
    assert np.std([d.glass_index for d in drifts]) == pytest.approx(0.0005, rel=0.15)
    assert np.std([d.screen_distance_mm for d in drifts]) == pytest.approx(0.5, rel=0.15)
    assert np.std([d.tile_relative for d in drifts]) == pytest.approx(0.003, rel=0.15)
    assert np.std([d.colour_matrix for d in drifts]) == pytest.approx(0.002, rel=0.05)


def test_the_light_drifts_between_reference_and_panel() -> None:
    """The white frame of one mirror under one station, taken again and again."""
    station = QUIET.sized(8).drawn(3)

    def brightness(frames: Frames) -> float:
        return float(light(frames, "white").mean()) / frames.with_role(Role.WHITE)[0].exposure_ms

    usual = brightness(render(MIRROR, replace(station, drift=Drift()), seed=0))
    ratios = [brightness(render(MIRROR, station, seed=seed)) / usual for seed in range(120)]
    assert np.std(ratios) == pytest.approx(0.002, rel=0.2)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.001)
    first, second = (brightness(render_reference(station, seed=seed)) for seed in (1, 2))
    assert first == pytest.approx(second, rel=1e-4)


def test_a_drawn_station_declares_what_every_other_declares() -> None:
    plain: Station = STATIONS["A"].sized(16)
    drawn = plain.drawn(5)
    assert drawn.geometry() == plain.geometry()
    assert drawn.true_geometry() != plain.geometry()
    declared = [render_reference(s, seed=1) for s in (plain, drawn)]
    assert declared[0].glass_n == declared[1].glass_n
    assert declared[0].camera_rgb_to_linear_srgb == declared[1].camera_rgb_to_linear_srgb
    assert declared[0].sha256 != declared[1].sha256


def test_the_amethyst_story_gets_better_and_keeps_its_scratch() -> None:
    station = STATIONS["B"].sized(128)
    passes = {n: truth(PANELS["amethyst"](n), station) for n in range(1, 6)}
    peel = [passes[n].bands[3.0, 10.0].rms_um for n in range(1, 6)]
    gloss = [passes[n].gloss_gu.mean() for n in range(1, 6)]
    kinds = {n: [m.kind for m in real.marks] for n, real in passes.items()}
    film = [dict(PANELS["amethyst"](n).film_um)["A"] for n in range(1, 6)]
    assert peel == sorted(peel, reverse=True)
    assert gloss == sorted(gloss)
    assert film == sorted(film, reverse=True)
    assert [n for n in range(1, 6) if "swirl" in kinds[n]] == [3, 4]
    assert all("scratch" in kinds[n] for n in range(2, 6))
    nibs = [kinds[n].count("nib") for n in range(1, 6)]
    assert nibs[0] == 4
    assert nibs[-1] == 0
    assert nibs == sorted(nibs, reverse=True)


def test_the_story_has_only_its_six_passes() -> None:
    with pytest.raises(ValueError, match="passes 0 to 5"):
        PANELS["amethyst"](6)
