"""What is being done, on stderr, for a person who waits at a terminal; silent in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_CLEAR_LINE = "\r\x1b[K"


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Show one line while the work of the block goes on."""
    shown = sys.stderr.isatty()
    if shown:
        sys.stderr.write(f"{_CLEAR_LINE}{what} …")
        sys.stderr.flush()
    try:
        yield
    finally:
        if shown:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()
