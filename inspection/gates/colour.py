"""Whether this is the colour that the recipe is for."""

from __future__ import annotations

from inspection.gates.gate import Capture, answer, gate
from inspection.recipe import WHOLE
from inspection.registry import MEASURES
from inspection.report import Gate, GateState
from inspection.verdict import GUARD_FACTOR

#: Paint of one recipe never drifts this far (tolerances are below 1.5): from here on it is another paint.
ANOTHER_E00 = 5.0


@gate("another", spoils=False)
def colour(capture: Capture) -> Gate:
    """The paint is that of the recipe.

    ΔE00 of the mean colour to the recipe's target: above 5, proven by its uncertainty, it is another paint and not a
    drift. Unknown without a colour frame or target.
    """
    reading = capture.bench.read(MEASURES["delta_e00"], {}, WHOLE)
    if not reading.value >= 0:
        return answer("colour", GateState.UNKNOWN, "The colour was not measured, or the recipe has none.")
    name, value = capture.recipe.name, float(reading.value)
    if value - GUARD_FACTOR * reading.u <= ANOTHER_E00:
        text = f"The colour is {value:.2g} ΔE00 from {name}."
        return answer("colour", GateState.OK, text, value, "e00", ANOTHER_E00, recipe=name)
    text = f"The colour is {value:.1f} ΔE00 from {name}: is this really {name}?"
    return answer("colour", GateState.RED, text, value, "e00", ANOTHER_E00, fault="another", recipe=name)
