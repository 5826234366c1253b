"""A ChArUco plate in the panel's place: what the camera sees of it through its true geometry."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Board, Frame, Frames, Role
from samples.light import lamp_light, lens
from samples.placement import plane_points
from samples.scene import CAPTURED_AT
from samples.sensor import expose, through_mosaic
from samples.stations import Station

Floats = NDArray[np.float64]

#: Reflectance of card and ink.
CARD, INK = 0.85, 0.05
#: Pixels of the drawing along a square, and rays per camera pixel along each side.
_SQUARE_PX, _RAYS = 160, 4


@dataclass(frozen=True, slots=True)
class Laid:
    """How a plate lies, and what is wrong with it.

    Attributes
    ----------
    shift_mm, turn_deg
        Of its middle from the field's centre (X right, Y up), counter-clockwise as seen.
    scale_relative : float
        True over stated size of its squares, minus 1.
    lift_mm : float
        True minus stated height above the panel's plane.
    """

    shift_mm: tuple[float, float] = (0.0, 0.0)
    turn_deg: float = 0.0
    scale_relative: float = 0.0
    lift_mm: float = 0.0


def render_plates(
    station: Station, boards: Sequence[Board], *, seed: int, laid: Laid | None = None, captured_at: str = CAPTURED_AT
) -> Frames:
    """A reference set with one `grid` frame for each board, lit by the station's diffuse lamps; no dark frame."""
    laid = laid or Laid()
    frames = []
    for i, board in enumerate(boards):
        paper = _seen(station, board, laid)
        light = lens(station, (paper[..., None] * lamp_light(station)).astype(np.float32)).astype(np.float64)
        light += station.ambient_per_ms
        exposure = round(station.exposure_target / float(light.max()), 4)
        if station.mosaic is not None:
            light = np.asarray(through_mosaic(light, station.mosaic))
        name = f"grid_{i}"
        pixels = expose(light, exposure, station, seed=seed, name=name)
        frames.append(Frame(f"{name}.png", Role.GRID, pixels, exposure, "diffuse", board=board))
    digest = hashlib.sha256(repr((station, laid, captured_at)).encode())
    for frame in frames:
        digest.update(np.ascontiguousarray(frame.pixels).data)
    return Frames(
        frames=tuple(frames),
        sensor=station.sensor(),
        geometry=station.geometry(),
        sha256=digest.hexdigest(),
        pass_number=0,
        captured_at=captured_at,
        station=station.name,
        simulated=True,
        reference_set=True,
        glass_n=station.glass_n,
    )


def _seen(station: Station, board: Board, laid: Laid) -> Floats:
    """Mean reflectance that each pixel sees, (rows, cols)."""
    geometry = station.true_geometry()
    rows, cols = station.shape
    inner = (np.arange(_RAYS) + 0.5) / _RAYS - 0.5
    column, row = np.meshgrid((np.arange(cols)[:, None] + inner).ravel(), (np.arange(rows)[:, None] + inner).ravel())
    x, y = plane_points(geometry, column, row)
    cx, cy, cz = geometry.camera.position_mm
    up = (board.height_mm + laid.lift_mm) / cz
    x, y = x + (cx - x) * up - laid.shift_mm[0], y + (cy - y) * up - laid.shift_mm[1]
    a = np.radians(laid.turn_deg)
    square = board.square_mm * (1 + laid.scale_relative)
    # On the drawing: squares across and down from its top-left corner.
    across = (x * np.cos(a) + y * np.sin(a)) / square + board.squares[0] / 2
    down = (x * np.sin(a) - y * np.cos(a)) / square + board.squares[1] / 2
    at = [(v * _SQUARE_PX - 0.5).astype(np.float32) for v in (across, down)]
    drawing = _drawing(board)
    seen = cv2.remap(drawing, at[0], at[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    ink = np.asarray(seen, np.float64).reshape(rows, _RAYS, cols, _RAYS).mean((1, 3)) / 255
    return np.asarray(INK + (CARD - INK) * ink)


def _drawing(board: Board) -> NDArray[np.uint8]:
    markers = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, board.dictionary))
    plate = cv2.aruco.CharucoBoard(board.squares, board.square_mm, board.marker_mm, markers)
    size = (board.squares[0] * _SQUARE_PX, board.squares[1] * _SQUARE_PX)
    return np.asarray(plate.generateImage(size, None, 0, 1), np.uint8)
