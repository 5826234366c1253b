"""Who may write: other programs, and the station's own pages. A page of another site in the same browser may not.

A browser says in ``Sec-Fetch-Site`` and ``Origin`` which page a request comes from; a program such as curl says
neither. ``Host`` tells by which name the station was reached: a foreign name can be made to point at the station
(DNS rebinding), its pages would then count as the station's own. An address in numbers cannot.

References: Fetch Metadata Request Headers (W3C, 2025); RFC 6454, section 7; OWASP cheat sheet "Cross-Site Request
Forgery Prevention", on checking the origin with standard headers.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

#: They change nothing and may be asked by anyone.
READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a browser says of a request of the very same origin, or typed in by a person.
OWN_SITES = frozenset({"same-origin", "none"})

#: Answers a request with a status and one sentence.
Refuse = Callable[[Request, int, str], Response]


def own_names(hosts: Iterable[str]) -> frozenset[str]:
    """Names this machine is known by on its network, and those that the settings add, in small letters."""
    machine = socket.gethostname().lower()
    return frozenset({"localhost", machine, f"{machine}.local", *(host.lower() for host in hosts)})


class OwnPagesOnly:
    """Refuses to write for the page of another site, or under a name that is not the station's.

    A WebSocket counts as writing: a browser lets the page of any site open one.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], refuse: Refuse) -> None:
        self._app = app
        self._names = own_names(hosts)
        self._refuse = refuse

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["method"] not in READING:
            request = Request(scope)
            wrong = self._foreign(request)
            if wrong is not None:
                return self._refuse(request, 403, wrong)(scope, receive, send)
        if scope["type"] == "websocket" and self._foreign(HTTPConnection(scope)) is not None:
            # Before it is accepted this is answered as 403.
            return WebSocketClose(1008)(scope, receive, send)
        return self._app(scope, receive, send)

    def _foreign(self, request: HTTPConnection) -> str | None:
        host = request.headers.get("host", "")
        if not self._own(host):
            return (
                f'host: "{host[:200]}" is not a name of this station; names of its own are added as allowed_hosts '
                "in station.toml"
            )
        site = request.headers.get("sec-fetch-site", "none")
        if site not in OWN_SITES:
            return f'sec-fetch-site: only pages of this station may write, this one is "{site[:200]}"'
        origin = request.headers.get("origin")
        if origin is not None and _place(origin).lower() != host.lower():
            return f'origin: only pages of this station may write, this one is of "{origin[:200]}"'
        return None

    def _own(self, host: str) -> bool:
        name = _name(host)
        return name is not None and (name in self._names or _is_number(name))


def _place(origin: str) -> str:
    """Host and port of an origin; empty where it has none, as of a page that hides where it is from (``null``)."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
