"""Small lamps: diffuse paint, the lamp's own mirror image, and what arcs throw."""

from dataclasses import replace

import numpy as np
import pytest

from inspection.frames import Role
from samples.lamps import lamp_pictures
from samples.paintwork import Panel
from samples.scene import render
from samples.scuffs import Scuff
from samples.stations import NAMED as STATIONS

STATION = replace(STATIONS["B"].sized(120), spot_azimuths_deg=(0.0, 90.0, 180.0, 270.0))
WHITE = Panel("white", lab=(100.0, 0.0, 0.0), alpha=0.0005)
BLACK = Panel("black", lab=(0.0, 0.0, 0.0), alpha=0.002)


def test_a_perfect_diffuser_is_as_bright_as_lambert_says() -> None:
    light = lamp_pictures(WHITE, STATION)[0.0][60, 60]
    expected = STATION.spot_per_ms * np.cos(np.radians(STATION.spot_polar_deg))
    # The pixel is half a pixel from the centre; the lobe of a polished clearcoat adds next to nothing there.
    assert light == pytest.approx(expected, rel=2e-3)


def test_the_lamp_is_mirrored_where_a_flat_mirror_shows_it() -> None:
    """Azimuth 90, polar 20 = the camera's own angle on the other side: the field's centre mirrors the lamp."""
    station = replace(STATION, spot_azimuths_deg=(90.0,), spot_polar_deg=STATION.camera_angle_deg)
    row, col = np.unravel_index(int(np.argmax(lamp_pictures(BLACK, station)[90.0])), station.shape)
    assert abs(row - 59.5) <= 0.5
    assert abs(col - 59.5) <= 0.5


@pytest.mark.parametrize(("direction_deg", "shining", "dark"), [(0.0, 90.0, 0.0), (59.2, 0.0, 90.0)])
def test_arcs_shine_when_lit_across(direction_deg: float, shining: float, dark: float) -> None:
    # Half-way from camera (polar 20 towards -Y) to the lamp at azimuth 0 lies at 149.2 degrees: arcs at right angles.
    paint = replace(BLACK, lab=(20.0, 0.0, 0.0))
    scuff = Scuff("hologram", 0.0, 0.0, 10.0, 200, 0.05, direction_deg=direction_deg, gain=1.0, seed=3)
    plain, worn = lamp_pictures(paint, STATION), lamp_pictures(replace(paint, scuffs=(scuff,)), STATION)
    middle = (slice(52, 68), slice(52, 68))
    gain = {a: float(np.mean(worn[a][middle]) / np.mean(plain[a][middle])) for a in (shining, dark)}
    assert gain[shining] - 1 > 0.15
    assert gain[dark] - 1 < 0.1 * (gain[shining] - 1)


def test_lamp_frames_have_a_dark_and_few_full_pixels() -> None:
    frames = render(replace(BLACK, lab=(20.0, 0.0, 0.0)), STATION, seed=1)
    lit = frames.with_role(Role.SPOT)
    assert [f.azimuth_deg for f in lit] == [0.0, 90.0, 180.0, 270.0]
    for frame in lit:
        assert frames.dark_of(frame) is not None
        assert (frame.pixels >= frames.sensor.white_level).mean() <= 0.10


def test_a_station_without_lamps_takes_no_lamp_frames() -> None:
    assert not render(BLACK, STATIONS["B"].sized(16), seed=1).with_role(Role.SPOT)
