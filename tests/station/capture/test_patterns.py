"""Patterns in whole greys, where the screen's pixels lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspection.frames import Axis
from inspection.fringes import encode
from station.capture.patterns import BLACK, WHITE, Even, Fringe, ScreenGrid

GRID = ScreenGrid(width_px=400, height_px=200, width_mm=200.0, height_mm=100.0)


def test_black_and_white_are_the_ends_of_the_greys() -> None:
    assert GRID.draw(BLACK).greys.tolist() == [[0]]
    assert GRID.draw(WHITE).greys.tolist() == [[255]]
    assert GRID.draw(WHITE).over(4, 3).shape == (3, 4)


@pytest.mark.parametrize("gamma", [1.0, 2.2])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_fringe_gives_the_light_that_it_is_read_by(axis: Axis, gamma: float) -> None:
    """Within half a grey of `inspection.fringes.encode` at the middle of every pixel."""
    grid = replace(GRID, gamma=gamma)
    greys = grid.draw(Fringe(axis, 16.0, 1, 4, 30.0)).over(grid.width_px, grid.height_px)
    count, size = (grid.width_px, grid.width_mm) if axis == "x" else (grid.height_px, grid.height_mm)
    place = (np.arange(count) + 0.5) * size / count - size / 2
    wanted = 255 * encode(place, 16.0, 1, 4, 30.0) ** (1 / gamma)
    along = greys[0] if axis == "x" else greys[:, 0]
    assert np.abs(along - wanted).max() <= 0.5 + 1e-9
    assert np.ptp(greys, axis=0 if axis == "x" else 1).max() == 0


def test_a_screen_that_hangs_upside_down_shows_the_same_light_at_the_same_place() -> None:
    pattern = Fringe("x", 50.0, 1, 3)
    assert np.array_equal(replace(GRID, turned=True).draw(pattern).greys, GRID.draw(pattern).greys[:, ::-1])


def test_an_even_grey_follows_the_screens_gamma() -> None:
    assert replace(GRID, gamma=2.0).draw(Even(0.25)).greys.tolist() == [[128]]
