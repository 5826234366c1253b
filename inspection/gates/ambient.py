"""Whether the room is as dark as it was at calibration."""

from __future__ import annotations

import numpy as np

from inspection.fringes import Decoded
from inspection.gates.gate import Capture, answer, gate, graded
from inspection.gates.series import thin
from inspection.noise import dark_per_ms
from inspection.report import Gate, GateState

#: Change of the room's light, % of the screen's light on this panel. Room light flickers and moves by a tenth of
#: itself between a frame and its dark frame: 2 % of it is the screen's own drift of 0.2 %, 10 % five times that.
LIMIT_PCT = (2.0, 10.0)


@gate("changed", spoils=True)
def ambient(capture: Capture) -> Gate:
    """The room's light is that of the calibration.

    Median of the dark frame with the longest exposure, per ms, against the rig's; over the mean light of the fringes.
    A change of 2 % is a doubt, 10 % red: dark frames take the room's light off, but only what stays the same until
    the next frame. Unknown without dark frames, without fringes, or with a rig that does not know its dark.
    """
    dark, before = dark_per_ms(capture.frames), capture.rig.dark_per_ms
    lit = _lit(capture)
    if dark is None or before is None or not lit > 0:
        return answer("ambient", GateState.UNKNOWN, "Nothing is known of the room's light, here or at calibration.")
    change = 100 * (dark - before) / lit
    state, limit = graded(abs(change), *LIMIT_PCT)
    text = f"The room's light has changed by {change:+.2g} % of the screen's since calibration"
    fault = "" if state is GateState.OK else "changed"
    text += f", the limit is {limit:g} %: shut the light out." if fault else "."
    return answer("ambient", state, text, change, "pct", limit, fault=fault)


def _lit(capture: Capture) -> float:
    """Mean light of the fringes per ms, median of the panel; 0 where none is seen."""
    decoded: Decoded | None = capture.bench.get_or_none(Decoded)
    if decoded is None:
        return 0.0
    where = thin(capture.frames.sensor.shape)
    seen = decoded.offset[where][decoded.valid[where]]
    return float(np.median(seen)) if seen.size else 0.0
