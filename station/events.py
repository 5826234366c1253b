"""When things happen: the clock that the composition root hands to whoever needs one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The station's clock: aware, in UTC."""
    return datetime.now(UTC)


def utc_text(moment: datetime) -> str:
    """A moment as text that sorts by time: UTC, microseconds, ``2026-11-22T01:30:00.000000Z``.

    Raises
    ------
    ValueError
        The moment is naive: nobody knows when it was.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset cannot be placed in time")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
