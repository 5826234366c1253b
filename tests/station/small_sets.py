"""Small capture sets for the tests of the reader and the command line: right in form, 24 x 20 pixels."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from inspection.frames import Camera, Conditions, Frame, Frames, Geometry, Role, Screen, Sensor
from station.capture_set import write_capture_set

COLS, ROWS, MM_PER_PX = 24, 20, 0.5
SENSOR = Sensor(COLS, ROWS, 16, 1024.0, 65520.0, 12, 2, None, 15000.0, 5.0)
GEOMETRY = Geometry(
    Camera(
        model="shift",
        position_mm=(0.0, -205.2121, 563.8156),
        pixel_to_panel_mm=((MM_PER_PX, 0.0, MM_PER_PX / 2), (0.0, MM_PER_PX, MM_PER_PX / 2), (0.0, 0.0, 1.0)),
        angle_deg=20.0,
        distance_mm=600.0,
        aperture_mm=1.6,
    ),
    Screen((0.0, 119.7071, 328.8924), (1.0, 0.0, 0.0), (0.0, 0.9396926, -0.3420201), 597.0, 336.0, 350.0, 20.0),
    (COLS * MM_PER_PX, ROWS * MM_PER_PX),
)


def pixels(seed: int, channels: int = 1, dtype: type = np.uint16) -> Any:
    """Noise well inside the levels: what a frame shows does not matter here."""
    rng = np.random.default_rng(seed)
    shape = (ROWS, COLS) if channels == 1 else (ROWS, COLS, channels)
    values = rng.integers(20, 200, shape)
    return values.astype(np.uint8) if dtype is np.uint8 else (values * 256 + rng.integers(0, 256, shape)).astype(dtype)


def good_frames() -> Frames:
    """A set of every kind of frame that a panel's capture may hold."""
    fringes = [
        Frame(
            f"fringe_{axis}_{period:g}mm_{step}.png", Role.FRINGE, pixels(step), 19.7, "screen", axis, period, step, 3
        )
        for axis in ("x", "y")
        for period in (12.0, 48.0)
        for step in range(3)
    ]
    others = [
        Frame("white.png", Role.WHITE, pixels(10), 19.7, "screen"),
        Frame("dark.png", Role.DARK, pixels(11), 19.7, "screen"),
        Frame("diffuse.png", Role.DIFFUSE, pixels(12, 3), 38.5, "diffuse"),
        Frame("diffuse_dark.png", Role.DARK, pixels(13, 3), 38.5, "diffuse"),
        Frame("spot_090.png", Role.SPOT, pixels(14), 900.0, "spot_090", azimuth_deg=90.0, polar_deg=35.0),
    ]
    return Frames(
        frames=(*fringes, *others),
        sensor=SENSOR,
        geometry=GEOMETRY,
        sha256="",
        pass_number=2,
        panel="AM-0007-HOOD",
        part="hood",
        recipe="amethyst",
        coat_number=1,
        view="whole",
        captured_at="2026-11-22T09:30:00+08:00",
        station="T",
        simulated=True,
        camera_rgb_to_linear_srgb=((1.25, -0.2, -0.05), (-0.12, 1.22, -0.1), (-0.02, -0.28, 1.3)),
        conditions=Conditions(True, 23.0, {"A": 88.5}),
    )


def reference_frames() -> Frames:
    """The same of black glass and a white tile."""
    frames = good_frames()
    tile = Frame("diffuse_ref.png", Role.DIFFUSE_REF, pixels(15, 3), 1.5, "diffuse", reflectance=0.98)
    return replace(frames, frames=(*frames.frames[:14], *frames.frames[15:16], tile), reference_set=True, panel="glass")


def write_good_set(folder: Path) -> Path:
    """The good set in a folder, as PNG."""
    write_capture_set(good_frames(), folder)
    return folder


def edit_manifest(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the tree of `capture.json` in place."""
    path = folder / "capture.json"
    tree = json.loads(path.read_text(encoding="utf-8"))
    edit(tree)
    path.write_text(json.dumps(tree), encoding="utf-8")


def zip_of(folder: Path, archive: Path, top: str = "") -> Path:
    """The folder's files in a zip, under an optional top folder."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.iterdir()):
            out.write(path, f"{top}{path.name}")
    return archive
