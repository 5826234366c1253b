"""Whether the station passed its daily check."""

from __future__ import annotations

from datetime import datetime

from inspection.gates.gate import Capture, answer, gate
from inspection.report import Gate, GateState


@gate("late", "failed", spoils=False)
def daily_check(capture: Capture) -> Gate:
    """The station's last check on its check panel was met and is not too old.

    Red where it was not met, or is older than the station allows (hours between it and the capture). Unknown where
    the station keeps no such checks, or the capture is from before the first.
    """
    check = capture.daily_check
    if check is None:
        return answer("daily_check", GateState.UNKNOWN, "No daily check is known of this station.")
    when = datetime.fromisoformat(capture.frames.captured_at or capture.now)
    hours = (when - datetime.fromisoformat(check.at)).total_seconds() / 3600
    if hours < 0:
        return answer("daily_check", GateState.UNKNOWN, "The capture is older than the daily check.")
    if not check.met:
        text = f"The station did not meet its daily check of {check.at}: find out why before judging panels."
        return answer("daily_check", GateState.RED, text, fault="failed", at=check.at)
    late = hours > check.valid_hours
    text = f"The last daily check is {hours:.0f} h old"
    text += f", one holds for {check.valid_hours:g} h: do the daily check, then measure again." if late else "."
    return answer(
        "daily_check", GateState.RED if late else GateState.OK, text, round(hours, 2), "h", check.valid_hours,
        fault="late" if late else "", at=check.at,
    )  # fmt: skip
