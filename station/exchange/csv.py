"""Tables as CSV (RFC 4180), UTF-8 with a header line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

#: A spreadsheet takes a cell that starts so for a formula, full-width forms included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_of(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV text.

    Parameters
    ----------
    rows : sequence of dict
        JSON values; lists and objects become JSON text, None an empty cell, booleans true and false.
    columns : sequence of str
        Header, and the order of the cells. Every row has each of them.

    Returns
    -------
    str
        Text cells that a spreadsheet would run as a formula are led by an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
