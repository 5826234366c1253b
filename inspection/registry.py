"""Measures and maps register by their signature; nothing is listed twice.

``@measure`` reads: name -> id and unit; positional parameters -> the maps it needs, by type;
keyword-only parameters -> recipe knobs; first docstring line -> title.
``@builds`` reads: return type -> the map it makes; positional parameters -> what it needs; a parameter typed
``Kind | None`` is given None where that map cannot be built.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType, ModuleType, UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from inspection.reading import Reading, Source
from inspection.units import unit_of

Knobs = dict[str, float | str]


class Joins(StrEnum):
    """What a measure says of a part that was captured in several views.

    `MEAN`, `SQUARE_MEAN`: the mean, or the root of the mean square, of the views, weighted by area. `MOST`, `LEAST`:
    the view of the largest or smallest value; where the measure is judged, the view that is worst off.
    """

    MEAN = "mean"
    SQUARE_MEAN = "square_mean"
    MOST = "most"
    LEAST = "least"


F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One registered measure and everything that is known about it."""

    id: str
    title: str
    unit: str
    version: int
    sources: tuple[Source, ...]
    needs: tuple[type, ...]
    knobs: Knobs
    function: Callable[..., Reading]
    sweep: Callable[..., Iterable[Knobs]] | None
    possible: tuple[float, float]
    choices: Mapping[str, tuple[str, ...]]
    joins: Joins
    documentation: str


@dataclass(frozen=True, slots=True, eq=False)
class Builder:
    """How to make one kind of map from others."""

    makes: type
    needs: tuple[type, ...]
    function: Callable[..., Any]
    optional: frozenset[type] = frozenset()


MEASURES: dict[str, Measure] = {}
BUILDERS: dict[type, Builder] = {}


def measure(
    *,
    version: int,
    sources: tuple[Source, ...],
    sweep: Callable[..., Iterable[Knobs]] | None = None,
    possible: tuple[float, float] = (-math.inf, math.inf),
    choices: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    joins: Joins = Joins.MOST,
) -> Callable[[F], F]:
    """Register a measure.

    Parameters
    ----------
    version : int
        Raised whenever a change moves a number; goes with every finding.
    sources : tuple of Source
        The terms that a budget of its readings can have.
    sweep : callable, optional
        Takes the same maps as the measure and yields the knobs to report where no check asks
        (for example every captured period); by default the knobs' defaults, once.
    possible : low, high
        Values that a panel can have; a limit that asks for others is refused.
    choices : dict of str to tuple of str
        For each knob that is a word: the words it may be.
    joins : Joins
        Of several views of a part. What counts marks is counted anew.
    """

    def register(function: F) -> F:
        name = function.__name__
        if name in MEASURES:
            raise ValueError(f"measure {name!r} is registered twice")
        needs, knobs = _signature(function)
        for knob, default in knobs.items():
            if not isinstance(default, str):
                unit_of(knob)
        doc = inspect.getdoc(function) or ""
        if not doc:
            raise ValueError(f"measure {name!r} has no docstring")
        MEASURES[name] = Measure(
            id=name,
            title=doc.splitlines()[0].rstrip("."),
            unit=unit_of(name),
            version=version,
            sources=sources,
            needs=needs,
            knobs=knobs,
            function=function,
            sweep=sweep,
            possible=possible,
            choices=choices,
            joins=joins,
            documentation=doc,
        )
        return function

    return register


def builds(function: F) -> F:
    """Register a builder: it makes its return type from its parameters' types."""
    makes = get_type_hints(function)["return"]
    if makes in BUILDERS:
        raise ValueError(f"{makes.__name__} has two builders")
    optional = frozenset(_kind(hint) for hint in get_type_hints(function).values() if _kind(hint) is not hint)
    BUILDERS[makes] = Builder(makes, _signature(function)[0], function, optional)
    return function


def discover(package: ModuleType) -> None:
    """Import every module of a package; an ImportError stops the program."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def _signature(function: Callable[..., Any]) -> tuple[tuple[type, ...], Knobs]:
    hints: Mapping[str, Any] = get_type_hints(function)
    needs, knobs = [], {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            knobs[name] = parameter.default
        else:
            needs.append(_kind(hints[name]))
    return tuple(needs), knobs


def _kind(hint: Any) -> Any:
    """The kind in ``Kind | None``; any other hint as it is."""
    kinds = [part for part in get_args(hint) if part is not type(None)]
    return kinds[0] if isinstance(hint, UnionType) and len(kinds) == 1 else hint
