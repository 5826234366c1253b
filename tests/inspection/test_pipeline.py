"""From frames to report: what is refused, what holds, and what a report says."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sample_captures import NOW, PLAIN, capture, examined, finding, judged, recipe, rig_of

from inspection.frames import Conditions, Frames, Role
from inspection.pipeline import examine, inspect
from inspection.refused import Refused
from inspection.registry import MEASURES
from inspection.report import Report
from samples.panels import amethyst_story
from samples.stations import NAMED

B = NAMED["B"].sized(96)
PANEL = amethyst_story(5)
CHECKS = """
[[checks]]
measure = "delta_e00"
high = 5.0
[[checks]]
measure = "haze_pct"
high = 50.0
[[checks]]
measure = "clarity_pct"
period_mm = 3.0
low = 1.0
[[checks]]
measure = "waviness_rms_um"
band_from_mm = 3.0
band_to_mm = 10.0
high = 50.0
"""
EASY = PLAIN + CHECKS


def without(frames: Frames, *roles: Role) -> Frames:
    return replace(frames, frames=tuple(f for f in frames.frames if f.role not in roles))


def words(report: Report) -> str:
    return json.dumps({k: v for k, v in report.as_dict().items() if k != "timing_ms"}, allow_nan=False)


def check(report: Report, number: int) -> tuple[str | None, tuple[str, ...], float | None]:
    found = next(f for f in report.findings if f.check_no == number)
    return found.verdict, found.quality, found.value


def test_a_good_panel_passes_every_easy_check() -> None:
    report = examined(PANEL, B, EASY).report
    assert [f.verdict for f in report.findings if f.check_no is not None] == ["pass"] * 5
    assert report.verdict == "pass"
    assert report.next_step.action == "release"
    assert report.valid_ratio == 1.0
    assert report.simulated


def test_the_same_input_gives_the_same_bytes_but_for_the_time_it_took() -> None:
    frames, rig = capture(PANEL, B), rig_of(B)
    first, second = (examine(frames, rig, recipe(EASY), now=NOW, software="1") for _ in range(2))
    assert words(first.report) == words(second.report)
    for name, values in first.maps.items():
        assert np.array_equal(values, second.maps[name], equal_nan=True), name


def test_now_does_not_matter_where_the_capture_has_its_own_time() -> None:
    frames, rig = capture(PANEL, B), rig_of(B)
    later = inspect(frames, rig, recipe(EASY), now="2031-01-01T00:00:00+00:00", software="1")
    assert words(later) == words(inspect(frames, rig, recipe(EASY), now=NOW, software="1"))


def test_every_measure_is_reported_though_no_check_asks() -> None:
    report = examined(PANEL, B).report
    assert {f.measure for f in report.findings} == set(MEASURES)
    unasked = [f for f in report.findings if f.check_no is None]
    assert all((f.low, f.high, f.verdict) == (None, None, None) for f in unasked)
    assert {f.knobs["period_mm"] for f in unasked if f.measure == "clarity_pct"} == {12.0, 3.0}
    bands = {(f.knobs["band_from_mm"], f.knobs["band_to_mm"]) for f in unasked if f.measure == "waviness_rms_um"}
    assert bands >= {(1.0, 3.0), (3.0, 10.0), (10.0, 30.0)}


def test_what_a_check_asks_for_is_not_reported_twice() -> None:
    report = examined(PANEL, B, EASY).report
    assert finding(report, "clarity_pct", period_mm=3.0).check_no == 3
    assert finding(report, "gloss_gu").check_no == 0


def test_every_map_of_the_contract_is_there() -> None:
    maps = examined(PANEL, B).maps
    assert set(maps) >= {
        "screen_u_mm", "screen_v_mm", "modulation_x_48mm", "modulation_y_3mm", "gloss_gu", "clarity_12mm_pct",
        "clarity_3mm_pct", "haze_pct", "slope_x_mrad", "slope_y_mrad", "height_um", "lab", "delta_e00",
    }  # fmt: skip
    assert all(m.dtype == np.float32 and m.shape[:2] == (96, 96) for m in maps.values())
    assert maps["lab"].shape == (96, 96, 3)


def test_checks_of_other_passes_are_not_asked() -> None:
    text = PLAIN + '[[checks]]\nmeasure = "haze_pct"\nhigh = 0.001\npasses = [5]\n'
    frames = replace(capture(PANEL, B), pass_number=4)
    report = judged(frames, rig_of(B), text)
    assert [f.check_no for f in report.findings if f.check_no is not None] == [0]
    assert report.verdict == "pass"
    assert report.next_step.action != "release"  # the last pass asks more
    assert report.next_step.probability < 0.5


REGIONS = """
[[regions]]
name = "{name}"
polygon_mm = {corners}
[[checks]]
measure = "gloss_gu"
low = 5.0
region = "{name}"
[[checks]]
measure = "delta_e00"
high = 5.0
region = "{name}"
"""


def region(corners: str) -> Report:
    return judged(capture(PANEL, B), rig_of(B), PLAIN + REGIONS.format(name="R", corners=corners))


def test_a_region_inside_the_field_is_judged_by_its_own_pixels() -> None:
    report = region("[[10, 10], [30, 10], [30, 20], [10, 20]]")
    assert check(report, 1)[0] == "pass"
    inside = next(f for f in report.findings if f.check_no == 1)
    assert inside.n_px == pytest.approx(200 / 0.16, rel=0.1)


def test_a_region_outside_the_field_holds() -> None:
    report = region("[[100, 100], [120, 100], [120, 120]]")
    assert [check(report, n) for n in (1, 2)] == [("hold", ("LOW_COVERAGE",), None)] * 2
    assert report.verdict == "hold"


def test_a_region_partly_outside_the_field_holds_with_its_value() -> None:
    """38.4 mm are seen; a quarter of the region lies beyond."""
    report = region("[[10, 10], [48, 10], [48, 30], [10, 30]]")
    for number in (1, 2):
        verdict, quality, value = check(report, number)
        assert (verdict, quality) == ("hold", ("LOW_COVERAGE",))
        assert value is not None


def test_a_region_of_a_few_pixels_holds() -> None:
    report = region("[[10, 10], [11, 10], [11, 11]]")
    assert check(report, 1)[:2] == ("hold", ("TOO_FEW_PIXELS",))


def test_without_diffuse_frames_colour_and_haze_hold_and_the_rest_is_judged() -> None:
    frames = without(capture(PANEL, B), Role.DIFFUSE)
    report = judged(frames, rig_of(B), EASY)
    assert [check(report, n)[0] for n in range(5)] == ["pass", "hold", "hold", "pass", "pass"]
    assert check(report, 1)[1:] == (("NO_FRAMES",), None)
    assert report.verdict == "hold"
    assert report.next_step.action != "release"


def test_without_fringe_frames_only_colour_is_judged() -> None:
    frames = without(capture(PANEL, B), Role.FRINGE)
    report = judged(frames, rig_of(B), EASY)
    assert [check(report, n)[0] for n in range(5)] == ["hold", "pass", "hold", "hold", "hold"]
    assert all(check(report, n)[1] == ("NO_FRAMES",) for n in (0, 2, 3, 4))
    assert report.valid_ratio == 0.0


def test_a_recipe_without_a_colour_leaves_differences_without_target() -> None:
    text = EASY.replace("[colour]\nlab = [28.0, 26.0, -34.0]\n", "").replace("delta_e00", "colour_spread_e00")
    report = judged(capture(PANEL, B), rig_of(B), text)
    assert finding(report, "delta_e00").quality == ("NO_TARGET",)
    assert finding(report, "colour_spread_e00").verdict == "pass"


def test_a_rig_without_white_tile_measures_no_colour() -> None:
    report = judged(capture(PANEL, B), replace(rig_of(B), tile=None), EASY)
    assert check(report, 1) == ("hold", ("NO_REFERENCE",), None)


@pytest.mark.parametrize("level", [0, 1024, 20000, 65520])
def test_a_dead_camera_never_passes_a_panel(level: int) -> None:
    """All zero, all black, all alike, all white: nothing is measured, nothing passes."""
    frames = capture(PANEL, B)
    dead = tuple(replace(f, pixels=np.full_like(f.pixels, level)) for f in frames.frames)
    report = judged(replace(frames, frames=dead), rig_of(B), EASY)
    fringe_checks = [check(report, n)[0] for n in (0, 2, 3, 4)]
    assert fringe_checks == ["hold"] * 4
    assert report.verdict != "pass"
    assert report.next_step.action != "release"


def test_a_dead_colour_frame_never_passes() -> None:
    frames = capture(PANEL, B)
    black = tuple(
        replace(f, pixels=np.full_like(f.pixels, 1024)) if f.role is Role.DIFFUSE else f for f in frames.frames
    )
    assert check(judged(replace(frames, frames=black), rig_of(B), EASY), 1)[0] != "pass"


def test_an_unwiped_panel_holds_and_is_to_be_wiped() -> None:
    """Polishing oil fills scratches: what shines now may be dull tomorrow."""
    frames = replace(capture(PANEL, B), conditions=Conditions(wiped=False))
    report = judged(frames, rig_of(B), EASY)
    assert all(f.verdict == "hold" for f in report.findings if f.check_no is not None)
    assert all("NOT_WIPED" in f.quality for f in report.findings)
    assert report.verdict == "hold"
    assert report.next_step.action == "wipe_and_measure_again"
    assert report.next_step.reasons[0].code == "not_wiped"


def test_saturated_pixels_are_counted_and_noted() -> None:
    frames = capture(PANEL, B)
    burnt = []
    for f in frames.frames:
        pixels = f.pixels.copy()
        if f.role is Role.FRINGE:
            pixels[:6, :6] = int(frames.sensor.white_level)
        burnt.append(replace(f, pixels=pixels))
    report = judged(replace(frames, frames=tuple(burnt)), rig_of(B), EASY)
    assert report.saturated_ratio == pytest.approx(36 / 96**2)
    assert report.valid_ratio == pytest.approx(1 - 36 / 96**2)
    assert all("SATURATED" in f.quality for f in report.findings)


EXPIRED = "2026-11-24T09:30:00+08:00"


def test_a_rig_out_of_its_term_is_refused() -> None:
    frames = replace(capture(PANEL, B), captured_at=EXPIRED)
    with pytest.raises(Refused, match="valid until 2026-11-23T09:30:00"):
        judged(frames, rig_of(B))


def test_a_rig_out_of_its_term_measures_when_told_so_and_the_report_says_it() -> None:
    frames = replace(capture(PANEL, B), captured_at=EXPIRED)
    assert judged(frames, rig_of(B), allow_expired=True).rig["expired"] is True
    assert "expired" not in judged(capture(PANEL, B), rig_of(B), allow_expired=True).rig


def test_a_capture_without_a_time_is_judged_by_now() -> None:
    frames = replace(capture(PANEL, B), captured_at=None)
    assert judged(frames, rig_of(B)).captured_at is None
    with pytest.raises(Refused, match="calibrate again"):
        inspect(frames, rig_of(B), recipe(), now=EXPIRED, software="1")


@pytest.mark.parametrize(
    ("station", "word"),
    [
        (B.sized(64), "image.width_px"),
        (replace(B, bit_depth=8, adc_bits=8), "image.black_level|image.white_level|image.bit_depth"),
        (replace(B, mosaic="RGGB"), "image.mosaic"),
        (replace(B, periods_mm=(48.0, 6.0)), "6 mm on axis"),
        (replace(B, camera_distance_mm=610.0), "geometry.camera"),
        (replace(B, screen_angle_deg=21.0), "geometry.screen"),
        (replace(B, mm_per_px=0.41), "geometry"),
    ],
    ids=["size", "depth", "mosaic", "periods", "camera", "screen", "lens"],
)
def test_a_rig_of_other_optics_is_refused(station: object, word: str) -> None:
    with pytest.raises(Refused, match=rf"does not belong to this capture: .*({word})"):
        judged(capture(PANEL, station), rig_of(B))  # type: ignore[arg-type]


def test_the_report_names_what_it_rests_on() -> None:
    frames, rig, text = capture(PANEL, B), rig_of(B), recipe(EASY)
    report = inspect(frames, rig, text, now=NOW, software="0.9")
    assert report.rig["sha256"] == rig.sha256
    assert report.recipe == {"name": "plain", "sha256": text.sha256, "lab": text.target_lab}
    assert report.capture["sha256"] == frames.sha256
    assert (report.software, report.panel, report.pass_number) == ("0.9", "AM-0007-HOOD", 5)


def test_a_report_is_plain_json_with_null_and_never_nan() -> None:
    report = judged(without(capture(PANEL, B), Role.FRINGE, Role.DIFFUSE), rig_of(B), EASY)
    tree = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert tree["format"] == "paint-report/1"
    assert all(f["value"] is None and f["u"] is None and f["quality"] for f in tree["findings"])
    assert all(isinstance(reason, str) for reason in tree["next_step"]["reasons"])


def test_clarity_between_captured_periods_is_interpolated_and_outside_undecided() -> None:
    one = '[[checks]]\nmeasure = "clarity_pct"\nperiod_mm = {}\nlow = 0.5\n'
    checks = "".join(one.format(period) for period in (6.0, 48.0, 1.0, 60.0))
    report = judged(capture(PANEL, B), rig_of(B), PLAIN + checks)
    between, coarsest, finer, coarser = (check(report, n) for n in (1, 2, 3, 4))
    low, high = (finding(report, "clarity_pct", period_mm=p).value for p in (3.0, 12.0))
    assert low is not None
    assert high is not None
    assert between[1] == ("INTERPOLATED",)
    assert between[2] is not None
    assert low < between[2] < high
    # At the coarsest period clarity is 100 % by definition: that proves nothing.
    assert coarsest == finer == coarser == ("hold", ("OUT_OF_RANGE",), None)
