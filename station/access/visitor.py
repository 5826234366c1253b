"""Who stands behind a request, and who is acting while something is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from station.access.rights import MAY, Right, Role

#: Stands in the audit where the program itself acts, and where nobody has logged in because nobody has to.
STATION: Final = "station"
ANYBODY: Final = "anybody"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks.

    Attributes
    ----------
    acts_as : str
        What the audit says: a pseudonym, ``token NAME``, or `ANYBODY`.
    pseudonym : str or None
        Of a person who has logged in.
    role : Role or None
        None for a stranger, and where the station knows no people.
    free : bool
        The station knows no people: everybody may do everything.
    """

    acts_as: str
    pseudonym: str | None = None
    role: Role | None = None
    free: bool = False

    @property
    def known(self) -> bool:
        """Whether the station lets this one in at all."""
        return self.free or self.role is not None

    def may(self, right: Right) -> bool:
        """Whether this one may do something."""
        return self.free or (self.role is not None and right in MAY[self.role])


#: A station without people, as the demonstration is.
FREE: Final = Visitor(ANYBODY, free=True)
#: Somebody who has not logged in where one has to.
STRANGER: Final = Visitor(ANYBODY)

# Handed down beside the arguments: every row that is written says who did it, and no caller can forget to pass it on.
_ACTING: Final[ContextVar[str]] = ContextVar("acting", default=STATION)


@contextmanager
def acting_as(who: str) -> Iterator[None]:
    """While this lasts, what is written in this context is written by `who`."""
    before = _ACTING.set(who)
    try:
        yield
    finally:
        _ACTING.reset(before)


def acting() -> str:
    """Who acts now; `STATION` in threads of the program's own."""
    return _ACTING.get()
