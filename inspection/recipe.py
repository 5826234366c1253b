"""The recipe of a colour: what a panel of it must be like after each pass (`paint-recipe/1`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import inspection.measures
from inspection.areas import polygon_area_mm2
from inspection.optics import fresnel
from inspection.recipe_schema import WHOLE, CheckForm, LearnedForm, RecipeForm
from inspection.registry import MEASURES, Knobs, discover
from inspection.written import written

discover(inspection.measures)

__all__ = ["WHOLE", "Check", "Film", "Learned", "Recipe", "Region", "parse_recipe"]

#: No period, band or zone of a panel is larger than this many mm.
MOST_KNOB = 1e6
#: Index of the gloss standard; a coat of a lower index cannot reach 100 GU at any angle.
_STANDARD_N = 1.567


@dataclass(frozen=True, slots=True)
class Region:
    """A named part of the panel: a polygon in panel millimetres."""

    name: str
    polygon_mm: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One demand: a measure with its knobs, limits, region, and the passes it holds for (None: every pass)."""

    measure: str
    knobs: Knobs
    low: float | None
    high: float | None
    region: str
    passes: tuple[int, ...] | None

    def applies(self, pass_number: int) -> bool:
        """Whether the check is asked after this pass."""
        return self.passes is None or pass_number in self.passes


@dataclass(frozen=True, slots=True)
class Film:
    """Clearcoat: thickness as sprayed, what all passes together may take, what one usually takes."""

    start_um: float | None = None
    removable_um: float | None = None
    per_pass_um: float | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """Where a learned recipe comes from (`recipe learn`); it changes no verdict.

    Attributes
    ----------
    panels : int
        Accepted panels after the last pass.
    passes : tuple of int
        Passes that limits were learned for.
    captures : tuple of str
        Content hash of every capture set.
    rig : str
        Content hash of the rig they were measured with.
    content, confidence : float
        Share of panels that meet each limit, and how sure that is.
    u_lab : L*, a*, b* or None
        Standard uncertainty of the target colour.
    who : str or None
        A pseudonym.
    """

    panels: int
    passes: tuple[int, ...]
    captured_from: str
    captured_to: str
    captures: tuple[str, ...]
    rig: str
    learned_at: str
    simulated: bool
    content: float
    confidence: float
    u_lab: tuple[float, ...] | None = None
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One colour's demands. `sha256` is of `text`, the file as it was written."""

    name: str
    title: dict[str, str]
    passes: int
    n_clear: float
    target_lab: tuple[float, float, float] | None
    film: Film
    regions: tuple[Region, ...]
    checks: tuple[Check, ...]
    sha256: str
    text: str
    learned: Learned | None = None

    def checks_for(self, pass_number: int) -> tuple[tuple[int, Check], ...]:
        """The checks asked after a pass, each with its number; a pass beyond the plan is asked what the last one is."""
        number = min(pass_number, self.passes)
        return tuple((i, check) for i, check in enumerate(self.checks) if check.applies(number))


def parse_recipe(text: str, source: str, *, angle_deg: float | None = None) -> Recipe:
    """Read a recipe from TOML text; nothing is ignored and nothing is guessed.

    Parameters
    ----------
    text : str
        The file's content.
    source : str
        Name for the error messages.
    angle_deg : float, optional
        The station's angle: gloss limits above the clearcoat's ceiling at this angle are refused. Without
        it only limits above the ceiling at every angle are.

    Raises
    ------
    Refused
        ``source:line: field: what was expected``.
    """
    model, refuse = written(text, source, RecipeForm)
    regions = _regions(model, refuse)
    names = {WHOLE, *(r.name for r in regions)}
    checks = tuple(_check(i, c, model, names, angle_deg, refuse) for i, c in enumerate(model.checks))
    lab = None
    if model.colour is not None:
        lightness, a, b = model.colour.lab
        if not (0 <= lightness <= 100 and abs(a) <= 150 and abs(b) <= 150):
            raise refuse(("colour", "lab"), "expected L* from 0 to 100 and a*, b* from -150 to 150")
        lab = (lightness, a, b)
    return Recipe(
        name=model.name,
        title={"zh": model.title.zh, "en": model.title.en},
        passes=model.passes,
        n_clear=model.n_clear,
        target_lab=lab,
        film=Film(model.film.start_um, model.film.removable_um, model.film.per_pass_um),
        regions=regions,
        checks=checks,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        learned=None if model.learned is None else _learned(model.learned),
    )


