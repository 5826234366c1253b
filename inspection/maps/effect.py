"""Effect paint: glints of single flakes under each small lamp, and the grain that flakes leave in diffuse light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.averages import counted
from inspection.filters import FloatMap, binned, filled
from inspection.maps.kinds import Area, LampMap, ReflectanceMap
from inspection.reading import Missing, Quality
from inspection.registry import builds

#: A glint is seen if it sends as much light beyond its surroundings as this area of the paint does: twice the light on
#: a spot of one arc minute at 0.5 m (0.15 mm across), about where the eye tells a point from its ground.
VISIBLE_MM2 = 0.02
#: Fewer standard deviations of noise than this below the visible: it cannot be told what is seen.
LEAST_SIGMA = 4.0
#: Light beyond the surroundings is that beyond a mean over so many mm.
AROUND_MM = 3.0
#: Pixels to that at least.
PX_AROUND = 8
#: Weighting of grain: waves of about 1 to 4 mm, where the eye at 0.5 m sees contrast best (difference of Gaussians).
FINE_MM, COARSE_MM = 0.2, 1.0
#: What the weighting passes of the power of grain without size, 1/mm²: its own square, integrated.
IDEAL_POWER = (1 / FINE_MM**2 + 1 / COARSE_MM**2 - 4 / (FINE_MM**2 + COARSE_MM**2)) / (4 * math.pi)
#: Side of the places that are compared with each other: several of the coarsest waves.
PLACE_MM = 5.0
#: Grey of linear sRGB: its luminance.
_GREY = np.array([[0.2126, 0.7152, 0.0722]], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Glints:
    """Glints of n lamps together.

    Attributes
    ----------
    light_mm2 : float64
        Light of every glint that is seen, in mm² of the paint around it.
    covered_px : int
        Pixels that are brighter than their surroundings by what is seen in one pixel, or by `LEAST_SIGMA` of noise.
    clipped : int
        Saturated glints of which that much light is not sure: they count as seen.
    saturated_mm2 : float
        Light of all saturated glints, as it is counted: the least that it can be.
    beside_mm2, hidden : float64
        For every glint the light of others that its 3 × 3 pixels hold on average, and how many of its brightness there
        are for one that is not hidden by a brighter neighbour, if glints lie at random.
    uneven_px : float
        Standard uncertainty of `covered_px` by how uneven it is from place to place; 0: too few places to tell.
    marginal : float
        Glints within one standard deviation of noise of being just seen.
    noise_mm2 : float
        Standard deviation of a glint's light.
    area_mm2, n_px : float, int
        Searched, of all lamps together.
    pixel_mm2, own_px : float
        Area of a pixel; pixels around a glint in which no second one can be told.
    """

    light_mm2: NDArray[np.float64]
    covered_px: int
    clipped: int
    saturated_mm2: float
    beside_mm2: NDArray[np.float64]
    hidden: NDArray[np.float64]
    uneven_px: float
    marginal: float
    noise_mm2: float
    area_mm2: float
    n_px: int
    pixel_mm2: float
    own_px: float
    quality: tuple[Quality, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Grain:
    """Contrast of diffuse light in the band of waves that the eye sees best.

    `contrast2`: variance of light over its mean, band-passed, as measured; `noise2`, `tile2`: what pixel noise and the
    tile's frame put into it; `independent`: independent places in the area; `by_place2`: standard deviation of the
    mean `contrast2` by how uneven it is from place to place, 0 where there are too few to tell; `shape_relative`: by
    which the filter on these pixels passes more or less of grain far finer than they are, which is put right.
    """

    contrast2: float
    noise2: float
    tile2: float
    independent: float
    by_place2: float
    shape_relative: float
    n_px: int
    quality: tuple[Quality, ...]


@builds
def glints(lamps: LampMap, area: Area) -> Glints:
    """Local maxima of the light beyond the surroundings, summed over 3 × 3 pixels.

    Sums over the pixels that a glint is spread on do not depend on the size of a pixel. Saturated glints are
    seen, and count with the brightest light that the lamp's frame could hold: SATURATED. Where noise hides glints that
    would be seen: BELOW_LIMIT.
    """
    pixel_mm2 = lamps.pitch_mm[0] * lamps.pitch_mm[1]
    found, covered, clipped, marginal, searched, noises = [], 0, 0, 0.0, 0, []
    saturated = 0.0
    others: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    glinting = np.zeros(next(iter(lamps.ratio.values())).shape, np.float32)
    doubts: list[Quality] = []
    for azimuth, ratio in lamps.ratio.items():
        n, some = counted(ratio, area.n_px)
        inside = np.ones(ratio.shape, np.bool_) if area.inside is None else area.inside
        full = inside & ~np.isfinite(ratio)
        doubts += some
        doubts += [Quality.SATURATED] if full.any() else []
        least = max(VISIBLE_MM2 / pixel_mm2, LEAST_SIGMA * lamps.noise_ratio[azimuth])
        beyond = _beyond(ratio, lamps.pitch_mm, least)
        light = cv2.boxFilter(beyond, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT) * pixel_mm2
        peak = (cv2.dilate(beyond, np.ones((3, 3), np.uint8)) == beyond) & inside
        noise = 3 * lamps.noise_ratio[azimuth] * pixel_mm2
        at = light[peak]
        lost = full[peak]
        there = (at >= VISIBLE_MM2) | lost
        found.append(at[there])
        bright = inside & (beyond >= least)
        others.append(_of_others(beyond[peak][there], beyond[bright], n))
        clipped += int((lost & (at < VISIBLE_MM2)).sum())
        saturated += float(at[lost].sum())
        marginal += float((np.abs(at - VISIBLE_MM2) < noise).sum())
        covered += int(bright.sum())
        glinting += bright
        searched += n + int(full.sum())
        noises.append(noise)
    if LEAST_SIGMA * max(noises) > VISIBLE_MM2:
        doubts.append(Quality.BELOW_LIMIT)
    return Glints(
        light_mm2=np.concatenate(found).astype(np.float64),
        covered_px=covered,
        clipped=clipped,
        saturated_mm2=saturated,
        beside_mm2=np.concatenate([light for light, _ in others]) * pixel_mm2,
        hidden=np.concatenate([number for _, number in others]),
        uneven_px=_uneven(np.where(inside, glinting, np.float32(np.nan)), math.sqrt(pixel_mm2)) * n,
        marginal=marginal,
        noise_mm2=float(np.mean(noises)),
        area_mm2=searched * pixel_mm2,
        n_px=searched // len(lamps.ratio),
        pixel_mm2=pixel_mm2,
        own_px=9.0,
        quality=tuple(dict.fromkeys(doubts)),
    )


def _of_others(peaks: FloatMap, bright: FloatMap, n_px: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the eight pixels around each peak hold on average, in pixels' light, and how many such peaks one stands for.

    None of the eight is brighter than the peak; of all places that is the share F⁸, F being that of darker pixels.
    `bright`: light of all pixels that glint; the others are the surroundings and sum up to nothing.
    """
    order = np.sort(bright)
    sums = np.concatenate([[0.0], np.cumsum(order, dtype=np.float64)])
    below = np.searchsorted(order, peaks)
    darker = 1 - (len(order) - below) / n_px
    return 8 * sums[below] / (n_px * darker), darker**-8.0


