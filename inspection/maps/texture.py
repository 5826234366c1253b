"""The paint's own waviness: the surface without its single marks, as a spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.filters import binned, filled, spread
from inspection.fringes import FloatMap
from inspection.maps.kinds import Area, SurfaceMap
from inspection.registry import builds
from inspection.spectrum import Spectrum, hann, spectrum
from inspection.strips import side_by_side

#: Wavelength classes, mm: the edges of the bands that people speak of (0.1–0.3 … 10–30 mm).
CLASS_EDGES_MM = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
#: What people call some of them. The trade's values are on scales of their own: these are equivalents by wavelength.
#: The class of 3 to 10 mm has no letter here: its letter also stands for a value that only the trade's device gives.
BAND_NAMES: dict[tuple[float, float], str] = {(0.1, 0.3): "Wa", (0.3, 1.0): "Wb", (1.0, 3.0): "Wc", (10.0, 30.0): "We"}
#: Pixels per wave below which a wave is not resolved. Two is Nyquist's limit, where nothing is left.
LEAST_PX_PER_WAVE = 2.5
ROUNDING = 1e-9
#: A wave is held by the field if it fits this often.
LEAST_WAVES = 3.0
#: A slope beyond this many robust standard deviations of its scale is a mark, not texture: for normal
#: texture one pixel in 10^8.
MARK_SIGMA = 5.7
#: A mark reaches as far as its slope stays beyond this.
MARK_FOOT_SIGMA = 2.5
#: Scales (Gaussian sigma) at which marks are looked for.
MARK_SCALES_MM = (0.3, 0.8, 2.0, 5.0)


@dataclass(frozen=True, eq=False)
class Texture:
    """Slopes of one area on a grid of square-on pixels, marks replaced by their surroundings.

    Attributes
    ----------
    x_mrad, y_mrad : float32 (rows, cols)
        Without holes.
    depth_mm : float32 (rows, cols)
        Distance to the nearest pixel that is neither mark nor hole; 0 where measured. Waves longer than
        some eight times that are carried on by the bridge, shorter ones are lost there.
    pitch_mm, camera_pitch_mm : along x and y
        Of this grid, and of the camera's pixels.
    noise_mrad : along x and y
        Standard deviation of one camera pixel of the measured slopes.
    n_px : int
        Camera pixels that count.
    coverage : float
        Share of the area that was measured.
    """

    x_mrad: FloatMap
    y_mrad: FloatMap
    depth_mm: FloatMap
    pitch_mm: tuple[float, float]
    camera_pitch_mm: tuple[float, float]
    noise_mrad: tuple[float, float]
    scale_u_relative: float
    n_px: int
    coverage: float

    @cached_property
    def spectrum(self) -> Spectrum:
        """Power per wave of the height."""
        area_mm2 = self.camera_pitch_mm[0] * self.camera_pitch_mm[1]
        return spectrum(self.x_mrad, self.y_mrad, self.pitch_mm, self.noise_mrad[0] * self.noise_mrad[1] * area_mm2)

    @property
    def bridged(self) -> float:
        """Share of the window's power that lies on marks and holes."""
        return 1 - self.carried(0.0)

    def carried(self, wave_mm: float) -> float:
        """Share of the window's power that lies where waves of this length are measured or carried on."""
        power, depth_mm = self._bridges
        return 1.0 - float(power[depth_mm > wave_mm / 8].sum())

    @cached_property
    def _bridges(self) -> tuple[NDArray[np.float64], FloatMap]:
        """Share of the window's power on each pixel that is bridged, and its depth."""
        by_row, by_col = (np.square(hann(n)) for n in self.depth_mm.shape)
        row, col = np.nonzero(self.depth_mm)
        return by_row[row] * by_col[col] / (by_row.sum() * by_col.sum()), self.depth_mm[row, col]


@builds
def texture(surface_map: SurfaceMap, area: Area) -> Texture:
    """Find the single marks, bridge them, and lay the slopes on square-on pixels.

    Nothing is resolved on an area of fewer than 16 × 16 pixels: the result then has no pixels.
    """
    pitch = surface_map.pitch_mm
    known = np.isfinite(surface_map.x_mrad)
    factor = _bin_factor(min(pitch))
    x, y, share = _square_on(surface_map, factor)
    grid_pitch = (pitch[0] * factor, pitch[1] * factor)
    seen = (share > 0.5) & np.isfinite(x) & np.isfinite(y)
    if min(x.shape) < 16 or not seen.any():
        empty = np.zeros((0, 0), np.float32)
        return Texture(empty, empty, empty, grid_pitch, pitch, surface_map.noise_mrad, 0.0, 0, 0.0)
    free = seen & ~_marks(filled(x, seen), filled(y, seen), seen, grid_pitch)
    x, y = side_by_side(partial(filled, x, free), partial(filled, y, free))
    return Texture(
        x_mrad=x,
        y_mrad=y,
        depth_mm=cv2.distanceTransform((~free).astype(np.uint8), cv2.DIST_L2, 5) * np.float32(max(grid_pitch)),
        pitch_mm=grid_pitch,
        camera_pitch_mm=pitch,
        noise_mrad=surface_map.noise_mrad,
        scale_u_relative=surface_map.scale_u_relative,
        n_px=int(known.sum() * free.sum() / max(1, seen.sum())),
        coverage=float(known.sum()) / max(1, area.n_px),
    )


