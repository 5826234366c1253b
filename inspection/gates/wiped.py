"""Whether somebody wiped the panel."""

from __future__ import annotations

from inspection.gates.gate import Capture, answer, gate
from inspection.report import Gate, GateState


@gate("not", "unsaid", spoils=False)
def wiped(capture: Capture) -> Gate:
    """The panel was wiped before the capture.

    Said not to be: red, and every finding carries NOT_WIPED. Not said: a doubt. It bars no release, since stations
    that record nothing about wiping are allowed (contracts.md §1), but the next step asks to confirm it; oil that is
    still there has a gate of its own.
    """
    said = capture.frames.conditions.wiped
    if said is None:
        text = "Nobody said whether the panel was wiped: confirm that it was."
        return answer("wiped", GateState.DOUBT, text, fault="unsaid")
    if not said:
        return answer("wiped", GateState.RED, "The panel was not wiped before the capture.", fault="not")
    return answer("wiped", GateState.OK, "The panel was wiped.")
