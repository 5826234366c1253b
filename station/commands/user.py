"""`paint-station user`: who may log in. Only who can run commands on the station's machine says so."""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import closing
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from station.access.rights import Role
from station.access.visitor import ANYBODY, STATION
from station.events import Clock

if TYPE_CHECKING:
    from station.settings import Settings
    from station.store.db import Store

#: A word: letters of any script, digits, ``_ . -``.
SIGN = re.compile(r"^[\w.-]{1,40}$")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("user", help="who may log in, under which pseudonym and role")
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, words: str, *, of_one: bool = True) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=words)
        if of_one:
            made.add_argument("pseudonym", metavar="PSEUDONYM")
        add_config_to(made)
        made.set_defaults(run=run, action=name)
        return made

    added = action("add", "let a person log in; the PIN is asked for, or read from standard input")
    _add_role_to(added)
    added.add_argument("--badge", metavar="CODE", help="what a scanner reads from the person's badge")
    added.add_argument("--name", metavar="NAME", help="the person's name; forgotten after names_kept_days")
    action("list", "accounts: pseudonym, role, state and, where not forgotten, name", of_one=False)
    action("name", "write the name down, which is forgotten after names_kept_days").add_argument("name", metavar="NAME")
    action("pin", "give a new PIN, asked for or read from standard input; unlocks")
    _add_role_to(action("role", "give another role"))
    action("lock", "let nobody log in under this pseudonym")
    action("unlock", "take the lock back")
    action("forget", "forget whose pseudonym it is: name, PIN and badge; what was done under it stays")


def add_config_to(parser: argparse.ArgumentParser) -> None:
    """Where the station's settings are."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: station.toml, where there is one)"
    )


def _add_role_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", required=True, type=Role, choices=list(Role), metavar="ROLE", help=", ".join(Role))


def checked_sign(text: str, what: str) -> str:
    """A pseudonym or the name of a token.

    Raises
    ------
    Refused
        It is not one word, or one that the audit uses itself.
    """
    from inspection.refused import Refused

    if not SIGN.match(text) or text.lower() in {STATION, ANYBODY}:
        raise Refused(f'{what}: expected one word of at most 40 letters, digits, "_", "." or "-", got "{text[:60]}"')
    return text


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Do what the action says."""
    from station.settings import read_settings
    from station.store.db import Store

    settings = read_settings(arguments.config)
    # Asked for before anything is opened, refused before anything is written.
    if arguments.action == "add":
        checked_sign(arguments.pseudonym, "PSEUDONYM")
    pin = read_pin() if arguments.action in {"add", "pin"} else ""
    with closing(Store.open(settings.database, clock=clock)) as store:
        store.forget_old_names(settings.terms.names_kept)
        if arguments.action == "list":
            _print_accounts(store, settings)
        elif arguments.action == "add":
            store.add_account(arguments.pseudonym, arguments.role, pin, badge=arguments.badge, name=arguments.name)
        elif arguments.action == "pin":
            store.set_pin(arguments.pseudonym, pin)
        elif arguments.action == "name":
            store.set_name(arguments.pseudonym, arguments.name)
        elif arguments.action == "role":
            store.set_role(arguments.pseudonym, arguments.role)
        else:
            {"lock": store.lock, "unlock": store.unlock, "forget": store.forget}[arguments.action](arguments.pseudonym)
    return 0


def read_pin() -> str:
    """A PIN from the terminal, typed twice, or the first line of standard input: never from the arguments.

    Raises
    ------
    Refused
        The two differ.
    """
    from inspection.refused import Refused

    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    pin = getpass("PIN: ")
    if getpass("PIN again: ") != pin:
        raise Refused("PIN: the two differ")
    return pin


def _print_accounts(store: Store, settings: Settings) -> None:
    with store.reader() as reader:
        names = reader.names(settings.terms)
        for row in reader.people():
            state = "forgotten" if row["forgotten"] else "locked" if row["locked"] else "may log in"
            print(f"{row['pseudonym']:24}{row['role']:12}{state:12}{names.get(row['pseudonym'], '')}".rstrip())
