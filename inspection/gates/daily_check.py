"""Whether the station passed its daily check."""

from __future__ import annotations

from datetime import datetime

from inspection.gates.gate import Capture, answer, gate
from inspection.report import Gate, GateState


@gate("never", "late", "failed", "calibrated", spoils=False)
def daily_check(capture: Capture) -> Gate:
    """The station's last check on its check panel was met and is not too old.

    Red where it was not met; and, at a station that asks for daily checks, where there was none, where it is older
    than allowed (hours between it and the capture), or where it was made with another rig. Unknown where the station
    asks for none and none is known, or the capture is from before the check.
    """
    check = capture.daily_check
    if check is None:
        return answer("daily_check", GateState.UNKNOWN, "No daily check is known of this station.")
    if check.at is None:
        text = "This station was never checked with its check panel: do the daily check, then measure again."
        return answer("daily_check", GateState.RED, text, fault="never")
    when = datetime.fromisoformat(capture.frames.captured_at or capture.now)
    hours = (when - datetime.fromisoformat(check.at)).total_seconds() / 3600
    if hours < 0:
        return answer("daily_check", GateState.UNKNOWN, "The capture is older than the daily check.")
    if not check.met:
        text = f"The station did not meet its daily check of {check.at}: find out why before judging panels."
        return answer("daily_check", GateState.RED, text, fault="failed", at=check.at)
    age, text = round(hours, 2), f"The last daily check is {hours:.0f} h old"
    if check.valid_hours is None:
        return answer("daily_check", GateState.OK, f"{text}; this station asks for none.", age, "h", at=check.at)
    if hours > check.valid_hours:
        text += f", one holds for {check.valid_hours:g} h: do the daily check, then measure again."
        return answer("daily_check", GateState.RED, text, age, "h", check.valid_hours, fault="late", at=check.at)
    if not check.same_rig:
        text = f"The station was calibrated since its daily check of {check.at}: do the check, then measure again."
        return answer("daily_check", GateState.RED, text, age, "h", check.valid_hours, fault="calibrated", at=check.at)
    return answer("daily_check", GateState.OK, f"{text}.", age, "h", check.valid_hours, at=check.at)
