"""Whether the panel was at a temperature at which its colour is its colour."""

from __future__ import annotations

from inspection.gates.gate import Capture, answer, gate, graded
from inspection.report import Gate, GateState

#: Where paint is conditioned and measured (ISO 3270).
STANDARD_C = 23.0
#: Distance from it. Saturated colours change by up to about 0.1 ΔE per kelvin: half a visible step at 5 K, a whole
#: one at 10 K; and a coat that warm is still soft from polishing.
AWAY_C = (5.0, 10.0)


@gate("away", spoils=False)
def temperature(capture: Capture) -> Gate:
    """The panel's surface is near 23 °C.

    More than 5 K away: a doubt; more than 10 K: red, neither colour nor a coat warm from polishing stays as it was
    measured. Unknown where nobody measured it.

    References: ISO 3270:1984 (23 ± 2 °C); thermochromism of the BCRA-NPL ceramic standards, F. Malkin et al., Journal
    of the Society of Dyers and Colourists 113 (1997).
    """
    surface = capture.frames.conditions.surface_temperature_c
    if surface is None:
        return answer("temperature", GateState.UNKNOWN, "Nobody measured the panel's temperature.")
    state, away = graded(abs(surface - STANDARD_C), *AWAY_C)
    limit = STANDARD_C + (away if surface >= STANDARD_C else -away)
    if state is GateState.OK:
        return answer("temperature", state, f"The panel has {surface:g} °C.", surface, "c", limit)
    text = f"The panel has {surface:g} °C, measure it at {STANDARD_C:g} ± {AWAY_C[0]:g} °C."
    return answer("temperature", state, text, surface, "c", limit, fault="away", standard=STANDARD_C, range=AWAY_C[0])
