"""The SELECT behind each list: columns, filters, order. Every filter is a named field of a query."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from inspection.refused import Refused
from station.events import utc_text
from station.store.queries import Page, cursor_of, key_of
from station.store.rows import decoded
from station.store.searching import FOUND_WITH, IS_FOUND_WITH

#: The last ruling of inspection `i` as a column of its row; NULL where nobody ruled.
_RULING = """(SELECT json_object('what', k.what, 'verdict', k.verdict, 'action', k.action, 'who', k.who,
    'why', k.why, 'made_at', k.made_at) FROM ruling k WHERE k.inspection_id = i.id ORDER BY k.id DESC LIMIT 1)"""
_INSPECTION_COLUMNS = f"""
    i.id, p.code AS panel, p.part, i.coat_number, i.pass_number, i.attempt, i.view, i.station,
    i.captured_at, i.captured_at_utc, i.simulated, i.verdict, i.action, i.probability,
    {_RULING} AS ruling,
    json_extract(i.report, '$.next_step') AS next_step, i.valid_ratio, i.saturated_ratio, i.software,
    r.name AS recipe, r.title AS recipe_title, r.target_lab AS recipe_lab, r.passes AS recipe_passes,
    i.recipe_sha256, i.rig_sha256, i.capture_sha256, i.picture_sha256, i.previous_id, i.stored_at,
    i.maps_until, i.maps_retired_at, i.maps_retired_by, i.frames_until"""
TRACE_COLUMNS = """
    p.code AS panel, p.part, i.coat_number, i.pass_number, i.attempt, i.station, i.captured_at,
    i.captured_at_utc, i.simulated, r.name AS recipe, i.recipe_sha256, i.rig_sha256, i.capture_sha256, i.software"""
_INSPECTION_TABLES = """
    inspection i JOIN panel p ON p.id = i.panel_id JOIN recipe r ON r.sha256 = i.recipe_sha256"""
_OF_RECIPE = "i.recipe_sha256 IN (SELECT sha256 FROM recipe WHERE name = ?)"
_INSPECTION_FILTERS = {
    "recipe": _OF_RECIPE,
    "part": "p.part = ?",
    "panel": "p.code = ?",
    "pass_number": "i.pass_number = ?",
    "station": "i.station = ?",
    "since": "i.captured_at_utc >= ?",
    "until": "i.captured_at_utc < ?",
}


@dataclass(frozen=True, slots=True)
class Frequent:
    """A filter that leads to its rows by an index, as long as they are few.

    `probe` selects them; where there are more than `FEW`, the order of the list leads, which ends at the limit, and
    `many` stands for the filter's own condition: the same, but such that no index of it is used. Where they are few,
    `few` asks for what the probe has found (as JSON), if that was costly to find.
    """

    probe: str
    many: str
    few: str | None = None


#: So many rows are found by a filter and put in order sooner than a page of a list is found in its order.
FEW = 5_000


@dataclass(frozen=True, slots=True)
class Select:
    """One list.

    `key` names the columns it is ordered by (all falling, or all rising) and their types; `unless_asked` conditions
    that hold as long as the filter of that name is not used; `frequent` what is done where a filter finds very many.
    """

    columns: str
    tables: str
    filters: dict[str, str]
    key: tuple[tuple[str, type], ...]
    rising: bool = False
    unless_asked: Mapping[str, str] = field(default_factory=dict)
    frequent: Mapping[str, Frequent] = field(default_factory=dict)


_RECIPE_FREQUENT = Frequent(f"SELECT 1 FROM inspection i WHERE {_OF_RECIPE}", f"+{_OF_RECIPE}")

INSPECTIONS = Select(
    _INSPECTION_COLUMNS,
    _INSPECTION_TABLES,
    _INSPECTION_FILTERS
    | {
        "verdict": "i.verdict = ?",
        "kind": """EXISTS (
            SELECT 1 FROM defect d WHERE d.inspection_id = i.id AND d.kind = ? AND d.present)""",
        "region": "EXISTS (SELECT 1 FROM finding f WHERE f.inspection_id = i.id AND f.region = ?)",
        "text": f"i.id IN ({FOUND_WITH})",
    },
    (("i.captured_at_utc", str), ("i.id", int)),
    frequent={
        "recipe": _RECIPE_FREQUENT,
        "text": Frequent(FOUND_WITH, IS_FOUND_WITH, "i.id IN (SELECT value FROM json_each(?))"),
    },
)
FINDINGS = Select(
    f"f.*, {TRACE_COLUMNS}",
    f"finding f JOIN inspection i ON i.id = f.inspection_id JOIN {_INSPECTION_TABLES.split('JOIN', 1)[1]}",
    _INSPECTION_FILTERS | {"verdict": "f.verdict = ?", "measure": "f.measure = ?", "region": "f.region = ?"},
    (("i.captured_at_utc", str), ("i.id", int), ("-f.position", int)),
)
#: The last word about a mark counts: another kind makes a false alarm a mark again.
_LAST_WORD = """(SELECT k.{} FROM correction k WHERE k.inspection_id = d.inspection_id AND k.defect_id = d.id
    AND k.what IN ('kind', 'false_alarm') ORDER BY k.id DESC LIMIT 1)"""
DEFECTS = Select(
    f"""d.*, {_LAST_WORD.format("kind")} AS corrected_kind,
    coalesce({_LAST_WORD.format("what")} = 'false_alarm', 0) AS false_alarm, {TRACE_COLUMNS}""",
    f"defect d JOIN inspection i ON i.id = d.inspection_id JOIN {_INSPECTION_TABLES.split('JOIN', 1)[1]}",
    _INSPECTION_FILTERS
    | {
        "kind": "d.kind = ?",
        "status": "CASE WHEN d.present THEN d.status ELSE 'removed' END = ?",
        "region": "d.region = ?",
        "min_length_mm": "d.length_mm >= ?",
        "corrected": """EXISTS (
            SELECT 1 FROM correction k WHERE k.inspection_id = d.inspection_id AND k.defect_id = d.id) = ?""",
    },
    (("i.captured_at_utc", str), ("i.id", int), ("-d.rowid", int)),
    unless_asked={"status": "d.present"},
    frequent={
        "recipe": _RECIPE_FREQUENT,
        "kind": Frequent("SELECT 1 FROM defect d WHERE d.kind = ?", "+d.kind = ?"),
    },
)
CORRECTIONS = Select(
    f"""k.id, k.inspection_id, coalesce(k.defect_id, 'M' || k.id) AS defect_id, k.what, k.kind, k.x_mm, k.y_mm, k.who,
    k.why, k.made_at, d.kind AS measured_kind, {TRACE_COLUMNS}""",
    f"""correction k LEFT JOIN defect d ON d.inspection_id = k.inspection_id AND d.id = k.defect_id
    JOIN inspection i ON i.id = k.inspection_id JOIN {_INSPECTION_TABLES.split("JOIN", 1)[1]}""",
    _INSPECTION_FILTERS | {"kind": "k.kind = ?", "what": "k.what = ?"},
    (("k.id", int),),
)
FILM = Select(
    """f.id, p.code AS panel, p.part, f.coat_number, f.pass_number, f.zone, f.film_um, f.u_um, f.who, f.measured_at,
    f.stored_at""",
    "film_reading f JOIN panel p ON p.id = f.panel_id",
    {
        "part": "p.part = ?",
        "panel": "p.code = ?",
        "pass_number": "f.pass_number = ?",
        "zone": "f.zone = ?",
        "since": "f.measured_at_utc >= ?",
        "until": "f.measured_at_utc < ?",
    },
    (("f.id", int),),
)
CAPTURES = Select(
    """c.sha256, p.code AS panel, p.part, c.coat_number, c.pass_number, c.view, c.recipe, c.station, c.operator,
    c.captured_at, c.captured_at_utc, c.simulated, c.stored_at, c.frames_retired_at, c.frames_retired_by,
    (SELECT count(*) FROM frame WHERE capture_sha256 = c.sha256) AS frames""",
    "capture c JOIN panel p ON p.id = c.panel_id",
    {
        "recipe": "c.recipe = ?",
        "part": "p.part = ?",
        "panel": "p.code = ?",
        "pass_number": "c.pass_number = ?",
        "station": "c.station = ?",
        "since": "c.captured_at_utc >= ?",
        "until": "c.captured_at_utc < ?",
    },
    (("c.captured_at_utc", str), ("c.sha256", str)),
)
PANELS = Select(
    f"""p.code AS panel, p.part, i.id AS latest_id, i.coat_number, i.pass_number, i.attempt, i.captured_at,
    i.captured_at_utc, i.simulated, i.verdict, i.action, {_RULING} AS ruling, r.name AS recipe,
    r.title AS recipe_title,
    r.target_lab AS recipe_lab, r.passes AS recipe_passes,
    (SELECT count(*) FROM inspection WHERE panel_id = p.id) AS inspections""",
    """panel p JOIN inspection i ON i.id = (
        SELECT id FROM inspection WHERE panel_id = p.id
        ORDER BY coat_number DESC, pass_number DESC, attempt DESC LIMIT 1)
    JOIN recipe r ON r.sha256 = i.recipe_sha256""",
    {"recipe": "r.name = ?", "part": "p.part = ?", "verdict": "i.verdict = ?"},
    (("p.code", str),),
    rising=True,
)
RECIPES = Select(
    """r.name, r.sha256, r.title, r.passes, r.n_clear, r.target_lab, r.stored_at,
    (SELECT count(*) FROM recipe v WHERE v.name = r.name) AS versions""",
    """(SELECT max(id) AS newest FROM recipe GROUP BY name) JOIN recipe r ON r.id = newest""",
    {},
    (("r.name", str),),
    rising=True,
)
RIGS = Select(
    "g.sha256, g.station, g.simulated, g.calibrated_at, g.calibrated_at_utc, g.expires_at, g.expires_at_utc, "
    "g.stored_at, (SELECT count(*) FROM inspection WHERE rig_sha256 = g.sha256) AS inspections",
    "rig g",
    {"station": "g.station = ?"},
    (("g.calibrated_at_utc", str), ("g.sha256", str)),
)

AUDIT = Select(
    "a.id, a.at, a.who, a.what, a.of_table, a.of_row, a.columns, a.content_sha256, a.sha256",
    "audit a",
    {"who": "a.who = ?", "of_table": "a.of_table = ?", "since": "a.at >= ?", "until": "a.at < ?"},
    (("a.id", int),),
)


def rows_of(connection: sqlite3.Connection, sql: str, parameters: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """Rows of a statement as JSON values."""
    return _named_rows(connection.execute(sql, parameters))[1]


def _named_rows(cursor: sqlite3.Cursor) -> tuple[list[str], list[dict[str, Any]]]:
    names = [column[0] for column in cursor.description]
    return names, [decoded(dict(zip(names, row, strict=True))) for row in cursor]


def page_of(connection: sqlite3.Connection, select: Select, query: Any) -> Page:
    """One page of a list, from the cursor on.

    Parameters
    ----------
    query : a dataclass of `queries`
        Its fields other than ``limit`` and ``cursor`` are filters of the select.

    Raises
    ------
    Refused
        The cursor is not one of this list.
    """
    filters, found, led = _filters_of(connection, select, query)
    conditions, parameters = conditions_of(filters, replace(query, **found), select.unless_asked)
    columns = ", ".join(column for column, _ in select.key)
    if query.cursor is not None:
        marks = ", ".join("?" for _ in select.key)
        conditions.append(f"({columns}) {'>' if select.rising else '<'} ({marks})")
        parameters += key_of(query.cursor, tuple(kind for _, kind in select.key))
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    # An index that leads to few rows is used only where another gives no order for nothing.
    sign = "+" if led else ""
    order = ", ".join(f"{sign}{column} {'ASC' if select.rising else 'DESC'}" for column, _ in select.key)
    keys = ", ".join(f"{column} AS key_{n}" for n, (column, _) in enumerate(select.key))
    sql = f"SELECT {select.columns}, {keys} FROM {select.tables} {where} ORDER BY {order} LIMIT ?"
    names, rows = _named_rows(connection.execute(sql, (*parameters, query.limit + 1)))
    places = [tuple(row.pop(f"key_{n}") for n in range(len(select.key))) for row in rows]
    more = len(rows) > query.limit
    shown = tuple(names[: len(names) - len(select.key)])
    return Page(rows[: query.limit], cursor_of(places[query.limit - 1]) if more else None, shown)


def _filters_of(
    connection: sqlite3.Connection, select: Select, query: Any
) -> tuple[dict[str, str], dict[str, str], bool]:
    """The filters of a list for this query, values other than its own, and whether one of them leads to few rows."""
    filters, values, led = dict(select.filters), dict[str, str](), False
    for name, frequent in select.frequent.items():
        value = getattr(query, name)
        if value is None:
            continue
        found = connection.execute(f"{frequent.probe} LIMIT {FEW + 1}", (_bound(value),)).fetchall()
        if len(found) > FEW:
            filters[name] = frequent.many
            continue
        led = True
        if frequent.few is not None:
            filters[name] = frequent.few
            values[name] = json.dumps([row[0] for row in found])
    return filters, values, led


def conditions_of(
    filters: Mapping[str, str], query: Any, unless_asked: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[str], list[Any]]:
    """Conditions of the filters that a query uses, and their values.

    Parameters
    ----------
    filters : mapping
        A condition with one ``?`` by the name of the query's field.
    unless_asked : mapping
        Conditions that hold as long as the filter of that name is not used.
    """
    conditions, values = [], []
    for name, condition in filters.items():
        value = getattr(query, name)
        if value is not None:
            conditions.append(condition)
            values.append(_bound(value))
        elif name in unless_asked:
            conditions.append(unless_asked[name])
    return conditions, values


def _bound(value: object) -> object:
    if isinstance(value, datetime):
        try:
            return utc_text(value)
        except OverflowError:
            raise Refused(f"{value.isoformat()}: a time that no calendar holds in UTC") from None
    return str(value) if isinstance(value, StrEnum) else value
