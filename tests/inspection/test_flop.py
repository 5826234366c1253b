"""Flop of metallic paint against flakes whose lightness at every angle is known (all simulated)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sample_captures import finding, judged, rig_of
from scipy.stats import spearmanr

from calibration import calibrate
from calibration.rig_file import pack, unpack
from inspection.areas import polygon, whole
from inspection.frames import Frame, Frames
from inspection.maps.colour_blocks import aspecular_colours
from inspection.maps.reflectance import aspecular
from inspection.measures.flop import flop_index
from inspection.reading import Missing, Quality, Reading, Source
from inspection.refused import Refused
from inspection.rig import Rig
from inspection.verdict import Verdict
from samples.aspecular import true_lightness
from samples.flakes import Flakes
from samples.paintwork import Panel
from samples.scene import render, render_reference, render_single_lights
from samples.stations import NAMED, Station
from station.capture_set import read_capture_set, write_capture_set

#: Seen at 45°, as the trade does: the light at 110° stands 25° above the panel.
STATION = replace(
    NAMED["B"].sized(48), camera_angle_deg=45.0, screen_angle_deg=45.0, periods_mm=(48.0,),
    aspecular_deg=(15.0, 45.0, 110.0),
)  # fmt: skip
AMETHYST = Panel("effect", lab=(28.0, 26.0, -34.0))
AMOUNTS = (0.0, 50.0, 100.0, 300.0, 1000.0, 3000.0)
CHECK = '[[checks]]\nmeasure = "flop_index"\nlow = 1.0\n'


def metallic(amount_per_mm2: float, tilt_deg: float = 12.0, lab: tuple[float, float, float] = AMETHYST.lab) -> Panel:
    return replace(AMETHYST, lab=lab, flakes=Flakes(amount_per_mm2, tilt_deg=tilt_deg) if amount_per_mm2 else None)


def truth(panel: Panel) -> float:
    """The index of the lightness that the model has at the nominal angles, at the field's centre."""
    near, middle, far = (true_lightness(panel, STATION, angle) for angle in (15.0, 45.0, 110.0))
    return float(2.69 * (near - far) ** 1.11 / middle**0.86)


def read(frames: Frames, rig: Rig, corners_mm: tuple[tuple[float, float], ...] | None = None) -> Reading:
    light, area = aspecular(frames, rig), whole(frames.sensor.shape)
    if corners_mm is not None:
        part = polygon(corners_mm, light.to_panel_mm, frames.sensor.shape, float(np.prod(light.pitch_mm)))
        assert part is not None
        light, area = light.within(part), part
    return flop_index(aspecular_colours(light, area))


@cache
def measured(panel: Panel, station: Station = STATION, seed: int = 2) -> Reading:
    return read(render_single_lights(panel, station, seed=seed), rig_of(station))


def named(frames: Frames, angles: dict[float, float]) -> Frames:
    """The same frames, their lights said to be at other angles; those that are not named are left out."""

    def called(frame: Frame) -> Frame:
        return frame if frame.aspecular_deg is None else replace(frame, aspecular_deg=angles[frame.aspecular_deg])

    kept = (f for f in frames.frames if f.aspecular_deg is None or f.aspecular_deg in angles)
    return replace(frames, frames=tuple(called(f) for f in kept))


@pytest.mark.parametrize("lab", [AMETHYST.lab, (5.0, 0.0, 0.0), (80.0, 0.0, 0.0)], ids=["purple", "black", "light"])
@pytest.mark.parametrize(("amount", "tilt_deg"), [(100.0, 12.0), (1000.0, 12.0), (1000.0, 7.0)])
def test_known_flop_is_found_within_its_uncertainty(
    amount: float, tilt_deg: float, lab: tuple[float, float, float]
) -> None:
    panel = metallic(amount, tilt_deg, lab)
    reading = measured(panel)
    assert abs(reading.value - truth(panel)) <= 2 * reading.u
    assert reading.u <= max(0.03 * reading.value, 0.005)


@pytest.mark.parametrize("seed", range(3))
def test_stations_and_lights_that_stray_from_what_they_declare_stay_within_u(seed: int) -> None:
    """Every light off by its own draw of 0.5°, tile, matrix and lamps by theirs."""
    off = np.random.default_rng([seed, 5]).normal(0.0, 0.5, 3)
    true = tuple(float(a) for a in np.array(STATION.aspecular_deg) + off)
    station, said = (
        replace(STATION.drawn(seed), aspecular_deg=true),
        dict(zip(true, STATION.aspecular_deg, strict=True)),
    )
    panel = metallic(1000.0)
    rig = calibrate([named(render_reference(station, seed=seed), said)])
    reading = read(named(render_single_lights(panel, station, seed=seed), said), rig)
    assert abs(reading.value - truth(panel)) <= 2 * reading.u


def test_solid_paint_has_no_flop() -> None:
    for lab in (AMETHYST.lab, (5.0, 0.0, 0.0), (90.0, 0.0, 0.0)):
        reading = measured(replace(AMETHYST, lab=lab))
        assert abs(reading.value) <= 2 * reading.u
        assert reading.u < 0.01


