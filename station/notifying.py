"""What the service manager (systemd) is told: that the station serves, that it is alive, that it stops.

The protocol is that of sd_notify(3): lines of text in one datagram to a socket that the manager names.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from station.log import warning

#: How often it is looked whether the station serves already, s.
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Manager:
    """Who started this program and wants to hear of it.

    Attributes
    ----------
    address : str
        Of its socket: a path, or a name that begins with ``@``.
    within_s : float or None
        A sign of life is due within this time, or the program is killed and started again; None: none is asked for.
    """

    address: str
    within_s: float | None


class Notifying:
    """Tells the manager in a thread of its own. Use it with `with` around what serves.

    Parameters
    ----------
    manager : Manager
    serves : callable
        Whether requests are answered by now.
    alive : callable
        Whether all is well. While it is not, no sign of life is given.
    """

    def __init__(self, manager: Manager, *, serves: Callable[[], bool], alive: Callable[[], bool]) -> None:
        self._manager, self._serves, self._alive = manager, serves, alive
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifying", daemon=True)

    def __enter__(self) -> Notifying:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        self._tell("STOPPING=1")

    def _run(self) -> None:
        while not self._serves():
            if self._over.wait(LOOK_EVERY_S):
                return
        self._tell("READY=1")
        within_s = self._manager.within_s
        # Half of the time is what the manager's own manual advises.
        while within_s is not None and not self._over.wait(within_s / 2):
            if self._alive():
                self._tell("WATCHDOG=1")

    def _tell(self, what: str) -> None:
        address = self._manager.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
            try:
                wire.sendto(what.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
            except OSError as error:
                warning(f"the service manager was not told {what}: {error}")
