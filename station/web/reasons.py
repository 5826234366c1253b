"""The reasons of a next step as sentences."""

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
