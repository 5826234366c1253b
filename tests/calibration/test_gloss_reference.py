"""The black glass must be clean: it is the 100 of gloss."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from calibration import calibrate
from calibration.gloss_reference import Cleanliness, check_clean
from inspection.frames import Frames
from inspection.fringes import decode
from inspection.noise import noise_of
from inspection.refused import Refused
from samples.charts import uneven
from samples.glass import dust, finger_mark, render_glass, scratch
from samples.stations import NAMED, Station

SIZES = {"A": 160, "B": 128, "C": 160, "poor": 128}
RIGS = {name: NAMED[name].sized(px) for name, px in SIZES.items()}


def checked(frames: Frames) -> Cleanliness:
    return check_clean(frames, decode(frames, noise_of(frames)))


def dimmed(frames: Frames, light: np.ndarray) -> Frames:
    """The same frames through a lens with vignetting."""
    black = frames.sensor.black_level
    kind = frames.frames[0].pixels.dtype
    return replace(
        frames,
        frames=tuple(
            replace(f, pixels=np.round((f.pixels - black) * light + black).astype(kind)) for f in frames.frames
        ),
    )


def refusal(station: Station, *dirt: object, seed: int = 1) -> str:
    with pytest.raises(Refused, match="the black glass is not clean") as caught:
        checked(render_glass(station, *dirt, seed=seed))  # type: ignore[arg-type]
    return str(caught.value)


def place_and_size(text: str) -> tuple[float, ...]:
    found = re.search(r"of ([\d.]+) x ([\d.]+) mm at x (\d+) mm, y (\d+) mm", text)
    assert found is not None, text
    return tuple(float(number) for number in found.groups())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", RIGS)
def test_clean_glass_with_noise_and_vignetting_is_accepted(name: str, seed: int) -> None:
    station = RIGS[name].drawn(seed)
    frames = dimmed(render_glass(station, seed=seed), uneven(station, vignetting=0.3, across=0.1))
    found = checked(frames)
    # Noise over 20 000 pixels of some 100 independent averages stays below 4.5 standard deviations.
    assert found.worst_pct < 4.5 * found.noise_pct
    assert found.worst_pct < found.limit_pct


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", RIGS)
def test_a_finger_mark_is_found_with_its_place_and_size(name: str, seed: int) -> None:
    station = RIGS[name].drawn(seed)
    width, height = station.geometry().field_mm
    size = 0.2 * width
    text = refusal(station, finger_mark(0.2 * width, -0.1 * height, size), seed=seed)
    assert "a finger mark or smear" in text
    length, breadth, x, y = place_and_size(text)
    assert (x, y) == pytest.approx((0.7 * width, 0.4 * height), abs=1.0)
    # Its soft edge is a fifth of it wide.
    assert (length, breadth) == pytest.approx((size, size), rel=0.2)


@pytest.mark.parametrize("name", RIGS)
def test_a_faint_mark_is_found_too(name: str) -> None:
    """One per cent of the light thrown wide, no roughness: 1 GU at its place."""
    mark = replace(finger_mark(0.0, 0.0, 10.0, haze=0.02), alpha=0.0)
    assert "finger mark" in refusal(RIGS[name], mark)


@pytest.mark.parametrize("name", RIGS)
def test_dust_and_a_scratch_are_called_by_their_names(name: str) -> None:
    width = RIGS[name].geometry().field_mm[0]
    assert "dust of" in refusal(RIGS[name], dust(0.2 * width, 0.1 * width))
    assert "a scratch of" in refusal(RIGS[name], scratch(-0.1 * width, 0.1 * width))


def test_two_marks_are_counted() -> None:
    text = refusal(RIGS["B"], finger_mark(-12.0, -12.0, 8.0), finger_mark(12.0, 12.0, 12.0))
    assert "and 1 more" in text
    assert place_and_size(text)[2:] == pytest.approx((37.6, 37.6), abs=1.0)


def test_calibration_refuses_a_dirty_glass_and_states_how_clean_a_good_one_is() -> None:
    with pytest.raises(Refused, match="wipe the glass and take the set again"):
        calibrate([render_glass(RIGS["B"], finger_mark(5.0, 5.0), seed=1)])
    found = {one.name: one for one in calibrate([render_glass(RIGS["B"], seed=1)]).measured}
    worst = found["black_glass_worst_place_pct"]
    assert worst.limit == 1.0
    assert worst.value < 0.2
