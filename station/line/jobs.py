"""From a scanned code to what is to be captured: order, recipe, coat and the pass that is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from inspection.frames import Conditions
from inspection.plan import Plan
from inspection.recipe import Recipe
from station.capture.rig_settings import RigSettings
from station.capture.shots import Shot, shots_of
from station.capture.taking import Subject
from station.events import utc_text
from station.faults import NotNow
from station.line.turns import Due, due, settled
from station.store.db import Store
from station.store.queries import InspectionQuery
from station.store.reader import Reader
from station.store.rulings import action_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a person or a program asks for.

    Attributes
    ----------
    code : str
        Of the panel, as scanned or typed.
    recipe, part : str or None
        Where no order knows the code.
    pass_number, coat_number : int or None
        Where they are to be others than those that are due.
    confirmed : bool
        The person was asked about the pass and means it.
    operator : str or None
        A pseudonym.
    conditions : Conditions
        Wiped, temperature, film readings.
    """

    code: str
    recipe: str | None = None
    part: str | None = None
    pass_number: int | None = None
    coat_number: int | None = None
    confirmed: bool = False
    operator: str | None = None
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class Job:
    """What the line does next; `plan` where the part is captured in several views."""

    subject: Subject
    recipe: Recipe
    shots: tuple[Shot, ...]
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What order and earlier inspections say of a code.

    Attributes
    ----------
    recipe, part : str or None
        None: neither says it.
    last : mapping or None
        Newest inspection of this coat, a row of the list.
    """

    recipe: str | None
    part: str | None
    coat_number: int
    last: Mapping[str, Any] | None
    due: Due


def known_of(code: str, reader: Reader, *, coat_number: int | None = None) -> Known:
    """What the station knows of a panel before anybody says more."""
    order = reader.order_of(code)
    newest = reader.inspections(InspectionQuery(panel=code, limit=200)).items
    before = newest[0] if newest else None
    coat = (
        max((int(row["coat_number"]) for row in (order, before) if row is not None), default=1)
        if coat_number is None
        else coat_number
    )
    last = next((row for row in newest if row["coat_number"] == coat), None)
    recipe, part = ((order or {}).get(name) or (before or {}).get(name) for name in ("recipe", "part"))
    # A person's next step holds where one was ruled.
    ruled = None if last is None else {**last, "action": action_of(last)}
    return Known(recipe, part, coat, last, due(ruled))


def job_of(asked: Start, reader: Reader, rig: RigSettings) -> Job:
    """Everything that has to be known before a frame is taken.

    Raises
    ------
    Refused
        No order knows the code and no recipe was named, the recipe is not stored, or the station has no light for it.
    Asks
        It is not certain which pass is due.
    """
    known = known_of(asked.code, reader, coat_number=asked.coat_number)
    name = asked.recipe or known.recipe
    if name is None:
        raise NotNow(
            f"{asked.code}: no order knows this code: import its order, or say which recipe it has", "order_unknown",
            panel=asked.code,
        )  # fmt: skip
    recipe = reader.load_recipe(name)
    if recipe is None:
        raise NotNow(f'{asked.code}: no recipe "{name}" is stored', "recipe_unknown", panel=asked.code, recipe=name)
    number = settled(asked.code, known.due, asked.pass_number, confirmed=asked.confirmed)
    subject = Subject(
        pass_number=number, panel=asked.code, part=asked.part or known.part, recipe=recipe.name,
        coat_number=known.coat_number, operator=asked.operator, conditions=asked.conditions,
    )  # fmt: skip
    return Job(subject, recipe, shots_of(recipe, rig), reader.load_plan(subject.part))


def refuse_uncalibrated(store: Store, reader: Reader, station: str, now: datetime) -> None:
    """Nothing is captured that no calibration would fit.

    Raises
    ------
    NotNow
        None is valid now. Where the clock went back that is said: calibrating anew would not help.
    """
    if reader.rigs_for(station, utc_text(now)):
        return
    back_s = store.clock_back_s()
    if back_s is not None:
        day = f"{(now + timedelta(seconds=back_s)).date()}"
        raise NotNow(
            f"the clock shows a day before {day}, of which there are entries already: set it right", "clock_back",
            day=day,
        )  # fmt: skip
    raise NotNow(
        f'station "{station}" has no rig that is valid now: calibrate it first', "not_calibrated", station=station
    )
