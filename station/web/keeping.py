"""What is kept and until when, and what a person should see to, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from station.web.wording import Wording


def keeping(row: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    """Sentences about maps and frames: kept until a day, or deleted on one; None where nobody stated a term.

    Parameters
    ----------
    row : mapping
        An inspection as `Reader.inspection` gives it.
    """
    maps = _said("maps", row["maps_retired_at"], row["maps_until"], words) if row["maps"] else None
    return {
        "maps": maps,
        "maps_retired": bool(row["maps"]) and row["maps_retired_at"] is not None,
        "frames": _said("frames", row["frames_retired_at"], row["frames_until"], words),
    }


def warnings_in_words(warnings: Iterable[Mapping[str, Any]], words: Wording) -> list[str]:
    """What a person should see to, one sentence each; as `Store.health` and `Store.warnings` give them."""
    return [
        words.word("warning", warning["code"])
        % {name: words.number(value) if isinstance(value, int) else value for name, value in warning["values"].items()}
        for warning in warnings
    ]


def _said(what: str, retired_at: str | None, until: str | None, words: Wording) -> str | None:
    if retired_at is not None:
        return words.word("kept", f"{what} deleted") % {"day": words.day(retired_at)}
    return None if until is None else words.word("kept", f"{what} until") % {"day": words.day(until)}
