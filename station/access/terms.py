"""How long a log-in and a name last, and who sees names: what a plant's rules set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from station.access.rights import Role

#: Where the settings say nothing else.
NAMES_KEPT: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say.

    Attributes
    ----------
    idle : timedelta
        A log-in ends after so long without a request.
    longest : timedelta
        A log-in ends after so long in any case.
    names_kept : timedelta
        A name is forgotten so long after it was written down.
    names_shown_to : frozenset of Role
        Who sees the names that belong to pseudonyms.
    """

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    names_kept: timedelta = NAMES_KEPT
    names_shown_to: frozenset[Role] = frozenset()
