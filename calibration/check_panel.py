"""What a capture of the check panel says about the station: gloss, clarity, colour, and millimetres on a plate.

A check set is an ordinary capture set whose manifest names the check panel (`check_panel`): a flat panel of stable,
glossy paint that is kept for this and wiped before. A `grid` frame of the ChArUco plate in the panel's place, in the
same set, gives the scale; without it the scale is not checked, and the check says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from calibration.daily_check import CLARITY, GLOSS, LAB, SCALE, Taken
from calibration.plate import Corners, find_corners
from inspection import areas
from inspection.frames import Frames, Role
from inspection.gates.ambient import ambient
from inspection.gates.doubled import doubled
from inspection.gates.exposure import exposure
from inspection.gates.gate import Capture
from inspection.gates.moved import moved
from inspection.gates.rig import rig as right_rig
from inspection.gates.steps import steps
from inspection.gates.temperature import temperature
from inspection.gates.wiped import wiped
from inspection.maps.kinds import ClarityMap, Target
from inspection.optics import panel_mm
from inspection.reading import BLOCKING, Reading
from inspection.recipe import WHOLE, Film, Recipe
from inspection.refused import Refused
from inspection.registry import MEASURES
from inspection.report import Gate
from inspection.rig import Rig
from inspection.workbench import Workbench

#: Gates that ask nothing of a recipe: which paint the panel has is its own affair.
GATES: tuple[Callable[[Capture], Gate], ...] = (
    ambient, doubled, exposure, moved, right_rig, steps, temperature, wiped,
)  # fmt: skip
#: Colours are taken against this one; only their differences count.
MIDDLE_GREY = (50.0, 0.0, 0.0)
#: How far a plate's face may lie off the panel's plane, mm (standard uncertainty): paper and dust under it.
LIFT_U_MM = 0.1
_INDEX = 1.5


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """One capture of a check panel: each quantity that could be measured, and what the gates say."""

    values: Mapping[str, Taken]
    gates: tuple[Gate, ...]


def see_check(frames: Frames, rig: Rig, *, now: str) -> CheckSeen:
    """Measure a check set.

    Parameters
    ----------
    now : str
        ISO 8601 with offset; used where the capture has no time of its own.

    Returns
    -------
    CheckSeen
        Gloss (GU-equivalent), clarity at the finest captured period (%), L*, a*, b* of the mean colour, and the scale
        (seen over stated size of the plate's squares, %). What could not be measured is absent.

    Raises
    ------
    Refused
        The set names no check panel, the rig does not belong to it or is out of its term, or its plate is of no use.
    """
    if frames.check_panel is None:
        raise Refused("capture.json: check_panel: missing: a daily check is a capture of the station's check panel")
    why = rig.mismatch(frames)
    if why is not None:
        raise Refused(f"the rig does not belong to this capture: {why}")
    expired = rig.age_error(frames.captured_at, now)
    if expired is not None:
        raise Refused(expired)
    frames = replace(frames, geometry=rig.geometry)
    target = Target(MIDDLE_GREY, _INDEX)
    bench = Workbench(frames, rig, target, {WHOLE: areas.whole(frames.sensor.shape)})
    readings = {GLOSS: bench.read(MEASURES["gloss_gu"], {}, WHOLE)}
    clarity: ClarityMap | None = bench.get_or_none(ClarityMap)
    if clarity is not None and clarity.pct:
        period = min(clarity.pct)
        readings[CLARITY.format(period)] = bench.read(MEASURES["clarity_pct"], {"period_mm": period}, WHOLE)
    for name, measure, middle in zip(LAB, ("delta_l_lab", "delta_a_lab", "delta_b_lab"), MIDDLE_GREY, strict=True):
        reading = bench.read(MEASURES[measure], {}, WHOLE)
        readings[name] = replace(reading, value=reading.value + middle)
    values = {name: taken for name, reading in readings.items() if (taken := _taken(reading)) is not None}
    plates = [(f, f.board) for f in frames.with_role(Role.GRID) if f.board is not None]
    if plates:
        values[SCALE] = _scale(find_corners(*plates[0], frames.sensor), rig)
    anyhow = Recipe("check-panel", {}, 0, _INDEX, None, Film(), (), (), "", "")
    capture = Capture(frames, rig, anyhow, bench, now)
    return CheckSeen(values, tuple(gate(capture) for gate in GATES))


def _taken(reading: Reading) -> Taken | None:
    sound = math.isfinite(reading.value) and math.isfinite(reading.u) and not BLOCKING.intersection(reading.quality)
    return Taken(float(reading.value), float(reading.u), float(reading.u_noise)) if sound else None


def _scale(plate: Corners, rig: Rig) -> Taken:
    """Millimetres of the rig over those of the plate, %: the similarity that lays one over the other.

    u: scatter of the corners about it, and a plate that lies 0.1 mm high or low under a camera at its distance.
    """
    if plate.height_mm:
        raise Refused(f"{plate.file}: board.height_mm: expected 0 in a daily check: lay the plate in the panel's place")
    x, y = panel_mm(rig.geometry, plate.px[:, 0].astype(np.float64), plate.px[:, 1].astype(np.float64))
    here, there = x + 1j * y, plate.board_mm[:, 0] + 1j * plate.board_mm[:, 1]
    here, there = here - here.mean(), there - there.mean()
    spread = float(np.sum(np.abs(there) ** 2))
    turned = np.sum(np.conj(there) * here) / spread
    scatter = float(np.sum(np.abs(here - turned * there) ** 2)) / (len(here) - 2)
    u_noise = 100 * math.sqrt(scatter / 2 / spread)
    u_lift = 100 * LIFT_U_MM / rig.geometry.camera.distance_mm
    return Taken(100 * abs(complex(turned)), math.hypot(u_noise, u_lift), u_noise)
