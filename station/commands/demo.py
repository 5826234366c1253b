"""`paint-station demo`: a simulated station from calibration to the last pass."""

from __future__ import annotations

import argparse
from pathlib import Path

from station.commands.files import check_output_folder
from station.events import Clock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("demo", help="simulated station: calibrates, inspects five passes, serves the pages")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of its database (default demo-data)")
    parser.add_argument("--no-serve", action="store_true", help="end after the last pass")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Run the demo."""
    from station.demo import run as run_demo

    if arguments.data is not None:
        check_output_folder(arguments.data, "--data")
    return run_demo(arguments.data, serve=not arguments.no_serve, clock=clock)
