"""From reference frames to a rig: what is measured, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from calibration import calibrate
from inspection.frames import Frames, Role
from inspection.refused import Refused
from inspection.rig import CalibrationTerms, Rig
from samples.panels import NAMED as PANELS
from samples.scene import render, render_reference, truth
from samples.stations import NAMED

B = NAMED["B"].sized(96)
AT = "2026-11-22T09:30:00+08:00"


@cache
def reference() -> Frames:
    return render_reference(B, seed=1)


@cache
def rig() -> Rig:
    return calibrate([reference()])


def only(frames: Frames, *roles: Role) -> Frames:
    return replace(frames, frames=tuple(f for f in frames.frames if f.role in roles))


def glass() -> Frames:
    return only(reference(), Role.FRINGE, Role.WHITE, Role.DARK)


def tile() -> Frames:
    return only(reference(), Role.DIFFUSE_REF, Role.DARK)


def test_modulation_is_that_of_the_black_glass() -> None:
    real = truth(PANELS["flat"](0), B)
    for key, expected in real.glass_modulation.items():
        # Half of peak to peak; a screen of contrast 1000 shows 0.999 of a full cosine.
        ratio = rig().modulation[key] / (0.5 * 0.999 * expected)
        assert ratio.mean() == pytest.approx(1.0, abs=1e-3)
        # What is left of a pixel's noise is the grain of the mean light, and the rig says how much that is.
        assert ratio.std() == pytest.approx(rig().offset_noise_relative, rel=0.15)


def test_the_noise_of_a_single_frame_is_taken_off_the_modulation_but_not_the_pixels_own_gain() -> None:
    """Four per mille of shot noise would be in it; a pixel that sees less light sees less modulation too."""
    weak = np.ones(B.shape)
    weak[40, 50] = 0.9
    sensor = reference().sensor

    def dimmed(pixels: np.ndarray) -> np.ndarray:
        light = (pixels - sensor.black_level) * (weak if pixels.ndim == 2 else weak[..., None])
        return np.round(light + sensor.black_level).astype(np.uint16)

    frames = tuple(replace(f, pixels=dimmed(f.pixels)) for f in reference().frames)
    spotted = calibrate([replace(reference(), frames=frames)])
    for key, modulation in rig().modulation.items():
        assert spotted.modulation[key][40, 50] / modulation[40, 50] == pytest.approx(0.9, abs=2e-3)


def test_offset_is_the_mean_light_without_the_dark() -> None:
    real = truth(PANELS["flat"](0), B)
    # Mean of 0.001 … 1 on the mirrored light; the coarse fringe on glass keeps nearly all of its contrast.
    assert np.median(rig().offset / real.glass_modulation["x", 48.0]) == pytest.approx(0.5005, rel=0.003)


def test_screen_position_is_what_flat_glass_mirrors() -> None:
    real = truth(PANELS["flat"](0), B)
    assert np.abs(rig().screen_u_mm - real.screen_u_mm).max() < 0.05
    assert np.abs(rig().screen_v_mm - real.screen_v_mm).max() < 0.05


def test_the_tile_stands_for_a_perfect_white_diffuser() -> None:
    """Its reflectance of 0.98 is divided out, channel by channel."""
    tile_map = rig().tile
    assert tile_map is not None
    assert tile_map.shape == (96, 96, 3)
    middle = tile_map[43:53, 43:53].mean((0, 1))
    assert middle == pytest.approx(0.5 * np.array([0.82, 1.0, 0.7]), rel=3e-3)


def test_glass_and_tile_may_come_in_two_sets() -> None:
    parts = calibrate([glass(), tile()])
    assert parts.sha256 == calibrate([tile(), glass()]).sha256 == rig().sha256


def test_without_a_tile_there_is_no_colour() -> None:
    assert calibrate([glass()]).tile is None


def test_date_station_and_terms_are_kept() -> None:
    terms = CalibrationTerms(glass_index=0.0002)
    made = calibrate([reference()], valid_for=timedelta(hours=8), terms=terms)
    assert (made.calibrated_at, made.expires_at) == (AT, "2026-11-22T17:30:00+08:00")
    assert (made.station, made.simulated, made.terms, made.glass_n) == ("B", True, terms, 1.567)
    assert rig().expires_at == "2026-11-23T09:30:00+08:00"


@pytest.mark.parametrize(
    ("when", "good"),
    [
        ("2026-11-22T09:30:00+08:00", True), ("2026-11-23T09:30:00+08:00", True), ("2026-11-23T09:30:01+08:00", False),
        ("2026-11-21T09:30:00+08:00", True), ("2026-11-21T09:29:59+08:00", False), ("2026-11-23T01:29:00+00:00", True),
        ("2026-11-23T02:00:00+00:00", False), ("2027-11-22T09:30:00+08:00", False),
    ],
)  # fmt: skip
def test_a_rig_serves_captures_within_its_term_before_and_after(when: str, good: bool) -> None:
    """Judged at the capture's own time, not at now: an archive can be measured again years later."""
    assert (rig().age_error(when, "2040-01-01T00:00:00+00:00") is None) is good
    assert (rig().age_error(None, when) is None) is good


