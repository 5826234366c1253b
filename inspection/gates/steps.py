"""Steps of a fringe that do not fit together: a pattern shown twice, dropped or out of order."""

from __future__ import annotations

import math

import numpy as np

from inspection.gates.gate import Capture, answer, gate, graded
from inspection.gates.series import Floats, Key, Series
from inspection.report import Gate, GateState

#: A step of four that is off by 0.2 rad leaves a tenth of the modulation and moves places by a sixtieth of a period.
LIMIT_PCT = (10.0, 15.0)


@gate("misfit", spoils=True)
def steps(capture: Capture) -> Gate:
    """The steps of every fringe series are equally spaced and all there.

    Four or more steps: what the least squares leave, noise and second harmonic (the screen's gamma) taken off. Any
    number: the series' mean light against that of all other series, which the screen does not change. Root mean
    square, % of the modulation: a step off by 0.2 rad leaves 10 % (doubt), a doubled one 50 %; red from 15 %. A fringe
    whose phase scatters by more than 0.2 rad tells nothing and is not looked at; neither is a single series of three.
    """
    series = {key: one for key, one in capture.series.items() if not one.faint}
    told = {key: pct for key, one in series.items() if (pct := _misfit_pct(key, one, capture.series)) is not None}
    if not told:
        return answer("steps", GateState.UNKNOWN, "No fringe is strong enough to tell whether its steps fit.")
    (axis, period), worst = max(told.items(), key=lambda item: item[1])
    state, limit = graded(worst, *LIMIT_PCT)
    text = f"The steps of the {period:g} mm fringe on axis {axis} leave {worst:.2g} % of its modulation"
    text += "." if state is GateState.OK else f", the limit is {limit:g} %: a pattern was dropped, doubled or late."
    fault = "" if state is GateState.OK else "misfit"
    return answer("steps", state, text, worst, "pct", limit, fault=fault, axis=axis, period=period)


def _misfit_pct(key: Key, one: Series, others: dict[Key, Series]) -> float | None:
    """The larger of both tests; None where neither can be made."""
    scale = float(np.sqrt(np.mean(np.square(one.modulation))))
    found = []
    if one.steps > 3:
        power = np.square(_without_second(one)).sum(0).mean() / (one.steps - 3)
        found.append(power - one.noise**2)
    rest = [other for name, other in others.items() if name != key]
    if rest:
        away = one.mean - np.median([other.mean for other in rest], axis=0)
        # Variance of a median of n: π/2 that of their mean.
        spread = one.noise**2 / one.steps + math.pi / 2 * np.mean([s.noise**2 / s.steps for s in rest]) / len(rest)
        found.append(float(np.mean(np.square(away))) - spread)
    return 100 * math.sqrt(max(0.0, *found)) / scale if found else None


def _without_second(one: Series) -> Floats:
    """The rest of the steps less what follows twice the phase."""
    wave = one.modulation * np.exp(2j * one.phase_rad)
    shapes = np.stack([wave.real, wave.imag], axis=1)
    return np.asarray(one.rest - one.rest @ shapes @ np.linalg.pinv(shapes.T @ shapes) @ shapes.T)
