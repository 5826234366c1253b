"""`paint-station inspect`: a capture set, or one of each view of a part, becomes a report."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from station.commands.files import (
    MAX_RIG_BYTES,
    check_output_file,
    check_output_folder,
    read_bytes,
    read_text,
    write_whole,
)
from station.commands.progress import doing
from station.events import Clock

STDOUT = "-"
MAX_PLAN_BYTES = 2**20


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("inspect", help="capture set -> report")
    parser.add_argument("capture", type=Path, nargs="+", metavar="CAPTURE", help="capture set: folder or zip")
    parser.add_argument("--plan", type=Path, metavar="PLAN.toml", help="plan of a part: one capture set of each view")
    parser.add_argument("--rig", required=True, type=Path, metavar="RIG", help="rig file, from `calibrate`")
    parser.add_argument("--recipe", required=True, metavar="RECIPE", help="path, or name of a stored or shipped recipe")
    parser.add_argument("--previous", type=Path, metavar="REPORT.json", help="report of an earlier pass of the panel")
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - for standard output")
    parser.add_argument("--maps", type=Path, metavar="DIR", help="write every map as .npy and .png")
    parser.add_argument("--db", type=Path, metavar="FILE", help="keep the inspection in this database")
    parser.add_argument("--budget", action="store_true", help="say what the uncertainty of each value is made of")
    parser.add_argument("--allow-expired", action="store_true", help="measure although the rig's term is over")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Measure, keep what was asked for, and print the report or its summary."""
    from calibration.rig_file import unpack
    from inspection.plan import parse_plan
    from inspection.refused import Refused
    from station.capture_set import write_map
    from station.commands.measured import Given, measured_part, measured_whole
    from station.commands.previous import read_earlier
    from station.commands.recipes import find_recipe
    from station.exchange.text import text_of
    from station.settings import read_settings

    to_file = Path(arguments.json) if arguments.json not in (None, STDOUT) else None
    _check_outputs(to_file, arguments.maps, arguments.db)
    if arguments.plan is None and len(arguments.capture) > 1:
        raise Refused("--plan: missing: several capture sets are the views of a part")
    plan = None
    if arguments.plan is not None:
        plan = parse_plan(read_text(arguments.plan, "--plan", MAX_PLAN_BYTES), str(arguments.plan))
    from_file = None if arguments.previous is None else read_earlier(arguments.previous)
    with doing(f"reading {arguments.rig}"):
        rig = unpack(read_bytes(arguments.rig, "--rig", MAX_RIG_BYTES), str(arguments.rig))
    recipe = find_recipe(arguments.recipe, arguments.db, angle_deg=rig.geometry.camera.angle_deg)
    settings = read_settings()
    given = Given(rig, recipe, from_file, arguments.db, arguments.allow_expired, settings.daily_check_hours, clock)
    if plan is not None:
        measured = measured_part(arguments.capture, plan, given)
    else:
        measured = measured_whole(arguments.capture[0], given)
    report = measured.report
    maps = measured.maps() if arguments.db is not None or arguments.maps is not None else {}
    # The store may still refuse: only after it may anything else be written.
    if arguments.db is not None:
        from station.store.db import Store

        opened = Store.open(arguments.db, clock=clock, policy=settings.policy)
        with doing(f"storing in {arguments.db}"), closing(opened) as store:
            measured.keep(store, report, maps)
    if arguments.maps is not None:
        arguments.maps.mkdir(parents=True, exist_ok=True)
        for name, values in maps.items():
            with doing(f"writing {name}"):
                write_map(values, arguments.maps / name)
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1, allow_nan=False)
    if to_file is not None:
        write_whole(to_file, f"{text}\n".encode())
    elif arguments.json == STDOUT:
        print(text)
    else:
        print(text_of(report.as_dict(), budget=arguments.budget))
    return 0


def _check_outputs(json_file: Path | None, maps: Path | None, database: Path | None) -> None:
    from inspection.refused import Refused

    named = [path.resolve() for path in (json_file, maps, database) if path is not None]
    if len(set(named)) < len(named):
        raise Refused("--json, --maps, --db: expected different paths")
    if json_file is not None:
        check_output_file(json_file, "--json")
    if maps is not None:
        check_output_folder(maps, "--maps")
    if database is not None:
        check_output_file(database, "--db")
