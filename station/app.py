"""Composition root: the only place that puts store, line and web together."""

from __future__ import annotations

import errno
import signal
import socket
import sys
from collections.abc import Iterable
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI

from station.events import utc_now
from station.faults import StationFault
from station.line import Line
from station.settings import Settings
from station.store.db import Store
from station.web import api, pages, problems
from station.web.api import docs
from station.web.rendering import problem_page

SOFTWARE = version("paint-station")


def build_app(store: Store, line: Line, *, hosts: Iterable[str] = ()) -> FastAPI:
    """The web application over a store and a line that the caller opens and closes.

    Parameters
    ----------
    hosts : iterable of str
        Names of this station beside the machine's own: pages reached by another name may not write.
    """
    app = FastAPI(
        title="paint-station",
        version=SOFTWARE,
        description="Inspection of hand-finished paint: panels, inspections, findings, maps, recipes and rigs.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.store = store
    app.state.line = line
    app.include_router(api.router)
    app.include_router(docs.router)
    app.include_router(pages.router)
    pages.mount_static(app)
    problems.install(app, problem_page, hosts=hosts)
    return app


def serve(settings: Settings) -> None:
    """Serve API and pages until the process is told to stop.

    Raises
    ------
    StationFault
        The address is taken or not one of this machine.
    """
    with listening(settings.host, settings.port) as listener:
        store = Store.open(settings.database, policy=settings.policy)
        try:
            app = build_app(
                store,
                Line(store, clock=utc_now, software=SOFTWARE, daily_check_hours=settings.daily_check_hours),
                hosts=(settings.host, *settings.allowed_hosts),
            )
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False))
            # The server hands a signal on when it has stopped: SIGTERM then ends this function, not the process.
            signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
            print(f"paint-station: http://{settings.host}:{settings.port}/", file=sys.stderr, flush=True)
            server.run(sockets=[listener])
        finally:
            store.close()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens, or a fault that says what is in the way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StationFault(
                f"port {port} on {host} is taken by another program: stop it, or set another port in station.toml"
            ) from error
        raise StationFault(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
    return listener
