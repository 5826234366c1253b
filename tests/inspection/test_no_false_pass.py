"""Ways in which something else than good paint once looked like it: each is held, refused or seen for what it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sample_captures import NOW, PLAIN, capture, check_of, finding, judged, rig_of

from inspection.frames import Frame, Frames, Role
from inspection.pipeline import inspect
from inspection.recipe import parse_recipe
from inspection.refused import Refused
from samples.panels import NAMED as PANELS
from samples.panels import amethyst_story
from samples.stations import NAMED

B = NAMED["B"].sized(160)
PANEL = amethyst_story(5)
FIELD_MM = 160 * B.mm_per_px


def with_frames(frames: Frames, change: dict[Role, object]) -> Frames:
    """The set with the frames of some roles changed by a function of the frame."""
    return replace(frames, frames=tuple(change[f.role](f) if f.role in change else f for f in frames.frames))  # type: ignore[operator]


def screen_off(frames: Frames) -> Frames:
    """Fringe and white frames as the dark frame is, with noise of their own."""
    dark = next(f for f in frames.with_role(Role.DARK) if f.group == "screen")
    rng = np.random.default_rng(5)

    def dead(frame: Frame) -> Frame:
        noisy = dark.pixels.astype(float) + 16 * rng.standard_normal(dark.pixels.shape)
        return replace(frame, pixels=np.clip(noisy, 0, 65535).astype(np.uint16))

    return with_frames(frames, {Role.FRINGE: dead, Role.WHITE: dead})


@pytest.mark.parametrize("name", ["amethyst", "white"])
def test_a_dark_screen_is_no_signal_whatever_the_paint_would_scatter(name: str) -> None:
    """The paint's diffuse fringe is computed and taken off; off nothing, it must not become a fringe."""
    report = judged(screen_off(capture(PANELS[name](5), B)), rig_of(B))
    assert report.valid_ratio == 0.0
    assert report.verdict == "hold"
    assert finding(report, "gloss_gu").quality == ("NO_SIGNAL",)


def test_a_region_lies_where_the_view_says() -> None:
    """The view is 300 mm further right on the panel: a region of the panel's left edge was not seen."""
    moved = replace(capture(PANEL, B), view_to_panel_mm=((1.0, 0.0, 300.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    square = "polygon_mm = [[{0}, 10], [{1}, 10], [{1}, 50], [{0}, 50]]"
    text = PLAIN.replace("[[checks]]", "", 1).split('measure = "gloss_gu"')[0]
    for name, left in (("left", 10), ("right", 310)):
        text += f'[[regions]]\nname = "{name}"\n{square.format(left, left + 40)}\n'
    for name in ("left", "right"):
        text += f'[[checks]]\nmeasure = "gloss_gu"\nlow = 5.0\nregion = "{name}"\n'
    left, right = (check_of(judged(moved, rig_of(B), text), n) for n in (0, 1))
    assert left.verdict == "hold"
    assert left.value is None
    assert right.verdict == "pass"


def test_one_view_of_a_larger_part_releases_nothing() -> None:
    report = judged(replace(capture(PANEL, B), view="left"), rig_of(B))
    assert report.verdict == "hold"
    assert report.next_step.action != "release"
    assert [r.code for r in report.next_step.reasons] == ["one_view"]


def test_a_pass_beyond_the_plan_must_meet_what_the_last_one_must() -> None:
    text = PLAIN + '[[checks]]\nmeasure = "gloss_gu"\nlow = 81.9\npasses = [5]\n'
    report = judged(replace(capture(amethyst_story(3), B), pass_number=6), rig_of(B), text)
    assert report.verdict == "fail"
    assert report.next_step.action == "stop"


@pytest.mark.parametrize("factor", [0.85, 0.5, 1e-6])
def test_more_light_than_paint_can_mirror_is_held(factor: float) -> None:
    """An exposure time that is not true, or a brighter screen than at calibration."""

    def shorter(frame: Frame) -> Frame:
        return replace(frame, exposure_ms=frame.exposure_ms * factor)

    bright = with_frames(capture(PANEL, B), {Role.FRINGE: shorter, Role.WHITE: shorter})
    report = judged(bright, rig_of(B))
    assert "IMPOSSIBLE" in finding(report, "gloss_gu").quality
    assert report.verdict == "hold"


def test_gloss_refers_to_the_coarsest_period_of_the_rig_and_no_other() -> None:
    frames = capture(PANEL, B)
    without = replace(frames, frames=tuple(f for f in frames.frames if f.period_mm != 48.0))
    with pytest.raises(Refused, match="coarsest fringe period is 12 mm, the rig's is 48 mm"):
        judged(without, rig_of(B))


def test_a_period_that_one_axis_shows_is_not_measured_for_both() -> None:
    frames = capture(PANEL, B)
    without = replace(frames, frames=tuple(f for f in frames.frames if (f.axis, f.period_mm) != ("y", 12.0)))
    text = PLAIN + '[[checks]]\nmeasure = "clarity_pct"\nperiod_mm = 12.0\nlow = 1\n'
    assert finding(judged(without, rig_of(B), text), "clarity_pct", period_mm=12.0).quality == ("INTERPOLATED",)


def test_saturated_pixels_of_the_colour_frame_are_counted() -> None:
    def hot(frame: Frame) -> Frame:
        pixels = frame.pixels.copy()
        pixels[:8, :28] = 65535
        return replace(frame, pixels=pixels)

    report = judged(with_frames(capture(PANEL, B), {Role.DIFFUSE: hot}), rig_of(B))
    assert report.saturated_ratio == pytest.approx(8 * 28 / 160**2)
    assert "SATURATED" in finding(report, "delta_e00").quality


def test_haze_without_diffuse_light_is_not_known() -> None:
    frames = capture(PANEL, B)
    dark = next(f for f in frames.with_role(Role.DARK) if f.group == "diffuse")
    off = with_frames(frames, {Role.DIFFUSE: lambda f: replace(f, pixels=dark.pixels.copy())})
    report = judged(off, rig_of(B))
    for measure in ("haze_pct", "delta_e00"):
        assert finding(report, measure).quality == ("NO_SIGNAL",)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (PLAIN.replace("gloss_gu", "clarity_pct") + f"period_mm = {'1' * 400}\n", "checks.0.period_mm"),
        (PLAIN + "x = " + "[" * 3000 + "]" * 3000 + "\n", "nested too deeply"),
        (PLAIN + '[[regions]]\nname = "A"\npolygon_mm = [[0, 0], [1e200, 0], [0, 1e200]]\n', "regions.0.polygon_mm"),
    ],
)
def test_absurd_recipes_are_refused_in_one_sentence(text: str, where: str) -> None:
    with pytest.raises(Refused, match=where):
        parse_recipe(text, "a.toml")


def test_a_picture_of_a_few_pixels_is_refused() -> None:
    station = NAMED["B"].sized(16, 3)
    with pytest.raises(Refused, match=r"image\.px"):
        judged(capture(PANEL, station), rig_of(station))


def test_a_very_long_picture_is_measured_without_a_fault() -> None:
    station = NAMED["B"].sized(768, 4)
    report = inspect(capture(PANEL, station), rig_of(station), parse_recipe(PLAIN, "a.toml"), now=NOW, software="test")
    assert 0 <= report.valid_ratio <= 1
