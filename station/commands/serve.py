"""`paint-station serve`: the station, with its pages and its API."""

from __future__ import annotations

import argparse
from pathlib import Path

from station.events import Clock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("serve", help="the station: pages and API")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: station.toml, where there is one)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Serve until stopped."""
    from station.app import serve
    from station.settings import read_settings

    serve(read_settings(arguments.config))
    return 0
