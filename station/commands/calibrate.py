"""`paint-station calibrate`: reference capture sets become a rig."""

from __future__ import annotations

import argparse
import json
import math
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from station.commands.files import check_output_file, write_whole
from station.commands.progress import doing
from station.events import Clock

if TYPE_CHECKING:
    from inspection.rig import ColourReference, Measured

MAX_VALID_HOURS = 24 * 366


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("calibrate", help="reference capture set(s) of a station -> rig (one file)")
    parser.add_argument("reference_sets", nargs="+", type=Path, metavar="REFERENCE_SET", help="folder or zip")
    parser.add_argument("--out", required=True, type=Path, metavar="RIG", help="the rig file to write")
    parser.add_argument(
        "--valid-hours",
        type=_hours,
        metavar="HOURS",
        help="term of the calibration (default: calibration_valid_hours of the settings, 24)",
    )
    parser.add_argument("--db", type=Path, metavar="FILE", help="keep the rig in this database too: `serve` finds it")
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="write what was measured, with uncertainties, as JSON"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Calibrate and write the rig; prints what was measured, and one line."""
    from calibration import calibrate
    from calibration.certificate import certificate
    from calibration.rig_file import pack
    from inspection.frames import Role
    from inspection.refused import Refused
    from station.capture_set import read_capture_set
    from station.settings import read_settings

    check_output_file(arguments.out, "--out")
    for path, option in ((arguments.db, "--db"), (arguments.certificate, "--certificate")):
        if path is not None:
            check_output_file(path, option)
    sets = []
    for path in arguments.reference_sets:
        with doing(f"reading {path}"):
            sets.append(read_capture_set(path))
        if not sets[-1].reference_set:
            raise Refused(f"{path}: reference_set: expected true: this is the capture of a panel")
    with doing("calibrating"):
        hours = arguments.valid_hours or read_settings().calibration_valid_hours
        rig = calibrate(sets, valid_for=timedelta(hours=hours))
    if arguments.db is not None:
        from station.store.db import Store

        with doing(f"storing in {arguments.db}"), closing(Store.open(arguments.db, clock=clock)) as store:
            store.put_rig(rig)
    write_whole(arguments.out, pack(rig))
    if arguments.certificate is not None:
        text = json.dumps(certificate(rig.header(), rig.sha256), ensure_ascii=False, indent=1, allow_nan=False)
        write_whole(arguments.certificate, f"{text}\n".encode())
    periods = ", ".join(f"{period:g}" for period in rig.periods_mm())
    marks = [f"station {rig.station or 'without a name'}", f"{periods} mm", f"valid until {rig.expires_at}"]
    for one in rig.measured:
        print(_shown(one))
    if rig.colour is not None:
        print(_colour_line(rig.colour))
    for frame in (frame for one in sets for frame in one.with_role(Role.GRID) if frame.board is None):
        print(f"{frame.file}: not used: the manifest does not say what is printed on the plate (board)")
    print(f"{arguments.out}: rig {rig.sha256[:12]}, {', '.join(marks)}{', SIMULATED' if rig.simulated else ''}")
    return 0


def _shown(one: Measured) -> str:
    """A value, its standard uncertainty with two digits, and its limit: one line."""
    name, _, unit = one.name.rpartition("_")
    words = name.replace("_", " ")
    known = {"deg": "°", "count": "", "ratio": "", "pct": " %", "e00": " ΔE00"}
    unit = known.get(unit, f" {unit}")
    if one.u:
        places = max(0, 1 - math.floor(math.log10(one.u)))
        return f"{words}: {one.value:.{places}f} ± {one.u:.{places}f}{unit} (k = 1)"
    limit = "" if one.limit is None else f", at most {one.limit:.3g}{unit}"
    return f"{words}: {one.value:.3g}{unit}{limit}"


def _colour_line(chart: ColourReference) -> str:
    """How the colour chart lay, and what was made of it."""
    notes = [f"left out: {', '.join(chart.left_out)}"] if chart.left_out else []
    if chart.mirrored:
        notes.append("the picture is mirrored")
    form = f"colour chart: {chart.form} matrix (a linear one: {chart.linear_mean_e00:.2f} ΔE00 on average)"
    return "; ".join([form, f"turned by {round(chart.turned_deg) % 360}°", *notes])


def _hours(text: str) -> float:
    hours = float(text)
    if not (math.isfinite(hours) and 0 < hours <= MAX_VALID_HOURS):
        raise argparse.ArgumentTypeError(f"expected more than 0 and at most {MAX_VALID_HOURS} hours, got {text}")
    return hours
