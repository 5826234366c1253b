"""Cameras to test, each with something to look at whose grey the test chooses."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from gige_camera import ADDRESS, gige_camera
from picture_stream import picture_stream
from sample_stations import bench

from station.capture.camera import Camera, Picture
from station.capture.cameras.aravis import AravisForm
from station.capture.cameras.basler import BaslerForm
from station.capture.cameras.gentl import GenTlForm
from station.capture.cameras.opencv import OpenCvForm
from station.capture.patterns import Even
from station.capture.surroundings import Surroundings


@dataclass(frozen=True)
class Stand:
    """A camera and what it looks at.

    `show` puts an even grey (0 … 255) in front of it, `exposure_ms` is the exposure at which 255 is nearly full
    scale, `tolerance` that of `level`, in full scales.
    """

    camera: Camera
    show: Callable[[int], None]
    exposure_ms: float
    tolerance: float
    full: float

    def level(self, picture: Picture) -> float:
        """Median light of a picture in units of grey 255 at `exposure_ms`."""
        sensor = self.camera.sensor
        plane = picture.pixels if picture.pixels.ndim == 2 else picture.pixels[..., 1]
        light = (float(np.median(plane)) - sensor.black_level) / (sensor.white_level - sensor.black_level)
        return light / self.full


@contextmanager
def simulated() -> Iterator[Stand]:
    """In the simulated station, over black glass."""
    with bench() as made:
        hardware = made.hardware

        def show(grey: int) -> None:
            hardware.screen.show(hardware.grid.draw(Even(grey / 255)))

        exposure_ms = 15.0
        hardware.camera.expose_for(exposure_ms)
        show(255)
        plain = Stand(hardware.camera, show, exposure_ms, 0.01, 1.0)
        yield Stand(hardware.camera, show, exposure_ms, 0.01, plain.level(hardware.camera.grab()))


@contextmanager
def aravis() -> Iterator[Stand]:
    """Our own GigE Vision camera on loopback, through Aravis."""
    form = AravisForm(
        address=ADDRESS, pixel_format="Mono16", width_px=64, height_px=48, black_level=1024, white_level=65520,
        resend=False,
    )  # fmt: skip
    with TemporaryDirectory() as folder, gige_camera(Path(folder), 64, 48) as served:
        camera = form.open(Surroundings())
        exposure_ms = 10.0
        camera.expose_for(exposure_ms)

        def show(grey: int) -> None:
            served.light[:] = grey / 255 / exposure_ms * 0.9

        show(0)
        yield Stand(camera, show, exposure_ms, 0.01, 0.9)
        camera.close()


@contextmanager
def opencv() -> Iterator[Stand]:
    """A stream of JPEG pictures over HTTP, through OpenCV."""
    with picture_stream() as stream:
        form = OpenCvForm(source=stream.address, exposure_ms=20.0, on_the_way=2)
        camera = form.open(Surroundings())
        yield Stand(camera, stream.show, 20.0, 0.02, 1.0)
        camera.close()


@contextmanager
def basler() -> Iterator[Stand]:
    """The maker's emulator: its picture is a ramp, whatever the exposure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYLON_CAMEMU", "1")
        with warnings.catch_warnings():
            # Its first import warns of itself in the middle of C; as an error that ends the process.
            warnings.simplefilter("ignore")
            import_module("pypylon.pylon")
        camera = BaslerForm(pixel_format="Mono16", of_simulation=True).open(Surroundings())
        yield Stand(camera, lambda grey: None, 5.0, 1.0, 1.0)
        camera.close()


@contextmanager
def gentl() -> Iterator[Stand]:
    """The simulated producer that comes with genicam: no trigger, no exposure."""
    import genicam

    form = GenTlForm(
        producer=str(Path(genicam.__file__).with_name("viky.cti")), pixel_format="Mono8", width_px=640, height_px=480,
        trigger="none", exposure_ms=10.0, of_simulation=True,
    )  # fmt: skip
    camera = form.open(Surroundings())
    yield Stand(camera, lambda grey: None, 10.0, 1.0, 1.0)
    camera.close()


Made = Callable[[], AbstractContextManager[Stand]]
#: Cameras before which anything can be put.
SEEING: list[Made] = [simulated, aravis, opencv]
#: Emulators of optional packages that show pictures of their own; tested where the package is installed.
EMULATED: list[Made] = [
    *([basler] if find_spec("pypylon") else []),
    *([gentl] if find_spec("harvesters") else []),
]
