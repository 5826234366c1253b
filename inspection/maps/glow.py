"""The screen as a lamp: the fringe that the paint's own diffuse light carries.

The base coat scatters the light of the whole screen. A fringe pattern averages out over it but for what the
screen's edges leave, and that rest moves with the steps like a mirrored fringe. On white paint it is a tenth of the
mirrored light: it is computed from the paint's reflectance and taken off before the phase.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.camera_colour import to_linear_srgb
from inspection.continuity import Grid
from inspection.frames import Frames, Role
from inspection.maps.kinds import Glow
from inspection.optics import fresnel, panel_mm, screen_patch_centres_mm, screen_patches_sr
from inspection.registry import builds
from inspection.rig import Rig

#: Cells along the longer side at which the light of the screen is summed; in between it is smooth.
SUM_CELLS = 12
#: A rest below this share of the mirrored fringe of black glass is not worth taking off.
LEAST_RATIO = 2e-4


@builds
def glow(frames: Frames, rig: Rig) -> Glow:
    """Compute the diffuse fringe of every series that is worth it.

    Model: Lambertian paint of the measured reflectance (mean of its three colours), Lambertian screen. What is
    left of it after subtraction is its model error, some 10 %.
    """
    found = frames.with_role(Role.DIFFUSE)
    if not found or rig.tile is None:
        return Glow()
    grid = Grid.over(frames.sensor.shape)
    grey = _grey(frames, rig, grid)
    row, col = grid.places()
    step = max(1, math.ceil(max(row.shape) / SUM_CELLS))
    geometry = rig.geometry
    patches = screen_patches_sr(geometry, *panel_mm(geometry, col[::step, ::step], row[::step, ::step]))
    centres = screen_patch_centres_mm(geometry)
    glass = float(fresnel(rig.glass_n, math.radians(geometry.camera.angle_deg)))
    coarsest = rig.periods_mm()[0]
    result = Glow()
    for axis, period in frames.fringe_series():
        if (axis, coarsest) not in rig.modulation:
            continue
        light = np.nan_to_num(rig.modulation[axis, coarsest][grid.pixels()]) / glass
        s = centres[0] if axis == "x" else centres[1]
        # A patch is wider than a fine fringe: the mean of the wave over it.
        wave = np.exp(2j * np.pi * s / period) * np.sinc((s[1] - s[0]) / period)
        sums = patches.sum(-1 if axis == "x" else -2) @ wave / math.pi
        size = (row.shape[1], row.shape[0])
        cos, sin = ((grey * light * _spread(part, step, size)).astype(np.float32) for part in (sums.real, sums.imag))
        strength = float(np.sqrt(np.mean(np.square(cos) + np.square(sin))))
        if strength > LEAST_RATIO * glass * float(light.mean()):
            result.parts[axis, period] = (cos, sin)
            result.strength[axis, period] = strength
    return result


def _spread(values: NDArray[np.float64], step: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """From every `step`-th cell to all cells of the grid, bilinear."""
    if step == 1:
        return values
    to_coarse = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    mode = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(values, to_coarse, size, flags=mode, borderMode=cv2.BORDER_REPLICATE))


def _grey(frames: Frames, rig: Rig, grid: Grid) -> NDArray[np.float64]:
    """Mean reflectance of the three colours at the grid's pixels."""
    frame = frames.with_role(Role.DIFFUSE)[0]

    def ratio(down: int, right: int) -> NDArray[np.float64]:
        row, col = (
            np.minimum(index + shift, size - 1).astype(np.intp)
            for index, shift, size in zip(grid.places(), (down, right), grid.shape, strict=True)
        )
        return np.nan_to_num(rig.over_tile(frames, frame, (row, col))).astype(np.float64)

    if frame.pixels.ndim == 2:  # a mosaic: any 2 x 2 pixels hold every colour, green twice
        return np.asarray((ratio(0, 0) + ratio(0, 1) + ratio(1, 0) + ratio(1, 1)) / 4)
    matrix = rig.colour_matrix(frames)
    camera = ratio(0, 0)
    return np.asarray((to_linear_srgb(camera, matrix) if matrix is not None else camera).mean(-1))
