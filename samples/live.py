"""A panel in front of a station whose screen may show any picture: what the sensor gets, one light at a time.

`samples.light` knows what becomes of a cosine in closed form; here the rays of every pixel are followed to a picture,
blurred as the paint's roughness and the camera's pupil blur it in the middle of the field. Two things are simpler
than there: roughness blurs in a few steps of its width instead of pixel by pixel, and what furrows scatter is taken to
come from the whole screen evenly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from samples.appearance import appearance
from samples.aspecular import aspecular_pictures
from samples.flakes import veil
from samples.furrows import Furrows
from samples.glow import Glow
from samples.lamps import lamp_pictures
from samples.light import CHANNEL_RESPONSE, camera_reflectance, lamp_light, lens
from samples.optics import disk_transfer, fresnel, roughness_transfer
from samples.paintwork import Panel
from samples.placement import hit
from samples.rays import Rays, Seen
from samples.stations import Station
from samples.transfer import Transfer

Floats = NDArray[np.float64]
Light = NDArray[np.float32]

#: Roughness blurs the picture in so many steps between the smoothest and the roughest pixel.
_BLURS = 3
#: The blurred picture reaches this far beyond the part that is seen, mm on the screen.
_MARGIN_MM = 8.0
#: The wide lobe sees the screen in cells of so many of its pixels.
_CELL_PX = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """The white tile in the panel's place: a matt surface of one reflectance."""

    reflectance: float


def black_glass(station: Station) -> Panel:
    """The polished black glass of a station's reference set."""
    index = station.glass_n + station.drift.glass_index
    return Panel("reference", lab=(0.0, 0.0, 0.0), alpha=0.0, n_clear=index)


class LiveScene:
    """One panel, or the white tile, in one station; light is in full scales per ms, (rows, cols, 3)."""

    def __init__(self, panel: Panel | Tile, station: Station) -> None:
        self._tile = panel if isinstance(panel, Tile) else None
        self._panel = black_glass(station) if isinstance(panel, Tile) else panel
        self._station = station

    def by_screen(self, light: Light) -> Light:
        """What comes by way of the panel from the screen.

        Parameters
        ----------
        light : float32 (rows, cols)
            The screen's light, 1 = its white; columns along u, rows along v.
        """
        if self._tile is not None:
            return self._grey(self._glow.of_picture(light) * self._tile.reflectance * self._station.full_scale_per_ms)
        return self._grey(lens(self._station, self._mirror.of_picture(light)) + self._matt(light))

    def by_diffuse_light(self) -> Light:
        """What comes from the lamps at 45°."""
        if self._tile is not None:
            true = self._tile.reflectance * (1 + self._station.drift.tile_relative)
            return lens(self._station, (lamp_light(self._station) * true).astype(np.float32))
        return self._diffuse

    def by_single_light(self, aspecular_deg: float) -> Light:
        """What comes from the light at this aspecular angle alone; the station must have it."""
        if self._tile is not None:
            return self.by_diffuse_light()
        return self._single_lights[aspecular_deg]

    def by_spot(self, azimuth_deg: float) -> Light:
        """What comes from one small lamp; the station must have one there."""
        return self._grey(self._spots[azimuth_deg].astype(np.float32))

    def _grey(self, light: NDArray[np.floating]) -> Light:
        return np.asarray(light[..., None] * np.array(CHANNEL_RESPONSE, np.float32), np.float32)

    def _matt(self, light: Light) -> Light:
        """Diffuse light of the base coat, which the screen lights like a lamp."""
        return np.asarray(self._mirror.grey * self._glow.of_picture(light), np.float32)

    @cached_property
    def _glow(self) -> Glow:
        return Glow(self._station, self._panel)

    @cached_property
    def _mirror(self) -> _Mirror:
        return _Mirror(self._panel, self._station)

    @cached_property
    def _diffuse(self) -> Light:
        station, panel, geometry = self._station, self._panel, self._station.true_geometry()
        column, row = np.meshgrid(np.arange(station.width_px, dtype=float), np.arange(station.height_px, dtype=float))
        points = hit(panel, geometry, column, row, texture=False)
        look = appearance(panel, points.x, points.y, station.mm_per_px)
        colour = camera_reflectance(look.lab, station.true_colour_matrix())
        if panel.flakes is not None:
            colour = colour + veil(panel.flakes, geometry.field_mm, station.shape)[..., None]
        return lens(station, (colour * lamp_light(station)).astype(np.float32))

    @cached_property
    def _single_lights(self) -> dict[float, Light]:
        pictures = aspecular_pictures(self._panel, self._station)
        return {angle: lens(self._station, light.astype(np.float32)) for angle, light in pictures.items()}

    @cached_property
    def _spots(self) -> dict[float, Floats]:
        return lamp_pictures(self._panel, self._station)


