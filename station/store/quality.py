"""Questions of a quality engineer: where on the part marks lie, how a measure moves, what a pass does."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from station.store.queries import TallyQuery
from station.store.questions import Question
from station.store.rows import Row
from station.store.selects import conditions_of, rows_of

#: A trend and what passes do are of so many inspections, the newest that fit: what is older says less
#: of today's line.
NEWEST: Final = 3_000
#: A map is of fewer: of each its marks are read, some twenty and more.
HEAT_OF: Final = 1_500
#: Without joins: an index leads.
_OF_INSPECTIONS: Final = {
    "recipe": "i.recipe_sha256 IN (SELECT sha256 FROM recipe WHERE name = ?)",
    "part": "(SELECT part FROM panel WHERE id = i.panel_id) = ?",
    "station": "i.station = ?",
    "pass_number": "i.pass_number = ?",
    "first_month": "i.captured_at_utc >= ?",
    # Every moment of a month stands before its successor in the alphabet.
    "last_month": "i.captured_at_utc < ? || '~'",
}
#: Measures are offered that so many of the newest inspections have.
ASKED_OF: Final = 50
#: Points of a trend.
POINTS: Final = 400
#: Cells of a map along the longer side of the part.
CELLS: Final = 60


def fates_by_pass(connection: sqlite3.Connection, asked: TallyQuery) -> list[Row]:
    """What became of marks at each pass, as measured, at the newest inspections: ``pass_number``, ``fate``, ``n``."""
    newest, values = _newest(asked)
    return rows_of(
        connection,
        f"""SELECT i.pass_number, CASE WHEN d.present THEN coalesce(d.status, 'found')
        ELSE coalesce(d.status, 'not_seen') END AS fate, count(*) AS n FROM ({newest}) AS w
        CROSS JOIN inspection i ON i.id = w.id JOIN defect d ON d.inspection_id = i.id GROUP BY 1, 2 ORDER BY 1, 2""",
        tuple(values),
    )


def verdicts_by_pass(connection: sqlite3.Connection, asked: TallyQuery) -> list[Row]:
    """The newest inspections at each pass: ``pass_number``, ``verdict``, ``n``."""
    newest, values = _newest(asked)
    sql = f"""SELECT i.pass_number, i.verdict, count(*) AS n FROM ({newest}) AS w CROSS JOIN inspection i ON i.id = w.id
        GROUP BY 1, 2 ORDER BY 1, 2"""
    return rows_of(connection, sql, tuple(values))


@dataclass(frozen=True, slots=True)
class Heat:
    """Marks by place: `cells` (column, row, n), each `cell_mm` wide, in a `size_mm` field; of so many inspections."""

    cells: tuple[tuple[int, int, int], ...]
    cell_mm: float
    size_mm: tuple[float, float]
    inspections: int


def heat(connection: sqlite3.Connection, asked: TallyQuery) -> Heat | None:
    """Where marks lie on a part, of the newest inspections that fit; None where none does."""
    newest, values = _newest(asked, HEAT_OF)
    found = connection.execute(
        f"""SELECT count(*), max(json_extract(field_mm, '$[0]')), max(json_extract(field_mm, '$[1]'))
        FROM inspection WHERE id IN ({newest})""",
        values,
    ).fetchone()
    if not found[0]:
        return None
    size = (float(found[1]), float(found[2]))
    cell = max(size) / CELLS
    of_marks, more = conditions_of({"kind": "d.kind = ?", "region": "d.region = ?"}, asked)
    # As measured: a place says the same whatever the mark was called.
    sql = f"""SELECT CAST(d.x_mm / ? AS INTEGER), CAST(d.y_mm / ? AS INTEGER), count(*)
        FROM ({newest}) AS i CROSS JOIN defect d ON d.inspection_id = i.id
        WHERE {" AND ".join(["d.present", *of_marks])} GROUP BY 1, 2"""
    cells = connection.execute(sql, (cell, cell, *values, *more)).fetchall()
    return Heat(tuple(cells), cell, size, int(found[0]))


def trend_of(connection: sqlite3.Connection, asked: TallyQuery, question: Question) -> list[Row]:
    """Newest values of a question, in order of time, each with its limits, uncertainty and inspection.

    A measure is never drawn with other knobs than one set of them: values of two wave bands are no line.
    """
    newest, values = _newest(asked)
    region = asked.region or "whole"
    knobs = _knobs_of(connection, newest, values, question, region)
    if knobs is None:
        return []
    sql = f"""SELECT i.id AS inspection_id, i.captured_at, i.pass_number, p.code AS panel, f.value, f.u, f.low, f.high,
        f.unit, f.verdict, f.knobs, min(f.position) AS position FROM ({newest}) AS n
        CROSS JOIN inspection i ON i.id = n.id JOIN panel p ON p.id = i.panel_id
        JOIN finding f ON f.inspection_id = i.id
        WHERE f.measure = ? AND f.region = ? AND f.knobs = ? AND f.value IS NOT NULL
        GROUP BY i.id ORDER BY i.captured_at_utc DESC, i.id DESC LIMIT ?"""
    return rows_of(connection, sql, (*values, question.measure, region, knobs, POINTS))[::-1]


def questions(connection: sqlite3.Connection, asked: TallyQuery) -> list[Question]:
    """What the newest inspections that fit were asked, by measure."""
    newest, values = _newest(asked, ASKED_OF)
    found = connection.execute(
        f"""SELECT DISTINCT f.measure, f.knobs FROM ({newest}) AS n CROSS JOIN finding f ON f.inspection_id = n.id
        WHERE f.region = ? ORDER BY 1, 2""",
        (*values, asked.region or "whole"),
    ).fetchall()
    return [Question(measure, json.loads(knobs)) for measure, knobs in found]


def _knobs_of(
    connection: sqlite3.Connection, newest: str, values: list[Any], question: Question, region: str
) -> str | None:
    """The knobs of a question as findings have them written; None where no finding answers it."""
    matching, wanted = "", []
    for name, knob in (question.knobs or {}).items():
        matching += " AND json_extract(f.knobs, ?) = ?"
        wanted += [f'$."{name}"', knob]
    found = connection.execute(
        f"""SELECT f.knobs FROM ({newest}) AS n CROSS JOIN finding f ON f.inspection_id = n.id
        WHERE f.measure = ? AND f.region = ?{matching} LIMIT 1""",
        (*values, question.measure, region, *wanted),
    ).fetchone()
    return None if found is None else str(found[0])


def newest_is_simulated(connection: sqlite3.Connection) -> bool:
    """Whether the newest inspection is of a simulated station: then nothing here is of a real car."""
    newest = "SELECT simulated FROM inspection ORDER BY captured_at_utc DESC, id DESC LIMIT 1"
    found = connection.execute(newest).fetchone()
    return bool(found and found[0])


def choices(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    """What a filter can be set to, as far as anything was counted."""
    names = ("part", "region", "station", "pass_number")
    counted = connection.execute(f"SELECT DISTINCT {', '.join(names)} FROM tally_month").fetchall()
    found = {name: sorted({row[n] for row in counted} - {""}) for n, name in enumerate(names)}
    recipes = connection.execute("SELECT DISTINCT name FROM recipe ORDER BY 1")
    return {"recipe": [row[0] for row in recipes], **found}


def _newest(asked: TallyQuery, count: int = NEWEST) -> tuple[str, list[Any]]:
    """Ids of the newest inspections that fit."""
    conditions, values = conditions_of(_OF_INSPECTIONS, asked)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    # Of one recipe, few among many, its own index leads; else that by time, which ends at the limit.
    time = "i.captured_at_utc" if asked.recipe is None else "+i.captured_at_utc"
    sql = f"SELECT i.id FROM inspection i {where} ORDER BY {time} DESC, i.id DESC LIMIT {count}"
    return sql, values
