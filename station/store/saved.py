"""What was saved against always doing the planned passes. Nobody is ranked: sums are by recipe only."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby

from inspection.passes.experience import Finished, savings
from inspection.report import Action
from station.store.corrected import corrected
from station.store.reader import Reader
from station.store.rows import Row

SAVINGS_COLUMNS = (
    "recipe", "recipe_title", "simulated", "panels", "panels_by_word", "passes_saved", "hours_per_pass", "hours_saved",
)  # fmt: skip


def saved(reader: Reader) -> list[Row]:
    """Passes and hours saved against the planned number, by recipe; simulated panels apart from real ones.

    Returns
    -------
    list of dict
        Keys `SAVINGS_COLUMNS`; hours are None where no pass was timed. A coat counts as finished when the newest
        inspection of it advises release with what people said since: a false alarm may release it, a missed mark take
        the release back. ``panels_by_word``: how many of them the station alone had not released.
    """
    finished = [row for row in reader.newest_of_coats() if _released(reader, row)]
    times = reader.times_of_work()
    told = []
    for (recipe, simulated), group in groupby(finished, lambda row: (row["recipe"], row["simulated"])):
        panels = list(group)
        sums = savings(
            [Finished(row["passes"], row["pass_number"], times[row["panel_id"], row["coat_number"]]) for row in panels]
        )
        by_word = sum(row["action"] != Action.RELEASE for row in panels)
        title = panels[-1]["recipe_title"]
        told.append(
            {"recipe": recipe, "recipe_title": title, "simulated": simulated, "panels_by_word": by_word} | asdict(sums)
        )
    return [{name: row[name] for name in SAVINGS_COLUMNS} for row in told]


def _released(reader: Reader, row: Row) -> bool:
    """Whether a coat's newest inspection advises release; what was said of it is weighed where anything was."""
    anew = None
    if row["spoken"]:
        inspection = reader.inspection(row["id"])
        assert inspection is not None, "it was listed a moment ago, in the same transaction"
        anew = corrected(reader, inspection)
    return bool((row["action"] if anew is None else anew["next_step"]["action"]) == Action.RELEASE)
