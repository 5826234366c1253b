"""`paint-station crowd`: a new database of very many simulated inspections, to see how the pages bear them."""

from __future__ import annotations

import argparse
from pathlib import Path

from station.events import Clock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("crowd", help="a new database of very many simulated inspections, for load tests")
    parser.add_argument("database", type=Path, help="the file to make")
    parser.add_argument("--inspections", type=int, default=1_000_000, help="how many (%(default)s)")
    parser.add_argument("--marks", type=int, default=20, help="marks of each, on average (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same rows (%(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Make it."""
    from station.store.crowd import fill

    fill(arguments.database, inspections=arguments.inspections, marks=arguments.marks, seed=arguments.seed)
    print(f"{arguments.database}: {arguments.inspections} simulated inspections, rows only: no frames, no maps")
    return 0
