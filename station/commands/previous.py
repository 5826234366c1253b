"""The earlier pass of a panel: `--previous`, or what the database holds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from inspection.frames import Frames
from inspection.passes.earlier import Earlier, parse_earlier
from inspection.passes.experience import Experience
from inspection.recipe import Recipe
from station.commands.files import read_text
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
