"""What is known of a panel before a pass of it is measured: the earlier report, the film, what such passes did."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache

from inspection.frames import Frames, Gauged
from inspection.passes.earlier import Earlier
from inspection.passes.experience import Experience, Key, Step, key_of
from inspection.passes.film import FilmSoFar, replayed
from inspection.reading import BLOCKING, Quality
from inspection.recipe import WHOLE, Recipe
from inspection.report import Action, Finding
from station.store.reader import Reader
from station.store.said import gauged

#: The newest steps say enough of a kind of pass, and more of them would be waited for.
MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Past:
    """What goes into a measurement from the store.

    Attributes
    ----------
    previous_id : int or None
        The inspection that `earlier` is the report of.
    frames : Frames
        Those to be measured, with the film readings that were taken since their pass.
    film_so_far : FilmSoFar or None
        Where more was read than `earlier` knows of.
    before_wiping : float or None
        Haze (%) of the last attempt at this pass, see `before_wiping`.
    """

    previous_id: int | None
    earlier: Earlier | None
    frames: Frames
    experience: Experience
    film_so_far: FilmSoFar | None = None
    before_wiping: float | None = None


def past_of(reader: Reader, frames: Frames, recipe: Recipe) -> Past:
    """Look up what is known before a capture is measured; film readings of this pass count as taken now."""
    found = reader.load_earlier(frames.panel, frames.coat_number, frames.pass_number, frames.view)
    previous_id, earlier = found if found is not None else (None, None)
    experience = experience_of(reader, frames.pass_number + 1, simulated=frames.simulated)
    if frames.panel is None:
        return Past(previous_id, earlier, frames, experience)
    before = before_wiping(reader, frames)
    taken = reader.film_of(frames.panel, frames.coat_number, frames.pass_number)
    now = {row["zone"]: gauged(row) for row in taken if row["pass_number"] == frames.pass_number}
    read = {**frames.conditions.film_um, **now}
    told = replace(frames, conditions=replace(frames.conditions, film_um=read)) if now else frames
    so_far = film_before(
        reader, frames.panel, frames.coat_number, frames.pass_number, recipe, previous_id=previous_id, earlier=earlier
    )
    return Past(previous_id, earlier, told, experience, so_far, before)


def before_wiping(reader: Reader, frames: Frames) -> float | None:
    """Haze (%) of the last attempt at this pass, where that was sent to be wiped because of oil or because it had not
    been wiped, or where its haze had not moved by wiping.

    None too where that attempt's haze was not measured or may not be believed.
    """
    if frames.panel is None:
        return None
    report = reader.last_attempt(frames.panel, frames.coat_number, frames.pass_number, frames.view)
    if report is None:
        return None
    gates = {gate["id"]: gate for gate in report.get("gates", [])}
    sent = report["next_step"]["action"] == Action.WIPE_AND_MEASURE_AGAIN and any(
        name in gates and gates[name]["fault"] for name in ("oil", "wiped")
    )
    stayed = "oil" in gates and gates["oil"]["values"].get("told") == "in_paint"
    if not (sent or stayed):
        return None
    for finding in report["findings"]:
        if (finding["measure"], finding["region"]) == ("haze_pct", WHOLE) and not (
            BLOCKING.intersection(finding["quality"]) - {Quality.NOT_WIPED}
        ):
            return None if finding["value"] is None else float(finding["value"])
    return None


def film_before(
    reader: Reader,
    panel: str,
    coat_number: int,
    pass_number: int,
    recipe: Recipe,
    *,
    previous_id: int | None,
    earlier: Earlier | None,
) -> FilmSoFar | None:
    """The film before a pass, where readings are stored that the earlier report does not know of; else None.

    Such are readings of passes that nobody inspected, the one before the first polishing among them, and those that
    came in after the earlier pass had been measured.
    """
    taken = reader.film_of(panel, coat_number, pass_number - 1)
    if earlier is not None and previous_id is not None:
        stored_at, done = reader.stored_at(previous_id), earlier.pass_number
        unknown = [row for row in taken if row["pass_number"] > done or row["stored_at"] > stored_at]
        if all(row["pass_number"] >= done for row in unknown):
            late: dict[int, dict[str, float | Gauged]] = {}
            for row in unknown:
                late.setdefault(row["pass_number"], {})[row["zone"]] = gauged(row)
            return replayed(recipe.film, late, FilmSoFar(earlier.film, done)) if late else None
    elif not taken:
        return None
    # A reading of long ago moves all that was counted since.
    return replayed(recipe.film, reader.film_by_pass(panel, coat_number, pass_number - 1))


def experience_of(reader: Reader, next_pass: int, *, simulated: bool, before_id: int | None = None) -> Experience:
    """What a pass has done to panels so far: real ones for a real panel, simulated ones for a simulated one."""

    @cache
    def key(measure: str, region: str, knobs: str) -> Key:
        asked = Finding(None, region, measure, 0, json.loads(knobs), None, "", None, None, 0, (), None, None, None)
        return key_of(asked)

    return Experience(
        Step(row["recipe"], row["pass_number"], key(row["measure"], row["region"], row["knobs"]), row["before"],
             row["after"])
        for row in reader.steps(next_pass, simulated=simulated, limit=MOST_STEPS, before_id=before_id)
    )  # fmt: skip
