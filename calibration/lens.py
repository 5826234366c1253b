"""How a camera's pixels fall on the panel's plane: pinhole, shifted sensor, and the distortion of the lens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspection.lens import shift_px

Floats = NDArray[np.float64]


def towards_centre(place: Floats) -> tuple[Floats, Floats, Floats]:
    """Right, up and forward of a camera that looks at the origin and whose middle row runs along X on the panel."""
    forward = -place / np.linalg.norm(place)
    right = np.array([1.0, 0.0, 0.0]) - forward[0] * forward
    right /= np.linalg.norm(right)
    return right, np.cross(right, forward), forward


def to_panel_mm(p: Floats, tilted: bool, shape: tuple[int, int]) -> Floats:
    """Homography of ideal pixels to the panel from the field's centre, y down; `p` as `CameraFit.values`."""
    cx, cy = (shape[1] - 1) / 2, (shape[0] - 1) / 2
    if not tilted:
        a, e, b, g, h = p[3], p[3] * (1 + p[4]), p[3] * p[5], p[6], p[7]
        matrix = np.array([[a, b, 0], [0, e, 0], [g, h, 1]]) @ np.array([[1, 0, -cx], [0, 1, -cy], [0, 0, 1]])
    else:
        place = p[:3]
        rays = np.stack(towards_centre(place), axis=1) @ np.array([[1, 0, -cx], [0, -1, cy], [0, 0, p[3]]])
        matrix = np.stack([place[2] * rays[0] - place[0] * rays[2], place[1] * rays[2] - place[2] * rays[1], -rays[2]])
    return np.asarray(matrix / matrix[2, 2])


def ideal_px(px: Floats, bent: Floats, shape: tuple[int, int]) -> Floats:
    """Seen pixel places (n, 2) to those of a lens without distortion (Brown 1971; radius 1 at the picture's corner)."""
    if not bent.any():
        return px
    k1, k2, p1, p2 = (float(v) for v in bent)
    centre = (shape[1] - 1) / 2, (shape[0] - 1) / 2
    right, down = shift_px(px[:, 0], px[:, 1], (k1, k2, p1, p2), centre, float(np.hypot(*centre)))
    return px + np.stack([right, down], axis=1)
