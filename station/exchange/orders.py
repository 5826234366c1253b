"""A table of orders as CSV, as a plant's system or a spreadsheet writes it."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from inspection.refused import Refused
from station.store.orders import Order

REQUIRED: Final = ("code", "order_number", "recipe")
OPTIONAL: Final = ("part", "coat_number")
MOST_ROWS: Final = 10_000
_RECIPE: Final = re.compile(r"[a-z0-9-]{1,64}")
MOST_LETTERS: Final = 200


def orders_of(content: bytes, name: str) -> list[Order]:
    """Read a table: a header line with `REQUIRED` and some of `OPTIONAL` in any order, then one panel a line.

    Parameters
    ----------
    content : bytes
        UTF-8, with or without byte order mark; comma or semicolon between the cells.
    name : str
        Of the file, for the sentence of a refusal.

    Raises
    ------
    Refused
        Names line and column of the first fault; no row of such a table is used.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{name}: not UTF-8 text (byte {error.start})") from error
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    try:
        header, *rows = list(reader) or [[]]
    except csv.Error as error:
        raise Refused(f"{name}: line {reader.line_num}: not CSV: {error}") from error
    columns = [cell.strip() for cell in header]
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise Refused(f"{name}: line 1: expected the columns {', '.join(REQUIRED)}; missing: {', '.join(missing)}")
    unknown = [column for column in columns if column not in (*REQUIRED, *OPTIONAL)]
    if unknown or len(set(columns)) < len(columns):
        raise Refused(f"{name}: line 1: unknown or doubled column; known: {', '.join((*REQUIRED, *OPTIONAL))}")
    if len(rows) > MOST_ROWS:
        raise Refused(f"{name}: {len(rows)} rows, at most {MOST_ROWS} at a time")
    found = [_order(row, columns, f"{name}: line {number}") for number, row in enumerate(rows, 2) if any(row)]
    if not found:
        raise Refused(f"{name}: a header and no row")
    return found


def _order(row: list[str], columns: list[str], where: str) -> Order:
    if len(row) != len(columns):
        raise Refused(f"{where}: {len(row)} cells, the header has {len(columns)}")
    cells = {column: cell.strip() for column, cell in zip(columns, row, strict=True)}
    for column, cell in cells.items():
        if len(cell) > MOST_LETTERS or (column in REQUIRED and not cell):
            raise Refused(f"{where}: {column}: expected 1 to {MOST_LETTERS} letters")
    if not _RECIPE.fullmatch(cells["recipe"]):
        raise Refused(f'{where}: recipe: expected the name of a recipe (a-z, 0-9, "-"), got "{cells["recipe"]}"')
    coat = cells.get("coat_number") or "1"
    if not (coat.isascii() and coat.isdigit() and 1 <= int(coat) <= 99):
        raise Refused(f'{where}: coat_number: expected 1 to 99, got "{coat}"')
    return Order(
        code=cells["code"], order_number=cells["order_number"], recipe=cells["recipe"],
        part=cells.get("part") or None, coat_number=int(coat),
    )  # fmt: skip
