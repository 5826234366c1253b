"""Our own GigE Vision camera, on loopback: a process that speaks GVCP and GVSP and serves what a file holds.

``python gige_camera.py FILE WIDTH HEIGHT LOSS`` serves the light that FILE holds (float32, full scales per ms,
(rows, cols)) with the exposure and in the pixel format that the client set, and loses LOSS of 1000 packets, until its
standard input ends. Mono16 pictures have black at 1024 and are full at 65520, as those of the sample world.
"""

from __future__ import annotations

import ctypes as c
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import gettempdir
from typing import Any

import numpy as np
import pytest

# The process finds no rooms of the project: the tests' own folders, beside this file, have the same names.
LIBRARY, PACKAGE = "libaravis-0.8.so.0", "libaravis-0.8-0"
ADDRESS = "127.0.0.1"
MONO16, RGB8 = 0x01100007, 0x02180014
WIDTH_REGISTER, HEIGHT_REGISTER = 0x100, 0x104
BLACK, FULL = 1024.0, 65520.0
#: Standard deviation of the noise of a Mono16 pixel.
NOISE_DN = 40.0


@dataclass(frozen=True)
class GigeCamera:
    """The process, and the light it sees: writing to `light` changes the next picture."""

    process: Popen[str]
    light: np.memmap[Any, np.dtype[np.float32]]

    def kill(self) -> None:
        """As when its cable is pulled."""
        self.process.kill()
        self.process.wait()


@contextmanager
def gige_camera(folder: Path, width_px: int, height_px: int, *, loss: int = 0) -> Iterator[GigeCamera]:
    """Serve a camera at `ADDRESS`. Its port is fixed by the standard: other processes wait for their turn.

    Without libaravis the test is skipped loudly, and in CI that is a failure (tests/conftest.py).
    """
    try:
        c.CDLL(LIBRARY)
    except OSError:
        pytest.skip(f"GigE Vision was not tested: {PACKAGE} is missing (apt-get install {PACKAGE})")
    with (Path(gettempdir()) / "paint-station-gige-3956.lock").open("w") as turn:
        flock(turn, LOCK_EX)
        file = folder / "light.f32"
        light = np.memmap(file, np.float32, "w+", shape=(height_px, width_px))
        process = started(file, width_px, height_px, loss)
        try:
            yield GigeCamera(process, light)
        finally:
            process.kill()
            process.communicate()


def started(file: Path, width_px: int, height_px: int, loss: int = 0) -> Popen[str]:
    """Start the process and wait until it serves."""
    command = [sys.executable, __file__, str(file), str(width_px), str(height_px), str(loss)]
    process = Popen(command, stdin=PIPE, stdout=PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def serve(file: str, width_px: int, height_px: int, loss: int) -> None:
    library = c.CDLL(LIBRARY)
    gobject = c.CDLL("libgobject-2.0.so.0")
    place, text = c.c_void_p, c.c_char_p

    def call(name: str, result: Any, *arguments: Any) -> Any:
        function = getattr(library, f"arv_{name}")
        function.restype, function.argtypes = result, list(arguments)
        return function

    light = np.memmap(file, np.float32, "r", shape=(height_px, width_px))
    noise = np.random.default_rng(0)
    data_of = call("buffer_get_data", place, place, c.POINTER(c.c_size_t))
    read = call("fake_camera_read_register", c.c_int, place, c.c_uint32, c.POINTER(c.c_uint32))

    @c.CFUNCTYPE(None, place, place, c.c_uint32, c.c_uint32, c.c_uint32)
    def fill(buffer: int, _: int, exposure_us: int, gain: int, pixel_format: int) -> None:
        size = [c.c_uint32(), c.c_uint32()]
        for value, register in zip(size, (HEIGHT_REGISTER, WIDTH_REGISTER), strict=True):
            read(fake, register, c.byref(value))
        rows, cols = (value.value for value in size)
        grey = light[:rows, :cols] * (exposure_us / 1000) * (FULL - BLACK) + BLACK
        grey += noise.normal(0, NOISE_DN, grey.shape)
        grey = np.clip(grey, 0, FULL)
        picture = grey.astype("<u2") if pixel_format == MONO16 else (grey / 256).astype(np.uint8)
        if pixel_format == RGB8:
            picture = np.repeat(picture[..., None], 3, axis=2)
        picture = np.ascontiguousarray(picture)
        c.memmove(data_of(buffer, c.byref(c.c_size_t())), picture.ctypes.data, picture.nbytes)

    camera = call("gv_fake_camera_new", place, text, text)(ADDRESS.encode(), b"PAINT01")
    fake = call("gv_fake_camera_get_fake_camera", place, place)(camera)
    call("fake_camera_set_fill_pattern", None, place, type(fill), place)(fake, fill, None)
    if loss:
        gobject.g_object_set(c.c_void_p(camera), b"gvsp-lost-ratio", c.c_double(loss / 1000), None)
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
