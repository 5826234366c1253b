"""Simulated stations that were put together by hand: reference sets with plates, and what is true of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from calibration import calibrate
from inspection.frames import Board, Frames
from inspection.rig import Rig
from samples.plates import Laid, render_plates
from samples.scene import render_reference
from samples.stations import NAMED, Station

SIDE_PX = 224


def board_of(station: Station) -> Board:
    """A plate as fine as the camera can read."""
    fine = 0.5 if station.mm_per_px < 0.3 else 1.0
    return Board((18, 18), 10.0 * fine, 6.0 * fine, "DICT_4X4_250")


@cache
def sets_of(name: str, seed: int, spacer_mm: float = 0.0) -> tuple[Station, Frames, Frames]:
    """The station as it stands, its black glass and white tile, and its plates, drawn within their tolerances."""
    # One ray per pixel is enough where the fringes are much wider than a pixel.
    station = replace(NAMED[name], subsamples=1).sized(SIDE_PX).put_together(seed)
    board = board_of(station)
    boards = [board, replace(board, height_mm=spacer_mm)] if spacer_mm else [board]
    g = np.random.default_rng([seed, 17]).standard_normal(5)
    laid = Laid((2 * g[0], 2 * g[1]), 3 * g[2], scale_relative=1e-4 * g[3], lift_mm=0.05 * g[4])
    return station, render_reference(station, seed=seed), render_plates(station, boards, seed=seed, laid=laid)


@cache
def rig_of(name: str, seed: int, spacer_mm: float = 0.0) -> Rig:
    """Calibrated with the plates."""
    _, glass, plates = sets_of(name, seed, spacer_mm)
    return calibrate([glass, plates])
