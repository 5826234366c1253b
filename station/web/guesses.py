"""One try with a PIN: counted by address and by account, and answered alike whatever was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from fastapi import HTTPException, Request

from station.store.people import LockedOut, NotLoggedIn
from station.web.throttle import Throttle


@contextmanager
def one_guess(request: Request, *, wrong: int) -> Iterator[None]:
    """Answer a try that fails inside: 429 after too many, else with the status `wrong`."""
    throttle = cast(Throttle, request.app.state.throttle)
    address = request.client.host if request.client is not None else ""
    wait_s = throttle.wait_s(address)
    if wait_s:
        raise HTTPException(429, f"too many tries from this address: wait {wait_s} s", {"Retry-After": str(wait_s)})
    try:
        yield
    except LockedOut as locked:
        seconds = str(locked.seconds)
        raise HTTPException(429, f"too many wrong PINs: wait {seconds} s", {"Retry-After": seconds}) from None
    except NotLoggedIn:
        throttle.failed(address)
        raise HTTPException(wrong, "pseudonym and PIN do not belong together") from None
