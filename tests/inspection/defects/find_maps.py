"""Maps of a made-up panel, straight from numbers: quick, and with a noise that is known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.evidence import Evidence
from inspection.defects.field import Field
from inspection.filters import surface
from inspection.maps.kinds import ClarityMap, GlossMap, HazeMap, ReflectanceMap, SurfaceMap

PITCH_MM = 0.4
GLOSS_GU, CLARITY_PCT, HAZE_PCT = 80.0, 70.0, 3.0
PAINT = (0.08, 0.04, 0.18)
NOISE_MRAD, NOISE_GU, NOISE_PCT, NOISE_LIGHT = 0.03, 0.6, 1.0, 0.0009


@dataclass
class Made:
    """A clean panel; tests add marks to its arrays."""

    height_um: NDArray[np.float32]
    gloss_gu: NDArray[np.float32]
    clarity_pct: NDArray[np.float32]
    haze_pct: NDArray[np.float32]
    light: NDArray[np.float32]
    x_mm: NDArray[np.float32]
    y_mm: NDArray[np.float32]

    def evidence(self) -> Evidence:
        rows, cols = self.height_um.shape
        at = {
            "to_panel_mm": ((PITCH_MM, 0.0, PITCH_MM / 2), (0.0, PITCH_MM, PITCH_MM / 2), (0.0, 0.0, 1.0)),
            "pitch_mm": (PITCH_MM, PITCH_MM),
        }
        slope = np.where(np.isfinite(self.height_um), np.float32(0), np.float32(np.nan))
        return Evidence(
            SimpleNamespace(sensor=SimpleNamespace(shape=(rows, cols))),  # type: ignore[arg-type]
            SurfaceMap(**at, x_mrad=slope, y_mrad=slope, height_um=self.height_um,
                       noise_mrad=(NOISE_MRAD, NOISE_MRAD), scale_u_relative=0.0),
            GlossMap(**at, gu=self.gloss_gu, ceiling_gu=88.0, noise_gu=NOISE_GU,
                     grain_relative=0.0, wide_grain_relative=0.0, scale_u_relative=0.0, distance_u_relative=0.0),
            ClarityMap(**at, pct={12.0: self.clarity_pct}, coarsest_mm=48.0, noise_pct=((12.0, NOISE_PCT),),
                       grain_relative=((12.0, 0.0),),
                       glow_u_pct=((12.0, 0.0),), distance_u_relative=0.0),
            HazeMap(**at, pct=self.haze_pct, noise_pct=NOISE_PCT, u_pct=0.0, diffuse_ratio=0.1),
            ReflectanceMap(**at, linear_srgb=self.light, noise_cov=NOISE_LIGHT**2 * np.eye(3),
                           grain_cov=np.zeros((3, 3)),
                           scale_u_relative=0.0, matrix=np.eye(3), matrix_u_relative=0.0, white_kept=False),
            None,
        )  # fmt: skip

    def bump(self, x_mm: float, y_mm: float, size_mm: float, height_um: float, length_mm: float | None = None) -> None:
        """A Gaussian bump or hollow; extents at 10 % of its height, the length along y."""
        sx, sy = (v / 2 / float(np.sqrt(2 * np.log(10))) for v in (size_mm, length_mm or size_mm))
        r2 = ((self.x_mm - x_mm) / sx) ** 2 + ((self.y_mm - y_mm) / sy) ** 2
        self.height_um += np.float32(height_um) * np.exp(-r2 / 2)

    def disc(self, x_mm: float, y_mm: float, size_mm: float, edge_mm: float = 1.0) -> NDArray[np.float32]:
        """1 inside a disc, 0 outside, with a soft edge."""
        r = np.hypot(self.x_mm - x_mm, self.y_mm - y_mm)
        return np.asarray(1 / (1 + np.exp(np.clip((r - size_mm / 2) / (edge_mm / 4), -60, 60))), np.float32)


def clean(seed: int, size: int = 200, peel_um: float = 0.5) -> Made:
    """Orange peel of 5 to 20 mm (RMS height `peel_um`), slope noise, and noise in every other map."""
    rng = np.random.default_rng(seed)

    def noise(sigma: float) -> NDArray[np.float32]:
        return rng.standard_normal((size, size), dtype=np.float32) * np.float32(sigma)

    height, _, _ = surface(noise(NOISE_MRAD * PITCH_MM), noise(NOISE_MRAD * PITCH_MM))
    for sigma_mm, share in ((4.0, 1.0), (1.5, 0.3)):
        waves = cv2.GaussianBlur(noise(1.0), (0, 0), sigma_mm / PITCH_MM)
        height += waves * np.float32(share * peel_um / waves.std())
    y, x = (np.mgrid[:size, :size].astype(np.float32) + np.float32(0.5)) * np.float32(PITCH_MM)
    light = np.stack([np.float32(v) + noise(NOISE_LIGHT) for v in PAINT], axis=-1)
    return Made(height, GLOSS_GU + noise(NOISE_GU), CLARITY_PCT + noise(NOISE_PCT), HAZE_PCT + noise(0.7), light, x, y)


def field_of(values: NDArray[np.float32]) -> Field:
    return Field(values, np.ones(values.shape, bool))
