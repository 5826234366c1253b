"""Light that the paint throws from small lamps at several azimuths."""

from __future__ import annotations

import cv2
import numpy as np

from inspection.frames import Frame, Frames, Role
from inspection.fringes import FloatMap
from inspection.maps.kinds import Lamp, LampMap
from inspection.noise import noise_of
from inspection.optics import pitch_mm
from inspection.reading import Missing, Quality
from inspection.registry import builds
from inspection.rig import Rig
from inspection.strips import in_strips


@builds
def lamps(frames: Frames, rig: Rig) -> LampMap:
    """Ratio = (spot - dark) per ms, over its median; of a mosaic each colour over its own median.

    Dark is that of the lamp's group, else the black level. Saturated pixels (the lamp's own mirror image, the brightest
    arcs) are NaN. Of several lamps at one azimuth the steepest counts: the first with the smallest polar angle. No spot
    frame with an azimuth: NO_FRAMES; a lamp that lights nothing: NO_SIGNAL.
    """
    chosen: dict[float, Frame] = {}
    for frame in sorted(frames.with_role(Role.SPOT), key=lambda f: f.polar_deg or 0.0):
        if frame.azimuth_deg is not None:
            chosen.setdefault(frame.azimuth_deg % 360.0, frame)
    if not chosen:
        raise Missing(Quality.NO_FRAMES)
    made = {azimuth: _ratio(chosen[azimuth], frames) for azimuth in sorted(chosen)}
    return LampMap(
        to_panel_mm=rig.geometry.camera.pixel_to_panel_mm,
        pitch_mm=pitch_mm(rig.geometry, frames.sensor.shape),
        ratio={azimuth: ratio for azimuth, (ratio, _, _) in made.items()},
        noise_ratio={azimuth: noise for azimuth, (_, noise, _) in made.items()},
        lamps=tuple(
            Lamp(azimuth, frame.polar_deg, frame.distance_mm, level, 1 / (frame.exposure_ms * level))
            for azimuth, frame, level in ((a, chosen[a], level) for a, (_, _, level) in made.items())
        ),
    )


def _ratio(frame: Frame, frames: Frames) -> tuple[FloatMap, float, float]:
    """The ratio map of one lamp, the standard deviation of a pixel near 1, and the light per ms of ratio 1."""
    black, white = frames.sensor.black_level, frames.sensor.white_level
    pixels, dark = frame.plane(), frames.dark_of(frame)
    scale = 1 / (frame.exposure_ms * (white - black))
    ratio = np.empty(frames.sensor.shape, np.float32)

    def lit(rows: slice) -> None:
        part = pixels[rows]
        if dark is None:
            ratio[rows] = np.multiply(part, np.float32(scale), dtype=np.float32) - np.float32(black * scale)
        else:
            other = 1 / (dark.exposure_ms * (white - black))
            cv2.addWeighted(
                part, scale, dark.plane()[rows], -other, black * (other - scale), ratio[rows], dtype=cv2.CV_32F
            )
        ratio[rows][part >= white] = np.nan

    in_strips(frames.sensor.shape, lit)
    sites = [(i, j) for i in (0, 1) for j in (0, 1)] if frames.sensor.mosaic and frame.pixels.ndim == 2 else [(0, 0)]
    step, levels = (2 if len(sites) > 1 else 1), []
    for row, col in sites:
        site = ratio[row::step, col::step]
        thin = site[::4, ::4]
        seen = thin[np.isfinite(thin)]
        level = float(np.median(seen)) if seen.size else 0.0
        if level <= 0.0:
            raise Missing(Quality.NO_SIGNAL)
        site /= np.float32(level)
        levels.append(level)
    model, brightness = noise_of(frames), float(np.mean(levels)) * frame.exposure_ms
    variance = float(model.variance(np.array(brightness)))
    if dark is not None:
        variance += float(model.variance(np.array(0.0))) * (frame.exposure_ms / dark.exposure_ms) ** 2
    return ratio, float(np.sqrt(variance)) / brightness, float(np.mean(levels))
