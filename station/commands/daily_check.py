"""`paint-station daily-check`: is the station still what it was?"""

from __future__ import annotations

import argparse
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from station.commands.files import MAX_RIG_BYTES, check_output_file, read_bytes
from station.commands.progress import doing
from station.events import Clock

if TYPE_CHECKING:
    from calibration.daily_check import Judged


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "daily-check", help="a capture of the station's check panel -> inside its control limits, or on hold"
    )
    parser.add_argument("capture", type=Path, metavar="CAPTURE", help="capture set that names its check_panel")
    parser.add_argument("--rig", required=True, type=Path, metavar="RIG", help="rig file, from `calibrate`")
    parser.add_argument("--db", required=True, type=Path, metavar="FILE", help="database that keeps the checks")
    parser.add_argument(
        "--first",
        action="store_true",
        help="one of the panel's first checks: their means are its values (three or more, the panel laid in anew)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Check, keep, and print what was found."""
    from calibration.daily_check import LEAST_FIRST
    from calibration.rig_file import unpack
    from station.capture_set import read_capture_set
    from station.daily_check import check_station, judged_of, reasons
    from station.store.db import CheckQuery, Store

    check_output_file(arguments.db, "--db")
    with doing(f"reading {arguments.rig}"):
        rig = unpack(read_bytes(arguments.rig, "--rig", MAX_RIG_BYTES), str(arguments.rig))
    with doing(f"reading {arguments.capture}"):
        frames = read_capture_set(arguments.capture)
    with closing(Store.open(arguments.db, clock=clock)) as store:
        with doing("checking"):
            number = check_station(
                store, frames, rig, first=arguments.first, now=clock(), software=version("paint-station")
            )
        with store.reader() as reader:
            check = reader.check(number)
            assert check is not None
            asked = CheckQuery(station=check["station"], check_panel=check["check_panel"], limit=200)
            begun = [row for row in reader.checks(asked).items if row["first"]]
    what = f"check panel {check['check_panel']}, station {check['station'] or 'without a name'}"
    simulated = ", SIMULATED" if check["simulated"] else ""
    if check["first"]:
        for name, taken in check["seen"].items():
            print(f"{name:>20}  {taken['value']:9.3f} ± {taken['u']:.3f}")
        left = max(0, LEAST_FIRST - len(begun))
        more = f"{left} more needed, the panel laid in anew" if left else "enough: the next check is judged"
        print(f"{what}: first check {len(begun)}, {more}{simulated}")
        return 0
    for one in judged_of(check):
        print(_line(one))
    for reason in reasons(check):
        print(f"! {reason}")
    print(f"{what}: {'MET' if check['met'] else 'NOT MET, the station is on hold'}{simulated}")
    return 0


def _line(one: Judged) -> str:
    if one.value is None:
        return f"{one.quantity:>20}  not measured"
    low = f"{one.low:.3f}" if one.low is not None else "0"
    return f"{one.quantity:>20}  {one.value:9.3f} ± {one.u:.3f}   limits {low} … {one.high:.3f}   {one.fault or 'ok'}"
