"""The demo: a simulated station takes one panel through its five passes; the next panel waits at the line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from calibration import calibrate
from inspection.recipe import Recipe, parse_recipe
from samples.live import Tile, black_glass
from samples.paintwork import Panel
from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED
from station.app import SOFTWARE
from station.app import serve as serve_station
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.events import Clock, utc_now, utc_text
from station.exchange.text import text_of
from station.line import Line
from station.line.state import Lies, Snapshot
from station.settings import Settings
from station.store.db import Order, Store
from station.store.queries import InspectionQuery

PASSES: Final = (1, 2, 3, 4, 5)
STATION: Final = NAMED["B"].sized(320, 240)  # 128 × 96 mm: three waves of 30 mm
#: Of its screen.
SCREEN_PX: Final = (960, 540)
#: An order waits for this panel: it can be measured on the page of the line.
NEXT_PANEL: Final = "AM-0008-HOOD"
FIRST_PASS: Final = 1
DEFAULT_FOLDER: Final = Path("demo-data")
#: A pass by hand takes about this long; the last of the five has just been measured.
BETWEEN_PASSES: Final = timedelta(hours=2)
STARTED_AGO: Final = timedelta(hours=10)


def run(data_dir: Path | None, serve: bool, *, clock: Clock = utc_now) -> int:
    """Calibrate, inspect five passes, print each verdict, serve the pages.

    Parameters
    ----------
    data_dir : Path or None
        Folder of the database, ``demo-data`` in the working directory where absent. Passes that it
        holds already are not measured again.
    serve : bool
        Serve until stopped; else return after the last pass.
    clock : callable

    Returns
    -------
    int
        Exit code.
    """
    settings = Settings(
        data_dir=DEFAULT_FOLDER if data_dir is None else data_dir, capture=sample_rig(STATION, screen_px=SCREEN_PX)
    )
    with closing(Store.open(settings.database, clock=clock)) as store:
        missing = [number for number in PASSES if number not in _stored_passes(store)]
        if missing:
            _inspect(store, missing, clock)
        if serve:
            _set_up(store, clock)
    if serve:
        stand = Stand()
        serve_station(settings, simulation=Simulation(STATION, stand.placed), hear=stand.hear)
    return 0


class Stand:
    """What lies before the simulated camera: the panel of the story after the pass that the line asks for."""

    def __init__(self) -> None:
        self._pass = FIRST_PASS
        self._lies: Lies | None = None

    def hear(self, line: Snapshot) -> None:
        """The line begins with a pass, or a technician with what he has laid there."""
        self._lies = line.lies
        if line.pass_number is not None:
            self._pass = min(line.pass_number, PASSES[-1])

    def placed(self) -> Panel | Tile:
        """What lies there now; the check panel is a finished one."""
        if self._lies is Lies.BLACK_GLASS:
            return black_glass(STATION)
        if self._lies is Lies.WHITE_TILE:
            return Tile(STATION.tile_reflectance)
        if self._lies is Lies.CHECK_PANEL:
            return replace(amethyst_story(PASSES[-1]), marks=(), scuffs=(), patches=())
        return amethyst_story(self._pass, seed=1)


def sample_recipes() -> Iterator[Recipe]:
    """Every recipe that comes with the program, by name."""
    folder = files("samples") / "recipes"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            yield parse_recipe(entry.read_text(encoding="utf-8"), entry.name)


def _stored_passes(store: Store) -> set[int]:
    code = amethyst_story(PASSES[0]).code
    with store.reader() as reader:
        return {int(row["pass_number"]) for row in reader.inspections(InspectionQuery(panel=code, limit=200)).items}


def _set_up(store: Store, clock: Clock) -> None:
    """A calibration that is valid now and an order for the next panel, where they are missing."""
    now = clock()
    with store.reader() as reader:
        calibrated = bool(reader.rigs_for(STATION.name, utc_text(now)))
        ordered = reader.order_of(NEXT_PANEL) is not None
    if not calibrated:
        store.put_rig(calibrate([render_reference(STATION, seed=0, captured_at=now.isoformat())]))
    if not ordered:
        store.add_orders([Order(code=NEXT_PANEL, order_number="4712", recipe="amethyst", part="hood")], who="demo")


def _inspect(store: Store, passes: list[int], clock: Clock) -> None:
    """Measure the passes on a station that has just been calibrated and store them."""
    started = clock().replace(microsecond=0) - STARTED_AGO
    print("SIMULATED station, panel and light: no number here is of a real car.", flush=True)
    rig = calibrate([render_reference(STATION, seed=0, captured_at=started.isoformat())])
    store.put_rig(rig)
    for recipe in sample_recipes():
        store.put_recipe(recipe)
    print(f"calibrated on black glass and a white tile, valid until {rig.expires_at}", flush=True)
    line = Line(store, clock=clock, software=SOFTWARE)
    for number in passes:
        when = started + number * BETWEEN_PASSES
        inspection = line.measure(render(amethyst_story(number), STATION, seed=number, captured_at=when.isoformat()))
        with store.reader() as reader:
            text = reader.report_text(inspection)
        assert text is not None
        print(f"\n{text_of(json.loads(text), judged_only=True)}", flush=True)
    print(f"\nstored in {store.path}", file=sys.stderr, flush=True)
