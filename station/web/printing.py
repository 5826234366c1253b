"""Reports on paper: one sheet for an inspection, a booklet for a panel, in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote

from station.exchange.pdf import Pdf, pdf_of
from station.exchange.qr_code import qr_code
from station.store.reader import Reader
from station.web.findings import by_key, lines
from station.web.languages import Language
from station.web.ledger import ledger
from station.web.passes import summary
from station.web.printed import ROOMS, Room, sheet
from station.web.rendering import templates
from station.web.wording import Wording

#: Sheets of one booklet: more would keep the others who print waiting. Of a longer history the newest are printed.
MOST_SHEETS: Final = 20
#: Columns of a booklet's tables: as many passes as a sheet is wide.
_COLUMNS: Final = 8
#: Lines of a booklet's table of marks.
_LEDGER_LINES: Final = 30


def inspection_report(reader: Reader, inspection_id: int, language: Language, base: str) -> Pdf | None:
    """One inspection on one sheet; None where there is no such inspection.

    Parameters
    ----------
    base : str
        Where the station's pages are, without a slash at the end: for the code that leads back to them.
    """
    row = reader.inspection(inspection_id)
    if row is None:
        return None
    words = Wording(language)

    def values(room: Room) -> dict[str, Any]:
        return {"sheets": [sheet(reader, row, words, room, _address(base, row))], "title": row["panel"]}

    return pdf_of(_versions("print/inspection.html", language, values), 1)


def panel_booklet(reader: Reader, code: str, language: Language, base: str) -> Pdf | None:
    """A panel's way through its passes: an overview, then one sheet for each inspection; None where it is not known."""
    panel = reader.panel(code)
    if panel is None:
        return None
    words = Wording(language)
    history = panel["history"]
    printed = [row for one in history[-MOST_SHEETS:] if (row := reader.inspection(one["id"])) is not None]
    address = f"{base}/panels/{quote(code)}"
    coats = [
        _coat(number, list(steps), words) for number, steps in groupby(history, lambda step: int(step["coat_number"]))
    ]

    def values(room: Room) -> dict[str, Any]:
        return {
            "panel": panel,
            "title": code,
            "coats": coats[::-1],
            "left_out": len(history) - len(printed),
            "simulated": any(step["simulated"] for step in history),
            "address": address,
            "qr": qr_code(address),
            "sheets": [sheet(reader, row, words, room, _address(base, row)) for row in printed],
        }

    return pdf_of(_versions("print/booklet.html", language, values), len(printed) + len(coats))


def _versions(template: str, language: Language, values: Callable[[Room], dict[str, Any]]) -> Iterator[str]:
    page = templates(language).get_template(template)
    return (page.render(values(room)) for room in ROOMS)


def _address(base: str, row: dict[str, Any]) -> str:
    return f"{base}/inspections/{row['id']}"


def _coat(number: int, steps: list[dict[str, Any]], words: Wording) -> dict[str, Any]:
    """One coat's passes, its values and its marks; of many passes the last ones."""
    latest = list({step["pass_number"]: step for step in steps}.values())[-_COLUMNS:]
    by_pass = [(by_key(step["findings"]), step is latest[-1]) for step in latest]
    told = ledger(latest, words)
    return {
        "title": words.word("pass", "coat") % {"number": words.number(number)},
        "steps": [summary(step, words) for step in steps[-MOST_SHEETS:]],
        "columns": [words.word("pass", "column") % {"number": words.number(s["pass_number"])} for s in latest],
        "lines": lines(latest[-1]["findings"], by_pass, words),
        "ledger": told,
        "ledger_lines": told.lines[:_LEDGER_LINES],
        "ledger_left": max(0, len(told.lines) - _LEDGER_LINES),
    }
