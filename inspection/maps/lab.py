"""CIELAB of every pixel, for looking at and for marks; verdicts are taken from binned light."""

from __future__ import annotations

import cv2
import numpy as np

from inspection.colour import FROM_ROOTS, RELATIVE_XYZ, roots
from inspection.maps.kinds import LabMap, ReflectanceMap
from inspection.registry import builds
from inspection.strips import in_strips

_TO_LAB = np.concatenate([FROM_ROOTS, [[-16], [0], [0]]], axis=1).astype(np.float32)
_TO_XYZ = RELATIVE_XYZ.astype(np.float32)


@builds
def lab(reflectance: ReflectanceMap) -> LabMap:
    """L*a*b* (D65, 2°) per pixel in float32, within 1e-3 of the exact formula; NaN where not measured."""
    linear = reflectance.linear_srgb
    result = np.empty_like(linear)

    def work(rows: slice) -> None:
        relative = np.asarray(cv2.transform(linear[rows], _TO_XYZ), np.float32)
        cv2.transform(np.asarray(roots(relative), np.float32), _TO_LAB, result[rows])

    in_strips(linear.shape, work)
    return LabMap(to_panel_mm=reflectance.to_panel_mm, pitch_mm=reflectance.pitch_mm, lab=result)
