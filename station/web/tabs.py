"""The tabs that lead from one view of all inspections to another, and the files that each can be saved as."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from station.web.wording import Wording

#: Pages under ``/quality``, in the order of their tabs.
TABS = ("pareto", "heat-map", "trend", "passes")
#: As which files a table can be saved.
FILES = ("csv", "xlsx", "parquet")


def tabs(words: Wording, chosen: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name, address and word of each page; what is chosen goes along."""
    query = f"?{urlencode(chosen)}" if chosen else ""
    return [(tab, f"/quality/{tab}{query}", words.word("quality page", tab)) for tab in TABS]


def exports(twin: str) -> list[tuple[str, str]]:
    """Name and address of each file that a JSON twin can be had as."""
    return [(name, f"{twin}&format={name}") for name in FILES]
