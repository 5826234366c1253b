"""Reflectance of the paint from its diffuse frames, the white tile and the camera's colour matrix."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.camera_colour import matrix_at, to_linear_srgb
from inspection.frames import Frame, Frames, Role, Sensor
from inspection.fringes import FloatMap
from inspection.illuminant import light_change
from inspection.maps.kinds import NOMINAL_DEG, TOLERANCE_DEG, AspecularMap, ReflectanceMap
from inspection.noise import noise_of
from inspection.optics import pitch_mm
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig
from inspection.strips import in_strips
from inspection.white import White

#: Weights of the 3 × 3 neighbours when a colour of the mosaic is interpolated (bilinear).
_BILINEAR = np.array([1.0, 2.0, 1.0], np.float32)
#: Every 8th pixel is enough for what is alike all over.
_THIN = (slice(None, None, 8), slice(None, None, 8))


@builds
def reflectance(frames: Frames, rig: Rig) -> ReflectanceMap:
    """Reflectance factor = (diffuse - dark) / white tile per ms, times the colour matrix: linear sRGB.

    Gloss is excluded by the geometry of the lamps. Saturated pixels are NaN. No diffuse frame: NO_FRAMES;
    no tile or colour matrix in the rig: NO_REFERENCE; a white tile in the capture that shows another lamp than
    the rig's: LIGHT_CHANGED.
    """
    found = frames.with_role(Role.DIFFUSE)
    if not found:
        raise Missing(Quality.NO_FRAMES)
    return _in_light(found[0], frames, rig)


def _in_light(frame: Frame, frames: Frames, rig: Rig) -> ReflectanceMap:
    """Reflectance factor in the light of one diffuse frame."""
    matrix, white = rig.colour_matrix(frames), rig.white_of(frame)
    if white is None or matrix is None:
        raise Missing(Quality.NO_REFERENCE)
    light = light_change(frames, rig)
    if light is not None and light.changed:
        raise Missing(Quality.LIGHT_CHANGED)
    shape = frames.sensor.shape
    linear, camera = np.empty((*shape, 3), np.float32), np.empty(3)
    if frames.sensor.mosaic and frame.pixels.ndim == 2:
        ratio = np.empty(shape, np.float32)
        in_strips(shape, lambda rows: ratio.__setitem__(rows, _ratio(frames, rig, frame, rows)))
        balanced = _demosaiced(ratio, frames.sensor.mosaic)
        camera = _typical(balanced[_THIN])
        in_strips(shape, lambda rows: linear.__setitem__(rows, to_linear_srgb(balanced[rows], matrix)))
    else:
        camera = _typical(_ratio(frames, rig, frame, _THIN))
        in_strips(
            shape,
            lambda rows: linear.__setitem__(rows, to_linear_srgb(_ratio(frames, rig, frame, rows), matrix)),
        )
    colour = matrix_at(camera, matrix)
    noise, grain = _noise(frame, frames, white, colour)
    scale_u = math.hypot(rig.terms.lamp_drift_relative, rig.terms.tile_reflectance_relative)
    return ReflectanceMap(
        to_panel_mm=rig.geometry.camera.pixel_to_panel_mm,
        pitch_mm=pitch_mm(rig.geometry, shape),
        linear_srgb=linear,
        noise_cov=noise,
        grain_cov=grain,
        scale_u_relative=scale_u,
        matrix=colour,
        matrix_u_relative=rig.terms.colour_matrix_relative,
        white_kept=rig.colour is not None,
        drift_ratio=(rig.terms.lamp_drift_relative / scale_u) ** 2 if scale_u > 0 else 0.0,
    )


@builds
def aspecular(frames: Frames, rig: Rig) -> AspecularMap:
    """Take the frame next to each of 15°, 45° and 110°.

    None within `TOLERANCE_DEG` of one of them: NO_FRAMES; the rig has no white tile in that light: NO_REFERENCE.
    """
    found = frames.aspecular(Role.DIFFUSE)
    if not found:
        raise Missing(Quality.NO_FRAMES)
    angles = [min(found, key=lambda angle: abs(angle - nominal)) for nominal in NOMINAL_DEG]
    if any(abs(angle - nominal) > TOLERANCE_DEG for angle, nominal in zip(angles, NOMINAL_DEG, strict=True)):
        raise Missing(Quality.NO_FRAMES)
    lit = {angle: _in_light(found[angle], frames, rig) for angle in angles}
    return AspecularMap(
        to_panel_mm=lit[angles[0]].to_panel_mm,
        pitch_mm=lit[angles[0]].pitch_mm,
        lit=lit,
        distance_mm=tuple(found[angle].distance_mm for angle in angles),
        geometry=rig.geometry,
    )


def _typical(balanced: FloatMap) -> NDArray[np.float64]:
    """Median camera colour; NaN where nothing was seen."""
    flat = balanced.reshape(-1, 3)
    seen = flat[np.isfinite(flat).all(axis=1)]
    return np.median(seen, axis=0).astype(np.float64) if len(seen) else np.full(3, np.nan)


def _ratio(frames: Frames, rig: Rig, frame: Frame, rows: slice | tuple[slice, slice]) -> FloatMap:
    """Light over the light of a perfect diffuser, raw channels; NaN where saturated."""
    light = rig.over_tile(frames, frame, rows)
    full = frame.pixels[rows] >= math.ceil(frames.sensor.white_level)
    if full.any():
        light[full.any(-1) if full.ndim == 3 else full] = np.nan
    return light


def _demosaiced(ratio: FloatMap, mosaic: str) -> FloatMap:
    """Bilinear interpolation of each colour from its own pixels (rows, cols) -> (rows, cols, 3)."""
    result = np.empty((*ratio.shape, 3), np.float32)
    solid = np.nan_to_num(ratio)
    for channel, letter in enumerate("RGB"):
        mask = np.zeros(ratio.shape, np.float32)
        for place, name in enumerate(mosaic):
            if name == letter:
                mask[place // 2 :: 2, place % 2 :: 2] = 1
        mask *= np.isfinite(ratio)
        total = cv2.sepFilter2D(solid * mask, -1, _BILINEAR, _BILINEAR, borderType=cv2.BORDER_REFLECT_101)
        weight = cv2.sepFilter2D(mask, -1, _BILINEAR, _BILINEAR, borderType=cv2.BORDER_REFLECT_101)
        with np.errstate(invalid="ignore", divide="ignore"):
            np.divide(total, weight, out=result[..., channel])
    return result


def _noise(
    frame: Frame, frames: Frames, white: White, colour: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covariance (3, 3) of one pixel in linear sRGB: by the noise of the frame and its dark, and by the tile's.

    The camera's channels err independently; the colour matrix mixes them, so that what makes red too bright makes green
    too dark. In a mosaic a colour has a quarter of the pixels (green half): a mean errs as if each pixel had the colour
    with that much more noise.
    """
    sensor, model, dark = frames.sensor, noise_of(frames), frames.dark_of(frame)
    usual = float(np.nanmedian(white.per_ms[_THIN]))
    own, tiles = np.empty(3), np.empty(3)
    for channel, (where, share) in enumerate(_colours(frame, sensor)):
        tile = white.per_ms[where].astype(np.float64)
        light, scale = _light(frame, where, sensor), 1 / (frame.exposure_ms * tile)
        variance = np.square(scale) * model.variance(light)
        if dark is not None:
            variance += model.variance(_light(dark, where, sensor)) / np.square(dark.exposure_ms * tile)
        own[channel] = float(np.nanmedian(variance)) / share
        # Shot noise: a colour that the camera sees less of is noisier by the root.
        relative = white.noise_relative * math.sqrt(usual / float(np.nanmedian(tile)))
        tiles[channel] = float(np.nanmedian(np.square(light * scale))) * relative**2 / share
    return (colour * own) @ colour.T, (colour * tiles) @ colour.T


def _light(frame: Frame, where: tuple[slice | int, ...], sensor: Sensor) -> NDArray[np.float64]:
    return (frame.pixels[where].astype(np.float64) - sensor.black_level) / (sensor.white_level - sensor.black_level)


def _colours(frame: Frame, sensor: Sensor) -> list[tuple[tuple[slice | int, ...], float]]:
    """For red, green and blue: some of the pixels that hold it, and the share of all that do."""
    if frame.pixels.ndim == 3 or sensor.mosaic is None:
        return [((*_THIN, channel), 1.0) for channel in range(3)]
    places = [sensor.mosaic.index(letter) for letter in "RGB"]
    shares = [sensor.mosaic.count(letter) / 4 for letter in "RGB"]
    thin = [(slice(place // 2, None, 8), slice(place % 2, None, 8)) for place in places]
    return list(zip(thin, shares, strict=True))
