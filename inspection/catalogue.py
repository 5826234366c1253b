"""The catalogue of measures, from the registry: `MEASURES.md` is what `catalogue()` returns."""

from __future__ import annotations

import math
from itertools import groupby

import inspection.measures
from inspection.defects.marks import Marks
from inspection.reading import Source
from inspection.registry import MEASURES, Joins, Measure, discover
from inspection.units import unit_of

discover(inspection.measures)

_HEAD = """\
# Measures

Made from the code by `inspection.catalogue`; a test fails when it is stale. Do not edit it by hand.

*Version* rises when a change moves the numbers. *Knobs* are what a recipe may set beside the limits. *Uncertainty*
names the terms of its budget; the size of each stands in every report (`inspect --budget`):

{sources}
"""


#: What a measure says of a part that is captured in several views.
_OF_VIEWS = {
    Joins.MEAN: "mean by area",
    Joins.SQUARE_MEAN: "root of the mean square by area",
    Joins.MOST: "the view that is worst off, the largest value",
    Joins.LEAST: "the view that is worst off, the lowest value",
}
_COUNTED = "of all its marks, each once"


def catalogue() -> str:
    """Every registered measure as Markdown, by family, each with its unit, knobs and documentation."""
    parts = [_HEAD.format(sources="\n".join(f"- {_plain(source)}: {source.meaning}" for source in Source))]
    # Within a family they stand in the order of its file: the sort is stable.
    for family, measures in groupby(sorted(MEASURES.values(), key=_family), key=_family):
        parts.append(f"## {family.capitalize()}\n")
        parts.extend(_entry(measure) for measure in measures)
    return "\n".join(parts)


def _family(measure: Measure) -> str:
    return measure.function.__module__.rsplit(".", 1)[-1]


def _entry(measure: Measure) -> str:
    facts = [
        "no unit (a ratio or a count)" if measure.unit == "1" else f"unit {measure.unit}",
        f"version {measure.version}",
        f"from {', '.join(need.__name__ for need in measure.needs)}",
    ]
    facts.append(f"uncertainty: {', '.join(_plain(source) for source in measure.sources)}")
    least, most = measure.possible
    if math.isfinite(least):
        facts.append(f"possible {least:g} … {most:g}" if math.isfinite(most) else f"possible from {least:g}")
    facts.append(f"of several views of a part: {_OF_VIEWS[measure.joins] if measure.needs != (Marks,) else _COUNTED}")
    facts += [f"knob `{knob}`, default {_with_unit(knob, value)}" for knob, value in measure.knobs.items()]
    facts += [f"`{knob}` is one of {', '.join(words)}" for knob, words in measure.choices.items()]
    listed = "\n".join(f"- {fact}" for fact in facts)
    text = "\n".join(measure.documentation.splitlines()[1:]).strip()
    return "\n\n".join(filter(None, [f"### `{measure.id}`", f"{measure.title}.", listed, text])) + "\n"


def _plain(source: Source) -> str:
    return f"*{source.value.replace('_', ' ')}*"


def _with_unit(knob: str, value: float | str) -> str:
    return f"`{value}`" if isinstance(value, str) else f"{value:g} {unit_of(knob)}"