def _uneven(values: FloatMap, pixel_mm: float) -> float:
    """Standard uncertainty of the mean of a map by how its means over places scatter; 0 for ten places or less."""
    side = math.ceil(PLACE_MM / pixel_mm)
    places = binned(values, side, side)[0] if min(values.shape) >= side else np.empty(0, np.float32)
    places = places[np.isfinite(places)]
    return float(np.std(places, ddof=1)) / math.sqrt(len(places)) if len(places) > 10 else 0.0


def _beyond(ratio: FloatMap, pitch_mm: tuple[float, float], least: float) -> FloatMap:
    """Light over that of the surroundings, minus 1; full pixels as bright as the brightest that is known.

    Glints shall not lift their own surroundings: what is `least` above them counts as they do. To find it, what is
    twice the median is taken for a glint first.
    """
    known = np.isfinite(ratio)
    most = float(ratio[known].max()) if known.any() else 1.0
    solid = ratio if known.all() else np.where(known, ratio, np.float32(most))
    usual = float(np.median(solid))
    darkest = np.float32(0.05 * max(usual, 1e-6))
    ground = np.full(ratio.shape, np.float32(usual))
    for limit in (2.0, 1 + least):
        smooth = np.where(solid < np.float32(limit) * ground, solid, ground)
        ground = np.maximum(_around(smooth, min(pitch_mm)), darkest)
    return np.asarray(solid / ground - 1, np.float32)


