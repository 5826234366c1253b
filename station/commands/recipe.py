"""`paint-station recipe`: `check` (is a recipe right, before a panel depends on it?), `learn` and `risk`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from station.commands import recipe_learn, recipe_risk
from station.commands.files import MAX_RIG_BYTES, read_bytes
from station.events import Clock


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser("recipe", help="check recipes, learn one from panels, ask how sure one decides")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="validate recipes; one line for each")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recipe (TOML)")
    check.add_argument("--rig", type=Path, metavar="RIG", help="also judge gloss limits at this rig's angle")
    check.set_defaults(run=run)
    recipe_learn.add_to(actions)
    recipe_risk.add_to(actions)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Check each file; 2 where at least one is refused."""
    from calibration.rig_file import unpack
    from inspection.refused import Refused
    from station.commands.recipes import read_recipe

    angle_deg = None
    if arguments.rig is not None:
        rig = unpack(read_bytes(arguments.rig, "--rig", MAX_RIG_BYTES), str(arguments.rig))
        angle_deg = rig.geometry.camera.angle_deg
    refused = 0
    for path in arguments.files:
        try:
            recipe = read_recipe(path, angle_deg=angle_deg)
        except Refused as refusal:
            print(refusal, file=sys.stderr)
            refused += 1
        else:
            print(f"{path}: {recipe.name}, {len(recipe.checks)} checks, {recipe.passes} passes, {recipe.sha256[:12]}")
    return 2 if refused else 0
