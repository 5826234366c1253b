"""Gloss from the modulation of the coarsest fringe against black glass."""

from __future__ import annotations

import math

import numpy as np

from inspection.frames import AXES, Axis
from inspection.fringes import Decoded
from inspection.maps.kinds import GLOW_U_RELATIVE, GlossMap, Glow, Target
from inspection.optics import fresnel, pitch_mm
from inspection.reading import Missing, Quality, Source
from inspection.registry import builds
from inspection.rig import Rig
from inspection.strips import in_strips

#: Refractive index of the primary gloss standard (ISO 2813): 100 GU at every angle.
STANDARD_N = 1.567


@builds
def gloss(decoded: Decoded, rig: Rig, target: Target, glow: Glow) -> GlossMap:
    """Gloss in GU-equivalent at the station's angle: 100 B/B_glass · R(n_glass)/R(1.567), mean of both axes.

    Valid for clear-coated paint from about 5 GU; curved panels up to the slope at which the screen's
    edge is seen. A pixel without a fringe is NaN. A period that the rig does not know: NO_REFERENCE.
    """
    period = decoded.periods_mm()[0]
    keys = [(axis, period) for axis in AXES]
    if any(key not in rig.modulation or key not in decoded.modulation for key in keys):
        raise Missing(Quality.NO_REFERENCE)
    angle = math.radians(rig.geometry.camera.angle_deg)
    standard = float(fresnel(STANDARD_N, angle))
    glass = 100 * float(fresnel(rig.glass_n, angle)) / standard
    gu = np.empty(rig.sensor.shape, np.float32)
    (paint_x, glass_x), (paint_y, glass_y) = ((decoded.modulation[key], rig.modulation[key]) for key in keys)

    def work(rows: slice) -> None:
        total = paint_x[rows] / glass_x[rows] + paint_y[rows] / glass_y[rows]
        np.multiply(total, np.float32(glass / 2), out=gu[rows])

    in_strips(gu.shape, work)
    reference = float(np.nanmedian(glass_x[::8, ::8]))
    index_u = abs(float(fresnel(rig.glass_n + rig.terms.glass_index, angle)) * 100 / standard / glass - 1)
    return GlossMap(
        to_panel_mm=rig.geometry.camera.pixel_to_panel_mm,
        pitch_mm=pitch_mm(rig.geometry, rig.sensor.shape),
        gu=gu,
        ceiling_gu=100 * float(fresnel(target.n_clear, angle)) / standard,
        noise_gu=glass / reference * math.hypot(*(decoded.noise[key] for key in keys)) / 2,
        grain_relative=rig.offset_noise_relative,
        wide_grain_relative=math.hypot(*(rig.modulation_noise_relative(*key) for key in keys)) / 2,
        scale_u_relative=(
            (Source.REFERENCE, index_u),
            (Source.DRIFT, rig.terms.screen_drift_relative),
            (Source.MODEL, _glow_u(decoded, glow, keys)),
        ),
        distance_u_relative=rig.terms.screen_distance_mm / rig.geometry.screen.distance_mm,
    )


def _glow_u(decoded: Decoded, glow: Glow, keys: list[tuple[Axis, float]]) -> float:
    """What the model of the diffuse fringe leaves in the modulation, relative to it."""
    thin = (slice(None, None, 8), slice(None, None, 8))
    return GLOW_U_RELATIVE * math.hypot(
        *(glow.strength.get(key, 0.0) / float(np.nanmean(decoded.modulation[key][thin])) / len(keys) for key in keys)
    )
