"""`paint-station report`: an inspection or a whole panel as PDF."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from station.commands.files import check_output_file, write_whole
from station.commands.progress import doing
from station.events import Clock

#: The largest number that the database can be asked for.
_LARGEST = 2**53


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("report", help="an inspection on one sheet, or a panel's booklet, as PDF")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("inspection", nargs="?", type=int, metavar="ID", help="number of the inspection")
    what.add_argument("--panel", metavar="CODE", help="booklet of a panel with all its passes")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="FILE", help="the PDF to write")
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="default: zh")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: station.toml, where there is one)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Print to a file."""
    from inspection.refused import Refused
    from station.settings import read_settings
    from station.store.db import Store
    from station.web.languages import LANGUAGES
    from station.web.printing import inspection_report, panel_booklet

    settings = read_settings(arguments.config)
    if not settings.database.is_file():
        raise Refused(f"{settings.database}: no such database: nothing is stored there")
    check_output_file(arguments.out, "--out")
    language = LANGUAGES[arguments.language]
    # The code on the sheet leads to the pages as others reach them.
    base = f"http://{(*settings.allowed_hosts, settings.host)[0]}:{settings.port}"
    opened = Store.open(settings.database, clock=clock, policy=settings.policy)
    with closing(opened) as store, store.reader() as reader, doing(f"printing {arguments.out}"):
        if arguments.panel is not None:
            made = panel_booklet(reader, arguments.panel, language, base)
        else:
            made = inspection_report(reader, min(arguments.inspection, _LARGEST), language, base)
    if made is None:
        sought = f"panel {arguments.panel}" if arguments.panel is not None else f"inspection {arguments.inspection}"
        raise Refused(f"{settings.database}: it has no {sought}")
    write_whole(arguments.out, made.data)
    return 0
