"""What is needed of the report of an earlier pass, and how it is read from a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inspection.defects.kinds import Kind
from inspection.passes.film import GAUGE, OK, RECIPE, STOP, WARN
from inspection.passes.fingerprint import read_fingerprint
from inspection.refused import Refused
from inspection.report import Defect, FilmZone, Finding, Report

_ID = re.compile(r"D([1-9]\d{0,8})")
_KINDS = frozenset(kind.value for kind in Kind)

#: No place, size or film of a panel is beyond this, mm or µm; no mark covers more, mm²; no measure has such a value.
MOST_MM: Final = 1e5
MOST_MM2: Final = MOST_MM**2
MOST_VALUE: Final = 1e9
#: As thick as a capture set may state.
MOST_FILM_UM: Final = 1e6
#: A coat has had fewer marks, and fewer passes: the numbers of a chain stay readable to the end.
MOST_MARKS: Final = 1_000_000
MOST_PASSES: Final = 10_000
_MARK_SIZES: Final = ("length_mm", "width_mm", "u_place_mm", "u_length_mm", "u_width_mm", "u_height_um")
_MARK_PASSES: Final = ("since_pass", "caused_by_pass", "last_seen_pass")
_FILM_SIZES: Final = ("film_um", "u_um", "removed_um", "start_um", "u_start_um", "u_removed_um", "per_pass_um",
                      "u_per_pass_um")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Earlier:
    """The report of an earlier pass, as far as the next one rests on it.

    Attributes
    ----------
    defects, removed : tuple of Defect
        Marks found then, and those of the same coat that were not, last data each; places in that report's frame.
    next_id : int
        The first number that no mark of this coat has had.
    fingerprint : str or None
        See `inspection.passes.fingerprint`.
    source : str
        Where it comes from, for the error messages.
    views : tuple of Earlier
        Of a part that is larger than the field: what each view found.
    """

    panel: str | None
    part: str | None
    view: str | None
    coat_number: int
    pass_number: int
    findings: tuple[Finding, ...]
    defects: tuple[Defect, ...]
    removed: tuple[Defect, ...]
    next_id: int
    film: tuple[FilmZone, ...]
    fingerprint: str | None
    source: str = field(default="the previous report", compare=False)
    views: tuple[Earlier, ...] = ()

    @classmethod
    def of(cls, report: Report) -> Earlier:
        """What the next pass needs of a report in memory."""
        return _taken(report)


class _View(BaseModel):
    """What one view of a part found."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)

    view: str
    findings: tuple[Finding, ...]
    defects: tuple[Defect, ...]
    removed: tuple[Defect, ...]
    fingerprint: str | None


