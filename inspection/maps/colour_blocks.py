"""The area's mean colour and its colour on blocks of 4 mm, with covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspection.averages import Elsewhere, blocks, counted, laid_elsewhere, mean
from inspection.camera_colour import entry_errors
from inspection.maps.kinds import Area, AspecularMap, ReflectanceMap
from inspection.optics import aspecular_deg, panel_mm
from inspection.reading import Missing, Quality
from inspection.registry import builds

#: Pixels of an area, about, at which the angle of a light is computed.
ANGLE_PX = 10_000
#: A mean this many standard deviations from nothing is light.
SEEN_SIGMA = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class ColourBlocks:
    """Linear sRGB, binned so that noise does not bias a difference of colours.

    Attributes
    ----------
    mean : float64 (3,)
        Mean reflectance of the area.
    blocks : float64 (n, 3)
        Of every block of 4 mm that was seen.
    elsewhere : Elsewhere
        The blocks had the panel been put down beside its place.
    mean_noise, block_noise : float64 (3, 3)
        Covariance by pixel noise.
    mean_grain, block_grain : float64 (3, 3)
        Covariance by the noise of the tile's frame.
    relative_u : float
        Relative standard uncertainty of lamp and tile, all channels alike; `drift_ratio` of its square is the lamp's.
    matrix : float64 (3, 3)
        Camera RGB to linear sRGB; `matrix_u` is the relative standard uncertainty of each entry;
        `white_kept`: of what differs from grey only.
    """

    mean: NDArray[np.float64]
    blocks: NDArray[np.float64]
    elsewhere: Elsewhere
    mean_noise: NDArray[np.float64]
    block_noise: NDArray[np.float64]
    mean_grain: NDArray[np.float64]
    block_grain: NDArray[np.float64]
    relative_u: float
    drift_ratio: float
    matrix: NDArray[np.float64]
    matrix_u: float
    white_kept: bool
    n_px: int
    quality: tuple[Quality, ...]

    def errors(self) -> list[NDArray[np.float64]]:
        """One standard uncertainty of every calibration term, as a linear map on linear sRGB, (3, 3) each."""
        back = np.linalg.inv(self.matrix)
        common = [np.eye(3) * self.relative_u]
        entries = entry_errors(self.matrix, white_kept=self.white_kept)
        return common + [self.matrix_u * error @ back for error in entries]


@dataclass(frozen=True, slots=True, eq=False)
class AspecularColours:
    """Mean colour of an area under each of the three lights; mean of its aspecular angle, and standard deviation.

    `elsewhere`: as of `ColourBlocks`, with the three lights' channels one after the other.
    """

    colours: tuple[ColourBlocks, ...]
    elsewhere: Elsewhere
    angles_deg: NDArray[np.float64]
    spreads_deg: NDArray[np.float64]


@builds
def colour_blocks(reflectance: ReflectanceMap, area: Area) -> ColourBlocks:
    """Average the light of the area; below 16 valid pixels: TOO_FEW_PIXELS; no light beyond noise: NO_SIGNAL."""
    n, quality = counted(reflectance.linear_srgb, area.n_px)
    means, per_block = blocks(reflectance.linear_srgb, reflectance.pitch_mm)
    noise, grain = reflectance.noise_cov, reflectance.grain_cov
    average = np.array(mean(reflectance.linear_srgb))
    if not (np.abs(average) > SEEN_SIGMA * np.sqrt(np.diag(noise) / n)).any():
        raise Missing(Quality.NO_SIGNAL)
    return ColourBlocks(
        mean=average,
        blocks=means[np.isfinite(means[..., 0])].astype(np.float64),
        elsewhere=laid_elsewhere(reflectance.linear_srgb, reflectance.pitch_mm),
        mean_noise=noise / n,
        block_noise=noise / per_block,
        mean_grain=grain / n,
        block_grain=grain / per_block,
        relative_u=reflectance.scale_u_relative,
        drift_ratio=reflectance.drift_ratio,
        matrix=reflectance.matrix,
        matrix_u=reflectance.matrix_u_relative,
        white_kept=reflectance.white_kept,
        n_px=n,
        quality=quality,
    )


@builds
def aspecular_colours(light: AspecularMap, area: Area) -> AspecularColours:
    """Average colour and angle over the pixels that are seen; doubts as `colour_blocks`."""
    colours = tuple(colour_blocks(one, area) for one in light.lit.values())
    seen_deg = []
    for (angle, one), distance in zip(light.lit.items(), light.distance_mm, strict=True):
        seen = np.flatnonzero(np.isfinite(one.linear_srgb[..., 0]))
        row, col = np.divmod(seen[:: max(1, len(seen) // ANGLE_PX)], one.linear_srgb.shape[1])
        x, y = panel_mm(light.geometry, area.cols.start + col, area.rows.start + row)
        seen_deg.append(aspecular_deg(light.geometry, angle, distance, x, y))
    along = zip(*(one.elsewhere.along for one in colours), strict=True)
    return AspecularColours(
        colours=colours,
        elsewhere=Elsewhere(
            tuple(tuple(np.concatenate(lights, axis=-1) for lights in zip(*axis, strict=True)) for axis in along),
            colours[0].elsewhere.step_mm,
        ),
        angles_deg=np.array([float(angle.mean()) for angle in seen_deg]),
        spreads_deg=np.array([float(angle.std()) for angle in seen_deg]),
    )
