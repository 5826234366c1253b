"""What can be asked: filters with their limits, and pages by keyset.

The same classes are the query strings of the API and of the pages: a field here is a filter there.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen
from pydantic import AwareDatetime, BeforeValidator, Field

from inspection.defects.kinds import Kind
from inspection.refused import Refused
from inspection.report import Status
from inspection.verdict import Verdict

Text = Annotated[str, MaxLen(200)]
#: A month of a calendar, as 2026-11.
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Number = Annotated[int, Ge(0), Le(9999)]
Limit = Annotated[int, Ge(1), Le(200)]
Millimetres = Annotated[float, Ge(0), Le(1e6)]


def _as_written(moment: object) -> object:
    """A text has to be a date-time of RFC 3339, as the interface's document says: not a bare number of seconds."""
    if isinstance(moment, str) and not _DATE_TIME.fullmatch(moment):
        raise ValueError("expected a time with its offset, as 2026-11-22T10:00:00+08:00")
    return moment


_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
#: A time with its offset.
Instant = Annotated[AwareDatetime, BeforeValidator(_as_written)]


class What(StrEnum):
    """What a person says about a mark."""

    KIND = "kind"
    FALSE_ALARM = "false_alarm"
    MISSED = "missed"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paged:
    """One page of a list, the newest first."""

    limit: Limit = 50
    cursor: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfPanels(_Paged):
    """Filters of what belongs to one pass of a panel."""

    recipe: Text | None = None
    part: Text | None = None
    panel: Text | None = None
    pass_number: Number | None = None
    station: Text | None = None
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionQuery(_OfPanels):
    """Filters of inspections.

    Attributes
    ----------
    text : str or None
        In the panel's code, part or order number, the recipe's name or title, or what a person said; upper and lower
        case of Latin letters are alike.
    """

    verdict: Verdict | None = None
    kind: Text | None = None
    region: Text | None = None
    text: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingQuery(_OfPanels):
    """Filters of findings; `verdict` is that of the finding."""

    verdict: Verdict | None = None
    measure: Text | None = None
    region: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectQuery(_OfPanels):
    """Filters of defects.

    Attributes
    ----------
    status : Status or None
        What is not there any more, or was not seen this time, is listed only where `removed` is asked for.
    corrected : bool or None
        Whether a person has said something about the mark at that inspection.
    """

    kind: Kind | None = None
    status: Status | None = None
    region: Text | None = None
    min_length_mm: Millimetres | None = None
    corrected: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionQuery(_OfPanels):
    """Filters of what people said about marks; `kind` is the kind they named."""

    kind: Kind | None = None
    what: What | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmQuery(_Paged):
    """Filters of film readings."""

    part: Text | None = None
    panel: Text | None = None
    pass_number: Number | None = None
    zone: Text | None = None
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureQuery(_OfPanels):
    """Filters of capture sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuery(_Paged):
    """Filters of panels; `recipe` and `verdict` are those of the panel's latest inspection."""

    recipe: Text | None = None
    part: Text | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeQuery(_Paged):
    """Pages of recipes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RigQuery(_Paged):
    """Filters of rigs."""

    station: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckQuery(_Paged):
    """Filters of daily checks."""

    station: Text | None = None
    check_panel: Text | None = None
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery(_Paged):
    """Filters of orders."""

    code: Text | None = None
    order_number: Text | None = None
    part: Text | None = None
    recipe: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuery(_Paged):
    """Filters of plans."""

    part: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery(_Paged):
    """Filters of the audit: who did it, to which table."""

    who: Text | None = None
    of_table: Text | None = None
    since: Instant | None = None
    until: Instant | None = None


class Bars(StrEnum):
    """What marks are counted by."""

    KIND = "kind"
    ZONE = "zone"
    PASS = "pass"
    RECIPE = "recipe"


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyQuery:
    """Filters of counted marks.

    Attributes
    ----------
    first_month, last_month : str or None
        As 2026-11, in UTC; both are in.
    """

    recipe: Text | None = None
    part: Text | None = None
    station: Text | None = None
    pass_number: Number | None = None
    kind: Kind | None = None
    region: Text | None = None
    first_month: Month | None = None
    last_month: Month | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes
    ----------
    items : list of dict
    next_cursor : str or None
        Asks for the rest; None on the last page.
    columns : tuple of str
        Keys of every item, in order; known for an empty page too.
    """

    items: list[dict[str, Any]]
    next_cursor: str | None
    columns: tuple[str, ...]


def cursor_of(key: tuple[Any, ...]) -> str:
    """The place after a row, as text that fits an address."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def key_of(cursor: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The place a cursor stands for.

    Raises
    ------
    Refused
        It did not come from this list.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or tuple(type(part) for part in key) != kinds:
        raise Refused("cursor: not one that this list has given: leave it out to start at the newest")
    if any(_unstorable(part) for part in key):
        raise Refused("cursor: not one that this list has given: leave it out to start at the newest")
    return tuple(key)


def _unstorable(part: object) -> bool:
    """A number or a text that no row can hold."""
    if isinstance(part, int):
        return abs(part) >= 2**63
    return isinstance(part, str) and any("\ud800" <= letter <= "\udfff" for letter in part)
