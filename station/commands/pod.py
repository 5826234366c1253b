"""`paint-station pod`: how small a mark of each kind a station finds."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from inspection.defects.kinds import Kind
from station.commands.files import MAX_RIG_BYTES, check_output_file, read_bytes, write_whole
from station.commands.progress import doing
from station.events import Clock

if TYPE_CHECKING:
    from station.pod import Detection

#: Every kind that can be simulated: what nobody can name has no appearance.
KINDS = tuple(str(kind) for kind in Kind if kind is not Kind.UNKNOWN)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "pod", help="probability of detection: the smallest mark of each kind that a rig finds on a recipe's paint"
    )
    parser.add_argument("--rig", required=True, type=Path, metavar="RIG", help="rig file, from `calibrate`")
    parser.add_argument("--recipe", required=True, metavar="RECIPE", help="path, or name of a shipped recipe")
    parser.add_argument("--kind", nargs="+", choices=KINDS, metavar="KIND", help="kinds (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Simulate, search, fit and print."""
    from calibration.rig_file import unpack
    from station.commands.recipes import find_recipe
    from station.pod import detection

    if arguments.json is not None:
        check_output_file(arguments.json, "--json")
    with doing(f"reading {arguments.rig}"):
        rig = unpack(read_bytes(arguments.rig, "--rig", MAX_RIG_BYTES), str(arguments.rig))
    recipe = find_recipe(arguments.recipe, None, angle_deg=rig.geometry.camera.angle_deg)
    kinds = tuple(dict.fromkeys(arguments.kind)) if arguments.kind else KINDS
    with doing("looking for simulated marks"):
        found = detection(rig, recipe, kinds)
    if arguments.json is not None:
        document = {
            "format": "paint-pod/1",
            "simulated": True,
            "rig": {"sha256": rig.sha256, "station": rig.station},
            "recipe": {"name": recipe.name, "sha256": recipe.sha256},
            "probability": 0.9,
            "kinds": {kind: asdict(d) for kind, d in found.items()},
        }
        write_whole(arguments.json, f"{json.dumps(document, indent=1, allow_nan=False)}\n".encode())
    station = rig.station or "without a name"
    print(f"rig {rig.sha256[:12]} (station {station}), recipe {recipe.name}: SIMULATED station and paint")
    print(f"{'kind':>14}  {'a90 mm':>8}  {'95 % interval':>17}  found / marks")
    for kind, one in found.items():
        print(f"{kind:>14}  {_limit(one):>8}  {_interval(one):>17}  {one.found} / {one.marks}")
    return 0


def _limit(one: Detection) -> str:
    if one.a90_mm is not None:
        return f"{one.a90_mm:.2g}"
    return f"< {one.sizes_mm[0]:g}" if one.below else f"> {one.sizes_mm[1]:g}"


def _interval(one: Detection) -> str:
    return "-" if one.low_mm is None or one.high_mm is None else f"{one.low_mm:.2g} … {one.high_mm:.2g}"
