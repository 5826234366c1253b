"""Which pass of a panel is due. Where that is not certain a person is asked, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inspection.report import Action
from station.faults import Asks


class Why(StrEnum):
    """What the pass that is due follows from."""

    NONE = "none"
    AGAIN = "again"
    RELEASED = "released"
    STOPPED = "stopped"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for a panel.

    Attributes
    ----------
    passes : tuple of int
        The passes that may come now without a question; more than one where a person says which.
    because : str
        One sentence.
    why : Why
        The same as a code, for pages.
    after : int or None
        The pass that was measured last.
    """

    passes: tuple[int, ...]
    because: str
    why: Why
    after: int | None = None


def due(last: Mapping[str, Any] | None) -> Due:
    """What is due after the newest inspection of a panel's coat (`pass_number`, `action`); None: there is none."""
    if last is None:
        return Due(
            (0, 1), "nothing is stored of this coat: is it as sprayed (pass 0), or after its first pass (1)?", Why.NONE
        )
    done, action = int(last["pass_number"]), last["action"]
    if action == Action.WIPE_AND_MEASURE_AGAIN:
        return Due((done,), f"pass {done} was to be wiped and measured again", Why.AGAIN, done)
    if action == Action.RELEASE:
        return Due((), f"the panel was released after pass {done}", Why.RELEASED, done)
    if action == Action.STOP:
        return Due((), f"work on the panel was stopped after pass {done}", Why.STOPPED, done)
    return Due((done + 1,), f"pass {done} was measured last", Why.NEXT, done)


def settled(panel: str, now: Due, asked: int | None, *, confirmed: bool) -> int:
    """The pass to measure.

    Parameters
    ----------
    asked : int or None
        The pass that a person named.
    confirmed : bool
        The person was asked and means it.

    Raises
    ------
    Asks
        None was named and it is not certain, or another one was named and nobody confirmed it.
    """
    if asked is None:
        if len(now.passes) == 1:
            return now.passes[0]
        raise Asks(f"{panel}: which pass? {_sentence(now.because)}", now.passes)
    if asked in now.passes or confirmed:
        return asked
    raise Asks(f"{panel}: really pass {asked}? {_sentence(now.because)}", now.passes)


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + ("" if words.endswith("?") else ".")
