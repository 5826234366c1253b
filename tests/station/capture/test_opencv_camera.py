"""Cameras that OpenCV opens: streams that end, sources that are none."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_stream import picture_stream

from station.capture.cameras.opencv import OpenCvForm
from station.capture.surroundings import Surroundings
from station.faults import CameraFault


def test_a_stream_that_ends_is_said_and_found_again() -> None:
    with picture_stream() as stream:
        form = OpenCvForm(source=stream.address, exposure_ms=20.0, on_the_way=0, timeout_s=2.0)
        camera = form.open(Surroundings())
        camera.grab()
        stream.sends = False
        with pytest.raises(CameraFault, match="no pictures any more") as fault:
            [camera.grab() for _ in range(200)]
        assert "\n" not in str(fault.value)
        stream.sends = True
        camera.ready()
        assert camera.grab().pixels.size > 0
        camera.close()
    threads = [thread for thread in threading.enumerate() if thread.name == "opencv-camera"]
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


def test_what_is_no_camera_is_said(tmp_path: Path) -> None:
    with pytest.raises(CameraFault, match="no camera or stream opens at"):
        OpenCvForm(source=str(tmp_path / "none.avi"), exposure_ms=20.0).open(Surroundings())
    with pytest.raises(CameraFault, match="no camera or stream opens at"):
        OpenCvForm(source="http://127.0.0.1:9/none", exposure_ms=20.0, timeout_s=0.5).open(Surroundings())


def test_a_video_file_comes_without_loss_and_in_rgb_order(tmp_path: Path) -> None:
    file = tmp_path / "film.avi"
    film = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"FFV1"), 10, (32, 24))
    for _ in range(3):
        film.write(np.full((24, 32, 3), (10, 20, 200), np.uint8))
    film.release()
    camera = OpenCvForm(source=str(file), exposure_ms=20.0, on_the_way=0).open(Surroundings())
    assert (camera.colour, camera.sensor.shape, camera.sensor.white_level) == (True, (24, 32), 255.0)
    camera.close()
