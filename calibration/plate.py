"""The corners of a ChArUco plate in a `grid` frame: found, and placed to some hundredths of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Board, Frame, Sensor
from inspection.noise import light_of
from inspection.refused import Refused

Floats = NDArray[np.float64]

#: Fewer corners than this leave too little to judge a fit by: it has 12 unknowns at most.
LEAST_CORNERS = 12
#: Share of the picture that the corners' hull must cover: outside it a fit is a guess.
LEAST_COVERED = 0.60
#: A corner is placed by a window that ends before the nearest marker, but is no larger than this (half side).
MOST_WINDOW_PX = 11
#: Below this the window holds too few pixels to place a corner.
LEAST_WINDOW_PX = 2
#: A corner further off a plane's picture than this many times the median, and than this, is no corner. A lens's
#: distortion is below it: it grows evenly.
OUTLIER, LEAST_OUTLIER_PX = 8.0, 0.3
_SOFT = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
_ONE_COLOUR = np.array([0.25, 0.5, 0.25])


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """Where one plate's corners are seen.

    Attributes
    ----------
    px : (n, 2)
        Column and row, centre of the first pixel = (0, 0).
    board_mm : (n, 2)
        On the plate: x right, y down from its top-left corner.
    height_mm : float
        Of the plate's face above the panel's plane.
    covered_ratio : float
        Share of the picture inside the corners' hull.
    """

    file: str
    px: Floats
    board_mm: Floats
    height_mm: float
    covered_ratio: float


def find_corners(frame: Frame, board: Board, sensor: Sensor) -> Corners:
    """Find a plate's corners (OpenCV's ChArUco detector), then place them on the raw light.

    Raises
    ------
    Refused
        Fewer than `LEAST_CORNERS`, or they cover less than `LEAST_COVERED` of the picture.
    """
    light = _light(frame, sensor)
    top = float(np.quantile(light, 0.999))
    if top <= 0:
        raise Refused(f"{frame.file}: the picture of the plate is dark")
    markers = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, board.dictionary))
    plate = cv2.aruco.CharucoBoard(board.squares, board.square_mm, board.marker_mm, markers)
    how = cv2.aruco.CharucoParameters()
    how.minMarkers = 1  # of two neighbours at the picture's edge one is cut off
    shown = np.clip(light * (230 / top), 0, 255).astype(np.uint8)
    found, ids, *_ = cv2.aruco.CharucoDetector(plate, how).detectBoard(shown)
    px, board_mm = np.zeros((0, 2)), np.zeros((0, 2))
    if ids is not None and len(ids) >= LEAST_CORNERS:
        rough = np.asarray(found, np.float32).reshape(-1, 2)
        px, board_mm = _placed(light / top, rough, np.asarray(plate.getChessboardCorners())[np.ravel(ids), :2], board)
    if len(px) < LEAST_CORNERS:
        raise Refused(
            f"{frame.file}: {len(px)} corners of the plate are found, at least {LEAST_CORNERS} are needed: "
            "is it the plate that `board` describes, lit and in focus?"
        )
    covered = float(cv2.contourArea(cv2.convexHull(px.astype(np.float32)))) / (sensor.width_px * sensor.height_px)
    if covered < LEAST_COVERED:
        raise Refused(
            f"{frame.file}: the plate's corners cover {100 * covered:.0f} % of the picture, "
            f"at least {100 * LEAST_COVERED:.0f} % are needed"
        )
    return Corners(frame.file, px, board_mm, board.height_mm, covered)


def _placed(light: Floats, rough: NDArray[np.float32], place: Floats, board: Board) -> tuple[Floats, Floats]:
    """Corners on the light itself, without those whose window leaves the picture; and their places on the plate."""
    half = _window_px(rough, place, board)
    # Edges sharper than a pixel would pull the corners towards the pixels' raster.
    soft = np.asarray(cv2.sepFilter2D(light.astype(np.float32), cv2.CV_32F, _SOFT, _SOFT), np.float32)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 50, 1e-4)
    found = cv2.cornerSubPix(soft, rough.reshape(-1, 1, 2).copy(), (half, half), (-1, -1), stop)
    px = np.asarray(found, np.float64).reshape(-1, 2)
    edge = half + len(_SOFT) // 2 + 1
    inside = ((px >= edge) & (px <= np.array(light.shape[::-1]) - 1 - edge)).all(axis=1)
    px, place = px[inside], np.asarray(place, np.float64)[inside]
    if len(px) < LEAST_CORNERS:
        return px, place
    # A corner hidden by dirt or shine is placed anywhere.
    to_px, _ = cv2.findHomography(place, px, cv2.LMEDS)
    seen = cv2.perspectiveTransform(place[:, None], to_px)[:, 0]
    away = np.hypot(*(px - seen).T)
    good = away <= max(LEAST_OUTLIER_PX, OUTLIER * float(np.median(away)))
    return px[good], place[good]


def _light(frame: Frame, sensor: Sensor) -> Floats:
    light = light_of(frame, sensor)
    if light.ndim == 3:
        return np.ascontiguousarray(light[..., 1])
    if sensor.mosaic is None:
        return light
    # Every place then has the same mixture of the three colours: a quarter, a half, a quarter.
    return np.asarray(cv2.sepFilter2D(light, cv2.CV_64F, _ONE_COLOUR, _ONE_COLOUR))


def _window_px(rough: NDArray[np.float32], board_mm: Floats, board: Board) -> int:
    """Half the side of the window: what lies between a corner and the nearest marker."""
    per_mm = np.sqrt(np.linalg.det(np.cov(rough.T)) / np.linalg.det(np.cov(board_mm.T))) ** 0.5
    free = float(per_mm) * (board.square_mm - board.marker_mm) / 2
    half = int(min(MOST_WINDOW_PX, free - 1))
    if half < LEAST_WINDOW_PX:
        raise Refused(
            f"the plate is too fine for this camera: {free:.1f} px are free between a corner and the nearest marker, "
            f"at least {LEAST_WINDOW_PX + 1} are needed"
        )
    return half
