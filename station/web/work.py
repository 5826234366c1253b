"""The buttons for start and stop of hand work on a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from station.web.wording import Wording


@dataclass(frozen=True, slots=True)
class Clock:
    """One button: start of a pass, or stop of one that goes on since `minutes`."""

    coat_number: int
    pass_number: int
    title: str
    minutes: int | None


def clocks(working: Sequence[Mapping[str, Any]], coat_number: int, last_pass: int, words: Wording) -> list[Clock]:
    """A stop for every piece of work that goes on, and a start for the pass after the last inspection.

    Parameters
    ----------
    working : as `Reader.working` gives it
    coat_number, last_pass : int
        Of the panel's newest inspection.
    """
    going = [
        Clock(row["coat_number"], row["pass_number"], _title(row["pass_number"], words), row["minutes"])
        for row in working
    ]
    following = last_pass + 1
    if any((one.coat_number, one.pass_number) == (coat_number, following) for one in going):
        return going
    return [*going, Clock(coat_number, following, _title(following, words), None)]


def _title(pass_number: int, words: Wording) -> str:
    return words.word("work", "pass") % {"number": words.number(pass_number)}
