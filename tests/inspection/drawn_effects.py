"""Effect paint and polished paint drawn anew under small lamps, with truths from the flakes and furrows themselves.

A part of the drill of `drawn_stations`. Counts have no interval there, so `sparkle_percm2` is left out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from lamp_panels import STATION as POLISHED
from lamp_panels import WAYS, contrast, judged_work, unlike, worked

from calibration import calibrate
from inspection.areas import whole
from inspection.maps.effect import glints, grain
from inspection.maps.lamps import lamps
from inspection.maps.reflectance import reflectance
from inspection.measures.sparkle import graininess_pct, sparkle_area_pct, sparkle_light_mm2
from inspection.reading import Reading
from samples.colour import lab_to_linear_srgb
from samples.flakes import Flakes, lying, veil
from samples.lamps import lamp_pictures
from samples.paintwork import Panel
from samples.scene import render, render_lamps, render_reference
from samples.stations import NAMED

#: Exposed for the glints, and averaged for the paint between them.
STATION = replace(
    NAMED["B"].sized(128), mm_per_px=0.3, spot_azimuths_deg=(0.0, 180.0, 270.0), periods_mm=(48.0,),
    exposure_target=0.015, frames_averaged=64,
)  # fmt: skip
#: Flakes per mm² and their diameter, µm: from fine to coarse, from sparse to close.
PAINTS = ((4.0, 24.0), (8.0, 18.0), (12.0, 20.0), (20.0, 16.0), (30.0, 20.0), (60.0, 14.0))
LAB = (28.0, 5.0, -8.0)
#: As the measures define it: light of a glint that is just seen, mm² of paint; blurs between which grain is weighted.
VISIBLE_MM2, FINE_MM, COARSE_MM = 0.02, 0.2, 1.0
#: Fields over which a paint's truth is the mean.
FIELDS = 24

#: Number of the panel that each way of polishing is drawn from: its colour, furrows and pad.
WORKS = tuple((way, number) for way in WAYS for number in (0, 4))

#: A reading and its truth.
Drawn = tuple[Reading, float]


@lru_cache(maxsize=len(PAINTS))
def true_sparkle(paint: tuple[float, float]) -> dict[str, float]:
    """From the pictures without noise: a glint is a pixel that is seen over the mean of those that are not."""
    light, pixels = [], 0
    pixel_mm2 = STATION.mm_per_px**2
    for seed in range(FIELDS):
        panel = Panel("effect", lab=LAB, flakes=Flakes(*paint, seed=9000 + seed))
        bare = lamp_pictures(replace(panel, flakes=None), STATION)
        for azimuth, full in lamp_pictures(panel, STATION).items():
            over = full / bare[azimuth]
            seen = np.zeros(over.shape, bool)
            for _ in range(6):
                beyond = (over / over[~seen].mean() - 1) * pixel_mm2
                seen = beyond >= VISIBLE_MM2
            light.append(beyond[seen])
            pixels += over.size
    each = np.concatenate(light)
    return {"sparkle_light_mm2": float(each.mean()), "sparkle_area_pct": 100 * len(each) / pixels}


@lru_cache(maxsize=len(PAINTS))
def true_graininess_pct(paint: tuple[float, float]) -> float:
    """Of flakes as points at random places: Campbell's theorem on the difference of two Gaussian blurs."""
    flakes, geometry = Flakes(*paint, seed=9000), STATION.true_geometry()
    area_mm2 = geometry.field_mm[0] * geometry.field_mm[1]
    # One flake in every pixel of a picture fine enough: its light per area times the pixel's area.
    side = 6000
    alone = veil(flakes, geometry.field_mm, (side, side))
    each = alone[alone > 0] * area_mm2 / side**2
    n = len(lying(flakes, geometry.field_mm).area_mm2)
    passed = (1 / FINE_MM**2 + 1 / COARSE_MM**2 - 4 / (FINE_MM**2 + COARSE_MM**2)) / (4 * np.pi)
    paint_y = float(np.array([0.2126, 0.7152, 0.0722]) @ lab_to_linear_srgb(np.array(LAB)))
    density = n / area_mm2
    return 100 * float(np.sqrt(density * np.mean(each**2) * passed) / (paint_y + density * each.mean()))


def draw_flakes(seed: int) -> dict[str, Drawn]:
    """A station with its own errors and effect paint with its own flakes: readings and the paint's truths."""
    paint = PAINTS[seed % len(PAINTS)]
    station = STATION.drawn(seed)
    panel = Panel("effect", lab=LAB, flakes=Flakes(*paint, seed=seed))
    rig = calibrate([render_reference(station, seed=900 + seed)])
    lit = render_lamps(panel, station, seed=500 + seed)
    area = whole(lit.sensor.shape)
    seen = glints(lamps(lit, rig), area)
    # Diffuse frames of an ordinary exposure.
    plain = replace(station, spot_azimuths_deg=(), exposure_target=0.8, frames_averaged=2)
    even = grain(reflectance(render(panel, plain, seed=500 + seed), rig), area)
    real = true_sparkle(paint)
    return {
        "sparkle_light_mm2": (sparkle_light_mm2(seen), real["sparkle_light_mm2"]),
        "sparkle_area_pct": (sparkle_area_pct(seen), real["sparkle_area_pct"]),
        "graininess_pct": (graininess_pct(even), true_graininess_pct(paint)),
    }


def polished(work: tuple[str, int], seed: int) -> Panel:
    """The same paint and the same way of polishing, but other furrows and other paths."""
    way, number = work
    panel = worked(number, way)
    return replace(panel, polish=tuple(replace(one, seed=seed) for one in panel.polish))


@lru_cache(maxsize=len(WORKS))
def true_one_direction_pct(work: tuple[str, int]) -> float:
    """What the fit itself finds without noise, under lamps that are alike, mean over fields: its own definition."""
    quiet = replace(POLISHED, frames_averaged=4096)
    fields = [render_lamps(polished(work, 9000 + seed), quiet, seed=seed) for seed in range(FIELDS)]
    return float(np.mean([judged_work(frames).one_direction.value for frames in fields]))


def draw_polished(seed: int) -> dict[str, Drawn]:
    """Lamps that are not quite alike and a panel polished anew: readings and truths.

    Of marks that share a direction where the work leaves such, of those that lie every way where it does not.
    """
    work = WORKS[seed % len(WORKS)]
    panel = polished(work, seed)
    seen = judged_work(unlike(render_lamps(panel, POLISHED, seed=500 + seed), seed))
    real = contrast(panel, POLISHED)
    found = {"one_direction_pct": (seen.one_direction, true_one_direction_pct(work))}
    if work[0] == "orbital":
        return found | {"orbital_haze_ratio": (seen.orbital_haze, real)}
    return found | {"hologram_ratio": (seen.hologram, real)}
