"""RECIPE on the command line: a path, or the name of a stored or shipped recipe."""

from __future__ import annotations

import re
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from inspection.recipe import Recipe, parse_recipe
from inspection.refused import Refused
from station.commands.files import read_text

MAX_RECIPE_BYTES = 2**20

_NAME = re.compile(r"[a-z0-9-]+")


def find_recipe(argument: str, database: Path | None, *, angle_deg: float | None = None) -> Recipe:
    """The recipe that is meant.

    Parameters
    ----------
    argument : str
        A name (``[a-z0-9-]+``): the newest stored recipe of it where there is a database that holds one,
        otherwise the shipped one. Anything else is a path.
    database : Path or None
        Opened only where it exists.
    angle_deg : float, optional
        Of the rig's camera: gloss limits are then judged at this angle.

    Raises
    ------
    Refused
        There is no such file or name, or the recipe is wrong.
    """
    if not _NAME.fullmatch(argument):
        return read_recipe(Path(argument), angle_deg=angle_deg)
    recipe = known_recipe(argument, database, angle_deg=angle_deg)
    if recipe is None:
        raise Refused(
            f"{argument}: --recipe: no recipe of this name is stored or shipped; expected a path or one of "
            f"{', '.join(shipped_names())}"
        )
    return recipe


def known_recipe(name: str, database: Path | None, *, angle_deg: float | None = None) -> Recipe | None:
    """The newest stored recipe of a name, otherwise the shipped one, otherwise None."""
    text = _stored_text(name, database) if database is not None and database.exists() else None
    if text is None and name in shipped_names():
        text = (files("samples") / "recipes" / f"{name}.toml").read_text(encoding="utf-8")
    return None if text is None else parse_recipe(text, f"{name}.toml", angle_deg=angle_deg)


def read_recipe(path: Path, *, angle_deg: float | None = None) -> Recipe:
    """Read a recipe file; refused with the line where it is wrong."""
    return parse_recipe(read_text(path, "recipe", MAX_RECIPE_BYTES), str(path), angle_deg=angle_deg)


def shipped_names() -> tuple[str, ...]:
    """Names of the sample recipes, sorted."""
    folder = files("samples") / "recipes"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def _stored_text(name: str, database: Path) -> str | None:
    from station.store.db import Store

    with closing(Store.open(database)) as store, store.reader() as reader:
        recipe = reader.load_recipe(name)
        return None if recipe is None else recipe.text
