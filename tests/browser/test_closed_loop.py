"""The whole way with real parts: Chromium shows, a GigE Vision camera takes, a report says where the mark is.

Only the optics are made up: what the screen really shows (its pixels, as the browser composed them) is mirrored by the
sample world in a panel with a nib, and served by our own GigE Vision camera over UDP on loopback to the Aravis driver.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from gige_camera import ADDRESS, GigeCamera, gige_camera
from playwright.sync_api import Page

from calibration import calibrate
from inspection.defects.kinds import Kind
from inspection.frames import Frames
from inspection.pipeline import examine
from inspection.recipe import parse_recipe
from samples.live import black_glass
from samples.paintwork import Panel
from samples.stations import NAMED
from samples.surface import Mark, Texture
from station.capture.cameras.aravis import AravisForm
from station.capture.exposures import Exposures
from station.capture.hardware import open_hardware
from station.capture.lamps.by_hand import HandForm
from station.capture.patterns import Drawn
from station.capture.sample_rig import sample_rig
from station.capture.screen import Screen
from station.capture.screen_link import ScreenLink
from station.capture.screens.browser import BrowserForm
from station.capture.shoot import shoot
from station.capture.shots import Shot, glass_shots, shots_of
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.capture.taking import Subject, capture_set_of

STATION = replace(NAMED["B"].sized(128), steps=4)
#: A nib on a finished panel, x and y from the field's middle.
NIB = Mark("nib", 6.0, -4.0, 0.8, 0.8, 6.0)
PANEL = Panel("loop", texture=Texture((0.0, 0.003, 0.007, 0.07, 0.3), 1), alpha=0.0012, marks=(NIB,))
MIDDLE_MM = 128 * 0.4 / 2
RECIPE = parse_recipe(
    """format = "paint-recipe/1"
name = "loop"
title = { zh = "环", en = "Loop" }
passes = 1
n_clear = 1.5
[[checks]]
measure = "defect_count"
kind = "nib"
high = 0
""",
    "loop.toml",
)
WHEN = "2026-11-22T09:30:00+08:00"


class Seen:
    """The browser's screen; each picture that it shows is looked at as it was composed, and lights the panel."""

    def __init__(self, screen: Screen, page: Page, simulation: Simulation, camera: GigeCamera) -> None:
        self._screen, self._page = screen, page
        self._simulation, self._camera = simulation, camera
        self.width_px, self.height_px = screen.width_px, screen.height_px
        self.ready, self.close = screen.ready, screen.close
        self.shown_s, self.mirrored_s = 0.0, 0.0

    def show(self, picture: Drawn) -> None:
        begun = time.perf_counter()
        self._screen.show(picture)
        acknowledged = time.perf_counter()
        taken = cv2.imdecode(np.frombuffer(self._page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
        assert np.array_equal(taken[..., 1], picture.over(self.width_px, self.height_px))
        self._simulation.show(taken[..., 1])
        self._camera.light[:] = self._simulation.light_on_sensor()[..., 1]
        self.shown_s += acknowledged - begun
        self.mirrored_s += time.perf_counter() - acknowledged


@pytest.mark.alone
def test_a_nib_is_found_where_it_is_from_a_real_screen_by_a_real_camera_driver(
    page: Page, screen_link: ScreenLink, tmp_path: Path
) -> None:
    rig = sample_rig(STATION, screen_px=(screen_link.width_px, screen_link.height_px)).model_copy(
        update={
            "camera": AravisForm(
                address=ADDRESS, pixel_format="Mono16", width_px=STATION.width_px, height_px=STATION.height_px,
                black_level=1024, white_level=65520, resend=False, of_simulation=True,
            ),
            "screen": BrowserForm(width_px=screen_link.width_px, height_px=screen_link.height_px, gamma=1.0),
            "lamps": HandForm(),
            "diffuse": False,
        }
    )  # fmt: skip
    page.set_viewport_size({"width": screen_link.width_px, "height": screen_link.height_px})
    page.goto("/screen")
    lying: list[Panel] = [black_glass(STATION)]
    simulation = Simulation(STATION, lambda: lying[0])
    with (
        gige_camera(tmp_path, STATION.width_px, STATION.height_px) as camera,
        open_hardware(rig, Surroundings(link=screen_link)) as opened,
    ):
        seen = Seen(opened.screen, page, simulation, camera)
        hardware = replace(opened, screen=seen)
        exposures = Exposures.empty()

        def take(shots: tuple[Shot, ...], subject: Subject) -> Frames:
            frames = shoot(
                shots, hardware, exposure=rig.exposure, exposures=exposures, recipe=RECIPE.name, settle_ms=0.0
            )
            return capture_set_of(frames, subject, rig, hardware.camera.sensor, captured_at=WHEN)

        glass = take(glass_shots(rig), Subject(0, reference_set=True))
        lying[0] = PANEL
        take(shots_of(RECIPE, rig), Subject(1))  # finds its exposure
        seen.shown_s = seen.mirrored_s = 0.0
        begun = time.perf_counter()
        frames = take(shots_of(RECIPE, rig), Subject(1, panel="LOOP", recipe=RECIPE.name))
        took_s = time.perf_counter() - begun
    assert frames.simulated
    report = examine(frames, calibrate([glass]), RECIPE, now=WHEN, software="loop").report
    # Seen with `-s`.
    print(
        f"{len(frames.frames)} frames in {took_s:.2f} s: {seen.shown_s:.2f} s shown, {seen.mirrored_s:.2f} s mirrored"
    )
    # 4 s on a quiet machine, of which the made-up optics take half.
    assert took_s < 20
    nibs = [mark for mark in report.defects if mark.kind is Kind.NIB]
    assert len(nibs) == 1
    assert np.hypot(nibs[0].x_mm - MIDDLE_MM - NIB.x_mm, nibs[0].y_mm - MIDDLE_MM - NIB.y_mm) < 0.3
