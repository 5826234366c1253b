"""A learned recipe as the text of its file: TOML, with what each limit rests on beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from inspection.learning.demands import GUARD_U, LearnedCheck, NotLearned
from inspection.recipe import Film, Learned
from inspection.registry import Knobs


@dataclass(frozen=True, slots=True)
class About:
    """What panels do not tell: from a recipe that is known, or assumed; `origin` says which."""

    name: str
    title: Mapping[str, str]
    n_clear: float
    film: Film
    origin: str


def recipe_text(
    about: About,
    lab: tuple[float, float, float],
    learned: Learned,
    checks: Sequence[LearnedCheck],
    left_out: Sequence[NotLearned],
    few: Mapping[int, int],
) -> str:
    """The file's text.

    Parameters
    ----------
    few : mapping
        Passes without limits because of too few panels, and how many there were.
    """
    percent = (
        f"{100 * learned.content:g} % of panels like these meet it, with {100 * learned.confidence:g} % confidence"
    )
    head = [
        f"# Learned from {learned.panels} accepted panels by `paint-station recipe learn`."
        + (" SIMULATED." if learned.simulated else ""),
        f"# Each limit: {percent},",
        f"# and beyond it a guard band of {GUARD_U:.2f} u, so that such a panel is also proven to meet all of them.",
        f"# {about.origin}",
        'format = "paint-recipe/1"',
        f"name = {_quoted(about.name)}",
        "title = { " + ", ".join(f"{key} = {_quoted(about.title[key])}" for key in ("zh", "en")) + " }",
        f"passes = {max(learned.passes)}",
        f"n_clear = {about.n_clear:g}",
        "",
        "[colour]",
        f"lab = [{', '.join(f'{part:.2f}' for part in lab)}]",
    ]
    film = [f"{key} = {float(value)!r}" for key, value in asdict(about.film).items() if value is not None]
    if film:
        head += ["", "[film]", *film]
    head += ["", "[learned]", *_learned(learned)]
    text = "\n".join(head) + "\n"
    text += "".join(_check(check) for check in checks)
    notes = [f"# Pass {number}: no limits, {n} of the panels were captured after it." for number, n in few.items()]
    notes += [f"# {_named(item.measure, item.knobs)}, pass {item.pass_number}: {item.why}." for item in left_out]
    return text + ("\n# Not asked for:\n" + "\n".join(notes) + "\n" if notes else "")


def _learned(learned: Learned) -> list[str]:
    # Three digits say all that an uncertainty has to say.
    u_lab = None if learned.u_lab is None else [float(f"{u:.3g}") for u in learned.u_lab]
    rows = asdict(learned) | {"u_lab": u_lab}
    return [f"{key} = {_value(value)}" for key, value in rows.items() if value is not None]


def _check(check: LearnedCheck) -> str:
    facts = [f"{check.panels} panels: mean {check.mean:.4g}, spread {check.spread:.2g}, u {check.u:.2g}"]
    if check.factor is not None:
        facts.append(f"{check.factor:.3g} spreads to the limit")
    if check.borrowed:
        facts.append(f"spread shrunk towards other recipes, which weigh {check.borrowed:.2g} panels")
    rows = ["", "[[checks]]", f"# {'; '.join(facts)}.", f"measure = {_quoted(check.measure)}"]
    rows += [f"{knob} = {_value(value)}" for knob, value in check.knobs.items() if value != 0]
    rows += [
        f"{side} = {_value(limit)}" for side, limit in (("low", check.low), ("high", check.high)) if limit is not None
    ]
    return "\n".join([*rows, f"passes = [{check.pass_number}]"]) + "\n"


def _named(measure: str, knobs: Knobs) -> str:
    return " ".join([measure, *(f"{knob}={value}" for knob, value in knobs.items())])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(part) for part in value)}]"
    return repr(value)


def _quoted(text: str) -> str:
    """A basic string: JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
