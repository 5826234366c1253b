"""How often one address may fail to log in."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic
from typing import Final

#: So many failures within the time, and the address has to wait until the oldest is as old as that.
MOST_FAILURES: Final = 10
WITHIN_S: Final = 60.0
#: Addresses that are remembered: an attacker with many of them may not fill the memory.
MOST_ADDRESSES: Final = 1000


class Throttle:
    """Counts failures by address. What must outlast a restart is the lock of the account, in the database."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s = now_s
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, address: str) -> int:
        """How long the address has to wait before it may try again; 0: not at all."""
        with self._lock:
            failures = self._failures.get(address, deque())
            if len(failures) < MOST_FAILURES:
                return 0
            left = failures[0] + WITHIN_S - self._now_s()
            return max(0, int(left) + 1) if left > 0 else 0

    def failed(self, address: str) -> None:
        """Count one failure."""
        with self._lock:
            failures = self._failures.setdefault(address, deque(maxlen=MOST_FAILURES))
            self._failures.move_to_end(address)
            failures.append(self._now_s())
            if len(self._failures) > MOST_ADDRESSES:
                self._failures.popitem(last=False)
