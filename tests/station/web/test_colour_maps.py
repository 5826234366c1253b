"""The colours of maps: even steps for the eye, told apart without red and green, and in grey."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from station.web.layers import SHOWN
from station.web.printed import _MAP_OF, _USUAL_MAPS
from station.web.scales import colours_of

#: Full loss of the long and of the middle cones in linear light: Viénot, Brettel and Mollon, Color Res. Appl. 24 (1999)
#: 243, as matrices on linear sRGB.
BLIND = {
    "protan": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deutan": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
}
NAMES = [name.replace("*", "12") for name in SHOWN]
SIGNED = {"height_um", "slope_x_mrad", "slope_y_mrad"}


def lab(colours: NDArray[np.uint8], blind: str | None = None) -> NDArray[np.float64]:
    """CIE L*a*b* of a table of colours, as somebody sees it."""
    light = (colours / 255.0) ** 2.2
    if blind is not None:
        light = np.clip(light @ np.array(BLIND[blind]).T, 0.0, 1.0)
    return np.asarray(rgb2lab(light[None] ** (1 / 2.2))[0])


@pytest.mark.parametrize("name", NAMES)
def test_lightness_alone_tells_more_from_less(name: str) -> None:
    """A signed map falls to both sides of its middle; its two sides are told apart by hue."""
    lightness = lab(colours_of(name))[::8, 0]
    if name in SIGNED:
        middle = len(lightness) // 2
        assert (np.diff(lightness[:middle]) > 0).all()
        assert (np.diff(lightness[middle + 1 :]) < 0).all()
    else:
        assert (np.diff(lightness) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_steps_are_even_for_the_eye(name: str) -> None:
    """No step of a sixteenth of the scale looks more than three times as large as another."""
    seen = lab(colours_of(name))[:: 255 // 15]
    steps = deltaE_ciede2000(seen[:-1], seen[1:])
    assert steps.max() < 3 * steps.min()


@pytest.mark.parametrize("blind", BLIND)
@pytest.mark.parametrize("name", NAMES)
def test_the_ends_and_steps_are_seen_without_red_and_green(name: str, blind: str) -> None:
    """A step of a sixteenth is well above what is just noticed (1 ΔE00), and the two ends are far apart."""
    seen = lab(colours_of(name), blind)
    places = seen[:: 255 // 15]
    assert deltaE_ciede2000(places[:-1], places[1:]).min() > 1.5
    assert deltaE_ciede2000(seen[0], seen[-1]) > 25


def test_no_map_is_printed_that_grey_paper_could_not_tell() -> None:
    printed = {*_MAP_OF.values(), *_USUAL_MAPS}
    assert not [start for start in printed for name in SIGNED if name.startswith(start)]
