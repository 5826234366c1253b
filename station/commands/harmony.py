"""`paint-station harmony`: do two neighbouring panels look alike?"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from station.commands.files import read_text
from station.events import Clock

MAX_REPORT_BYTES = 64 * 2**20


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("harmony", help="two neighbouring panels: what differs, and does the eye see it?")
    parser.add_argument("first", metavar="A", help="report (JSON), or with --db the number of an inspection")
    parser.add_argument("second", metavar="B", help="the same of the neighbouring panel")
    parser.add_argument("--db", type=Path, metavar="FILE", help="take both inspections from this database")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Compare and print."""
    from inspection.harmony import harmony, parse_side
    from station.exchange.harmony_text import text_of

    if arguments.db is None:
        told = [(read_text(Path(one), one, MAX_REPORT_BYTES), one) for one in (arguments.first, arguments.second)]
    else:
        told = _stored(arguments.db, (arguments.first, arguments.second))
    found = harmony(*(parse_side(text, source) for text, source in told))
    print(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) if arguments.json else text_of(found))
    return 0


def _stored(database: Path, numbers: tuple[str, str]) -> list[tuple[str, str]]:
    from inspection.refused import Refused
    from station.store.db import Store

    if not database.is_file():
        raise Refused(f"--db {database}: no such database")
    told = []
    with closing(Store.open(database)) as store, store.reader() as reader:
        for number in numbers:
            row = reader.inspection(int(number)) if number.isdecimal() and len(number) < 16 else None
            if row is None:
                raise Refused(f"{database}: expected the number of an inspection, it has no {number!r}")
            told.append((json.dumps(row["report"]), f"inspection {number}"))
    return told