class _Mirror:
    """Everything about one panel's mirror image that does not depend on the picture."""

    def __init__(self, panel: Panel, station: Station) -> None:
        row = np.arange(station.height_px)
        kept = Transfer(panel, station, row)
        look = appearance(panel, kept.points.x, kept.points.y, station.mm_per_px)
        strength = fresnel(panel.n_clear, kept.seen.cos_incidence) * (1 - look.hidden) * station.full_scale_per_ms
        strength *= kept.seen.cos_emission**station.emission_exponent
        torn = Furrows(panel, station).within(row)
        self._scattered = strength * torn.sum(torn.on_screen(kept)) if torn else None
        bare = strength * (1 - torn.sum()) if torn else strength
        self._sharp, self._wide = bare * (1 - look.haze), bare * look.haze
        self._alpha, self._haze_alpha = look.alpha, panel.haze_alpha
        self._seen: Seen = Rays(panel, station).strip(row)
        self._runs = _Runs.of(kept, self._seen.side)
        self._centre = kept.seen.u_mm, kept.seen.v_mm
        self._screen_mm = station.screen_width_mm, station.screen_height_mm
        grey = camera_reflectance(look.lab, station.true_colour_matrix()) @ np.array(CHANNEL_RESPONSE)
        self.grey = grey * station.full_scale_per_ms / sum(CHANNEL_RESPONSE)

    def of_picture(self, light: Light) -> Light:
        """The mirror image of a picture, (rows, cols)."""
        rows, cols = light.shape
        pitch = self._screen_mm[0] / cols, self._screen_mm[1] / rows
        piece, left, top = self._piece(light, pitch)
        blurs = np.unique(np.quantile(self._alpha, np.linspace(0, 1, _BLURS)))
        images = [
            self._sampled(_blurred(piece, pitch, self._runs, float(alpha)), pitch, left, top, light.shape)
            for alpha in blurs
        ]
        image = images[0] if len(blurs) == 1 else _between(images, blurs, self._alpha)
        total = self._sharp * image
        if np.any(self._wide):
            total += self._wide * self._hazy(light)
        if self._scattered is not None:
            total += self._scattered * float(light.mean())
        return np.asarray(total, np.float32)

    def _piece(self, light: Light, pitch: tuple[float, float]) -> tuple[Light, int, int]:
        """The part of the picture that is seen, black where the screen ends, and where it begins."""
        ends = []
        for place, size, step, count in zip(self._centre, self._screen_mm, pitch, light.shape[::-1], strict=True):
            low, high = np.nanmin(place) - _MARGIN_MM, np.nanmax(place) + _MARGIN_MM
            first, last = (int(np.floor((end + size / 2) / step)) for end in (low, high))
            pad = int(np.ceil(_MARGIN_MM / step))
            ends.append((max(first, -pad), min(last + 1, count + pad)))
        (left, right), (top, bottom) = ends
        piece = np.zeros((max(bottom - top, 1), max(right - left, 1)), np.float32)
        inside = light[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        y, x = max(-top, 0), max(-left, 0)
        piece[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
        return piece, left, top

    def _sampled(self, piece: Light, pitch: tuple[float, float], left: int, top: int, shape: tuple[int, ...]) -> Light:
        """Mean over the rays of each pixel."""

        def at(u: Floats, v: Floats) -> Light:
            x = (u / pitch[0] + shape[1] / 2 - 0.5 - left).astype(np.float32)
            y = (v / pitch[1] + shape[0] / 2 - 0.5 - top).astype(np.float32)
            # Beside the screen nothing shines; a ray that misses its plane is sent there.
            x, y = np.nan_to_num(x, nan=-9.0), np.nan_to_num(y, nan=-9.0)
            return np.asarray(cv2.remap(piece, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.float32)

        s = self._seen.side
        rays = at(self._seen.place["x"], self._seen.place["y"])
        image = rays.reshape(rays.shape[0] // s, s, rays.shape[1] // s, s).mean(axis=(1, 3))
        for one in self._seen.fine:
            image[one.row, one.column] = at(one.place["x"], one.place["y"]).mean(axis=1)
        return image

    def _hazy(self, light: Light) -> Light:
        """The same through the wide lobe: from the whole screen, in coarse cells."""
        rows, cols = (max(n // _CELL_PX, 1) for n in light.shape)
        cells = cv2.resize(light, (cols, rows), interpolation=cv2.INTER_AREA)
        pitch = self._screen_mm[0] / cols, self._screen_mm[1] / rows
        around = cv2.copyMakeBorder(
            cells, rows // 2, rows // 2, cols // 2, cols // 2, cv2.BORDER_CONSTANT, value=(0.0,)
        )
        wide = np.asarray(_blurred(np.asarray(around, np.float32), pitch, self._runs, self._haze_alpha))
        x = (self._centre[0] / pitch[0] + cols / 2 - 0.5 + cols // 2).astype(np.float32)
        y = (self._centre[1] / pitch[1] + rows / 2 - 0.5 + rows // 2).astype(np.float32)
        image = cv2.remap(wide, np.nan_to_num(x, nan=-9.0), np.nan_to_num(y, nan=-9.0), cv2.INTER_LINEAR)
        return np.asarray(image, np.float32)


@dataclass(frozen=True, slots=True)
class _Runs:
    """How far the seen place runs on the screen along u and v: per slope, per mm of pupil, per ray's cell; medians."""

    slope: tuple[float, float]
    pupil: tuple[float, float]
    pupil_mm: float
    ray_mm: tuple[float, float]

    @classmethod
    def of(cls, kept: Transfer, side: int) -> _Runs:
        slope, pupil, ray = kept.median_runs()
        return cls(slope, pupil, kept.aperture_mm, (ray[0] / side, ray[1] / side))


def _blurred(picture: Light, pitch: tuple[float, float], runs: _Runs, alpha: float) -> Light:
    """The picture as roughness, pupil, the screen's own pixels and the cell of a ray leave it."""
    rows, cols = picture.shape
    fx = 2 * np.pi * fft.rfftfreq(cols, pitch[0])[None, :]
    fy = 2 * np.pi * fft.fftfreq(rows, pitch[1])[:, None]
    kept = roughness_transfer(np.asarray(alpha), np.hypot(fx * runs.slope[0], fy * runs.slope[1]))
    kept = kept * disk_transfer(np.hypot(fx * runs.pupil[0], fy * runs.pupil[1]), runs.pupil_mm)
    for f, step, cell in ((fx, pitch[0], runs.ray_mm[0]), (fy, pitch[1], runs.ray_mm[1])):
        # Interpolation between the pixels' middles blurs like two pixels, the screen itself like one.
        kept = kept * np.sinc(f * cell / (2 * np.pi)) / np.sinc(f * step / (2 * np.pi))
    return np.asarray(fft.irfft2(fft.rfft2(picture) * kept.astype(np.float32), s=picture.shape), np.float32)


def _between(images: list[Light], blurs: Floats, alpha: Floats) -> Light:
    """Each pixel from the two blurs around its own roughness."""
    upper = np.clip(np.searchsorted(blurs, alpha), 1, len(blurs) - 1)
    part = (alpha - blurs[upper - 1]) / (blurs[upper] - blurs[upper - 1])
    stack = np.stack(images)
    below, above = (np.take_along_axis(stack, at[None], axis=0)[0] for at in (upper - 1, upper))
    return np.asarray(below + part * (above - below), np.float32)
