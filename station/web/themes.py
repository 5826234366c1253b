"""Light or dark: as the device says, or as a person chose for this browser."""

from __future__ import annotations

from typing import Final

from fastapi import Request

#: Cookie that remembers the choice.
COOKIE: Final = "theme"
AUTO: Final = "auto"
THEMES: Final = (AUTO, "light", "dark")


def theme_of(request: Request) -> str:
    """What was chosen; an unknown choice is none."""
    chosen = request.cookies.get(COOKIE)
    return chosen if chosen in THEMES else AUTO
