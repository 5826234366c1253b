"""What a gate looks at, how it answers, and how it registers.

A measure says how the panel is; a gate says whether the capture may be believed. Every gate has a physical criterion
with stated limits and answers with one sentence.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from inspection.frames import Frames
from inspection.fringes import Decoded
from inspection.gates.series import Key, Series, series_of
from inspection.passes.earlier import Earlier
from inspection.recipe import Recipe
from inspection.report import Gate, GateState
from inspection.rig import Rig
from inspection.units import UNIT_OF_SUFFIX
from inspection.workbench import Workbench


@dataclass(frozen=True, slots=True)
class DailyCheck:
    """The station's last check on its check panel before the capture, and what the station asks for.

    Attributes
    ----------
    at : str or None
        ISO 8601; None where the station was never checked though it has to be.
    met : bool
    valid_hours : float or None
        How long one holds; None where the station does not ask for them: then only one that was not met counts.
    same_rig : bool
        Made with the rig that measures the capture: a check says nothing of a calibration that came after it.
    """

    at: str | None
    met: bool
    valid_hours: float | None = 24.0
    same_rig: bool = True


@dataclass(frozen=True, eq=False)
class Capture:
    """Everything a gate may look at.

    Attributes
    ----------
    earlier : Earlier or None
        Report of an earlier pass of the same panel and coat.
    now : str
        ISO 8601; stands for the time of capture where the set does not say.
    expired : bool
        The rig is out of its term and measures only because somebody allowed it.
    daily_check : DailyCheck or None
        None where the station asks for none and none is known.
    before_wiping : float or None
        Haze (%) of an earlier attempt at this pass that was sent to be wiped.
    """

    frames: Frames
    rig: Rig
    recipe: Recipe
    bench: Workbench
    now: str
    expired: bool = False
    earlier: Earlier | None = None
    daily_check: DailyCheck | None = None
    before_wiping: float | None = None

    @cached_property
    def series(self) -> dict[Key, Series]:
        """Every fringe series on a thinned grid; empty where no fringe is seen."""
        decoded: Decoded | None = self.bench.get_or_none(Decoded)
        return {} if decoded is None else series_of(self.frames, decoded)


@dataclass(frozen=True, slots=True)
class Registered:
    """A gate and what is known about it; `spoils`: nothing measured may be believed while it is red."""

    id: str
    title: str
    spoils: bool
    faults: tuple[str, ...]
    documentation: str
    function: Callable[[Capture], Gate]


GATES: Final[dict[str, Registered]] = {}


def gate(*faults: str, spoils: bool) -> Callable[[Callable[[Capture], Gate]], Callable[[Capture], Gate]]:
    """Register a gate by its function's name.

    Parameters
    ----------
    faults : str
        What it may find; each is a sentence in every language of the pages.
    spoils : bool
        A red gate always bars `pass` and `release`. Where it spoils, it takes the verdict of every finding too: a
        panel that moved has not been shown to be bad either.
    """

    def register(function: Callable[[Capture], Gate]) -> Callable[[Capture], Gate]:
        name = function.__name__
        doc = inspect.getdoc(function) or ""
        if name in GATES or not doc:
            raise ValueError(f"gate {name!r} is registered twice or has no docstring")
        GATES[name] = Registered(name, doc.splitlines()[0].rstrip("."), spoils, faults, doc, function)
        return function

    return register


def look(capture: Capture) -> tuple[Gate, ...]:
    """What every gate says, by name."""
    return tuple(GATES[name].function(capture) for name in sorted(GATES))


def spoilt(gates: tuple[Gate, ...]) -> bool:
    """Whether a red gate takes the verdict of every finding."""
    return any(one.state is GateState.RED and GATES[one.id].spoils for one in gates)


def answer(
    name: str, state: GateState, sentence: str, value: float | None = None, suffix: str = "ratio",
    limit: float | None = None, *, fault: str = "", **values: float | str,
) -> Gate:  # fmt: skip
    """A gate's answer.

    `suffix` names the unit as in `inspection.units`, `fault` is given where the gate is not content. A value `told`
    names what it has to tell though it is content.
    """
    wrong = state in (GateState.DOUBT, GateState.RED)
    if wrong is not (fault in GATES[name].faults):
        raise ValueError(f"gate {name!r} answers {state} with fault {fault!r}")
    return Gate(name, state, value, UNIT_OF_SUFFIX[suffix], limit, sentence, fault, values)


def graded(value: float, doubt: float, red: float) -> tuple[GateState, float]:
    """State of a value that is better the smaller it is, and the limit it broke, or keeps."""
    if not value <= red:  # NaN is not below anything
        return GateState.RED, red
    return (GateState.DOUBT, doubt) if value > doubt else (GateState.OK, doubt)
