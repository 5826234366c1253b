"""One question that findings answer, as one word of an address: a measure with its knobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspection.refused import Refused

Knobs = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Question:
    """A measure; with `knobs` None: with those that the newest finding of it has."""

    measure: str
    knobs: Knobs | None = None

    @property
    def written(self) -> str:
        """As `question_of` reads it: ``clarity_pct period_mm=12``."""
        shown = (
            f"{name}={knob if isinstance(knob, str) else f'{knob:g}'}" for name, knob in (self.knobs or {}).items()
        )
        return " ".join([self.measure, *shown])


def question_of(text: str) -> Question:
    """The question that was written.

    Raises
    ------
    Refused
        It is no measure's name with knobs behind it.
    """
    measure, *parts = text.split() or [""]
    knobs: dict[str, float | str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not (name and equals and value) or name in knobs:
            raise Refused(f"measure: expected a measure and its knobs as name=value, got {part!r:.60}")
        try:
            knobs[name] = float(value)
        except ValueError:
            knobs[name] = value
    return Question(measure, knobs or None)
