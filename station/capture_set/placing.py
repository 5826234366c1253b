"""Where camera and screen stand: the `geometry` of a manifest, checked, and the field that is seen."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from inspection.frames import Camera, Geometry, Screen

#: Rounding to about four digits, as manifests have it, is no fault of a unit vector.
UNIT_TOLERANCE = 1e-3

#: Least share of the area of a square that a pixel's image on the panel must keep.
LEAST_PIXEL_AREA = 1e-6


def inverse_exists(matrix: Matrix) -> Matrix:
    """Return the 3×3 matrix, or raise ValueError where it cannot be inverted."""
    rows = np.array(matrix)
    lengths = np.linalg.norm(rows, axis=1)
    if np.any(lengths == 0.0) or abs(np.linalg.det(rows / lengths[:, None])) < 1e-12:
        raise ValueError("expected a matrix that can be inverted")
    return matrix


def _unit(vector: Vector) -> Vector:
    if abs(math.hypot(*vector) - 1.0) > UNIT_TOLERANCE:
        raise ValueError("expected a vector of length 1")
    return vector


def _above_panel(place: Vector) -> Vector:
    if place[2] <= 0.0:
        raise ValueError("expected a place in front of the panel (third number above 0)")
    return place


# Beyond these no station is meant, and squares and quotients would leave the range of float32.
Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Positive = Annotated[float, Field(ge=1e-6, le=1e9)]
Vector = tuple[Number, Number, Number]
Matrix = tuple[Vector, Vector, Vector]
UnitVector = Annotated[Vector, AfterValidator(_unit)]
Place = Annotated[Vector, AfterValidator(_above_panel)]
Angle = Annotated[float, Field(ge=0, lt=90)]


class Strict(BaseModel):
    """Part of a manifest: fields that are known are strictly typed, others ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)


class CameraPart(Strict):
    """`geometry.camera` (station frame, mm)."""

    model: Literal["shift", "tilted"]
    position: Place | None = None
    pixel_to_station_mm: Annotated[Matrix, AfterValidator(inverse_exists)]
    angle_deg: Angle | None = None
    distance_mm: Positive | None = None
    aperture_mm: Positive | None = None
    focal_px: Positive | None = None
    right: UnitVector | None = None
    up: UnitVector | None = None
    forward: UnitVector | None = None

    @model_validator(mode="after")
    def _complete(self) -> CameraPart:
        if self.position is None and (self.angle_deg is None or self.distance_mm is None):
            raise ValueError("position is required where angle_deg and distance_mm are not both given")
        if self.model == "shift":
            if self.pixel_to_station_mm[2] != (0.0, 0.0, 1.0):
                raise ValueError("pixel_to_station_mm: expected the last row 0, 0, 1 for a shift camera")
            return self
        axes = {"right": self.right, "up": self.up, "forward": self.forward}
        for name, value in {"focal_px": self.focal_px, **axes}.items():
            if value is None:
                raise ValueError(f"{name} is required for a tilted camera")
        cross = np.array([axis for axis in axes.values() if axis is not None])
        if np.abs(cross @ cross.T - np.eye(3)).max() > 2 * UNIT_TOLERANCE:
            raise ValueError("right, up, forward: expected three vectors at right angles")
        if self.forward is not None and self.forward[2] >= 0.0:
            raise ValueError("forward: expected a camera that looks at the panel (third number below 0)")
        return self

    @property
    def place_mm(self) -> Vector:
        """Where it stands; without `position` in the plane of incidence, towards -Y."""
        if self.position is not None:
            return self.position
        assert self.angle_deg is not None
        assert self.distance_mm is not None
        angle = math.radians(self.angle_deg)
        return 0.0, -self.distance_mm * math.sin(angle), self.distance_mm * math.cos(angle)


class ScreenPart(Strict):
    """`geometry.screen` (station frame, mm)."""

    centre: Place
    u_axis: UnitVector
    v_axis: UnitVector
    width_mm: Positive
    height_mm: Positive
    distance_mm: Positive | None = None
    angle_deg: Angle | None = None

    @model_validator(mode="after")
    def _square(self) -> ScreenPart:
        if abs(np.dot(self.u_axis, self.v_axis)) > 2 * UNIT_TOLERANCE:
            raise ValueError("u_axis, v_axis: expected two vectors at right angles")
        return self


