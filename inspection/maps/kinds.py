"""The kinds of map a measure may ask for, by type. All arrays are float32 (rows, cols), NaN = not there."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Axis, Geometry
from inspection.fringes import FloatMap, GridPair
from inspection.reading import Source

Homography = tuple[tuple[float, float, float], ...]
M = TypeVar("M", bound="Map")


@dataclass(frozen=True, slots=True)
class Target:
    """What the recipe aims at, as far as maps need it."""

    lab: tuple[float, float, float] | None
    n_clear: float


@dataclass(frozen=True, slots=True, eq=False)
class Glow:
    """Diffuse fringe per series.

    Attributes
    ----------
    parts : dict of (axis, period_mm) to a pair of float32 arrays on `Grid.over` the picture
        Its cos and sin part, full-scale fraction per ms. Empty where the set has no diffuse frame or the rig no
        tile: then it cannot be known and stays in the fringes.
    strength : dict of (axis, period_mm) to float
        Root mean square of its modulation, same unit; 0 where it is not taken off.
    """

    parts: dict[tuple[Axis, float], GridPair] = field(default_factory=dict)
    strength: dict[tuple[Axis, float], float] = field(default_factory=dict)


#: Standard uncertainty of the diffuse fringe that is taken off, relative: its model is Lambert's, in grey.
GLOW_U_RELATIVE = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A part of the panel: its rows and columns in the picture, and the pixels inside (None: all of them).

    `n_px` counts the camera pixels of the whole area, seen or not, beyond the picture's edge too.
    """

    rows: slice
    cols: slice
    inside: NDArray[np.bool_] | None
    n_px: int


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Common to all maps: how pixels (col, row) fall on the panel, and their mean pitch along x and y."""

    to_panel_mm: Homography
    pitch_mm: tuple[float, float]

    def layers(self) -> dict[str, FloatMap]:
        """The arrays a person may look at, by the name under which they are written."""
        raise NotImplementedError

    def within(self: M, area: Area) -> M:
        """The same map, cut to an area; pixels outside are NaN."""
        changes: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.ndarray) and value.dtype == np.float32:  # a map; float64 are constants
                changes[one.name] = _cut(value, area)
            elif isinstance(value, dict):
                changes[one.name] = {key: _part(part, area) for key, part in value.items()}
        shift = np.array([[1, 0, area.cols.start], [0, 1, area.rows.start], [0, 0, 1]], float)
        moved = np.array(self.to_panel_mm) @ shift
        return replace(self, **changes, to_panel_mm=tuple(map(tuple, moved.tolist())))


def _part(value: Any, area: Area) -> Any:
    if isinstance(value, Map):
        return value.within(area)
    return _cut(value, area) if isinstance(value, np.ndarray) else value


def _cut(array: NDArray[np.float32], area: Area) -> NDArray[np.float32]:
    part = array[area.rows, area.cols]
    if area.inside is None:
        return part
    outside = ~area.inside
    part = part.copy()
    part[outside] = np.nan
    return part


@dataclass(frozen=True, slots=True, eq=False)
class SlopeMap(Map):
    """Slopes dz/dx and dz/dy as each pixel alone shows them (x right, y down, z to the camera), form removed.

    `noise_mrad`: standard deviation of one pixel along x and along y (root mean square over the map).
    `scale_u_relative`: standard uncertainty of the scale, from the screen's distance.
    """

    x_mrad: FloatMap
    y_mrad: FloatMap
    noise_mrad: tuple[float, float]
    scale_u_relative: float

    def layers(self) -> dict[str, FloatMap]:
        return {}


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceMap(Map):
    """The one surface that both slopes agree on: its height over the form (mean 0) and its slopes.

    Half of the slopes' noise power is gone (see `inspection.filters.surface`): `noise_mrad` is that of
    the slopes that went in.
    """

    x_mrad: FloatMap
    y_mrad: FloatMap
    height_um: FloatMap
    noise_mrad: tuple[float, float]
    scale_u_relative: float

    def layers(self) -> dict[str, FloatMap]:
        return {"slope_x_mrad": self.x_mrad, "slope_y_mrad": self.y_mrad, "height_um": self.height_um}


@dataclass(frozen=True, slots=True, eq=False)
class GlossMap(Map):
    """Gloss at the station's angle, GU-equivalent; `ceiling_gu` is that of a perfect coat of the recipe's index.

    `noise_gu` is one pixel's standard deviation, `grain_relative` that of the reference's mean light under it and
    `wide_grain_relative` that of its modulation, which is smoothed over `rig.SMOOTH_MM`;
    `scale_u_relative` (by where it comes from) and `distance_u_relative` the calibration's standard uncertainties.
    """

    gu: FloatMap
    ceiling_gu: float
    noise_gu: float
    grain_relative: float
    wide_grain_relative: float
    scale_u_relative: tuple[tuple[Source, float], ...]
    distance_u_relative: float

    def layers(self) -> dict[str, FloatMap]:
        return {"gloss_gu": self.gu}


@dataclass(frozen=True, slots=True, eq=False)
class GlossZoneMap(Map):
    """Gloss of zones of about 20 mm, each pixel the mean of its zone, for looking at."""

    gu: FloatMap

    def layers(self) -> dict[str, FloatMap]:
        return {"gloss_zone_gu": self.gu}


@dataclass(frozen=True, slots=True, eq=False)
class ClarityMap(Map):
    """Sharpness of the reflection per fringe period, % of black glass; the coarsest period is the reference.

    Per period: `noise_pct`, one pixel's standard deviation; `grain_relative`, that of the reference's own modulation,
    as a share of the value; `glow_u_pct`, what the diffuse fringe leaves. `distance_u_relative`: of the screen.
    """

    pct: dict[float, FloatMap]
    coarsest_mm: float
    noise_pct: tuple[tuple[float, float], ...]
    grain_relative: tuple[tuple[float, float], ...]
    glow_u_pct: tuple[tuple[float, float], ...]
    distance_u_relative: float

    def layers(self) -> dict[str, FloatMap]:
        return {f"clarity_{period:g}mm_pct": array for period, array in self.pct.items()}


@dataclass(frozen=True, slots=True, eq=False)
class LobeMap(Map):
    """Full width at half maximum of the mirrored lobe beyond black glass's, on blocks of 4 mm."""

    width_mrad: FloatMap

    def layers(self) -> dict[str, FloatMap]:
        return {"lobe_width_mrad": self.width_mrad}


