"""Cameras that OpenCV opens: UVC webcams, RTSP and HTTP streams, video files.

Such cameras send pictures all the time and cannot be triggered. A thread reads them as they come, so that none waits in
a buffer, and a picture that is asked for is a later one. Most of them are not linear and expose as they like; their
sets can be measured only where they are made to behave.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from inspection.frames import Sensor
from station.capture.camera import Camera, CameraForm, Picture
from station.capture.form import Milliseconds
from station.capture.surroundings import Surroundings
from station.faults import CameraFault

if TYPE_CHECKING:
    import cv2


class OpenCvForm(CameraForm):
    """A camera by its number or address.

    Attributes
    ----------
    source : int or str
        Number of a UVC camera, address of a stream (``rtsp://…``, ``http://…``), or a file.
    exposure_ms : float
        What the camera exposes for; set in the camera itself, and stated here.
    on_the_way : int
        Pictures between sensor and program when one is asked for; they are let pass. A UVC camera holds up to four.
    timeout_s : float
        How long the next picture may take to come.
    """

    kind: Literal["opencv"] = "opencv"
    source: Annotated[int, Field(ge=0, le=63)] | Annotated[str, Field(min_length=1, max_length=500)]
    exposure_ms: Milliseconds
    on_the_way: Annotated[int, Field(ge=0, le=100)] = 4
    timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 3.0

    def open(self, around: Surroundings) -> Camera:
        """Connect, and look at one picture to know its size."""
        return OpenCvCamera(self)


class OpenCvCamera:
    """See `station.capture.camera.Camera`."""

    def __init__(self, form: OpenCvForm) -> None:
        self._form = form
        self._reader: _Reader | None = None
        self._taken = 0
        first = self._connected().later_than(0, form.timeout_s)
        self.colour = first.ndim == 3
        bits = 8 * first.dtype.itemsize
        self.sensor = Sensor(
            width_px=first.shape[1],
            height_px=first.shape[0],
            bit_depth=bits,
            black_level=form.black_level,
            white_level=form.white_level if form.white_level is not None else float(2**bits - 1),
            adc_bits=bits,
            electrons_full_scale=form.electrons_full_scale,
            read_noise_e=form.read_noise_e,
        )
        self.exposure_range_ms = form.exposure_ms, form.exposure_ms

    def ready(self) -> None:
        """See `Camera`: connected again where the stream had ended."""
        self._connected()

    def expose_for(self, exposure_ms: float) -> None:
        """It has the one exposure that the settings state."""

    def grab(self) -> Picture:
        """See `Camera`."""
        if self._reader is None:
            raise CameraFault(
                f"the camera at {self._form.source} is not connected", "camera_absent", camera=f"{self._form.source}"
            )
        # One picture is being read just now; it was exposed before.
        pixels = self._reader.later_than(self._reader.count + self._form.on_the_way + 1, self._form.timeout_s)
        self._taken += 1
        return Picture(pixels, self._taken, self._form.exposure_ms)

    def close(self) -> None:
        """See `Camera`."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def _connected(self) -> _Reader:
        if self._reader is not None and self._reader.ended:
            self.close()
        if self._reader is None:
            self._reader = _Reader(_opened(self._form), self._form.source)
            self._reader.start()
        return self._reader


class _Reader(threading.Thread):
    """Reads all pictures of a stream and keeps the newest."""

    def __init__(self, capture: cv2.VideoCapture, source: int | str) -> None:
        super().__init__(name="opencv-camera", daemon=True)
        self._capture, self._source = capture, source
        self._news = threading.Condition()
        self._newest: NDArray[Any] | None = None
        self._stopped = False
        self.count = 0
        self.ended = False

    def run(self) -> None:
        """Until the stream ends or nobody wants it any more."""
        while not self._stopped:
            done, pixels = self._capture.read()
            with self._news:
                if done:
                    self._newest = pixels
                    self.count += 1
                self.ended = not done
                self._news.notify_all()
            if not done:
                break
        self._capture.release()

    def later_than(self, number: int, timeout_s: float) -> NDArray[Any]:
        """The first picture that comes after this many, a copy in RGB order."""
        import cv2

        with self._news:
            self._news.wait_for(lambda: self.count > number or self.ended, timeout_s)
            if self.count <= number or self._newest is None:
                raise CameraFault(
                    f"the camera at {self._source} sends no pictures any more: look at its cable, its power and the "
                    "network",
                    "camera_silent", camera=f"{self._source}",
                )  # fmt: skip
            newest = self._newest
        return newest.copy() if newest.ndim == 2 else np.asarray(cv2.cvtColor(newest, cv2.COLOR_BGR2RGB))

    def stop(self) -> None:
        """End reading; a stream that hangs ends when its own time is over."""
        self._stopped = True
        self.join(timeout=1)


def _opened(form: OpenCvForm) -> cv2.VideoCapture:
    import cv2

    ms, source = int(1000 * form.timeout_s), form.source
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, ms]
    if isinstance(source, str) and "://" in source:
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)
    else:
        capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        raise CameraFault(f"no camera or stream opens at {source}", "camera_absent", camera=f"{source}")
    return capture
