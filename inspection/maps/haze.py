"""Haze: mirrored light that the coarsest fringe no longer carries."""

from __future__ import annotations

import math

import cv2
import numpy as np

from inspection.camera_colour import grey_weights
from inspection.frames import AXES
from inspection.fringes import Decoded, FloatMap
from inspection.maps.kinds import HazeMap, ReflectanceMap, Target
from inspection.optics import fresnel, panel_mm, pitch_mm, screen_solid_angle_sr
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig
from inspection.strips import in_strips

#: Model error of the paint's diffuse light under the screen, which is taken as Lambertian.
DIFFUSE_MODEL_U_RELATIVE = 0.05
#: Screens radiate to the side with this power of the cosine of the emission angle, evenly from the first (Lambertian)
#: to the last: the middle is taken, the rest is uncertainty.
FALLOFFS = (0.0, 1.5)
#: Standard uncertainty of each camera colour's share in a grey frame, relative: the screen's white is not the lamps'.
GREY_U_RELATIVE = 0.10
#: Uncertainty of the recipe's refractive index.
INDEX_U = 0.005
#: Points along the longer side at which the screen's solid angle is summed.
SOLID_ANGLE_CELLS = 12
#: A mean reflectance below this many standard deviations is no light.
DEAD_SIGMA = 5.0


@builds
def haze(decoded: Decoded, rig: Rig, target: Target, reflectance: ReflectanceMap) -> HazeMap:
    """haze = 100 (1 - h/h_glass), h = B(P0) / (A(P0) - diffuse part of A).

    The diffuse part of the mean light A is known twice: from the paint's reflectance, as the camera sees it in grey,
    under the screen's solid angle, and from what is left when the whole mirrored light of a coat of the recipe's
    index is taken off (roughness and haze only redirect it). The level is their mean by inverse
    variance, its pattern that of the reflectance.

    NaN where no fringe is seen. White paint: the first source drowns, the second carries; `u_pct` says so.
    """
    period = decoded.periods_mm()[0]
    keys = [(axis, period) for axis in AXES]
    if any(key not in rig.modulation or key not in decoded.modulation for key in keys):
        raise Missing(Quality.NO_REFERENCE)
    geometry, shape = rig.geometry, rig.sensor.shape
    angle = math.radians(geometry.camera.angle_deg)
    glass, coat = float(fresnel(rig.glass_n, angle)), float(fresnel(target.n_clear, angle))
    step, coarse, falloff_u = _solid_angle(rig, shape)
    coarse /= np.float32(math.pi * glass)
    grey = _Grey(reflectance, rig)
    # Everything per light mirrored by the glass: mean light, diffuse light by model, mirrored light by index.
    pct = np.empty(shape, np.float32)
    sums: list[tuple[int, float, float]] = []

    def diffuse_by_model(rows: slice) -> None:
        light = decoded.offset[rows] / rig.offset[rows]
        diffuse = np.multiply(grey.of(rows), _interpolated(coarse, step, rows, shape[1]), out=pct[rows])
        both = np.isfinite(light) & np.isfinite(diffuse)
        if both.all():
            sums.append((light.size, float(light.sum()), float(diffuse.sum())))
        else:
            sums.append((int(np.count_nonzero(both)), float(light[both].sum()), float(diffuse[both].sum())))

    in_strips(shape, diffuse_by_model)
    count, total, diffuse_total = (math.fsum(column) for column in zip(*sums, strict=True))
    if not count:
        raise Missing(Quality.NO_SIGNAL)
    ratio, model = float(total / count), float(diffuse_total / count)
    dead = DEAD_SIGMA * float(np.mean(reflectance.noise)) / math.sqrt(count)
    if not model > dead * float(coarse.mean()):
        raise Missing(Quality.NO_SIGNAL)  # no diffuse light at all: its lamp was off, and the model knows nothing
    mirrored = coat / glass
    slope = (float(fresnel(target.n_clear + INDEX_U, angle)) - coat) / glass
    u_model = math.hypot(math.hypot(DIFFUSE_MODEL_U_RELATIVE, falloff_u) * model, grey.u * float(coarse.mean()))
    u_index = math.hypot(slope, rig.terms.screen_drift_relative * ratio)
    weight = u_index**2 / max(u_model**2 + u_index**2, 1e-30)
    level = weight * model + (1 - weight) * (ratio - mirrored)
    u_level = u_model * u_index / max(math.hypot(u_model, u_index), 1e-30)
    if not math.isfinite(level) or ratio - level <= 0.1 * mirrored:
        raise Missing(Quality.DIFFUSE_DOMINATES)
    scale = np.float32(level / model) if model > 0 else np.float32(0)
    (paint_x, glass_x), (paint_y, glass_y) = ((decoded.modulation[key], rig.modulation[key]) for key in keys)

    def work(rows: slice) -> None:
        part = pct[rows]
        part *= scale
        light = decoded.offset[rows] / rig.offset[rows]
        light -= part
        share = paint_x[rows] / glass_x[rows]
        share += paint_y[rows] / glass_y[rows]
        share /= light
        np.subtract(np.float32(100), np.multiply(share, np.float32(50), out=share), out=part)

    in_strips(shape, work)
    thin = (slice(None, None, 8), slice(None, None, 8))
    reference = float(np.nanmedian(glass_x[thin]))
    share = 1 - float(np.nanmean(pct[thin])) / 100
    noise = 100 * math.hypot(*(decoded.noise[key] for key in keys)) / 2 / reference / max(ratio - level, 1e-9)
    return HazeMap(
        to_panel_mm=geometry.camera.pixel_to_panel_mm,
        pitch_mm=pitch_mm(geometry, shape),
        pct=pct,
        noise_pct=noise,
        u_pct=100 * share * u_level / (ratio - level),
        diffuse_ratio=level / (ratio - level),
    )


