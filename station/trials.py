"""A recipe on trial: what stored panels would be with it; judged from stored readings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspection.reading import Quality, Reading
from inspection.recipe import WHOLE, Check, Recipe
from inspection.registry import MEASURES
from inspection.report import GateState
from inspection.verdict import Verdict, judge, overall
from station.store.db import Reader

Row = Mapping[str, Any]

#: Values of these are whole numbers; what is stored of a reading does not say so.
COUNTS = frozenset({"defect_count"})


@dataclass(frozen=True, slots=True)
class Trial:
    """One stored inspection under another recipe.

    Attributes
    ----------
    before : Verdict
        As it was measured.
    after : Verdict or None
        With the recipe on trial; None where its stored readings do not answer that: it has to be measured anew.
    """

    inspection_id: int
    panel: str
    pass_number: int
    before: Verdict
    after: Verdict | None

    @property
    def moved(self) -> bool:
        """Whether the verdict is another one."""
        return self.after is not None and self.after is not self.before


def on_trial(reader: Reader, recipe: Recipe) -> list[Trial]:
    """Judge the newest measurement of every panel and pass of this recipe's name, the newest first."""
    own: dict[str, Recipe | None] = {}
    told = []
    for row in reader.judged_with(recipe.name):
        sha256 = row["recipe_sha256"]
        if sha256 not in own:
            own[sha256] = reader.load_recipe(sha256)
        after = rejudged(row, own[sha256], recipe)
        told.append(Trial(row["id"], row["panel"], row["pass_number"], Verdict(row["verdict"]), after))
    return told


def rejudged(row: Row, own: Recipe | None, new: Recipe) -> Verdict | None:
    """The verdict of a stored inspection with another recipe.

    Parameters
    ----------
    row : mapping
        Of `Reader.judged_with`, with ``findings``.
    own : Recipe or None
        That it was measured with; None where this program cannot read it.

    Returns
    -------
    Verdict or None
        None where readings depend on what is not the same any more (target colour, refractive index, the outline of a
        region), or a check asks for what was not measured then, or by another version of the measure.
    """
    if own is None or (own.target_lab, own.n_clear) != (new.target_lab, new.n_clear):
        return None
    outlines = [{region.name: region.polygon_mm for region in recipe.regions} for recipe in (own, new)]
    verdicts = []
    for _, check in new.checks_for(row["pass_number"]):
        finding = _finding_of(check, row["findings"])
        if finding is None or outlines[0].get(check.region) != outlines[1].get(check.region):
            return None
        verdicts.append(judge(_reading(finding), check.low, check.high))
    asked = [Verdict(one["verdict"]) for one in row["findings"] if one["verdict"] is not None]
    held_otherwise = overall(asked) is Verdict.PASS and row["verdict"] == Verdict.HOLD
    red = any(gate["state"] == GateState.RED for gate in row["gates"] or ())
    barred = held_otherwise or red or row["view"] not in (None, WHOLE)
    verdict = overall(verdicts, barred=barred)
    # Whether the views of a part left something out is known only where nothing else forbade a pass.
    unsure = row["plan_sha256"] is not None and overall(asked) is not Verdict.PASS
    return None if unsure and verdict is Verdict.PASS else verdict


def _finding_of(check: Check, findings: Sequence[Row]) -> Row | None:
    for one in findings:
        alike = (one["measure"], one["region"], one["knobs"]) == (check.measure, check.region, check.knobs)
        if alike and one["version"] == MEASURES[check.measure].version:
            return one
    return None


def _reading(finding: Row) -> Reading:
    value, u = (math.nan if finding[name] is None else float(finding[name]) for name in ("value", "u"))
    return Reading(
        value=value,
        u=u,
        u_noise=math.nan,
        n_px=finding["n_px"],
        quality=tuple(Quality(one) for one in finding["quality"]),
        step=1.0 if finding["measure"] in COUNTS else 0.0,
    )