def resolved(from_mm: float, pitch_mm: tuple[float, float]) -> bool:
    """Whether waves of this length are resolved by pixels of this pitch."""
    # A pitch comes out of the geometry with the last bits uncertain: 0.4 mm is 0.4000000000000057 at one place.
    return from_mm * (1 + ROUNDING) >= LEAST_PX_PER_WAVE * max(pitch_mm)


def _bin_factor(pitch_mm: float) -> int:
    """Pixels to bin so that the finest wavelength class the camera resolves stays resolved."""
    finest = next((edge for edge in CLASS_EDGES_MM if resolved(edge, (pitch_mm, pitch_mm))), CLASS_EDGES_MM[-1])
    return max(1, int(finest / LEAST_PX_PER_WAVE / pitch_mm * (1 + ROUNDING)))


def _square_on(surface_map: SurfaceMap, factor: int) -> tuple[FloatMap, FloatMap, FloatMap]:
    """Slopes on a binned grid parallel to the panel's x and y, and the seen share of each cell."""
    h = np.array(surface_map.to_panel_mm)
    x, y = surface_map.x_mrad, surface_map.y_mrad
    if abs(h[0, 1]) + abs(h[1, 0]) + abs(h[2, 0]) + abs(h[2, 1]) > 1e-9:
        x, y = _warped(x, h, surface_map.pitch_mm), _warped(y, h, surface_map.pitch_mm)
    if factor == 1:
        return x, y, np.isfinite(x).astype(np.float32)
    if min(x.shape) < 2 * factor:
        return x, y, np.zeros_like(x)
    small_x, share = binned(x, factor, factor)
    small_y, _ = binned(y, factor, factor)
    return small_x, small_y, share


def _warped(values: FloatMap, to_panel: NDArray[np.float64], pitch: tuple[float, float]) -> FloatMap:
    """The largest upright rectangle of the picture, sampled at the mean pitch along x and y."""
    rows, cols = values.shape
    corners = np.array([[0, 0, 1], [cols - 1, 0, 1], [cols - 1, rows - 1, 1], [0, rows - 1, 1]], float) @ to_panel.T
    corners = corners[:, :2] / corners[:, 2:]
    left, right = max(corners[0, 0], corners[3, 0]), min(corners[1, 0], corners[2, 0])
    top, bottom = max(corners[0, 1], corners[1, 1]), min(corners[2, 1], corners[3, 1])
    size = max(1, int((right - left) / pitch[0])), max(1, int((bottom - top) / pitch[1]))
    from_grid = np.linalg.inv(to_panel) @ np.array([[pitch[0], 0, left], [0, pitch[1], top], [0, 0, 1]])
    known = np.isfinite(values)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    warped = cv2.warpPerspective(filled(values, known), from_grid, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpPerspective(known.astype(np.uint8), from_grid, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.where(seen > 0, warped, np.float32(np.nan)).astype(np.float32)


def _marks(x: FloatMap, y: FloatMap, seen: NDArray[np.bool_], pitch: tuple[float, float]) -> NDArray[np.bool_]:
    """Pixels that belong to a single mark at any scale."""
    found = np.zeros(seen.shape, np.uint8)
    unseen = np.uint8(1) - seen.astype(np.uint8)
    for scale_mm in MARK_SCALES_MM:
        step = max(1, int(scale_mm / max(pitch)))
        sigma = scale_mm / max(pitch) / step
        if min(x.shape) < 16 * step:
            break
        size = (x.shape[1] // step, x.shape[0] // step)
        crop = (slice(0, size[1] * step), slice(0, size[0] * step))
        free = cv2.resize(found[crop] | unseen[crop], size, interpolation=cv2.INTER_AREA) == 0
        parts = side_by_side(*(partial(_standing_out, v[crop], size, sigma, free) for v in (x, y)))
        foot, peak = (np.logical_or(*both) for both in zip(*parts, strict=True))
        if not peak.any():
            continue
        _, labels = cv2.connectedComponents(foot.astype(np.uint8), connectivity=8)
        keep = np.zeros(labels.max() + 1, np.uint8)
        keep[labels[peak]] = 1
        keep[0] = 0
        reach = 2 * int(np.ceil(1.5 * sigma)) + 1
        mark = cv2.dilate(keep[labels], cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
        large = cv2.resize(mark, (size[0] * step, size[1] * step), interpolation=cv2.INTER_NEAREST)
        found[crop] |= large.astype(np.uint8)
    return found.astype(bool)


def _standing_out(
    values: FloatMap, size: tuple[int, int], sigma: float, free: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where slopes of one scale stand out of what is free of marks: the foot of a mark, and its peak."""
    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    if sigma > 0.6:
        small = cv2.GaussianBlur(small, (0, 0), sigma) - cv2.GaussianBlur(small, (0, 0), 4 * sigma)
    else:
        small = small - cv2.GaussianBlur(small, (0, 0), max(1.0, 4 * sigma))
    scale = spread(small[free] if free.any() else small)
    size_of = np.abs(small)
    return size_of > MARK_FOOT_SIGMA * scale, size_of > MARK_SIGMA * scale