@dataclass(frozen=True, slots=True, eq=False)
class HazeMap(Map):
    """Share of the mirrored light that the coarsest fringe no longer carries, % beyond black glass.

    `u_pct`: standard uncertainty of the map's level from the diffuse part of the light; `diffuse_ratio`:
    diffuse over mirrored light, mean.
    """

    pct: FloatMap
    noise_pct: float
    u_pct: float
    diffuse_ratio: float

    def layers(self) -> dict[str, FloatMap]:
        return {"haze_pct": self.pct}


@dataclass(frozen=True, slots=True, eq=False)
class ReflectanceMap(Map):
    """Diffuse reflectance factor (45°, gloss excluded) as linear sRGB, float32 (rows, cols, 3).

    `noise_cov`, `grain_cov` (3, 3): covariance of one pixel by its own noise, and by that of the tile's frame, which
    every capture with the same rig shares; of a mosaic so that means of many pixels come out right. `matrix`: camera
    RGB to linear sRGB at the picture's own colour; each entry is known to `matrix_u_relative` of itself; `white_kept`:
    fitted so that white stays white. `drift_ratio`: share of the square of `scale_u_relative` that comes anew with
    every capture, from the lamps.
    """

    linear_srgb: FloatMap
    noise_cov: NDArray[np.float64]
    grain_cov: NDArray[np.float64]
    scale_u_relative: float
    matrix: NDArray[np.float64]
    matrix_u_relative: float
    white_kept: bool
    drift_ratio: float = 0.0

    @property
    def noise(self) -> NDArray[np.float64]:
        """Standard deviation of one pixel by its own noise, per channel."""
        return np.sqrt(np.diag(self.noise_cov))

    def layers(self) -> dict[str, FloatMap]:
        return {}


#: Aspecular angles at which the trade measures metallic paint (ASTM E2194).
NOMINAL_DEG = (15.0, 45.0, 110.0)
#: A light this far off still serves: what it shows is taken to the nominal angle along the paint's own curve.
TOLERANCE_DEG = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class AspecularMap(Map):
    """Reflectance factor under each of the three lights, by the light's angle at the field's centre, small ones first.

    `distance_mm`: of each light; None: far away.
    """

    lit: dict[float, ReflectanceMap]
    distance_mm: tuple[float | None, ...]
    geometry: Geometry

    def layers(self) -> dict[str, FloatMap]:
        return {}


@dataclass(frozen=True, slots=True, eq=False)
class LabMap(Map):
    """CIE L*a*b* (D65, 2°) of every pixel, for looking at; verdicts use binned light (see measures/colour)."""

    lab: FloatMap

    def layers(self) -> dict[str, FloatMap]:
        return {"lab": self.lab}


@dataclass(frozen=True, slots=True, eq=False)
class ColourDifferenceMap(Map):
    """CIEDE2000 of every pixel to the recipe's colour, for looking at."""

    delta_e00: FloatMap

    def layers(self) -> dict[str, FloatMap]:
        return {"delta_e00": self.delta_e00}


@dataclass(frozen=True, slots=True)
class Lamp:
    """A small lamp: where it stands as far as the set says, and the median light it throws back from the panel.

    `level_per_ms`: share of full scale per ms; of a mosaic the mean of the colours. `full_ratio`: the light, over that,
    at which a pixel is saturated.
    """

    azimuth_deg: float
    polar_deg: float | None
    distance_mm: float | None
    level_per_ms: float
    full_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class LampMap(Map):
    """Light that the paint throws from each small lamp to the camera, by the lamp's azimuth in degrees.

    Dark subtracted, per millisecond, as a ratio to the median of the map: smooth paint is near 1 everywhere,
    a scratch lit across its length shines far above. `noise_ratio`: standard deviation of one pixel near 1.
    `lamps` in the order of their azimuth.
    """

    ratio: dict[float, FloatMap]
    noise_ratio: dict[float, float]
    lamps: tuple[Lamp, ...]

    def layers(self) -> dict[str, FloatMap]:
        return {f"lamp_{azimuth:03.0f}deg_ratio": array for azimuth, array in self.ratio.items()}


@dataclass(frozen=True, slots=True, eq=False)
class HologramMap(Map):
    """Furrows of polishing and sanding, far below a pixel, on tiles of 8 mm.

    `oriented`, `every_way`: contrast to the paint's own light of furrows that share a direction and of those that lie
    every way, in the lamp that shows them best. `direction_deg`: of the former, counter-clockwise from +x as seen.
    """

    oriented: FloatMap
    direction_deg: FloatMap
    every_way: FloatMap

    def layers(self) -> dict[str, FloatMap]:
        return {
            "hologram_ratio": self.oriented,
            "hologram_direction_deg": self.direction_deg,
            "orbital_haze_ratio": self.every_way,
        }