class _Grey:
    """What the camera's screen frames see of the paint's colour: all colours in one pixel, or each in its own.

    `u`: standard uncertainty of its mean. Of a mosaic none: both frames have the same filters.
    """

    def __init__(self, reflectance: ReflectanceMap, rig: Rig) -> None:
        assert rig.tile is not None
        self._linear, self._mosaic = reflectance.linear_srgb, rig.sensor.mosaic if rig.tile.ndim == 2 else None
        self._to_camera = np.linalg.inv(reflectance.matrix)
        weights = grey_weights(rig.tile)
        self._weights = (weights @ self._to_camera).astype(np.float32)[None]
        thin = self._linear[::8, ::8]
        seen = thin[np.isfinite(thin[..., 0])]
        camera = self._to_camera @ (seen.mean(axis=0, dtype=np.float64) if len(seen) else np.zeros(3))
        spread = weights * (camera - weights @ camera)
        self.u = 0.0 if self._mosaic else GREY_U_RELATIVE * float(np.linalg.norm(spread))

    def of(self, rows: slice) -> FloatMap:
        """Reflectance that the pixels of some rows see, of 1."""
        linear = self._linear[rows]
        if not self._mosaic:
            return np.asarray(cv2.transform(linear, self._weights), np.float32)
        camera = cv2.transform(linear, self._to_camera.astype(np.float32))
        seen = np.empty(linear.shape[:2], np.float32)
        for place, letter in enumerate(self._mosaic):
            site = slice((place // 2 + rows.start) % 2, None, 2), slice(place % 2, None, 2)
            seen[site] = camera[(*site, "RGB".index(letter))]
        return seen


def _solid_angle(rig: Rig, shape: tuple[int, ...]) -> tuple[float, FloatMap, float]:
    """Projected solid angle of the screen on a coarse grid, sr; the grid's step in pixels; relative uncertainty."""
    step = max(shape) / SOLID_ANGLE_CELLS
    row = np.arange(0, shape[0] + step, step)[:, None]
    col = np.arange(0, shape[1] + step, step)[None, :]
    least, most = (screen_solid_angle_sr(rig.geometry, *panel_mm(rig.geometry, col, row), f) for f in FALLOFFS)
    middle = (least + most) / 2
    return step, middle.astype(np.float32), abs(float((most - least).mean() / middle.mean())) / math.sqrt(12)


def _interpolated(coarse: FloatMap, step: float, rows: slice, cols: int) -> FloatMap:
    """The coarse grid at every pixel of some rows, bilinear."""
    to_grid = np.array([[1 / step, 0, 0], [0, 1 / step, rows.start / step]])
    mode = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (cols, rows.stop - rows.start)
    return np.asarray(cv2.warpAffine(coarse, to_grid, size, flags=mode, borderMode=cv2.BORDER_REPLICATE), np.float32)
