"""Composition root: the only place that puts store, line and web together."""

from __future__ import annotations

import errno
import fcntl
import gc
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from calibration.assemble import DEFAULT_TERM
from inspection.refused import Refused
from station.access.terms import Terms
from station.capture.exposures import Exposures
from station.capture.screen_link import ScreenLink
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.events import utc_now
from station.faults import NoRoom, StationFault
from station.line import Line
from station.line.runner import Runner
from station.line.set_up import SetUp
from station.line.telling import Listener
from station.log import entry, info, start_log
from station.notifying import Notifying
from station.settings import Settings, service_manager
from station.store.db import Store
from station.store.keeping import Upkeep
from station.upkeep import DailyUpkeep, Looking
from station.watching import Watching
from station.web import api, metrics, pages, problems, screen_socket
from station.web.api import docs
from station.web.api.alignment import Aligner
from station.web.rendering import fault_words, problem_page
from station.web.throttle import Throttle

SOFTWARE = version("paint-station")
#: A panel that is being measured when the station is told to stop may be finished within this time.
STOP_WITHIN_S = 30


def build_app(
    store: Store,
    line: Line,
    *,
    hosts: Iterable[str] = (),
    terms: Terms | None = None,
    screen: ScreenLink | None = None,
    aligner: Aligner | None = None,
    runner: Runner | None = None,
    calibration_term: timedelta = DEFAULT_TERM,
) -> FastAPI:
    """The web application over a store and a line that the caller opens and closes.

    Parameters
    ----------
    hosts : iterable of str
        Names of this station beside the machine's own: pages reached by another name may not write.
    terms : Terms, optional
        How long log-ins and names last.
    screen : ScreenLink, optional
        To the page of the pattern screen, where the station shows its patterns in a browser.
    aligner : Aligner, optional
        Whoever owns camera and screen, for those who set them up.
    runner : Runner, optional
        Camera, screen and lamps at work, where the station takes its own pictures.
    calibration_term : timedelta
        Term of a calibration that is made on the pages.
    """
    terms = terms or Terms()
    app = FastAPI(
        title="paint-station",
        version=SOFTWARE,
        description="Inspection of hand-finished paint: panels, inspections, findings, maps, recipes and rigs.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.store = store
    app.state.line = line
    app.state.terms = terms
    app.state.throttle = Throttle()
    app.state.screen = screen
    app.state.aligner = aligner
    app.state.runner = runner
    app.state.set_up = None if runner is None else SetUp(runner, line, store, valid_for=calibration_term)
    app.include_router(api.router)
    app.include_router(docs.router)
    app.include_router(metrics.router)
    app.include_router(pages.router)
    app.include_router(screen_socket.router)
    pages.mount_static(app)
    problems.install(app, problem_page, fault_words, store=store, terms=terms, hosts=hosts)
    return app


def serve(settings: Settings, *, simulation: Simulation | None = None, hear: Listener | None = None) -> None:
    """Serve API and pages until the process is told to stop.

    Parameters
    ----------
    simulation : Simulation, optional
        The world of a simulated camera.
    hear : callable, optional
        Told of every change of the line, where the station takes pictures.

    Raises
    ------
    StationFault
        The address is taken or not one of this machine.
    Refused
        Other machines would reach it, and nobody has to log in.
    """
    with (
        listening(settings.host, settings.port) as listener,
        _alone_in(settings.data_dir),
        _at_work(settings) as store,
    ):
        line = Line(store, clock=utc_now, software=SOFTWARE, daily_check_hours=settings.daily_check_hours)
        screen = screen_link(settings)
        runner = _runner(settings, line, store, Surroundings(simulation, screen))
        app = build_app(
            store,
            line,
            hosts=(settings.host, *settings.allowed_hosts),
            terms=settings.terms,
            screen=screen,
            runner=runner,
            aligner=runner,
            calibration_term=timedelta(hours=settings.calibration_valid_hours),
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                server_header=False,
                ws="websockets-sansio",
                timeout_graceful_shutdown=STOP_WITHIN_S,
            )
        )
        freeze_what_stays()
        # The server hands a signal on when it has stopped: SIGTERM then ends this function, not the process.
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
        print(f"paint-station: http://{settings.host}:{settings.port}/", file=sys.stderr, flush=True)
        with ExitStack() as at_work:
            if runner is not None:
                if hear is not None:
                    at_work.enter_context(runner.heard_by(hear))
                at_work.enter_context(runner)
            if (watching := _watching(settings, line)) is not None:
                at_work.enter_context(watching)
            if (manager := service_manager()) is not None:
                alive = Notifying(manager, serves=lambda: server.started, alive=lambda: runner is None or runner.alive)
                at_work.enter_context(alive)
            server.run(sockets=[listener])


def freeze_what_stays() -> None:
    """Spare the garbage collector what is there for good once everything is built.

    Looking through all libraries again for garbage kept every reader waiting for 0.12 to 0.16 s each time.
    """
    gc.collect()
    gc.freeze()


def _runner(settings: Settings, line: Line, store: Store, around: Surroundings) -> Runner | None:
    """What takes pictures, where the settings have a camera."""
    if settings.capture is None:
        return None
    exposures = Exposures.read(settings.data_dir / "exposures.json")
    return Runner(line, store, settings.capture, around, exposures, clock=utc_now)


def _watching(settings: Settings, line: Line) -> Watching | None:
    """What measures the sets of other rigs, where the settings name their folder."""
    return Watching(settings.watched_dir, line.measure) if settings.watched_dir is not None else None


@contextmanager
def _at_work(settings: Settings) -> Iterator[Store]:
    """The store, cleared of what a crash left behind, with its daily upkeep, until the end in order."""
    start_log()
    with closing(Store.open(settings.database, policy=settings.policy)) as store:
        _refuse_to_be_open(store, settings.host)
        tidied = store.tidy()
        entry(logging.INFO if tidied.clean_stop else logging.WARNING, f"started: {tidied}", **asdict(tidied))
        try:
            with DailyUpkeep(store, names_kept=settings.terms.names_kept), Looking(store):
                yield store
        finally:
            # A disk that is full keeps nobody from stopping: the next start says that this run was cut off.
            with suppress(NoRoom):
                store.note(Upkeep.STOP, {})
            info("stopped")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two stations that serve from one folder would clear away what the other one is receiving.

    Raises
    ------
    StationFault
        Another one serves from it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "serving.lock", "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StationFault(f"another paint-station serves from {folder}: stop it first") from None
        yield


def _refuse_to_be_open(store: Store, host: str) -> None:
    """Only this machine itself may use a station that knows no people."""
    with store.reader() as reader:
        if reader.has_people() or _this_machine_only(host):
            return
    raise Refused(
        f'host = "{host}": other machines would reach this station and nobody has to log in: add a user first '
        "(paint-station user add), or let it listen on 127.0.0.1"
    )


def _this_machine_only(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def screen_link(settings: Settings) -> ScreenLink | None:
    """The wire to the page of the pattern screen, where the settings have one."""
    screen = settings.capture.screen if settings.capture is not None else None
    return ScreenLink(screen.width_px, screen.height_px) if screen is not None and screen.kind == "browser" else None


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
