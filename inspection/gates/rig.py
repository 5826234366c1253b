"""Whether this rig may judge this capture."""

from __future__ import annotations

from inspection.gates.gate import Capture, answer, gate
from inspection.report import Gate, GateState


@gate("station", "simulated", "expired", spoils=False)
def rig(capture: Capture) -> Gate:
    """The rig is of this station and inside its term.

    Other optics are refused before anything is measured (`Rig.mismatch`). Red here: the rig names another station, one
    of the two is simulated and the other is not, or the term is over and somebody allowed to measure all the same.
    """
    mine, theirs = capture.rig.station, capture.frames.station
    if mine is not None and theirs is not None and mine != theirs:
        text = f"The rig is of station {mine}, the capture of station {theirs}: measure with the station's own rig."
        return answer("rig", GateState.RED, text, fault="station", rig=mine, station=theirs)
    if capture.rig.simulated is not capture.frames.simulated:
        text = "The rig is simulated and the capture is not, or the other way round."
        return answer("rig", GateState.RED, text, fault="simulated")
    if capture.expired:
        text = f"The rig was valid until {capture.rig.expires_at}: calibrate, then measure again."
        return answer("rig", GateState.RED, text, fault="expired", until=capture.rig.expires_at)
    return answer("rig", GateState.OK, "The rig is of this station and inside its term.")
