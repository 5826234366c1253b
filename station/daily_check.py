"""The daily check of a station: today's look at its check panel against the first ones, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from calibration.check_panel import see_check
from calibration.daily_check import GLOSS, LEAST_FIRST, Judged, judge_check, sentence
from inspection.frames import Frames
from inspection.gates.gate import DailyCheck
from inspection.refused import Refused
from inspection.report import GateState
from inspection.rig import Rig
from station.store.checked import Station, taken_of
from station.store.db import Store
from station.store.reader import Reader

Row = Mapping[str, Any]


class State(StrEnum):
    """How a station stands with its daily check."""

    MET = "met"
    FAILED = "failed"
    LATE = "late"
    CALIBRATED = "calibrated"
    NEVER = "never"
    UNASKED = "unasked"


#: In these no panel is released.
ON_HOLD = frozenset({State.FAILED, State.LATE, State.CALIBRATED, State.NEVER})


def check_station(store: Store, frames: Frames, rig: Rig, *, first: bool, now: datetime, software: str) -> int:
    """Judge a capture of the check panel and keep the check; returns its id.

    Parameters
    ----------
    first : bool
        One of the panel's first checks at this station, whose means are the panel's values: it is not judged. Allowed
        until one was judged; a panel that was damaged gets a successor of another name.

    Raises
    ------
    Refused
        The set cannot be measured, the panel has too few first checks or too many, or a first one shows no gloss or
        may not be believed; nothing is stored.
    """
    seen = see_check(frames, rig, now=now.isoformat())
    name, when = frames.check_panel, _when(frames, now)
    assert name is not None
    with store.reader() as reader:
        known = reader.checks_of(Station(frames.station, frames.simulated), name, when)
    begun = [row for row in known if row["first"]]
    at = f'capture.json: check_panel: "{name}"'
    red = [gate.sentence for gate in seen.gates if gate.state is GateState.RED]
    if first:
        judged_at = next((row["captured_at"] for row in known if not row["first"]), None)
        if judged_at is not None:
            raise Refused(f"{at} was judged at {judged_at}: its values stand; a new panel needs a new name")
        if red:
            raise Refused(f"{at}: no first check can be made of this capture: {red[0]}")
        if GLOSS not in seen.values:
            raise Refused(f"{at}: no first check can be made of this capture: its gloss was not measured")
        return store.save_check(seen, (), met=None, frames=frames, rig=rig, software=software)
    if len(begun) < LEAST_FIRST:
        raise Refused(
            f"{at} has {len(begun)} first checks at this station, {LEAST_FIRST} are needed: "
            "lay the panel in anew for each and check with --first"
        )
    met_ones = [taken_of(row) for row in known if row["met"]]
    judged = judge_check(seen.values, [taken_of(row) for row in begun], met_ones)
    met = not red and not any(one.fault for one in judged)
    return store.save_check(seen, judged, met=met, frames=frames, rig=rig, software=software)


def known_check(reader: Reader, frames: Frames, rig: Rig, hours: float | None, now: datetime) -> DailyCheck | None:
    """The last check before a capture, for its gate.

    Parameters
    ----------
    hours : float or None
        How long one holds; None where the station asks for none.
    """
    row = reader.last_check(Station(frames.station, frames.simulated), _when(frames, now))
    if row is None:
        return None if hours is None else DailyCheck(None, met=False, valid_hours=hours)
    at = row["captured_at"] or row["captured_at_utc"]
    return DailyCheck(at, row["met"], hours, same_rig=row["rig_sha256"] == rig.sha256)


def refuse_check_panel(frames: Frames) -> None:
    """A check panel is no panel of a recipe.

    Raises
    ------
    Refused
        The capture is of one.
    """
    if frames.check_panel is not None:
        raise Refused(
            f'capture.json: check_panel: "{frames.check_panel}" is the station\'s check panel, not a panel to inspect: '
            "use `daily-check`"
        )


def stations(reader: Reader, hours: float | None, now: datetime) -> list[dict[str, Any]]:
    """How every station stands.

    Returns
    -------
    list of dict
        ``station``, ``simulated``, ``state`` (`State`), ``on_hold``, ``valid_hours``, ``reasons`` (English sentences),
        ``last`` (the newest judged check or None).
    """
    told: list[dict[str, Any]] = []
    for known in reader.stations():
        last = reader.last_check(Station(known["station"], known["simulated"]), now)
        state = _state(last, known["rig_sha256"], hours, now)
        told.append(
            {
                "station": known["station"],
                "simulated": known["simulated"],
                "state": str(state),
                "on_hold": state in ON_HOLD,
                "valid_hours": hours,
                "reasons": [] if last is None or last["met"] else reasons(last),
                "last": last,
            }
        )
    return told


def reasons(check: Row) -> list[str]:
    """Why a check was not met, in English: what the capture itself lacks comes first."""
    of_capture = [gate["sentence"] for gate in check["gates"] if gate["state"] == GateState.RED]
    return of_capture + [sentence(one) for one in judged_of(check) if one.fault]


def judged_of(check: Row) -> Sequence[Judged]:
    """What was judged at a stored check."""
    return [Judged(**one) for one in check["judged"]]


def _state(last: Row | None, rig_sha256: str | None, hours: float | None, now: datetime) -> State:
    if last is not None and not last["met"]:
        return State.FAILED
    if hours is None:
        return State.UNASKED if last is None else State.MET
    if last is None:
        return State.NEVER
    if (now - datetime.fromisoformat(last["captured_at_utc"])).total_seconds() > 3600 * hours:
        return State.LATE
    return State.MET if rig_sha256 in (None, last["rig_sha256"]) else State.CALIBRATED


def _when(frames: Frames, now: datetime) -> datetime:
    return now if frames.captured_at is None else datetime.fromisoformat(frames.captured_at)
