"""A next step in words: why, and what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.web.wording import Wording


def reasons(step: Mapping[str, Any], words: Wording) -> list[str]:
    """Each reason of a report's ``next_step`` in the words of a language."""
    return [
        words.reason(reason["code"], reason["values"], text)
        for reason, text in zip(step["reason_codes"], step["reasons"], strict=True)
    ]


def tasks(step: Mapping[str, Any], words: Wording) -> list[dict[str, Any]]:
    """What is to be done: ``place``, ``kind`` and ``words`` of each task of a report's ``next_step``."""
    return [
        {"place": task["place"], "kind": task["kind"], "words": task["words"][words.language.code]}
        for task in step.get("tasks", ())
    ]
