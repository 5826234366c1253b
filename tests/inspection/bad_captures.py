"""Captures that must not be believed, drawn at random: one fault each, on any rig, beyond its gate's limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from sample_captures import NOW, PLAIN, recipe, rig_of

import inspection.gates
from inspection import areas
from inspection.frames import Frame, Frames, Role
from inspection.gates.gate import Capture, DailyCheck, look
from inspection.maps.kinds import Target
from inspection.recipe import Recipe
from inspection.registry import discover
from inspection.report import Gate
from inspection.rig import Rig
from inspection.workbench import Workbench
from samples import faults
from samples.paintwork import Panel, Pose
from samples.panels import NAMED as PANELS
from samples.scene import render
from samples.stations import NAMED as STATIONS
from samples.stations import Station

discover(inspection.gates)

#: Rigs with a field of 26 mm or more.
RIGS = {name: station.sized(128 if name == "C" else 64) for name, station in STATIONS.items()}
ALLOWED = '[[checks]]\nmeasure = "haze_pct"\nhigh = {}\n'
LIT = (Role.FRINGE, Role.WHITE, Role.DIFFUSE, Role.SPOT)
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Case:
    """A capture with everything else that a gate may look at, and the gate that has to shut."""

    frames: Frames
    rig: Rig
    recipe: Recipe
    gate: str = ""
    expired: bool = False
    daily_check: DailyCheck | None = None

    def gates(self) -> tuple[Gate, ...]:
        """What every gate says."""
        seen = _Seen(self.frames.frames, self.frames)
        bench = _bench(seen, self.rig, Target(self.recipe.target_lab, self.recipe.n_clear))
        return look(
            Capture(self.frames, self.rig, self.recipe, bench, NOW, expired=self.expired, daily_check=self.daily_check)
        )


@dataclass(frozen=True)
class _Seen:
    """Captures of the same pictures are alike: faults of what is said about one leave its maps alone."""

    pictures: tuple[Frame, ...]
    frames: Frames = field(compare=False)


@lru_cache(maxsize=16)
def _bench(seen: _Seen, rig: Rig, target: Target) -> Workbench:
    return Workbench(seen.frames, rig, target, {"whole": areas.whole(seen.frames.sensor.shape)})


def recipe_for(panel: Panel, haze_allowed: float | None = None) -> Recipe:
    text = PLAIN if haze_allowed is None else PLAIN + ALLOWED.format(haze_allowed)
    return replace(recipe(text), target_lab=panel.lab, n_clear=panel.n_clear)


@lru_cache(maxsize=64)
def taken(panel: Panel, station: Station, seed: int = 2) -> Frames:
    return render(panel, station, seed=seed)


@lru_cache(maxsize=64)
def moved(panel: Panel, station: Station, pose: Pose, after: int) -> Frames:
    return faults.moved(panel, station, seed=2, pose=pose, after=after)


@lru_cache(maxsize=16)
def oiled(panel: Panel, station: Station, angle_deg: float) -> Frames:
    return render(faults.oiled(panel, angle_deg=angle_deg, haze=0.2), station, seed=2)


def good(name: str, panel_name: str = "amethyst", pass_number: int = 5, seed: int = 2) -> Case:
    station, panel = RIGS[name], PANELS[panel_name](pass_number)
    return Case(taken(panel, station, seed), rig_of(station), recipe_for(panel))


def mapped(frames: Frames, roles: tuple[Role, ...], change: Callable[[Frame], Frame]) -> Frames:
    return replace(frames, frames=tuple(change(f) if f.role in roles else f for f in frames.frames))


def relit(
    frames: Frames, roles: tuple[Role, ...], light: Callable[[Frame, np.ndarray], np.ndarray], rng: Rng
) -> Frames:
    """The same set in other light (full scales), clipped at white, with noise where the pixels were made darker."""
    black, white = frames.sensor.black_level, frames.sensor.white_level

    def change(frame: Frame) -> Frame:
        lit = light(frame, (frame.pixels.astype(float) - black) / (white - black))
        noisy = black + (white - black) * (lit + 1e-3 * rng.standard_normal(lit.shape))
        return replace(frame, pixels=np.clip(np.round(noisy), 0, white).astype(frame.pixels.dtype))

    return mapped(frames, roles, change)


def _twice(case: Case, rng: Rng) -> Case:
    number = int(rng.integers(len(faults.fringe_places(case.frames)) - 1))
    return replace(case, frames=faults.handed_over_twice(case.frames, number), gate="doubled")


def _pattern_kept(case: Case, rng: Rng) -> Case:
    """Within the coarsest series, which every paint mirrors."""
    again = taken(PANELS["amethyst"](5), RIGS[str(case.frames.station)], 3)
    places = faults.fringe_places(case.frames)
    number = int(rng.integers(RIGS[str(case.frames.station)].steps - 1))
    frames = faults.with_pixels(case.frames, places[number + 1], again.frames[places[number]])
    return replace(case, frames=frames, gate="steps")


def _moved(case: Case, rng: Rng) -> Case:
    station = RIGS[str(case.frames.station)]
    half = len(faults.fringe_places(case.frames)) // 2
    pose = (Pose(2.0, 0.0), Pose(0.0, 2.0), Pose(1.5, 1.5))[rng.integers(3)]
    return replace(case, frames=moved(PANELS["amethyst"](5), station, pose, half), gate="moved")


def _saturated(case: Case, rng: Rng) -> Case:
    factor = rng.uniform(1.6, 3)
    return replace(case, frames=relit(case.frames, LIT, lambda _, light: light * factor, rng), gate="exposure")


def _dark(case: Case, rng: Rng) -> Case:
    factor = rng.uniform(1e-4, 2e-3)
    return replace(case, frames=relit(case.frames, LIT, lambda _, light: light * factor, rng), gate="exposure")


def _room_light(case: Case, rng: Rng) -> Case:
    share = rng.uniform(0.15, 0.2) * float(np.nanmedian(case.rig.offset)) * case.recipe.n_clear / case.rig.glass_n
    screen = case.frames.with_role(Role.FRINGE)[0].group

    def brighter(frame: Frame, light: np.ndarray) -> np.ndarray:
        return light + share * frame.exposure_ms if frame.group == screen or frame.role is Role.DARK else light

    return replace(case, frames=relit(case.frames, (*LIT, Role.DARK), brighter, rng), gate="ambient")


def _too_bright(case: Case, rng: Rng) -> Case:
    factor = rng.uniform(0.3, 0.6)
    shorter = mapped(case.frames, (Role.FRINGE, Role.WHITE), lambda f: replace(f, exposure_ms=f.exposure_ms * factor))
    return replace(case, frames=shorter, gate="light")


def _other_station(case: Case, rng: Rng) -> Case:
    return replace(case, frames=replace(case.frames, station=f"Z{rng.integers(9)}"), gate="rig")


def _expired(case: Case, rng: Rng) -> Case:
    return replace(case, expired=True, gate="rig")


def _not_wiped(case: Case, rng: Rng) -> Case:
    unwiped = replace(case.frames.conditions, wiped=False)
    return replace(case, frames=replace(case.frames, conditions=unwiped), gate="wiped")


def _warm(case: Case, rng: Rng) -> Case:
    celsius = float(rng.choice([rng.uniform(33.5, 80), rng.uniform(-20, 12.5)]))
    there = replace(case.frames.conditions, surface_temperature_c=celsius)
    return replace(case, frames=replace(case.frames, conditions=there), gate="temperature")


def _late_check(case: Case, rng: Rng) -> Case:
    """Too old or not met, of before the calibration, or none at all."""
    old = DailyCheck(f"2026-11-{rng.integers(1, 21):02d}T09:00:00+08:00", bool(rng.integers(2)))
    before = DailyCheck("2026-11-22T08:00:00+08:00", met=True, same_rig=False)
    check = (old, before, DailyCheck(None, met=False))[rng.integers(3)]
    return replace(case, daily_check=check, gate="daily_check")


def _another_paint(case: Case, rng: Rng) -> Case:
    lab = tuple(np.array(case.recipe.target_lab) + rng.choice([-1, 1], 3) * rng.uniform(10, 25, 3))
    return replace(case, recipe=replace(case.recipe, target_lab=lab), gate="colour")


def _oily(case: Case, rng: Rng) -> Case:
    frames = oiled(PANELS["amethyst"](5), RIGS[str(case.frames.station)], float(rng.choice([0, 30, 90, 140])))
    return replace(case, frames=frames, recipe=recipe_for(PANELS["amethyst"](5), 2.0), gate="oil")


FAULTS = {
    "twice": _twice, "pattern kept": _pattern_kept, "moved": _moved, "saturated": _saturated, "dark": _dark,
    "room light": _room_light, "too bright": _too_bright, "other station": _other_station, "expired": _expired,
    "not wiped": _not_wiped, "warm": _warm, "late check": _late_check, "another paint": _another_paint, "oily": _oily,
}  # fmt: skip


#: Faults of what is said, not of the pictures.
OF_WORDS = ("other station", "expired", "not wiped", "warm", "late check")


def drawn(fault: str, seed: int) -> Case:
    """A good capture of any rig with one fault of a kind."""
    rng = np.random.default_rng([seed, sorted(FAULTS).index(fault)])
    return FAULTS[fault](good(str(rng.choice(sorted(RIGS)))), rng)
