"""Panels under small lamps, without a screen: what the hologram and sparkle tests look at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sample_captures import rig_of

from inspection.areas import whole
from inspection.frames import Frames, Role
from inspection.maps.lamps import lamps
from inspection.maps.polishing import Polishing, polishing
from inspection.measures.hologram import Work, hologram_ratio, one_direction_pct, orbital_haze_ratio, work_of
from inspection.reading import Missing, Reading
from samples.lamps import lamp_pictures
from samples.paintwork import Panel
from samples.polish import Polish
from samples.scene import render_lamps
from samples.stations import NAMED, Station

WAYS = ("rotary", "orbital", "straight")
#: One coarse fringe, and only for the rig: the screen is not what is looked at.
STATION = replace(NAMED["A"].sized(128), periods_mm=(64.0,))
#: Half-vectors tilted less than this are near the mirror image (see inspection.maps.polishing).
STATED_TILT = 0.3
CELL_PX = 10


def worked(seed: int, way: str) -> Panel:
    """A dark panel, worked in one way all over; colour, gloss, haze, furrows and direction are drawn."""
    rng = np.random.default_rng([seed, WAYS.index(way), 5])
    light, (width, height) = float(rng.choice([4.0, 6.0, 8.0, 10.0])), STATION.geometry().field_mm
    polish = Polish(
        way,  # type: ignore[arg-type]
        width + 20, height + 20, coverage=float(rng.uniform(0.1, 0.14)), furrow_um=float(rng.uniform(6, 20)),
        direction_deg=float(rng.uniform(-90, 90)), spread_deg=float(rng.uniform(3, 8)),
        pad_mm=float(rng.uniform(38, 75)), alpha_across=float(rng.uniform(0.15, 0.3)), seed=seed,
    )  # fmt: skip
    return Panel(
        way, lab=(light, 0.3 * light, -0.3 * light), alpha=float(rng.uniform(0.0011, 0.003)),
        haze=float(rng.uniform(0, 0.02)), polish=(polish,),
    )  # fmt: skip


def contrast(panel: Panel, station: Station) -> float:
    """Light of all furrows over that of the bare paint in the best lamp, mean over tiles of 8 mm.

    A lamp counts in a cell of 4 mm whose half-vector is tilted enough in its middle.
    """
    geometry = station.true_geometry()
    bare, full = lamp_pictures(replace(panel, polish=()), station), lamp_pictures(panel, station)
    middle = CELL_PX * np.arange(min(station.shape) // CELL_PX) + (CELL_PX - 1) / 2
    col, row = np.meshgrid(middle, middle)
    m = np.array(geometry.camera.pixel_to_panel_mm)
    x, y, w = m @ np.stack([col.ravel(), row.ravel(), np.ones(row.size)])
    at = np.stack([x / w - geometry.field_mm[0] / 2, geometry.field_mm[1] / 2 - y / w, np.zeros_like(x)], axis=-1)
    eye = np.array(geometry.camera.position_mm) - at
    best = []
    for azimuth, light in full.items():
        a, p = np.radians(azimuth), np.radians(station.spot_polar_deg)
        way = station.spot_distance_mm * np.array([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)]) - at
        half = way / np.linalg.norm(way, axis=-1, keepdims=True) + eye / np.linalg.norm(eye, axis=-1, keepdims=True)
        far = (np.hypot(half[:, 0], half[:, 1]) / half[:, 2]).reshape(row.shape) >= STATED_TILT
        of, to = (_summed(_summed(part, CELL_PX) * far, 2) for part in (light - bare[azimuth], bare[azimuth]))
        best.append(np.divide(of, to, out=np.zeros_like(of), where=to > 0))
    return float(np.max(best, axis=0).mean())


def _summed(values: np.ndarray, side: int) -> np.ndarray:
    rows, cols = (size // side for size in values.shape)
    return np.asarray(values[: rows * side, : cols * side].reshape(rows, side, cols, side).sum((1, 3)))


def only(frames: Frames, azimuths: tuple[float, ...]) -> Frames:
    """The set with the lamps of these azimuths alone."""
    kept = tuple(f for f in frames.frames if f.role is not Role.SPOT or f.azimuth_deg in azimuths)
    return replace(frames, frames=kept)


def unlike(frames: Frames, seed: int, relative: float = 0.02) -> Frames:
    """The set as lamps of slightly different strength give it: stated exposures err as much the other way."""
    rng = np.random.default_rng([seed, 77])
    changed = tuple(
        replace(f, exposure_ms=f.exposure_ms / (1 + relative * float(rng.standard_normal())))
        if f.role is Role.SPOT else f
        for f in frames.frames
    )  # fmt: skip
    return replace(frames, frames=changed)


def polishing_of(frames: Frames, station: Station = STATION) -> Polishing:
    rig = rig_of(station)
    return polishing(lamps(frames, rig), rig, whole(frames.sensor.shape))


@dataclass(frozen=True)
class Judged:
    """The three readings of a set and the work they tell of."""

    hologram: Reading
    orbital_haze: Reading
    one_direction: Reading
    work: Work


def judged_work(frames: Frames) -> Judged:
    seen = polishing_of(frames)
    try:
        one = one_direction_pct(seen)
    except Missing as doubt:
        one = Reading.missing(doubt.quality)
    return Judged(hologram_ratio(seen), orbital_haze_ratio(seen), one, work_of(seen))


def taken(panel: Panel, seed: int) -> Frames:
    return unlike(render_lamps(panel, STATION, seed=seed), seed)
