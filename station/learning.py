"""A new version of a recipe from accepted panels whose captures are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from inspection.frames import Frames
from inspection.learning.learn import learn, read_headlines
from inspection.learning.writing import About
from inspection.recipe import Recipe, parse_recipe
from inspection.refused import Refused
from inspection.rig import Rig
from inspection.verdict import Verdict
from station.store.reader import Reader

Row = Mapping[str, Any]
#: Newest inspections after the last pass that are offered.
OFFERED = 40


def accepted(row: Row) -> bool:
    """Whether a panel was accepted: as a person ruled, else as measured."""
    ruling = row["ruling"]
    verdict = row["verdict"] if ruling is None else ruling["verdict"]
    return bool(verdict == Verdict.PASS)


def learned_from(
    reader: Reader, inspections: Sequence[int], recipe: str, *, who: str, now: datetime, software: str
) -> Recipe:
    """Learn targets and limits of a recipe anew.

    Parameters
    ----------
    inspections : sequence of int
        Of different panels after the same passes, captured whole; each is measured with the rig it was measured with.
    recipe : str
        Title, refractive index and film are those of its newest version.
    who : str
        Who says that the panels are accepted, a pseudonym.

    Raises
    ------
    Refused
        One of them does not exist, was not accepted, has no single capture, or they do not make a recipe.
    Retired
        Frames of one were deleted when their term was over.
    """
    like = reader.load_recipe(recipe)
    if like is None:
        raise Refused(f'recipe: no recipe "{recipe}" is stored')
    rows = {f"inspection {number}": _row(reader, number, like) for number in dict.fromkeys(inspections)}

    def read(source: str) -> Frames:
        frames = reader.load_capture(rows[source]["capture_sha256"])
        assert frames is not None
        return frames

    def rig_of(source: str) -> Rig:
        rig = reader.load_rig(rows[source]["rig_sha256"])
        assert rig is not None
        return rig

    headlines = read_headlines(list(rows), read)
    said = f"Title, refractive index and film are those of the recipe {like.name} ({like.sha256[:12]})."
    about = About(like.name, like.title, like.n_clear, like.film, said)
    known = reader.spreads(but=like.name)
    text = learn(headlines, read, rig_of, about, known=known, now=now, who=who, software=software)
    return parse_recipe(text, "what was learned", angle_deg=rig_of(headlines[0].source).geometry.camera.angle_deg)


def _row(reader: Reader, number: int, like: Recipe) -> Row:
    row = reader.inspection(number)
    if row is None:
        raise Refused(f"inspections: inspection {number} does not exist")
    if row["recipe"] != like.name:
        raise Refused(f"inspections: inspection {number} is of {row['recipe']}, expected {like.name}")
    if row["views"]:
        raise Refused(f"inspections: inspection {number} is of a part in several views: expected one capture")
    if not accepted(row):
        raise Refused(f"inspections: inspection {number} was not accepted: neither measured as passed nor overridden")
    return row