class _Report(BaseModel):
    """The same, as text: other fields of a report are not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)

    format: Literal["paint-report/1"]
    pass_number: Annotated[int, Field(ge=0, le=MOST_PASSES)]
    panel: str | None = None
    part: str | None = None
    view: str | None = None
    coat_number: Annotated[int, Field(ge=1, le=MOST_PASSES)] = 1
    findings: tuple[Finding, ...] = ()
    defects: tuple[Defect, ...] = ()
    removed: tuple[Defect, ...] = ()
    next_id: Annotated[int, Field(ge=1, le=MOST_MARKS)] = 1
    film: tuple[FilmZone, ...] = ()
    fingerprint: str | None = None
    views: Annotated[tuple[_View, ...], Field(max_length=64)] = ()


def parse_earlier(text: str, source: str) -> Earlier:
    """Read the report of an earlier pass (`paint-report/1`).

    Parameters
    ----------
    text : str
        The file's content.
    source : str
        Its name, for the error messages.

    Raises
    ------
    Refused
        Not JSON, not a `paint-report/1`, a field of another kind, NaN, a number that no panel has, a mark without a
        number of its own, a damaged fingerprint:
        ``source: field: what was expected``.
    """
    try:
        json.loads(text, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as fault:
        raise Refused(f"{source}: not readable as JSON: {fault}") from None
    try:
        read = _Report.model_validate_json(text)
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        field = ".".join(str(part) for part in error["loc"]) or "JSON"
        raise Refused(f"{source}: {field}: {error['msg'].replace('Input should', 'expected it to')}") from None
    _check_marks(read, source)
    _check_film(read, source)
    _check_findings(read, source)
    for waves in (read.fingerprint, *(view.fingerprint for view in read.views)):
        if waves is not None:
            read_fingerprint(waves, source)
    for i, view in enumerate(read.views):
        _check_marks(view, f"{source}: views.{i}")
        _check_findings(view, f"{source}: views.{i}")
    return replace(_taken(read), source=source)


def _taken(report: Report | _Report) -> Earlier:
    """The fields that both forms of a report have under the same names."""
    whole = Earlier(
        panel=report.panel,
        part=report.part,
        view=report.view,
        coat_number=report.coat_number,
        pass_number=report.pass_number,
        findings=report.findings,
        defects=report.defects,
        removed=report.removed,
        next_id=_first_free(report.next_id, report.defects + report.removed),
        film=report.film,
        fingerprint=report.fingerprint,
    )
    views = tuple(
        replace(
            whole, view=one.view, findings=one.findings, defects=one.defects, removed=one.removed, film=(),
            fingerprint=one.fingerprint,
        )
        for one in report.views
    )  # fmt: skip
    return replace(whole, views=views)


def _no_such_number(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not a number")


def _check_marks(read: _Report | _View, source: str) -> None:
    """Kinds that are known, sizes that can be, and no number twice."""
    seen: set[str] = set()
    for name, marks in (("defects", read.defects), ("removed", read.removed)):
        for i, mark in enumerate(marks):
            at = f"{source}: {name}.{i}"
            if not _ID.fullmatch(mark.id):
                raise Refused(f'{at}.id: expected it to be "D" and a number from 1, got {mark.id!r:.40}')
            if mark.id in seen:
                raise Refused(f"{at}.id: {mark.id} is there twice")
            seen.add(mark.id)
            if mark.kind not in _KINDS:
                raise Refused(f"{at}.kind: unknown kind {mark.kind!r:.40}")
            if int(mark.id[1:]) >= MOST_MARKS:
                raise Refused(f"{at}.id: expected a number below {MOST_MARKS}, got {mark.id}")
            _inside(at, mark, ("x_mm", "y_mm", "height_um"), -MOST_MM, MOST_MM)
            _inside(at, mark, _MARK_SIZES, 0, MOST_MM)
            _inside(at, mark, ("area_mm2",), 0, MOST_MM2)
            _inside(at, mark, ("angle_deg",), -360, 360)
            _inside(at, mark, ("severity", "confidence"), 0, 1)
            _inside(at, mark, _MARK_PASSES, 0, MOST_PASSES)
            _inside(at, mark, ("contrast", "significance"), -MOST_VALUE, MOST_VALUE)
            if mark.box_mm is not None and max(map(abs, mark.box_mm)) > MOST_MM:
                raise Refused(f"{at}.box_mm: expected it to be from {-MOST_MM:g} to {MOST_MM:g}")


def _check_film(read: _Report, source: str) -> None:
    """Zones once each, with amounts of film that can be: less removed than nothing would allow too many passes."""
    seen: set[str] = set()
    for i, zone in enumerate(read.film):
        at = f"{source}: film.{i}"
        if zone.zone in seen:
            raise Refused(f"{at}.zone: {zone.zone!r:.40} is there twice")
        seen.add(zone.zone)
        for name, known in (("source", (GAUGE, RECIPE)), ("state", (OK, WARN, STOP))):
            if getattr(zone, name) not in known:
                raise Refused(f"{at}.{name}: expected one of {', '.join(known)}, got {getattr(zone, name)!r:.40}")
        _inside(at, zone, _FILM_SIZES, 0, MOST_FILM_UM)
        _inside(at, zone, ("first_read_pass",), 0, MOST_PASSES)
        _inside(at, zone, ("left_um", "left_low_um"), -MOST_FILM_UM, MOST_FILM_UM)
        if zone.left_low_um > zone.left_um:
            raise Refused(f"{at}.left_low_um: expected at most left_um, {zone.left_um:g}, got {zone.left_low_um:g}")


def _check_findings(read: _Report | _View, source: str) -> None:
    for i, finding in enumerate(read.findings):
        at = f"{source}: findings.{i}"
        _inside(at, finding, ("value", "low", "high"), -MOST_VALUE, MOST_VALUE)
        _inside(at, finding, ("u", "u_noise"), 0, MOST_VALUE)


def _inside(at: str, row: Any, names: Iterable[str], least: float, most: float) -> None:
    """Refuse a number, where there is one, that is out of its bounds."""
    for name in names:
        value = getattr(row, name)
        if value is not None and not least <= value <= most:
            raise Refused(f"{at}.{name}: expected it to be from {least:g} to {most:g}, got {value:g}")


def _first_free(next_id: int, marks: tuple[Defect, ...]) -> int:
    """The first number beyond every one that was given."""
    given = [int(match.group(1)) for mark in marks if (match := _ID.fullmatch(mark.id))]
    return max([next_id, *(number + 1 for number in given)])
