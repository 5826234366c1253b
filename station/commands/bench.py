"""`paint-station bench`: how fast this machine measures."""

from __future__ import annotations

import argparse

from station.events import Clock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("bench", help="speed of this machine, from frames in memory to the report")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Run the benchmark."""
    from station.bench import main

    return main()
