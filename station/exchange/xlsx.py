"""Tables as a workbook of Excel."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: No text of a panel or a person becomes a formula or a link; the same rows give the same file.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def xlsx_of(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> bytes:
    """Rows as a workbook of one sheet with a header that stays and filters.

    Parameters
    ----------
    rows, columns
        As `csv.csv_of`; numbers stay numbers and booleans booleans.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True})
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, head)
        for number, row in enumerate(rows, 1):
            for place, column in enumerate(columns):
                value = row[column]
                if value is not None:
                    sheet.write(number, place, value if isinstance(value, (bool, int, float)) else _text(value))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(rows)), max(0, len(columns) - 1))
        sheet.autofit()
    return out.getvalue()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
