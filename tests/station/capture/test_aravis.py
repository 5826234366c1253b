"""GigE Vision over real UDP on loopback, from our own camera: what goes wrong on a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gige_camera import ADDRESS, GigeCamera, gige_camera, started

from station.capture.camera import Camera
from station.capture.cameras.aravis import AravisForm
from station.capture.pixel_formats import sensor_of
from station.capture.surroundings import Surroundings
from station.faults import CameraFault, FrameFault

WIDTH, HEIGHT = 64, 48


def form(**changed: object) -> AravisForm:
    known = {
        "address": ADDRESS, "pixel_format": "Mono16", "width_px": WIDTH, "height_px": HEIGHT, "black_level": 1024.0,
        "white_level": 65520.0, "resend": False, "timeout_s": 1.0, "of_simulation": True,
    }  # fmt: skip
    return AravisForm.model_validate(known | changed)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[GigeCamera]:
    with gige_camera(tmp_path, WIDTH, HEIGHT) as camera:
        camera.light[:] = 0.05
        yield camera


@pytest.fixture
def camera(served: GigeCamera) -> Iterator[Camera]:
    made = form().open(Surroundings())
    yield made
    made.close()


def test_the_count_goes_on_where_the_cameras_own_begins_again(camera: Camera) -> None:
    """Ids of GigE Vision 1.x go from 65535 to 1; this camera's first is 65401 or so."""
    numbers = [camera.grab().number for _ in range(150)]
    assert np.diff(numbers).tolist() == [1] * 149


@pytest.mark.parametrize("pixel_format", ["Mono8", "RGB8", "BayerRG8"])
def test_other_pixel_formats_come_as_they_are_called(served: GigeCamera, pixel_format: str) -> None:
    made = form(pixel_format=pixel_format, black_level=4.0, white_level=255.0).open(Surroundings())
    made.expose_for(10)
    pixels = made.grab().pixels
    made.close()
    assert pixels.shape == ((HEIGHT, WIDTH, 3) if pixel_format == "RGB8" else (HEIGHT, WIDTH))
    assert np.median(pixels) == pytest.approx((0.5 * (65520 - 1024) + 1024) / 256, abs=1)
    assert made.sensor.mosaic == ("RGGB" if pixel_format == "BayerRG8" else None)


def test_a_picture_of_which_packets_were_lost_is_no_picture(tmp_path: Path) -> None:
    with gige_camera(tmp_path, WIDTH, HEIGHT, loss=300) as served:
        served.light[:] = 0.05
        made = form(packet_size=576).open(Surroundings())
        with pytest.raises(FrameFault, match="lost on the network") as fault:
            [made.grab() for _ in range(20)]
        made.close()
    assert "\n" not in str(fault.value)


def test_a_camera_that_was_unplugged_is_said_and_found_again(
    served: GigeCamera, camera: Camera, tmp_path: Path
) -> None:
    camera.grab()
    served.kill()
    with pytest.raises(CameraFault, match=f"the camera {ADDRESS}") as fault:
        camera.grab()
    assert "\n" not in str(fault.value)
    again = started(tmp_path / "light.f32", WIDTH, HEIGHT)
    try:
        camera.ready()
        assert camera.grab().pixels.shape == (HEIGHT, WIDTH)
        camera.close()
    finally:
        again.kill()
        again.communicate()


def test_a_camera_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CameraFault, match=r"no camera answers at 127\.0\.0\.9"):
        form(address="127.0.0.9").open(Surroundings())


def test_what_the_camera_does_not_know_is_said(served: GigeCamera) -> None:
    with pytest.raises(CameraFault, match=r"cannot be set up: .*Nonsense"):
        form(features="Nonsense=1").open(Surroundings())


def test_a_camera_on_an_outer_trigger_waits_for_its_pulse(served: GigeCamera) -> None:
    made = form(trigger="Line0", timeout_s=0.2).open(Surroundings())
    with pytest.raises(CameraFault, match="is there a pulse on Line0"):
        made.grab()
    made.close()


@pytest.mark.parametrize(
    ("pixel_format", "bits", "depth", "mosaic"),
    [("Mono12", 12, 16, None), ("BayerGB10", 10, 16, "GBRG"), ("Mono8", 8, 8, None), ("RGB8", 8, 8, None)],
)
def test_levels_follow_the_pixel_format(pixel_format: str, bits: int, depth: int, mosaic: str | None) -> None:
    made = form(pixel_format=pixel_format, black_level=0.0, white_level=None)
    sensor = sensor_of(made, made.pixel_format, 10, 8)
    assert (sensor.white_level, sensor.bit_depth, sensor.mosaic) == (2**bits - 1, depth, mosaic)
