"""A screen that may show any picture, against what the sample world knows of cosines in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspection.frames import AXES
from inspection.fringes import encode
from samples.light import ScreenLight, lamp_light, screen_light
from samples.live import LiveScene, Tile, black_glass
from samples.paintwork import Panel
from samples.panels import amethyst_story
from samples.stations import NAMED, Station

SCREEN_PX = (960, 540)
STATIONS = {name: replace(NAMED[name].sized(64), periods_mm=NAMED[name].periods_mm[:2]) for name in "AB"}


def series(scene: LiveScene, station: Station, axis: str, period_mm: float) -> np.ndarray:
    """Light of four steps in the green channel."""
    width, height = SCREEN_PX
    count, size = (width, station.screen_width_mm) if axis == "x" else (height, station.screen_height_mm)
    place = (np.arange(count) + 0.5) * size / count - size / 2
    light = []
    for step in range(4):
        along = encode(place, period_mm, step, 4).astype(np.float32)
        light.append(scene.by_screen(np.broadcast_to(along[None] if axis == "x" else along[:, None], (height, width))))
    return np.stack(light)[..., 1].astype(np.float64)


@pytest.mark.parametrize("name", STATIONS)
@pytest.mark.parametrize("panel", ["glass", "sprayed", "polished"])
def test_a_fringe_picture_gives_what_the_closed_form_gives(name: str, panel: str) -> None:
    """Place to 1/300 of a period, modulation to 1 %: roughness is taken in steps, screen pixels blur finely."""
    station = STATIONS[name]
    lying = black_glass(station) if panel == "glass" else amethyst_story(0 if panel == "sprayed" else 5)
    scene, known = LiveScene(lying, station), screen_light(lying, station, lying.n_clear)
    white = scene.by_screen(np.ones(SCREEN_PX[::-1], np.float32))[..., 1]
    np.testing.assert_allclose(white, known.mirrored + known.diffuse, rtol=1e-3)
    for axis in AXES:
        for period in station.periods_mm:
            steps = series(scene, station, axis, period)
            seen = (steps[0] - steps[2]) / 2 + 1j * (steps[3] - steps[1]) / 2
            ratio = seen / (0.5 * known.harmonic[axis, period, 1])
            assert np.sqrt(np.mean(np.angle(ratio) ** 2)) < 2 * np.pi / 300
            assert abs(np.median(np.abs(ratio)) - 1) < 0.01
            np.testing.assert_allclose(steps.mean(axis=0), 0.5 * white, rtol=1e-3)


def test_beside_the_screen_nothing_shines() -> None:
    """A panel that is tilted far away from the screen mirrors the dark room."""
    station = STATIONS["B"]
    away = replace(station, screen_width_mm=20.0, screen_height_mm=20.0)
    white = LiveScene(black_glass(away), away).by_screen(np.ones((200, 200), np.float32))[..., 1]
    known = known_white(black_glass(away), away)
    assert white[0, 0] < 1e-3 * white.max()
    lit = np.count_nonzero(known > 0.5 * known.max())
    assert np.count_nonzero(white > 0.5 * white.max()) == pytest.approx(lit, rel=0.1)


def known_white(panel: Panel, station: Station) -> np.ndarray:
    light: ScreenLight = screen_light(panel, station, panel.n_clear)
    return light.mirrored + light.diffuse


def test_the_white_tile_is_lit_by_the_lamps_like_itself() -> None:
    station = STATIONS["B"]
    scene = LiveScene(Tile(0.9), station)
    np.testing.assert_allclose(scene.by_diffuse_light(), 0.9 * lamp_light(station), rtol=1e-6)
    assert scene.by_screen(np.zeros((20, 20), np.float32)).max() == 0
