"""What is known before a panel is measured: `--previous`, or what the database holds of it and of the station."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from inspection.frames import Frames
from inspection.gates.gate import DailyCheck
from inspection.passes.earlier import Earlier, parse_earlier
from inspection.passes.experience import Experience
from inspection.recipe import Recipe
from inspection.rig import Rig
from station.commands.files import read_text
from station.daily_check import known_check
from station.store.db import Store
from station.store.past import Past, past_of

MAX_REPORT_BYTES = 64 * 2**20


def read_earlier(path: Path) -> Earlier:
    """Read the report of an earlier pass; refused with file and field where it is not a `paint-report/1`."""
    return parse_earlier(read_text(path, "--previous", MAX_REPORT_BYTES), str(path))


def known_past(frames: Frames, recipe: Recipe, given: Earlier | None, database: Path | None) -> Past:
    """What this pass goes on from.

    Parameters
    ----------
    given : Earlier or None
        From `--previous`: it wins over what is stored.
    database : Path or None
        Opened only where it exists.
    """
    if database is None or not database.exists():
        return Past(None, given, frames, Experience(()))
    with closing(Store.open(database)) as store, store.reader() as reader:
        past = past_of(reader, frames, recipe)
    if given is None or given == past.earlier:
        return past
    return replace(past, previous_id=None, earlier=given, film_so_far=None)


def last_check(
    frames: Frames, rig: Rig, database: Path | None, hours: float | None, now: datetime
) -> DailyCheck | None:
    """The station's last daily check; without a database none is known.

    Parameters
    ----------
    hours : float or None
        How long one holds; None where the station asks for none.
    """
    if database is None or not database.exists():
        return None if hours is None else DailyCheck(None, met=False, valid_hours=hours)
    with closing(Store.open(database)) as store, store.reader() as reader:
        return known_check(reader, frames, rig, hours, now)
