"""One inspection in a line or a card: its place in the panel's life, its colour, its recipe's title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from station.web.swatch import screen_colour
from station.web.wording import Wording


def pass_in_words(inspection: Mapping[str, Any], words: Wording) -> str:
    """Pass n of N, with the attempt where it is not the first."""
    number, planned = inspection["pass_number"], inspection["recipe_passes"]
    kind = "before polishing" if number == 0 else "of planned" if number <= planned else "beyond planned"
    text = words.word("pass", kind) % {"number": words.number(number), "planned": words.number(planned)}
    if inspection["attempt"] > 1:
        text = words.word("pass", "repeated") % {"pass": text, "attempt": words.number(inspection["attempt"])}
    return text


def comparison(panel: str, left: int | None, right: int) -> str | None:
    """Address of two inspections of a panel upon each other; None where there is no earlier one."""
    return None if left is None else f"/panels/{quote(panel)}/compare?{urlencode({'left': left, 'right': right})}"


def summary(inspection: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    """A row of the list of inspections with what a page adds to it."""
    return dict(inspection) | {
        "pass_words": pass_in_words(inspection, words),
        "recipe_name": inspection["recipe"],
        "recipe_title": inspection["recipe_title"][words.language.code],
        "colour": screen_colour(inspection["recipe_lab"]),
    }
