"""PINs: what one must be like, kept as Argon2id, and how long a lock lasts after wrong ones.

References: RFC 9106 (Argon2), OWASP cheat sheet "Password Storage" (19 MiB, two passes); NIST SP 800-63B-4, 3.1.1 and
3.2.2, on the length of PINs and on throttling guesses.
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from inspection.refused import Refused

LEAST_DIGITS, MOST_DIGITS = 6, 12
#: So many wrong PINs in a row lock the log-in; each further one doubles the time.
TRIES: Final = 5
FIRST_LOCK: Final = timedelta(minutes=1)
LONGEST_LOCK: Final = timedelta(days=1)

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
#: Compared with where nobody of that name is known: an answer takes as long as any other.
_OF_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$bo2UiOBzSHnmF3kFVLTk2wtZJYLJLxnSPY0kbSBEJuM"


def hashed(pin: str) -> str:
    """A PIN as it is kept.

    Raises
    ------
    Refused
        It is not 6 to 12 digits, or one that is guessed first.
    """
    if not (pin.isascii() and pin.isdecimal() and LEAST_DIGITS <= len(pin) <= MOST_DIGITS):
        raise Refused(f"PIN: expected {LEAST_DIGITS} to {MOST_DIGITS} digits")
    steps = {int(b) - int(a) for a, b in itertools.pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise Refused("PIN: expected one that is not guessed first (no row like 111111 or 123456)")
    return _HASHER.hash(pin)


def fits(pin: str, kept: str | None) -> bool:
    """Whether a PIN is the one that was kept; takes its time for None too, which nothing fits."""
    try:
        return _HASHER.verify(kept if kept is not None else _OF_NOBODY, pin) and kept is not None
    except VerifyMismatchError:
        return False


def lock_after(failures: int) -> timedelta | None:
    """How long the log-in stays locked after so many wrong PINs in a row; None while it does not."""
    if failures < TRIES:
        return None
    # 2 ** 11 minutes are longer than the longest lock.
    return min(FIRST_LOCK * 2 ** min(failures - TRIES, 11), LONGEST_LOCK)
