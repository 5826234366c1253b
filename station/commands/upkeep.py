"""`paint-station retire`, `backup`, `restore` and `check`: the upkeep of what is stored."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from station.commands.progress import doing
from station.events import Clock

if TYPE_CHECKING:
    from station.store.checking import Checked

#: Sentences about faults that are printed; more are counted.
_SHOWN = 20


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands' arguments."""
    retire = commands.add_parser("retire", help="delete maps and frames whose term is over; every number stays")
    retire.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    retire.set_defaults(run=run_retire)
    backup = commands.add_parser("backup", help="copy what is stored to another disk, also while the station works")
    backup.add_argument("destination", type=Path, metavar="DEST", help="folder; the next backup into it is quick")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="make a station's data folder from a backup, or prove a backup")
    restore.add_argument("source", type=Path, metavar="SRC", help="folder of a backup")
    restore.add_argument("destination", type=Path, nargs="?", metavar="DEST", help="data folder to make: new or empty")
    restore.add_argument("--check", action="store_true", help="only prove that SRC is whole")
    restore.set_defaults(run=run_restore)
    check = commands.add_parser("check", help="prove that the database and every file it names are whole")
    check.set_defaults(run=run_check)
    for parser in (retire, backup, check):
        parser.add_argument(
            "--config", type=Path, metavar="FILE", help="settings (default: station.toml, where there is one)"
        )


def run_retire(arguments: argparse.Namespace, clock: Clock) -> int:
    """Delete what is past its term, or say what would be."""
    from station.settings import read_settings
    from station.store.db import Store
    from station.store.space import in_words

    settings = read_settings(arguments.config)
    _refuse_without_database(settings.database)
    with closing(Store.open(settings.database, clock=clock, policy=settings.policy)) as store:
        done = store.retire(dry_run=arguments.dry_run)
    verb = "would delete" if arguments.dry_run else "deleted"
    what = f"the maps of {done.maps} inspections and the frames of {done.frames} captures"
    print(f"{verb} {what}: {in_words(done.bytes)}")
    if done.promised:
        print(f"{done.promised} inspections were stored with a longer term than today's settings and are kept for it")
    if done.next_due is not None:
        print(f"next due: {done.next_due[:10]}")
    return 0


def run_backup(arguments: argparse.Namespace, clock: Clock) -> int:
    """Make a backup or bring one up to date."""
    from station.settings import read_settings
    from station.store.backup import back_up
    from station.store.db import Store
    from station.store.space import in_words

    settings = read_settings(arguments.config)
    _refuse_without_database(settings.database)
    opened = Store.open(settings.database, clock=clock, policy=settings.policy)
    with closing(opened) as store, doing(f"backing up to {arguments.destination}"):
        done = back_up(store, arguments.destination, clock())
    print(f"backed up to {done.destination}: {done.copied} files copied ({in_words(done.copied_bytes)}), "
          f"{done.proven} were there and are whole")  # fmt: skip
    return _faults(done.faults)


def run_restore(arguments: argparse.Namespace, clock: Clock) -> int:
    """Make a data folder from a backup, or only prove it."""
    from inspection.refused import Refused
    from station.store.backup import check_backup, restore

    if arguments.check == (arguments.destination is not None):
        raise Refused("DEST: expected a folder to restore into, or --check, and not both")
    if arguments.check:
        with doing(f"checking {arguments.source}"):
            return _told(check_backup(arguments.source))
    with doing(f"restoring {arguments.source}"):
        checked = restore(arguments.source, arguments.destination)
    print(f"restored to {arguments.destination}: set data_dir to it, or move it in place of the old one")
    return _told(checked)


def run_check(arguments: argparse.Namespace, clock: Clock) -> int:
    """Prove that what is stored is whole."""
    from station.settings import read_settings
    from station.store.checking import check

    database = read_settings(arguments.config).database
    with doing(f"checking {database}"):
        checked = check(database)
    return _told(checked)


def _refuse_without_database(path: Path) -> None:
    from inspection.refused import Refused

    if not path.is_file():
        raise Refused(f"{path}: no such database: nothing is stored there")


def _told(checked: Checked) -> int:
    from station.store.space import in_words

    for remark in checked.remarks:
        print(remark)
    if not checked.faults:
        print(f"whole: {checked.inspections} inspections, {checked.files} files, {in_words(checked.bytes)}")
    return _faults(checked.faults)


def _faults(faults: tuple[str, ...]) -> int:
    """Say what is wrong; the exit code."""
    for fault in faults[:_SHOWN]:
        print(fault, file=sys.stderr)
    if len(faults) > _SHOWN:
        print(f"and {len(faults) - _SHOWN} more", file=sys.stderr)
    return 1 if faults else 0
