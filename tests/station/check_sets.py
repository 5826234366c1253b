"""Captures of a check panel in the sample world: a flat amethyst panel, laid in anew each time, and a plate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from calibration import calibrate
from inspection.frames import Board, Frames, Role
from inspection.rig import Rig
from samples.paintwork import Pose
from samples.panels import NAMED as PANELS
from samples.plates import Laid, render_plates
from samples.scene import render, render_reference
from samples.stations import NAMED, Station

STATION = NAMED["B"].sized(80)
#: For a plate the camera needs more pixels.
FINE = NAMED["B"].sized(176)
BOARD = Board((18, 18), 8.0, 5.0, "DICT_4X4_250")
PANEL = "CP-1"
BEGAN = datetime.fromisoformat("2026-11-22T07:00:00+08:00")


@lru_cache(maxsize=4)
def rig(seed: int = 1, station: Station = STATION) -> Rig:
    return calibrate([render_reference(station, seed=seed, captured_at="2026-11-22T06:00:00+08:00")])


def at(hours: float) -> str:
    return (BEGAN + timedelta(hours=hours)).isoformat()


@lru_cache(maxsize=32)
def check_set(
    seed: int, *, hours: float = 0.0, lamp: float = 1.0, reddened: float = 1.0, scale: float | None = None
) -> Frames:
    """One check: `lamp`, `reddened`, `scale` (with a plate) are what the station has become, against what it was."""
    station = STATION if scale is None else FINE
    rng = np.random.default_rng([seed, 5])
    pose = Pose(*(float(v) for v in rng.uniform(-1, 1, 2)), float(rng.uniform(-0.5, 0.5)))
    seen = render(replace(PANELS["flat"](5), pose=pose), station, seed=seed, captured_at=at(hours))
    black = seen.sensor.black_level
    frames = []
    for frame in seen.frames:
        pixels = frame.pixels
        if frame.role is Role.DIFFUSE:
            factors = lamp * np.array([reddened, 1.0, 1.0])
            pixels = np.round(black + (pixels - black) * factors).astype(pixels.dtype)
        frames.append(replace(frame, pixels=pixels))
    if scale is not None:
        laid = Laid(scale_relative=scale - 1)
        frames += render_plates(station, [BOARD], seed=seed, laid=laid).frames
    digest = f"{seed}-{hours}-{lamp}-{scale}-{reddened}".encode().hex()
    return replace(seen, frames=tuple(frames), check_panel=PANEL, panel=None, recipe=None, sha256=digest.zfill(64))
