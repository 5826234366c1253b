"""How often a recipe's checks decide wrongly: risks from what was measured of its panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from inspection.reading import BLOCKING
from inspection.recipe import Check, Recipe
from inspection.risk import Prior, Risks, Seen, prior_of, risks
from station.store.reader import Reader

Row = Mapping[str, Any]

#: What is counted has no normal spread.
COUNTED = "_count"


@dataclass(frozen=True, slots=True)
class Decision:
    """Of one check of a recipe.

    Attributes
    ----------
    u : float or None
        Median standard uncertainty of its measurements; None where nothing like it was measured yet.
    u_of_others : bool
        `u` is that of panels of other recipes.
    prior, risks : Prior and Risks, or None
        None where `u` is, and for what is counted.
    simulated : bool
        What it rests on is simulated.
    """

    check_no: int
    check: Check
    u: float | None
    u_of_others: bool = False
    prior: Prior | None = None
    risks: Risks | None = None
    simulated: bool = False


def decisions(reader: Reader, recipe: Recipe) -> list[Decision]:
    """One for each check, in the recipe's order.

    Panels of the recipe's name count, whatever its version asked for: what was measured does not depend on limits.
    Simulated ones count only where no real one was measured.
    """
    return [_decision(reader, recipe, number, check) for number, check in enumerate(recipe.checks)]


def _decision(reader: Reader, recipe: Recipe, number: int, check: Check) -> Decision:
    if check.measure.endswith(COUNTED):
        return Decision(number, check, None)
    own = _alike(reader.measured(recipe.name, check.measure), check, recipe.passes)
    rows = own or _alike(reader.measured(None, check.measure), check, None)
    if not rows:
        return Decision(number, check, None)
    u = float(median(row["u"] for row in rows))
    seen = [Seen(row["value"], row["u"], row["u_noise"] or 0.0) for row in own]
    prior = prior_of(seen, u, check.low, check.high)
    found = risks(prior, u, check.low, check.high)
    return Decision(number, check, u, not own, prior, found, any(row["simulated"] for row in rows))


def _alike(rows: Sequence[Row], check: Check, passes: int | None) -> list[Row]:
    """Sound measurements that answer the check's question, after passes that it is asked for (None: any pass)."""
    alike = [
        row for row in rows
        if row["region"] == check.region and row["knobs"] == check.knobs and not BLOCKING.intersection(row["quality"])
        and (passes is None or check.applies(min(row["pass_number"], passes)))
    ]  # fmt: skip
    real = [row for row in alike if not row["simulated"]]
    return real or alike
