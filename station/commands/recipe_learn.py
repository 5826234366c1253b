"""`paint-station recipe learn`: accepted panels become a recipe."""

from __future__ import annotations

import argparse
import re
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from station.commands.files import MAX_RIG_BYTES, check_output_file, read_bytes, write_whole
from station.commands.progress import doing
from station.events import Clock

if TYPE_CHECKING:
    from inspection.learning.panels import Headline
    from inspection.learning.spreads import Known
    from inspection.learning.writing import About

#: Refractive index of a clearcoat that nobody stated: two-pack polyurethane.
USUAL_N_CLEAR = 1.5


def add_to(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command's arguments."""
    parser = actions.add_parser("learn", help="targets and tolerances from accepted panels")
    parser.add_argument(
        "captures", nargs="+", type=Path, metavar="CAPTURE", help="capture set of an accepted panel: folder or zip"
    )
    parser.add_argument("--rig", required=True, type=Path, metavar="RIG", help="rig file, from `calibrate`")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the recipe to write (TOML)")
    parser.add_argument(
        "--name", type=_name, metavar="NAME", help="of the new recipe (default: what the captures name)"
    )
    parser.add_argument(
        "--like",
        metavar="RECIPE",
        help="take title, refractive index and film from it (default: the known recipe that the captures name)",
    )
    parser.add_argument("--who", type=_who, metavar="NAME", help="who accepted the panels (a pseudonym)")
    parser.add_argument(
        "--db", type=Path, metavar="FILE", help="panels that failed in this database are refused, and a few "
        "panels lean on the spreads of its other recipes",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, clock: Clock) -> int:
    """Learn, check the result, write it; prints one line."""
    from calibration.rig_file import unpack
    from inspection.frames import Frames
    from inspection.learning.learn import learn, read_headlines
    from inspection.recipe import parse_recipe
    from inspection.refused import Refused
    from station.capture_set import read_capture_set

    check_output_file(arguments.out, "--out")
    if arguments.db is not None and not arguments.db.is_file():
        raise Refused(f"{arguments.db}: --db: does not exist")
    with doing(f"reading {arguments.rig}"):
        rig = unpack(read_bytes(arguments.rig, "--rig", MAX_RIG_BYTES), str(arguments.rig))

    def read(source: str) -> Frames:
        with doing(f"reading {source}"):
            return read_capture_set(Path(source))

    headlines = read_headlines([str(path) for path in arguments.captures], read)
    about = _about(arguments, headlines[0])
    known = {} if arguments.db is None else _from_store(arguments.db, headlines, about.name)
    text = learn(
        headlines,
        read,
        lambda source: rig,
        about,
        known=known,
        now=clock(),
        who=arguments.who,
        software=version("paint-station"),
    )
    recipe = parse_recipe(text, str(arguments.out), angle_deg=rig.geometry.camera.angle_deg)
    write_whole(arguments.out, text.encode())
    n = sum(line.pass_number == recipe.passes for line in headlines)
    simulated = ", SIMULATED" if rig.simulated or headlines[0].simulated else ""
    print(
        f"{arguments.out}: {recipe.name}, {len(recipe.checks)} checks from {n} panels after pass {recipe.passes}, "
        f"{recipe.sha256[:12]}{simulated}"
    )
    print(about.origin)
    return 0


def _about(arguments: argparse.Namespace, first: Headline) -> About:
    """What panels do not tell."""
    from inspection.learning.writing import About
    from inspection.recipe import Film
    from inspection.refused import Refused
    from station.commands.recipes import find_recipe, known_recipe

    name = arguments.name or first.recipe
    if name is None or not _NAME.fullmatch(name):
        raise Refused(f"{first.source}: recipe: names no recipe; say one with --name (a-z, 0-9, -)")
    like = None
    if arguments.like is not None:
        like = find_recipe(arguments.like, arguments.db)
    elif first.recipe is not None:
        like = known_recipe(first.recipe, arguments.db)
    if like is None:
        said = f"Nobody stated the clearcoat's refractive index: {USUAL_N_CLEAR:g} is assumed. The title is the name."
        return About(name, {"zh": name, "en": name}, USUAL_N_CLEAR, Film(), said)
    said = f"Title, refractive index and film are those of the recipe {like.name} ({like.sha256[:12]})."
    return About(name, like.title, like.n_clear, like.film, said)


def _from_store(database: Path, headlines: list[Headline], name: str) -> Known:
    """Spreads of the other recipes; refuses a panel whose last inspection failed."""
    from inspection.refused import Refused
    from station.store.db import Store

    with closing(Store.open(database)) as store, store.reader() as reader:
        for line in headlines:
            failed = reader.failed_inspection(line.sha256)
            if failed is not None:
                raise Refused(f"{line.source}: inspection {failed} in {database} failed this panel: it is not accepted")
        return reader.spreads(but=name)


_NAME = re.compile(r"[a-z0-9-]{1,60}")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"expected a-z, 0-9 and -, at most 60 of them, got {text!r}")
    return text


def _who(text: str) -> str:
    if not (text.isprintable() and 0 < len(text.strip()) <= 60):
        raise argparse.ArgumentTypeError("expected 1 to 60 printable characters")
    return text.strip()