def stated_places(geometry: Geometry) -> tuple[dict[str, object], dict[str, object]]:
    """`geometry.camera` and `geometry.screen` as a manifest states them; what is not known is None."""
    camera, screen = geometry.camera, geometry.screen
    return {
        "model": camera.model,
        "position": camera.position_mm,
        "pixel_to_station_mm": camera.pixel_to_panel_mm,
        "angle_deg": camera.angle_deg,
        "distance_mm": camera.distance_mm,
        "aperture_mm": camera.aperture_mm,
        "focal_px": camera.focal_px,
        "right": camera.right,
        "up": camera.up,
        "forward": camera.forward,
    }, {
        "centre": screen.centre_mm,
        "u_axis": screen.u_axis,
        "v_axis": screen.v_axis,
        "width_mm": screen.width_mm,
        "height_mm": screen.height_mm,
        "distance_mm": screen.distance_mm,
        "angle_deg": screen.angle_deg,
    }


def geometry_of(camera: CameraPart, screen: ScreenPart, px: tuple[int, int]) -> Geometry:
    """Complete the geometry: angles and distances that were not stated, and the size of the field.

    Parameters
    ----------
    camera, screen : CameraPart, ScreenPart
    px : tuple of int
        Width and height of the picture.

    Raises
    ------
    ValueError
        The picture does not map onto the panel: one sentence that begins with the field.
    """
    _check_map(camera, px)
    return Geometry(
        Camera(
            model=camera.model,
            position_mm=camera.place_mm,
            pixel_to_panel_mm=camera.pixel_to_station_mm,
            angle_deg=_angle_deg(camera.place_mm) if camera.angle_deg is None else camera.angle_deg,
            distance_mm=math.hypot(*camera.place_mm) if camera.distance_mm is None else camera.distance_mm,
            aperture_mm=camera.aperture_mm,
            focal_px=camera.focal_px,
            right=camera.right,
            up=camera.up,
            forward=camera.forward,
        ),
        Screen(
            centre_mm=screen.centre,
            u_axis=screen.u_axis,
            v_axis=screen.v_axis,
            width_mm=screen.width_mm,
            height_mm=screen.height_mm,
            distance_mm=math.hypot(*screen.centre) if screen.distance_mm is None else screen.distance_mm,
            angle_deg=_angle_deg(screen.centre) if screen.angle_deg is None else screen.angle_deg,
        ),
        _field_mm(camera, px),
    )


def _angle_deg(place: Vector) -> float:
    return math.degrees(math.atan2(math.hypot(place[0], place[1]), place[2]))


def _check_map(camera: CameraPart, px: tuple[int, int]) -> None:
    """Every corner of the picture must fall on the panel, on the same side of the horizon."""
    matrix = np.array(camera.pixel_to_station_mm)
    corners = np.array([(c, r, 1.0) for c in (-0.5, px[0] - 0.5) for r in (-0.5, px[1] - 0.5)])
    scale = corners @ matrix[2]
    if scale.min() * scale.max() <= 0.0 or np.abs(scale).min() < 1e-9 * np.abs(scale).max():
        raise ValueError("geometry.camera.pixel_to_station_mm: the horizon runs through the picture")
    centre = ((px[0] - 1) / 2, (px[1] - 1) / 2)
    x, y = _on_panel(camera, *centre)
    right = np.subtract(_on_panel(camera, centre[0] + 1, centre[1]), (x, y))
    down = np.subtract(_on_panel(camera, centre[0], centre[1] + 1), (x, y))
    area = abs(right[0] * down[1] - right[1] * down[0])
    if not area > LEAST_PIXEL_AREA * max(right @ right, down @ down):
        raise ValueError("geometry.camera.pixel_to_station_mm: expected a map that can be inverted")


def _on_panel(camera: CameraPart, column: float, row: float) -> tuple[float, float]:
    x, y, scale = np.array(camera.pixel_to_station_mm) @ (column, row, 1.0)
    return float(x / scale), float(y / scale)


def _field_mm(camera: CameraPart, px: tuple[int, int]) -> tuple[float, float]:
    """Width and height of the field on the panel, which tie the panel frame to the station frame."""
    if camera.model == "shift":
        corners = [_on_panel(camera, c, r) for c in (-0.5, px[0] - 0.5) for r in (-0.5, px[1] - 0.5)]
        width, height = np.ptp(np.array(corners), axis=0)
        return float(width), float(height)
    # The two frames share one point: where the principal ray meets the panel. X = x - W/2, Y = H/2 - y.
    assert camera.forward is not None
    reach = -camera.place_mm[2] / camera.forward[2]
    station_x, station_y = (camera.place_mm[i] + reach * camera.forward[i] for i in (0, 1))
    x, y = _on_panel(camera, (px[0] - 1) / 2, (px[1] - 1) / 2)
    width, height = 2.0 * (x - station_x), 2.0 * (y + station_y)
    if width <= 0.0 or height <= 0.0:
        raise ValueError(
            "geometry.camera.pixel_to_station_mm: does not fit position and forward "
            f"(the field would be {width:g} x {height:g} mm)"
        )
    return width, height
