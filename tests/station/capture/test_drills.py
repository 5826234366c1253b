"""Faults in the middle of a capture, with a real camera driver: nothing is captured, and the next capture works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from gige_camera import ADDRESS, GigeCamera, gige_camera, started
from sample_stations import Bench, bench, plain_recipe, sample_panel

from inspection.frames import Frame
from station.capture.cameras.aravis import AravisForm
from station.capture.exposures import Exposures
from station.capture.hardware import Hardware
from station.capture.patterns import Drawn
from station.capture.screen import Screen
from station.capture.shoot import Progress, shoot
from station.capture.shots import shots_of
from station.capture.surroundings import Surroundings
from station.faults import CameraFault, FrameFault

SIDE = 64


class Mirrored:
    """The simulated screen; what the panel makes of it is served by the GigE camera."""

    def __init__(self, screen: Screen, made: Bench, camera: GigeCamera) -> None:
        self._screen, self._made, self._camera = screen, made, camera
        self.width_px, self.height_px = screen.width_px, screen.height_px
        self.ready, self.close = screen.ready, screen.close

    def show(self, picture: Drawn) -> None:
        self._screen.show(picture)
        self._camera.light[:] = self._made.simulation.light_on_sensor()[..., 1]


@contextmanager
def over_gige(made: Bench, served: GigeCamera) -> Iterator[Hardware]:
    form = AravisForm(
        address=ADDRESS, pixel_format="Mono16", width_px=SIDE, height_px=SIDE, black_level=1024, white_level=65520,
        resend=False, packet_size=576, timeout_s=1.0,
    )  # fmt: skip
    camera = form.open(Surroundings())
    try:
        yield replace(made.hardware, camera=camera, screen=Mirrored(made.hardware.screen, made, served))
    finally:
        camera.close()


def take(made: Bench, hardware: Hardware, told: list[Progress]) -> tuple[Frame, ...]:
    rig = made.rig.model_copy(update={"diffuse": False})
    return shoot(
        shots_of(plain_recipe(), rig), hardware, exposure=rig.exposure, exposures=Exposures.empty(), recipe="plain",
        settle_ms=0.0, on_frame=told.append,
    )  # fmt: skip


def test_a_camera_that_is_killed_in_the_middle_leaves_no_capture_and_the_next_one_works(tmp_path: Path) -> None:
    with (
        bench(placed=sample_panel()) as made,
        gige_camera(tmp_path, SIDE, SIDE) as served,
        over_gige(made, served) as hardware,
    ):

        class KilledAfterThree(list[Progress]):
            def append(self, one: Progress) -> None:
                super().append(one)
                if len(self) == 3:
                    served.kill()

        told = KilledAfterThree()
        with pytest.raises(CameraFault, match=f"the camera {ADDRESS}") as fault:
            take(made, hardware, told)
        assert "\n" not in str(fault.value)
        assert len(told) == 3
        again = started(tmp_path / "light.f32", SIDE, SIDE)
        try:
            assert len(take(made, hardware, [])) == 18
            hardware.camera.close()
        finally:
            again.kill()
            again.communicate()


def test_packets_that_are_lost_on_the_network_leave_no_capture(tmp_path: Path) -> None:
    """One of ten: many pictures are whole, the capture is not. Where nothing is lost it is."""
    with bench(placed=sample_panel()) as made:
        with gige_camera(tmp_path, SIDE, SIDE, loss=100) as served, over_gige(made, served) as hardware:
            with pytest.raises(FrameFault, match="lost on the network") as fault:
                take(made, hardware, [])
            assert "\n" not in str(fault.value)
        with gige_camera(tmp_path, SIDE, SIDE) as served, over_gige(made, served) as hardware:
            assert len(take(made, hardware, [])) == 18
