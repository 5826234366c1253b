"""What every camera must do, whoever made it: one suite for all drivers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from camera_stands import EMULATED, SEEING, Made, Stand

from station.capture.camera import Camera


def of(stands: list[Made]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stand", stands, ids=[stand.__name__ for stand in stands], indirect=True)


every_camera = of([*SEEING, *EMULATED])
every_seeing_camera = of(SEEING)


@pytest.fixture
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with request.param() as made:
        yield made


@pytest.fixture
def camera(stand: Stand) -> Camera:
    stand.camera.ready()
    return stand.camera


@every_camera
def test_every_picture_has_the_size_and_depth_that_the_sensor_says(stand: Stand, camera: Camera) -> None:
    picture = camera.grab()
    assert picture.pixels.shape == ((*camera.sensor.shape, 3) if camera.colour else camera.sensor.shape)
    assert picture.pixels.dtype.itemsize * 8 == camera.sensor.bit_depth
    assert 0 <= camera.sensor.black_level < camera.sensor.white_level <= 2**camera.sensor.bit_depth - 1


@every_camera
def test_pictures_are_counted_one_by_one(stand: Stand, camera: Camera) -> None:
    numbers = [camera.grab().number for _ in range(3)]
    assert np.diff(numbers).tolist() == [1, 1]


@every_seeing_camera
def test_a_picture_is_of_what_is_there_after_the_call(stand: Stand, camera: Camera) -> None:
    """No picture that was waiting in a buffer."""
    for level in (200, 60, 140):
        stand.show(level)
        assert stand.level(camera.grab()) == pytest.approx(level / 255, abs=stand.tolerance)


@every_seeing_camera
def test_a_picture_keeps_its_pixels_when_the_next_one_comes(stand: Stand, camera: Camera) -> None:
    stand.show(200)
    first = camera.grab()
    before = first.pixels.copy()
    stand.show(60)
    camera.grab()
    assert np.array_equal(first.pixels, before)


@every_seeing_camera
def test_light_follows_the_exposure(stand: Stand, camera: Camera) -> None:
    """Cameras without an exposure of their own say which one they have."""
    shortest, longest = camera.exposure_range_ms
    assert 0 < shortest <= longest
    stand.show(200)
    asked = max(min(stand.exposure_ms / 2, longest), shortest)
    whole = camera.grab()
    camera.expose_for(asked)
    half = camera.grab()
    assert half.exposure_ms == pytest.approx(asked, rel=0.02)
    assert stand.level(half) / stand.level(whole) == pytest.approx(half.exposure_ms / whole.exposure_ms, rel=0.05)


@every_camera
def test_a_camera_can_be_made_ready_again_and_closed_twice(stand: Stand, camera: Camera) -> None:
    camera.ready()
    assert camera.grab().pixels.size > 0
    camera.close()
    camera.close()
