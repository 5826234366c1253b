"""Marks of a panel through its passes, drawn with their identities: what the ledger is judged by."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from inspection.defects.kinds import ABOUT, Kind
from inspection.report import Defect, Fit, Registration

FIELD_MM = (160.0, 120.0)
CENTRE_MM = (80.0, 60.0)
POINTS = (Kind.NIB, Kind.NIB, Kind.CRATER, Kind.PINHOLE, Kind.DUST, Kind.DENT, Kind.RUN)
#: What a classifier, or a worn mark, takes for what.
CONFUSED = {
    Kind.NIB: Kind.DUST, Kind.DUST: Kind.NIB, Kind.CRATER: Kind.PINHOLE, Kind.PINHOLE: Kind.CRATER,
    Kind.SWIRL: Kind.HOLOGRAM, Kind.HOLOGRAM: Kind.SWIRL,
}  # fmt: skip
#: Chance that one pass takes a mark of a kind away altogether.
GONE = {Kind.NIB: 0.45, Kind.DUST: 0.6, Kind.SCRATCH: 0.3, Kind.SWIRL: 0.5, Kind.HOLOGRAM: 0.5, Kind.RUN: 0.2}


@dataclass(frozen=True, slots=True)
class Truth:
    """One true mark in the panel's own coordinates (mm from its middle, y down)."""

    name: int
    kind: Kind
    x: float
    y: float
    length: float
    width: float
    height: float | None
    angle: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """One pass: what was found, whose mark each is (None: a false one), and how the panel lay."""

    defects: tuple[Defect, ...]
    names: tuple[int | None, ...]
    shift: tuple[float, float]
    turn_deg: float


def sequence(seed: int, passes: int = 5) -> list[Look]:
    """A panel through its passes: marks go, shrink, stay and come; it is put back within 3 mm and 1 degree."""
    rng = np.random.default_rng([seed, 77])
    truths = [_drawn(rng, name, None) for name in range(int(rng.integers(3, 22)))]
    born = len(truths)
    looks = []
    for number in range(passes):
        if number:
            truths = [worn for truth in truths if (worn := _worn(rng, truth)) is not None]
            for kind, mean in ((Kind.SCRATCH, 1.2), (Kind.SWIRL, 0.4), (Kind.HOLOGRAM, 0.1), (Kind.DUST, 0.5)):
                for _ in range(rng.poisson(mean)):
                    truths.append(_drawn(rng, born, kind))
                    born += 1
        looks.append(_look(rng, truths))
    return looks


def aligned(rng: np.random.Generator, before: Look, now: Look, from_pass: int, u_mm: float) -> Registration:
    """The true pose of `now` over `before`, wrong by as much as its uncertainty says."""
    turn = now.turn_deg - before.turn_deg
    moved = _turned(-before.shift[0], -before.shift[1], turn)
    # Shift and turn share the stated uncertainty of a place over the field.
    turn_u = math.degrees(u_mm / math.hypot(*FIELD_MM) * math.sqrt(12) / 2)
    error = rng.normal(0, u_mm / math.sqrt(2), 2)
    return Registration(
        Fit.ALIGNED, from_pass, moved[0] + now.shift[0] + error[0], moved[1] + now.shift[1] + error[1],
        turn + rng.normal(0, turn_u), u_mm,
    )  # fmt: skip


def _turned(x: float, y: float, turn_deg: float) -> tuple[float, float]:
    a = math.radians(turn_deg)
    return math.cos(a) * x + math.sin(a) * y, -math.sin(a) * x + math.cos(a) * y