def _learned(model: LearnedForm) -> Learned:
    lists = {name: value for name, value in model.model_dump().items() if isinstance(value, list)}
    return Learned(**model.model_dump() | {name: tuple(values) for name, values in lists.items()})


def _regions(model: RecipeForm, refuse: Any) -> tuple[Region, ...]:
    regions: list[Region] = []
    for i, region in enumerate(model.regions):
        if region.name == WHOLE or region.name in {r.name for r in regions}:
            raise refuse(("regions", i, "name"), f"{region.name!r} is taken; every region needs a name of its own")
        corners = tuple((x, y) for x, y in region.polygon_mm)
        if polygon_area_mm2(corners) <= 0:
            raise refuse(("regions", i, "polygon_mm"), "the corners enclose no area")
        regions.append(Region(region.name, corners))
    return tuple(regions)


def _check(
    i: int, check: CheckForm, model: RecipeForm, regions: set[str], angle_deg: float | None, refuse: Any
) -> Check:
    measure = MEASURES.get(check.measure)
    if measure is None:
        raise refuse(("checks", i, "measure"), f"unknown measure {check.measure!r}; there are {_list(MEASURES)}")
    knobs = dict(measure.knobs)
    for key, value in (check.model_extra or {}).items():
        if key not in knobs:
            known = f"it has {', '.join(knobs)}" if knobs else "it has none"
            raise refuse(("checks", i, key), f"unknown key; {check.measure} knows no such knob ({known})")
        knobs[key] = _knob(value, knobs[key], measure.choices.get(key, ()), partial(refuse, ("checks", i, key)))
    if "band_from_mm" in knobs and float(knobs["band_from_mm"]) >= float(knobs["band_to_mm"]):
        raise refuse(("checks", i, "band_from_mm"), "expected less than band_to_mm")
    if check.region not in regions:
        raise refuse(("checks", i, "region"), f"unknown region {check.region!r}; there are {_list(regions)}")
    for number in check.passes or []:
        if not 0 <= number <= model.passes:
            raise refuse(("checks", i, "passes"), f"pass {number} does not exist; expected 0 to {model.passes}")
    if check.measure.startswith("delta_") and model.colour is None:
        raise refuse(("checks", i, "measure"), f"{check.measure} needs a target: [colour] lab is missing")
    _limits(i, check, measure.possible, model.n_clear, angle_deg, refuse)
    passes = tuple(sorted(set(check.passes))) if check.passes is not None else None
    return Check(check.measure, knobs, check.low, check.high, check.region, passes)


def _knob(value: Any, default: float | str, choices: tuple[str, ...], refuse: Any) -> float | str:
    """A knob's value: a word of its choices, or a number (0 only where that is the default)."""
    if isinstance(default, str):
        if value not in choices:
            raise refuse(f"expected one of {_list(choices)}, got {value!r:.40}")
        return str(value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (number and (0 < value <= MOST_KNOB or value == default)):
        raise refuse(f"expected a number above 0 and at most {MOST_KNOB:g}, got {value!r:.40}")
    return float(value)


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _limits(
    i: int, check: CheckForm, possible: tuple[float, float], n_clear: float, angle_deg: float | None, refuse: Any
) -> None:
    low, high = check.low, check.high
    if low is None and high is None:
        raise refuse(("checks", i, "measure"), "a check needs low, high or both")
    if low is not None and high is not None and low >= high:
        raise refuse(("checks", i, "low"), f"expected less than high ({high:g}), got {low:g}")
    least, most = possible
    if check.measure in ("gloss_gu", "gloss_worst_zone_gu"):
        most = _ceiling_gu(n_clear, angle_deg)
    if low is not None and low > most:
        at = f"at {angle_deg:g} degrees" if angle_deg is not None else "at any angle"
        why = f" (the Fresnel ceiling of n = {n_clear:g} {at})" if "gu" in check.measure.split("_") else ""
        raise refuse(("checks", i, "low"), f"{low:g} is impossible: {check.measure} is at most {most:.4g}{why}")
    if high is not None and high < least:
        raise refuse(("checks", i, "high"), f"{high:g} is impossible: {check.measure} is at least {least:g}")


def _ceiling_gu(n_clear: float, angle_deg: float | None) -> float:
    angles = np.radians(np.linspace(0, 89.9, 900) if angle_deg is None else np.array([angle_deg]))
    return float(np.max(100 * fresnel(n_clear, angles) / fresnel(_STANDARD_N, angles)))
