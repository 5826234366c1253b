"""What is kept and until when, and what a person should see to, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from station.store.policy import Policy
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


def storage_facts(health: Mapping[str, Any], policy: Policy, words: Wording) -> list[tuple[str, str]]:
    """Free room, how long it lasts, and for how long what is kept; of `Store.health`."""
    space = health["space"]
    days_left, per_day = space["days_left"], space["bytes_per_day"]
    days = words.word("health", "days")
    many = words.word("health", "many days")
    return [
        (words.word("health", "database"), words.word("health", health["database"])),
        (words.word("health", "free"), f"{words.number(space['free_bytes'] / 1e9, 1)} GB"),
        (words.word("health", "per day"), "–" if per_day is None else f"{words.number(per_day / 1e9, 2)} GB"),
        (words.word("health", "days left"), many if days_left is None else words.number(days_left)),
        (words.word("health", "maps kept"), days % {"count": words.number(policy.maps_days)}),
        (words.word("health", "frames kept"), days % {"count": words.number(policy.frames_days)}),
        (words.word("health", "failed frames kept"), days % {"count": words.number(policy.frames_failed_days)}),
    ]


def backup_facts(health: Mapping[str, Any], words: Wording) -> list[tuple[str, str]]:
    """When the last backup was made, and of how many files it was proven."""
    backup = health["backup"]
    if backup is None:
        return [(words.word("health", "last backup"), words.word("health", "never"))]
    told = backup["told"]
    return [
        (words.word("health", "last backup"), words.moment(backup["done_at"])),
        (words.word("health", "files copied"), words.number(told["copied"])),
        (words.word("health", "files proven"), words.number(told["proven"])),
        (words.word("health", "files missing"), words.number(len(told["faults"]))),
    ]


def _said(what: str, retired_at: str | None, until: str | None, words: Wording) -> str | None:
    if retired_at is not None:
        return words.word("kept", f"{what} deleted") % {"day": words.day(retired_at)}
    return None if until is None else words.word("kept", f"{what} until") % {"day": words.day(until)}