def test_more_and_flatter_flakes_have_more_flop() -> None:
    by_amount = [measured(metallic(amount)).value for amount in AMOUNTS]
    assert spearmanr(AMOUNTS, by_amount).statistic == 1.0, np.round(by_amount, 2)
    by_tilt = [measured(metallic(300.0, tilt)).value for tilt in (7.0, 10.0, 14.0, 20.0)]
    assert by_tilt == sorted(by_tilt, reverse=True)


def test_noise_scatters_as_u_noise_says() -> None:
    """12 draws know a spread to 21 %; the lamps do not drift here."""
    readings = [measured(metallic(300.0), seed=seed) for seed in range(12)]
    real = np.std([r.value for r in readings], ddof=1)
    assert 1 / 1.7 <= np.mean([r.u_noise for r in readings]) / real <= 1.7


def test_light_near_its_angle_serves_with_a_larger_uncertainty() -> None:
    """2° off and stated: taken to the nominal angle, and what that may err by is told."""
    panel = metallic(1000.0, 7.0)
    reading = measured(panel, replace(STATION, aspecular_deg=(13.0, 47.0, 108.0)))
    assert abs(reading.value - truth(panel)) <= 2 * reading.u
    assert reading.u > 1.5 * measured(panel).u


def test_an_area_beside_the_centre_is_judged_at_its_own_angles() -> None:
    """A field of 115 mm sees each light under angles ± 5° wide: near the edge it is no longer at 15°."""
    wide = replace(STATION.sized(32), mm_per_px=3.6, subsamples=1, screen_width_mm=1600.0, screen_height_mm=1400.0)
    panel = metallic(1000.0)
    frames, rig = render_single_lights(panel, wide, seed=2), rig_of(wide)
    side = frames.geometry.field_mm[0]

    def at(x: float, y: float) -> Reading:
        x, y = x * side, y * side
        return read(frames, rig, ((x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)))

    for place in ((0.45, 0.3), (0.3, 0.4), (0.45, 0.6)):
        reading = at(*place)
        assert abs(reading.value - truth(panel)) <= 2 * reading.u, place
        assert reading.budget[Source.MODEL] > measured(panel).budget[Source.MODEL]
    with pytest.raises(Missing, match=Quality.OUT_OF_RANGE):
        at(0.02, 0.02)


@pytest.mark.parametrize(
    "angles",
    [{15.0: 15.0, 45.0: 45.0}, {45.0: 45.0}, {}, {15.0: 19.0, 45.0: 45.0, 110.0: 110.0}],
    ids=["no 110", "only 45", "none", "19 for 15"],
)
def test_missing_angle_holds(angles: dict[float, float]) -> None:
    report = judged(named(render_single_lights(metallic(300.0), STATION, seed=2), angles), rig_of(STATION), _asking())
    found = next(f for f in report.findings if f.measure == "flop_index")
    assert (found.value, found.quality[0], found.verdict) == (None, Quality.NO_FRAMES, Verdict.HOLD)


def test_a_rig_without_the_tile_in_that_light_holds() -> None:
    rig = rig_of(replace(STATION, aspecular_deg=(15.0, 45.0)))
    report = judged(render_single_lights(metallic(300.0), STATION, seed=2), rig, _asking())
    found = next(f for f in report.findings if f.measure == "flop_index")
    assert (found.quality[0], found.verdict) == (Quality.NO_REFERENCE, Verdict.HOLD)


def _asking() -> str:
    return (
        'format = "paint-recipe/1"\nname = "plain"\ntitle = { zh = "素色", en = "Plain" }\npasses = 5\nn_clear = 1.5\n'
        f"[colour]\nlab = [28.0, 26.0, -34.0]\n{CHECK}"
    )


def test_single_lights_change_no_other_value() -> None:
    """A capture and a rig with them give every other finding as without, bit for bit; flop is judged."""
    plain = replace(STATION, aspecular_deg=())
    panel = metallic(300.0)
    without = judged(render(panel, plain, seed=2), rig_of(plain), _asking())
    report = judged(render(panel, STATION, seed=2), rig_of(STATION), _asking())
    assert finding(without, "flop_index").value is None
    assert finding(report, "flop_index").verdict is Verdict.PASS
    others = [[f for f in one.findings if f.measure != "flop_index"] for one in (report, without)]
    assert others[0] == others[1]


def test_sets_and_rigs_with_single_lights_come_back_as_they_were(tmp_path: Path) -> None:
    write_capture_set(render_single_lights(metallic(300.0), STATION, seed=2), tmp_path / "panel")
    write_capture_set(render_reference(STATION, seed=1), tmp_path / "reference")
    made = calibrate([read_capture_set(tmp_path / "reference")])
    rig = unpack(pack(made), "a.rig")
    assert rig.sha256 == made.sha256
    assert list(rig.aspecular) == [15.0, 45.0, 110.0]
    reading = read(read_capture_set(tmp_path / "panel"), rig)
    assert reading == measured(metallic(300.0))


def test_one_tile_per_light() -> None:
    reference = render_reference(STATION, seed=1)
    tile = replace(reference, frames=tuple(f for f in reference.frames if f.aspecular_deg == 15.0))
    with pytest.raises(Refused, match="aspecular_deg 15 is in several"):
        calibrate([reference, tile])