def changed(**more: object) -> Frames:
    return replace(reference(), **more)  # type: ignore[arg-type]


def with_frames(role: Role, **more: object) -> Frames:
    frames = tuple(replace(f, **more) if f.role is role else f for f in reference().frames)  # type: ignore[arg-type]
    return replace(reference(), frames=frames)


def dull() -> Frames:
    """Sanded paint in the place of the glass."""
    return replace(render(PANELS["sanded"](2), B, seed=1), reference_set=True)


def covered() -> Frames:
    """Something lies on an eighth of the glass."""
    frames = []
    for f in reference().frames:
        pixels = f.pixels.copy()
        pixels[:, :12] = int(reference().sensor.black_level)
        frames.append(replace(f, pixels=pixels))
    return replace(reference(), frames=tuple(frames))


FAR = replace(B, screen_distance_mm=360.0)
BLACK = np.full((96, 96, 3), 1000, np.uint16)
REFUSED = {
    "no set": (list, "no reference set"),
    "a panel's set": (lambda: [changed(reference_set=False)], "reference_set is not true"),
    "a panel's set beside": (lambda: [reference(), changed(reference_set=False)], "reference_set is not true"),
    "cameras of two sizes": (lambda: [glass(), render_reference(B.sized(64), seed=1)], "differs between"),
    "two geometries": (lambda: [glass(), render_reference(FAR, seed=1)], "differs between"),
    "no glass": (lambda: [tile()], "black glass are in 0"),
    "glass twice": (lambda: [glass(), reference()], "black glass are in 2"),
    "tile twice": (lambda: [reference(), tile()], "white tile are in 2"),
    "no date": (lambda: [changed(captured_at=None)], "captured_at is missing"),
    "tile without reflectance": (lambda: [with_frames(Role.DIFFUSE_REF, reflectance=None)], "reflectance is missing"),
    "tile in the dark": (lambda: [with_frames(Role.DIFFUSE_REF, pixels=BLACK)], "not brighter than the dark"),
    "sanded paint for glass": (lambda: [dull()], "polished black glass keeps at least"),
    "a covered glass": (lambda: [covered()], "mirrored in 88 % of the field"),
    "one axis": (lambda: [replace(glass(), frames=tuple(f for f in glass().frames if f.axis != "y"))], "axis y"),
}  # fmt: skip


@pytest.mark.parametrize(("sets", "words"), REFUSED.values(), ids=REFUSED)
def test_a_bad_reference_is_refused(sets: object, words: str) -> None:
    with pytest.raises(Refused, match=words):
        calibrate(sets())  # type: ignore[operator]


def test_dead_reference_frames_are_refused() -> None:
    for level in (0, 1024, 65520):
        frames = tuple(replace(f, pixels=np.full_like(f.pixels, level)) for f in reference().frames)
        with pytest.raises(Refused):
            calibrate([replace(reference(), frames=frames)])
