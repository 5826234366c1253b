"""The buttons for start and stop of hand work on a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspection.report import Action
from station.web.wording import Wording

_NO_WORK = frozenset({Action.RELEASE, Action.STOP})


@dataclass(frozen=True, slots=True)
class Clock:
    """One button: start of a pass, or stop of one that goes on since `minutes`.

    `advice`: the next step of the newest inspection, where that is not to work: people decide, but they shall know.
    """

    coat_number: int
    pass_number: int
    title: str
    minutes: int | None
    advice: str | None = None


def clocks(working: Sequence[Mapping[str, Any]], newest: Mapping[str, Any], words: Wording) -> list[Clock]:
    """A stop for every piece of work that goes on, and a start for the next pass.

    Parameters
    ----------
    working : as `Reader.working` gives it
    newest : mapping
        The panel's newest inspection.
    """
    going = [
        Clock(row["coat_number"], row["pass_number"], _title(row["pass_number"], words), row["minutes"])
        for row in working
    ]
    coat_number, following = newest["coat_number"], newest["pass_number"] + 1
    if any((one.coat_number, one.pass_number) == (coat_number, following) for one in going):
        return going
    advice = newest["action"] if newest["action"] in _NO_WORK else None
    return [*going, Clock(coat_number, following, _title(following, words), None, advice)]


def _title(pass_number: int, words: Wording) -> str:
    return words.word("work", "pass") % {"number": words.number(pass_number)}
