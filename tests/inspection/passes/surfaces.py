"""Surfaces of one panel at several placings, cut out of an endless texture: height maps without a camera."""

from __future__ import annotations

import math

import numpy as np

from inspection.maps.kinds import SurfaceMap
from samples.surface import Texture, texture_relief

#: Orange peel as sprayed and after sanding, RMS height in µm of the bands 0.1–0.3 … 10–30 mm.
SPRAYED_UM = (0.0, 0.0, 0.05, 0.25, 0.70)
SANDED_UM = (0.0, 0.0, 0.015, 0.10, 0.50)


def surface(
    *textures: Texture,
    dx_mm: float = 0.0,
    dy_mm: float = 0.0,
    turn_deg: float = 0.0,
    field_mm: tuple[float, float] = (120.0, 90.0),
    pitch_mm: float = 0.5,
    noise_um: float = 0.01,
    seed: int = 0,
) -> SurfaceMap:
    """What a station would see of a panel that lies turned and shifted about the field's middle."""
    cols, rows = (round(side / pitch_mm) for side in field_mm)
    x = (np.arange(cols) + 0.5) * pitch_mm - field_mm[0] / 2 - dx_mm
    y = (np.arange(rows) + 0.5) * pitch_mm - field_mm[1] / 2 - dy_mm
    gx, gy = np.meshgrid(x, y)
    a = math.radians(turn_deg)
    # A place of the panel is turned counter-clockwise as seen, then shifted: here the way back.
    px, py = math.cos(a) * gx - math.sin(a) * gy, math.sin(a) * gx + math.cos(a) * gy
    height = sum((1e3 * texture_relief(texture, px, py).height_mm for texture in textures), np.zeros_like(px))
    height += np.random.default_rng(seed).normal(0, noise_um, height.shape)
    small = height.astype(np.float32)
    to_panel = ((pitch_mm, 0.0, pitch_mm / 2), (0.0, pitch_mm, pitch_mm / 2), (0.0, 0.0, 1.0))
    return SurfaceMap(to_panel, (pitch_mm, pitch_mm), small, small, small, (0.1, 0.1), 0.01)


def part_of(um: tuple[float, ...], share: float) -> tuple[float, float, float, float, float]:
    """A share of a texture's power."""
    a, b, c, d, e = (math.sqrt(share) * value for value in um)
    return a, b, c, d, e
