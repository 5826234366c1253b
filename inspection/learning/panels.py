"""Which captures a recipe can be learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from inspection.frames import Frames
from inspection.recipe import WHOLE
from inspection.refused import Refused

#: Two panels always agree with their own mean as well as they can: only a third one tells how much panels differ.
LEAST_PANELS: Final = 3


@dataclass(frozen=True, slots=True)
class Headline:
    """What a capture set says about itself."""

    source: str
    sha256: str
    panel: str | None
    coat_number: int
    pass_number: int
    recipe: str | None
    captured_at: str
    simulated: bool


def headline(frames: Frames, source: str) -> Headline:
    """Check one capture set on its own.

    Raises
    ------
    Refused
        A reference set, one view of several, a panel that was not wiped, or one without a time.
    """
    if frames.reference_set:
        raise Refused(f"{source}: reference_set: expected the capture of a panel, not a reference set")
    if frames.view not in (None, WHOLE):
        raise Refused(f"{source}: view: expected captures of whole panels, this one shows {frames.view!r}")
    if frames.conditions.wiped is False:
        raise Refused(f"{source}: conditions.wiped: is false: polish that was left on would be learned with the paint")
    if frames.captured_at is None:
        raise Refused(f"{source}: captured_at: is missing: a recipe says from when to when it was learned")
    return Headline(
        source,
        frames.sha256,
        frames.panel,
        frames.coat_number,
        frames.pass_number,
        frames.recipe,
        frames.captured_at,
        frames.simulated,
    )


def check_together(headlines: Sequence[Headline]) -> None:
    """Check that the captures are of enough different panels of one recipe.

    Raises
    ------
    Refused
        Captures of several recipes, simulated and real ones, one panel twice after a pass, or fewer than three panels
        after the last pass.
    """
    first = headlines[0]
    seen: dict[tuple[object, ...], str] = {}
    for line in headlines:
        if line.recipe != first.recipe:
            raise Refused(
                f"{line.source}: recipe: is {_named(line.recipe)}, that of {first.source} is {_named(first.recipe)}; "
                "expected panels of one recipe"
            )
        if line.simulated != first.simulated:
            raise Refused(f"{line.source}: simulated: expected simulated captures only, or real ones only")
        panel = line.sha256 if line.panel is None else line.panel
        for key in ((panel, line.pass_number), (line.sha256,)):
            if key in seen:
                raise Refused(
                    f"{line.source}: panel: {panel} after pass {line.pass_number} is given already by {seen[key]}; "
                    "expected one capture of each panel and pass: repeats are not more panels"
                )
            seen[key] = line.source
    last = max(line.pass_number for line in headlines)
    n = sum(line.pass_number == last for line in headlines)
    if n < LEAST_PANELS:
        raise Refused(
            f"{first.source}: pass_number: {n} accepted {'panel' if n == 1 else 'panels'} after the last pass, {last}; "
            f"expected at least {LEAST_PANELS}: fewer do not tell how much good panels differ"
        )


def passes_to_learn(headlines: Sequence[Headline]) -> tuple[list[int], Mapping[int, int]]:
    """Passes with enough panels, the last one last, and the number of panels of the others."""
    counts = Counter(line.pass_number for line in headlines)
    enough = sorted(number for number, n in counts.items() if n >= LEAST_PANELS)
    return enough, {number: n for number, n in sorted(counts.items()) if n < LEAST_PANELS}


def _named(recipe: str | None) -> str:
    return "missing" if recipe is None else f'"{recipe}"'
