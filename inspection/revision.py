"""What changed from one version of a recipe to the next, in the recipe's own terms and not in lines of its text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from inspection.recipe import Check, Recipe
from inspection.registry import Knobs

#: Attributes of a recipe that are compared as they stand.
FIELDS = ("title", "passes", "n_clear", "target_lab")
Limits = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was; `None` where there was nothing, or is nothing any more.

    Attributes
    ----------
    what : str
        "check", "region", "title", "passes", "n_clear", "target_lab", or a field of the film.
    before, after
        Of a check its limits, as a list of (low, high): more than one where it was asked twice.
    measure, knobs, region, passes
        Which check, or which region; `passes` are those for which the limits moved in this way.
    """

    what: str
    before: Any
    after: Any
    measure: str | None = None
    knobs: Knobs = field(default_factory=dict)
    region: str | None = None
    passes: tuple[int, ...] = ()


def changes(old: Recipe, new: Recipe) -> tuple[Change, ...]:
    """Every difference that can move a verdict, or that a person reads; the order and the wording of the file do not.

    A check is compared pass by pass: whether it stands once for two passes or twice for one each is the same.
    """
    found = [
        Change(name, getattr(old, name), getattr(new, name))
        for name in FIELDS
        if getattr(old, name) != getattr(new, name)
    ]
    film_before, film_after = asdict(old.film), asdict(new.film)
    found += [Change(name, film_before[name], film_after[name]) for name in film_before
              if film_before[name] != film_after[name]]  # fmt: skip
    outlines = [{region.name: region.polygon_mm for region in recipe.regions} for recipe in (old, new)]
    found += [
        Change("region", outlines[0].get(name), outlines[1].get(name), region=name)
        for name in dict.fromkeys([*outlines[0], *outlines[1]])
        if outlines[0].get(name) != outlines[1].get(name)
    ]
    return (*found, *_moved(old, new))


def _moved(old: Recipe, new: Recipe) -> list[Change]:
    before, after = _asked(old), _asked(new)
    found = []
    for question in dict.fromkeys([*before, *after]):
        was, now = before.get(question, {}), after.get(question, {})
        moves = [
            (was.get(number), now.get(number), number)
            for number in sorted({*was, *now})
            if was.get(number) != now.get(number)
        ]
        measure, knobs, region = question
        for (low_high, moved_to), group in groupby(moves, key=lambda move: move[:2]):
            passes = tuple(number for *_, number in group)
            found.append(Change("check", low_high, moved_to, measure, dict(knobs), region, passes))
    return found


def _asked(recipe: Recipe) -> dict[tuple[str, tuple[tuple[str, float | str], ...], str], dict[int, list[Limits]]]:
    """Limits by question and pass."""
    asked: dict[Any, dict[int, list[Limits]]] = defaultdict(lambda: defaultdict(list))
    for check in recipe.checks:
        for number in _passes(check, recipe):
            limits = asked[check.measure, tuple(sorted(check.knobs.items())), check.region][number]
            limits.append((check.low, check.high))
            limits.sort(key=repr)
    return asked


def _passes(check: Check, recipe: Recipe) -> tuple[int, ...]:
    return check.passes if check.passes is not None else tuple(range(recipe.passes + 1))