def _drawn(rng: np.random.Generator, name: int, kind: Kind | None) -> Truth:
    if kind is None:
        kind = POINTS[rng.integers(len(POINTS))] if rng.random() < 0.85 else Kind.SCRATCH
    x, y = rng.uniform(-0.47, 0.47, 2) * FIELD_MM
    if kind is Kind.SCRATCH:
        return Truth(name, kind, x, y, rng.uniform(5, 40), 0.3, -rng.uniform(0.5, 2), rng.uniform(-90, 90))
    if kind in (Kind.SWIRL, Kind.HOLOGRAM):
        size = rng.uniform(12, 50)
        return Truth(name, kind, x, y, size, 0.9 * size, None, None)
    if kind in (Kind.DENT, Kind.RUN):
        size = rng.uniform(5, 20)
        angle = rng.uniform(-90, 90) if kind is Kind.RUN else None
        return Truth(name, kind, x, y, size, size / (3 if angle else 1), -8.0 if kind is Kind.DENT else 12.0, angle)
    size = rng.uniform(0.4, 2.2)
    height = None if kind is Kind.DUST else rng.uniform(4, 14) * (1 if kind is Kind.NIB else -1)
    return Truth(name, kind, x, y, size, size, height, None)


def _worn(rng: np.random.Generator, truth: Truth) -> Truth | None:
    if rng.random() < GONE.get(truth.kind, 0.05):
        return None
    left = rng.uniform(0.4, 1.0) if truth.kind not in (Kind.DENT, Kind.DUST) else 1.0
    size = rng.uniform(0.85, 1.1) if truth.kind is not Kind.SCRATCH else rng.uniform(0.6, 1.0)
    # What is left of a scratch lies anywhere within it.
    x, y = truth.x, truth.y
    if truth.kind is Kind.SCRATCH and truth.angle is not None:
        off = (rng.random() - 0.5) * truth.length * (1 - size)
        a = math.radians(truth.angle)
        x, y = x + off * math.cos(a), y - off * math.sin(a)
    height = None if truth.height is None else truth.height * left
    return replace(truth, x=x, y=y, length=truth.length * size, width=truth.width * min(1.0, size), height=height)


def _look(rng: np.random.Generator, truths: list[Truth]) -> Look:
    shift = (float(rng.uniform(-3, 3)), float(rng.uniform(-3, 3)))
    turn = float(rng.uniform(-1, 1))
    found: list[tuple[Defect, int | None]] = []
    for truth in truths:
        x, y = _turned(truth.x, truth.y, turn)
        x, y = x + shift[0] + CENTRE_MM[0], y + shift[1] + CENTRE_MM[1]
        if rng.random() < 0.03 or not (0 < x < FIELD_MM[0] and 0 < y < FIELD_MM[1]):
            continue
        found.append((_measured(rng, truth, x, y, turn), truth.name))
    for _ in range(rng.poisson(0.2)):
        false = _drawn(rng, -1, Kind.NIB)
        found.append((_measured(rng, false, false.x + CENTRE_MM[0], false.y + CENTRE_MM[1], 0.0), None))
    found.sort(key=lambda pair: (pair[0].y_mm, pair[0].x_mm))
    return Look(tuple(mark for mark, _ in found), tuple(name for _, name in found), shift, turn)


def _measured(rng: np.random.Generator, truth: Truth, x: float, y: float, turn: float) -> Defect:
    luck = rng.random()
    kind = CONFUSED.get(truth.kind, truth.kind) if luck < 0.06 else Kind.UNKNOWN if luck < 0.1 else truth.kind
    region = truth.kind in (Kind.SWIRL, Kind.HOLOGRAM)
    u_place = 0.04 * truth.length if region else rng.uniform(0.03, 0.15)
    u_length = 0.08 * truth.length + 0.05
    length = max(0.1, truth.length + rng.normal(0, u_length))
    width = max(0.1, min(length, truth.width * (1 + rng.normal(0, 0.08))))
    u_height = None if truth.height is None else 0.1 * abs(truth.height) + 0.2
    height = None if truth.height is None or u_height is None else truth.height + rng.normal(0, u_height)
    angle = None if truth.angle is None else truth.angle + turn + rng.normal(0, math.degrees(0.15 / length))
    return Defect(
        id="", kind=kind, code=ABOUT[kind].code, x_mm=x + rng.normal(0, u_place), y_mm=y + rng.normal(0, u_place),
        length_mm=length, width_mm=width, area_mm2=length * width * math.pi / 4, height_um=height, angle_deg=angle,
        severity=0.5, confidence=0.9, region="whole", u_place_mm=u_place, u_length_mm=u_length, u_width_mm=u_length,
        u_height_um=u_height, significance=float(rng.uniform(6, 60)),
    )  # fmt: skip
