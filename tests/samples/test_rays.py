"""Marks finer than a pixel: the mean fringe must not depend on where the rays happen to fall."""

from dataclasses import replace

import numpy as np
import pytest

from samples.appearance import appearance
from samples.light import screen_light
from samples.paintwork import Panel, Patch
from samples.stations import NAMED as STATIONS
from samples.surface import Mark, Texture

STATION = STATIONS["B"].sized(48)
PAINT = Panel("paint", lab=(20.0, 0.0, 0.0), texture=Texture((0.0, 0.0, 0.03, 0.1, 0.3), 2))


@pytest.mark.parametrize(
    "mark",
    [
        Mark("pinhole", 0.13, -0.21, 0.3, 0.3, -8.0),
        Mark("scratch", 0.4, 0.3, 9.0, 0.15, -1.0, angle_deg=33.0, groove=True),
        Mark("crater", -1.0, 1.3, 1.6, 1.6, -5.0, rim_um=1.2),
    ],
)
def test_light_of_a_fine_mark_is_that_of_very_many_rays(mark: Mark) -> None:
    panel = replace(PAINT, marks=(mark,))
    few, many = screen_light(panel, STATION, 1.5), screen_light(panel, replace(STATION, subsamples=16), 1.5)
    plain = screen_light(PAINT, STATION, 1.5)
    for key, z in many.fringe.items():
        seen = np.abs(z - plain.fringe[key]).max()
        assert np.abs(few.fringe[key] - z).max() < 0.03 * seen


def test_half_a_pixel_of_dust_is_half_as_bright() -> None:
    """Mixed by area, in light: not in L*."""
    dust = Patch("dust", 0.0, 0.0, 0.2, 0.01, covers=1.0, lab=(90.0, 0.0, 0.0))
    panel = replace(PAINT, lab=(0.0, 0.0, 0.0), patches=(dust,))
    zero = np.zeros((1, 1))
    look = appearance(panel, zero, zero, 0.4)
    share = np.pi / 4 * 0.2**2 / 0.4**2
    # 4 × 4 places within the pixel stand for its area.
    assert look.hidden[0, 0] == pytest.approx(share, abs=0.06)
    reflectance = ((look.lab[0, 0, 0] + 16) / 116) ** 3
    assert reflectance == pytest.approx(look.hidden[0, 0] * (106 / 116) ** 3, rel=1e-3)
