"""Tickets: the secret text of a session or of a program's token. Shown once; only its hash is kept."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_ticket() -> str:
    """A secret of 256 random bits, fit for a cookie and a header."""
    return secrets.token_urlsafe(32)


def kept(ticket: str) -> str:
    """What is kept of a ticket, or of the code on a badge.

    A random ticket needs no slow hash. A badge only says who somebody is; the PIN proves it.
    """
    return sha256(ticket.encode()).hexdigest()
