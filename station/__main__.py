"""The command line: results on stdout, everything else on stderr.

Exit codes: 0 done, whatever the verdict; 1 fault of the station or program; 2 refused input.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from inspection.refused import Refused
from station.access.visitor import acting_as
from station.commands import (
    bench,
    calibrate,
    crowd,
    daily_check,
    decode,
    demo,
    harmony,
    inspect,
    pod,
    recipe,
    report,
    serve,
    token,
    train,
    unit,
    upkeep,
    user,
)
from station.events import Clock, utc_now
from station.faults import StationFault

DONE, FAULT, REFUSED = 0, 1, 2
# As a shell reports a program that a signal ended.
INTERRUPTED, NOBODY_READS = 128 + 2, 128 + 13
#: In the audit, for what a command writes.
COMMAND_LINE = "command line"


class _Parser(argparse.ArgumentParser):
    """Wrong arguments are refused input: one line, like any other refusal."""

    def error(self, message: str) -> NoReturn:
        self.exit(REFUSED, f"{self.prog}: {message} (see {self.prog} -h)\n")


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    root = _Parser(
        prog="paint-station",
        description="Inspection station for hand-finished paint: gloss, clarity, waviness and colour, pass by pass.",
    )
    root.add_argument("--version", action="version", version=f"paint-station {version('paint-station')}")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    for command in (
        demo, serve, calibrate, daily_check, inspect, harmony, decode, recipe, report, bench, crowd, pod, train, upkeep,
        unit, user, token,
    ):  # fmt: skip
        command.add_to(commands)
    return root


def main(argv: Sequence[str] | None = None, *, clock: Clock = utc_now) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; the process's own where absent.
    clock : callable
        What time it is, for captures that do not say.

    Returns
    -------
    int
        The exit code. A fault that nobody foresaw is raised: Python shows where, and ends with 1.
    """
    for stream in (sys.stdout, sys.stderr):
        # Results are UTF-8 in every locale; a name that is not text is shown escaped.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        arguments = parser().parse_args(argv)
        with acting_as(COMMAND_LINE):
            code: int = arguments.run(arguments, clock)
        sys.stdout.flush()
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except StationFault as fault:
        print(fault, file=sys.stderr)
        return FAULT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout is gone; nothing is left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    return code


if __name__ == "__main__":
    sys.exit(main())