def _around(values: FloatMap, pitch_mm: float) -> FloatMap:
    """Mean over `AROUND_MM`: on coarser pixels where they are much finer than that."""
    step = max(1, int(AROUND_MM / PX_AROUND / pitch_mm))
    size = max(1, values.shape[1] // step), max(1, values.shape[0] // step)
    small = values if step == 1 else cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), AROUND_MM / pitch_mm / step, borderType=cv2.BORDER_REFLECT_101)
    large = small if step == 1 else cv2.resize(small, values.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)


@builds
def grain(reflectance: ReflectanceMap, area: Area) -> Grain:
    """Variance of the band-passed luminance over its mean squared, with the noise's own share.

    Below 16 valid pixels: TOO_FEW_PIXELS; an area smaller than 8 coarse waves, or pixels coarser than half a wave of
    1 mm: UNRESOLVED; no light: NO_SIGNAL.
    """
    n, doubts = counted(reflectance.linear_srgb, area.n_px)
    pitch = math.sqrt(reflectance.pitch_mm[0] * reflectance.pitch_mm[1])
    grey = np.asarray(cv2.transform(reflectance.linear_srgb, _GREY), np.float32)
    if min(grey.shape) * pitch < 8 * COARSE_MM or pitch > 0.5:
        raise Missing(Quality.UNRESOLVED)
    known = np.isfinite(grey)
    level = float(grey[known].mean(dtype=np.float64))
    both = reflectance.noise_cov, reflectance.grain_cov
    noise, tile = (math.sqrt(float(_GREY[0] @ covariance @ _GREY[0])) for covariance in both)
    if level <= 5 * noise / math.sqrt(n):
        raise Missing(Quality.NO_SIGNAL)
    # The band needs no finer pixels than half its finer blur: what a block of them has blurred is not blurred again.
    block = max(1, int(FINE_MM / 2 / pitch + 1e-3))
    if block > 1:
        grey, share = binned(grey, block, block)
        known = share >= 0.5
        if not known.any():
            raise Missing(Quality.TOO_FEW_PIXELS)
    cell = block * pitch
    fine_mm = math.sqrt(FINE_MM**2 - (cell**2 - pitch**2) / 12)
    kernel = _band(_point(cell), cell, fine_mm)
    power = float(np.square(kernel).sum())
    again = cv2.filter2D(kernel, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    passed = _band(grey if known.all() else filled(grey, known), cell, fine_mm)
    square = np.where(known, np.square(passed / np.float32(level)), np.float32(np.nan))
    # Grain of flakes is far finer than a pixel: of it the pixels and the filter together pass this much.
    put_right = IDEAL_POWER * cell**2 / power
    return Grain(
        contrast2=put_right * float(square[known].mean(dtype=np.float64)),
        noise2=put_right * power * (noise / block / level) ** 2,
        tile2=put_right * power * (tile / block / level) ** 2,
        independent=n / block**2 * power**2 / float(np.square(again).sum()),
        by_place2=put_right * _uneven(square, cell),
        shape_relative=abs(put_right - 1),
        n_px=n,
        quality=doubts,
    )


def _band(values: FloatMap, pitch: float, fine_mm: float) -> FloatMap:
    fine = cv2.GaussianBlur(values, (0, 0), fine_mm / pitch, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(
        fine - cv2.GaussianBlur(values, (0, 0), COARSE_MM / pitch, borderType=cv2.BORDER_REFLECT_101), np.float32
    )


def _point(pitch: float) -> FloatMap:
    side = 2 * math.ceil(5 * COARSE_MM / pitch) + 1
    point = np.zeros((side, side), np.float32)
    point[side // 2, side // 2] = 1.0
    return point
