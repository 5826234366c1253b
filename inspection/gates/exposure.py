"""Frames with too much light, or too little."""

from __future__ import annotations

import math

import numpy as np

from inspection.frames import Frame, Role
from inspection.gates.gate import Capture, answer, gate, graded
from inspection.gates.series import thin
from inspection.report import Gate, GateState

#: Share of full pixels, %, from which on a map has holes worth a note, and from which on it is no measurement
#: (contracts.md §1).
SATURATED_PCT = (0.1, 1.0)
#: Small lamps' own mirror images may be full.
SPOT_SATURATED_PCT = (5.0, 10.0)
#: Noise of one pixel, % of its light. Where it is 10 % the noise, not the paint, makes the texture of a map.
NOISE_PCT = (5.0, 10.0)


@gate("saturated", "dark", spoils=True)
def exposure(capture: Capture) -> Gate:
    """Frames are neither saturated nor under-exposed.

    Saturated: share of full pixels of the worst lit frame, on a sample; 0.1 % a doubt, 1 % red (lamps 5 %, 10 %).
    Under-exposed: noise of one pixel over its light in the median of the brightest screen frame (and of the diffuse
    frame, which can only be a doubt: its mean is still right); 5 % a doubt, 10 % red.
    """
    lit = [f for f in capture.frames.frames if f.role in (Role.FRINGE, Role.WHITE, Role.DIFFUSE, Role.SPOT)]
    if not lit:
        return answer("exposure", GateState.UNKNOWN, "There is no lit frame.")
    full = [(_full_pct(f, capture), f) for f in lit]
    state, limit, worst, frame = max(
        ((*graded(pct, *(SPOT_SATURATED_PCT if f.role is Role.SPOT else SATURATED_PCT)), pct, f) for pct, f in full),
        key=lambda one: (one[0].rank, one[2]),
    )
    if state is not GateState.OK:
        text = f"{frame.file}: {worst:.2g} % of the pixels are saturated, the limit is {limit:g} %: expose shorter."
        return answer("exposure", state, text, worst, "pct", limit, fault="saturated", frame=frame.file)
    if not _groups(lit):
        return answer("exposure", GateState.UNKNOWN, "No frame is lit by the screen or the diffuse lamps.")
    state, limit, noise, frame = max(
        (_dark(group, capture) for group in _groups(lit)), key=lambda one: (one[0].rank, one[2])
    )
    text = f"{frame.file}: noise is {min(noise, 1e3):.2g} % of the light"
    text += "." if state is GateState.OK else f", the limit is {limit:g} %: expose longer."
    fault = "" if state is GateState.OK else "dark"
    return answer("exposure", state, text, min(noise, 1e3), "pct", limit, fault=fault, frame=frame.file)


def _full_pct(frame: Frame, capture: Capture) -> float:
    full = frame.pixels[thin(capture.frames.sensor.shape)] >= math.ceil(capture.frames.sensor.white_level)
    return 100 * float(np.count_nonzero(full.any(-1) if full.ndim == 3 else full)) / (full.shape[0] * full.shape[1])


def _groups(lit: list[Frame]) -> list[list[Frame]]:
    """The frames lit by the screen, and each diffuse frame."""
    screen = [f for f in lit if f.role in (Role.FRINGE, Role.WHITE)]
    return [group for group in (screen, *([f] for f in lit if f.role is Role.DIFFUSE)) if group]


def _dark(group: list[Frame], capture: Capture) -> tuple[GateState, float, float, Frame]:
    """State, limit and noise of a group of frames, and the frame to name."""
    noise = _noise_pct(group, capture)
    state, limit = graded(noise, *NOISE_PCT)
    only_a_doubt = group[0].role is Role.DIFFUSE and state is GateState.RED
    return GateState.DOUBT if only_a_doubt else state, limit, noise, group[0]


def _noise_pct(group: list[Frame], capture: Capture) -> float:
    """Of the brightest frame of a group; infinite where it holds no light."""
    sensor, where = capture.frames.sensor, thin(capture.frames.sensor.shape)
    levels = [float(np.median(f.pixels[where])) for f in group]
    light = (max(levels) - sensor.black_level) / (sensor.white_level - sensor.black_level)
    noise = math.sqrt(float(capture.rig.noise.variance(light)))
    return 100 * noise / light if light > 0 else math.inf
