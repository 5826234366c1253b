"""From `Frames` to a folder that any reader of `paint-capture/1` can use."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Literal

from inspection.frames import Frame, Frames
from station.capture_set.archive import MANIFEST
from station.capture_set.manifest import FORMAT
from station.capture_set.pictures import encode_frame, encode_png
from station.capture_set.placing import stated_places

_SUFFIXES = {"png": {".png"}, "tiff": {".tif", ".tiff"}}


def write_capture_set(frames: Frames, folder: Path, *, image_format: Literal["png", "tiff"] = "png") -> None:
    """Write a capture set; reading it back gives the same frames.

    Parameters
    ----------
    frames : Frames
    folder : Path
        Made where it does not exist. The manifest is written last: a folder without it is no set.
    image_format : "png" or "tiff"
        TIFF is uncompressed: larger, and an order of magnitude quicker to write and read. A frame's
        file name takes the suffix of the format.

    Raises
    ------
    ValueError
        Two frames would be written to one file, or a name leads out of the folder: a fault of the program.
    """
    names = [_file_name(frame.file, image_format) for frame in frames.frames]
    if len(set(names)) != len(names):
        raise ValueError("two frames of one file name")
    folder.mkdir(parents=True, exist_ok=True)

    def write(frame: Frame, name: str) -> None:
        path = folder / name
        if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
            raise ValueError(f"{name!r} leads out of the folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(frame.pixels) if image_format == "png" else encode_frame(frame))

    with ThreadPoolExecutor(2, "write") as pool:
        for _ in pool.map(write, frames.frames, names):
            pass
    unfinished = folder / f"{MANIFEST}.part"
    unfinished.write_bytes(_manifest_text(frames, names))
    os.replace(unfinished, folder / MANIFEST)


def manifest_of(frames: Frames) -> bytes:
    """The text of the `capture.json` of frames that keep their file names."""
    return _manifest_text(frames, [frame.file for frame in frames.frames])


def _manifest_text(frames: Frames, names: list[str]) -> bytes:
    return json.dumps(_manifest(frames, names), ensure_ascii=False, indent=1, allow_nan=False).encode()


def _file_name(name: str, image_format: str) -> str:
    suffixes = _SUFFIXES[image_format]
    path = PurePosixPath(name)
    return name if path.suffix.lower() in suffixes else str(path.with_suffix(min(suffixes)))


def _stated(fields: Mapping[str, object]) -> dict[str, object]:
    """Without what is not known: in the file an unknown value is absent."""
    return {name: value for name, value in fields.items() if value is not None}


def _manifest(frames: Frames, names: list[str]) -> dict[str, object]:
    camera, screen = stated_places(frames.geometry)
    image = asdict(frames.sensor)
    image["px"] = [image.pop("width_px"), image.pop("height_px")]
    matrix = frames.camera_rgb_to_linear_srgb
    return _stated(
        {
            "format": FORMAT,
            "panel": frames.panel,
            "part": frames.part,
            "recipe": frames.recipe,
            "coat_number": frames.coat_number,
            "pass_number": frames.pass_number,
            "view": frames.view,
            "view_to_panel_mm": frames.view_to_panel_mm,
            "captured_at": frames.captured_at,
            "station": frames.station,
            "operator": frames.operator,
            "simulated": frames.simulated,
            "reference_set": frames.reference_set,
            "glass_n": frames.glass_n,
            "check_panel": frames.check_panel,
            "image": _stated(image | {"linear": True}),
            "color": None if matrix is None else {"camera_rgb_to_linear_srgb": matrix},
            "geometry": {"camera": _stated(camera), "screen": screen},
            "conditions": _stated(asdict(frames.conditions)),
            "frames": [_entry(frame, name) for frame, name in zip(frames.frames, names, strict=True)],
        }
    )


def _entry(frame: Frame, name: str) -> dict[str, object]:
    return _stated(
        {
            "file": name,
            "role": frame.role.value,
            "axis": frame.axis,
            "period_mm": frame.period_mm,
            "step": frame.step,
            "steps": frame.steps,
            "phase_deg": frame.phase_deg,
            "azimuth_deg": frame.azimuth_deg,
            "polar_deg": frame.polar_deg,
            "distance_mm": frame.distance_mm,
            "reflectance": frame.reflectance,
            "board": None if frame.board is None else asdict(frame.board),
            "level": frame.level,
            "aspecular_deg": frame.aspecular_deg,
            "group": frame.group,
            "exposure_ms": frame.exposure_ms,
            "channels": 1 if frame.pixels.ndim == 2 else frame.pixels.shape[2],
        }
    )
