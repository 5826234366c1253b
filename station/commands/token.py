"""`paint-station token`: programs that may use the station without a person."""

from __future__ import annotations

import argparse
from contextlib import closing

from station.access.rights import Role
from station.commands.user import add_config_to, checked_sign
from station.events import Clock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("token", help="programs that may use the API, each with a token and a role")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    added = actions.add_parser("add", help="let a program in; its token is printed once and not kept")
    added.add_argument("name", metavar="NAME")
    added.add_argument("--role", required=True, type=Role, choices=list(Role), metavar="ROLE", help=", ".join(Role))
    revoked = actions.add_parser("revoke", help="let it in no more")
    revoked.add_argument("name", metavar="NAME")
    listed = actions.add_parser("list", help="tokens: name, role, state")
    for action, name in ((added, "add"), (revoked, "revoke"), (listed, "list")):
        add_config_to(action)
        action.set_defaults(run=run, action=name)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Do what the action says."""
    from station.settings import read_settings
    from station.store.db import Store

    settings = read_settings(arguments.config)
    with closing(Store.open(settings.database, clock=clock)) as store:
        if arguments.action == "add":
            print(store.add_token(checked_sign(arguments.name, "NAME"), arguments.role))
        elif arguments.action == "revoke":
            store.revoke_token(arguments.name)
        else:
            with store.reader() as reader:
                for row in reader.tokens():
                    state = "in use" if row["revoked_at"] is None else f"revoked {row['revoked_at'][:10]}"
                    print(f"{row['name']:24}{row['role']:12}{state}")
    return 0
