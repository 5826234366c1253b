"""`paint-station recipe risk`: how often the checks of a recipe decide wrongly."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from station.events import Clock

if TYPE_CHECKING:
    from station.decisions import Decision


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = actions.add_parser("risk", help="consumer's and producer's risk of each check, from stored panels")
    parser.add_argument("recipe", metavar="RECIPE", help="path, or name of a stored or shipped recipe")
    parser.add_argument("--db", required=True, type=Path, metavar="FILE", help="database with inspected panels")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Print one line for each check."""
    from inspection.refused import Refused
    from station.commands.recipes import find_recipe
    from station.decisions import decisions
    from station.store.db import Store

    if not arguments.db.is_file():
        raise Refused(f"{arguments.db}: no such database")
    recipe = find_recipe(arguments.recipe, arguments.db)
    with closing(Store.open(arguments.db, clock=clock)) as store, store.reader() as reader:
        found = decisions(reader, recipe)
    print("share of all panels, %: passed though outside | not passed though inside | of those that just pass, outside")
    for one in found:
        print(_line(one))
    return 0


def _line(one: Decision) -> str:
    name = " ".join([one.check.measure, *(f"{name}={value}" for name, value in one.check.knobs.items())])
    if one.check.region != "whole":
        name += f" in {one.check.region}"
    if one.prior is None or one.risks is None:
        return f"{name:>44}  not stated: {'it is counted' if _counted(one) else 'nothing like it was measured yet'}"
    risks, prior = one.risks, one.prior
    known = f"{prior.panels} panels" if prior.panels else "ASSUMED"
    source = (
        f"{known}: {prior.mean:.4g} ± {prior.sd:.2g}, u {one.u:.2g}{' of other recipes' if one.u_of_others else ''}"
    )
    share = f"{100 * risks.passed_outside:6.2f} | {100 * risks.producer:6.2f} | {100 * risks.worst_specific:5.1f}"
    return f"{name:>44}  {share}   ({source}{', SIMULATED' if one.simulated else ''})"


def _counted(one: Decision) -> bool:
    from station.decisions import COUNTED

    return one.check.measure.endswith(COUNTED)
