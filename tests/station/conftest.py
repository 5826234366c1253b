"""A store with three passes of a panel, and the web application over it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from capture.sample_stations import SCREEN_PX, STATION, Table, plain_recipe, sample_panel
from command_runs import write_world
from fastapi import FastAPI
from fastapi.testclient import TestClient
from records import frames_of, maps_of, recipe_of, report_of, rig_of, story_of

from calibration import calibrate
from inspection.frames import Frames
from inspection.rig import Rig
from samples.scene import render_reference
from station.app import build_app
from station.capture.exposures import Exposures
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.line import Line
from station.line.runner import Runner
from station.store.db import Correction, FilmReading, Store, What

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def fixed_clock() -> datetime:
    """Half an hour after the last pass."""
    return NOW


def save_in(store: Store, frames: Frames) -> int:
    """Store an inspection of a capture, as the line would."""
    recipe, rig = recipe_of(), rig_of(frames)
    report = report_of(frames, rig, recipe, **story_of(frames.pass_number))
    with store.reader() as reader:
        before = reader.load_earlier(frames.panel, frames.coat_number, frames.pass_number, frames.view)
    return store.save(
        report,
        frames=frames,
        rig=rig,
        recipe=recipe,
        maps=maps_of(frames.pass_number),
        previous_id=None if before is None else before[0],
    )


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Talks to a station that has seen pass 1, 2 and 3 of AM-0007 as inspections 1, 2 and 3; for reading only.

    A note was made on a mark after pass 1, and the film was gauged before it.
    """
    store = Store.open(tmp_path_factory.mktemp("shown") / "station.db", clock=fixed_clock)
    for pass_number in (1, 2, 3):
        save_in(store, frames_of(pass_number))
    store.add_correction(
        Correction(inspection_id=1, defect_id="D2", what=What.NOTE, who="kingfisher", why="from the mask")
    )
    store.add_film_reading(
        "AM-0007", FilmReading(coat_number=1, pass_number=0, zone="A", film_um=95.0, u_um=0.6, who="heron")
    )
    line = Line(store, clock=fixed_clock, software="0.1.0")
    with TestClient(build_app(store, line), raise_server_exceptions=False, base_url="http://localhost:8000") as talking:
        yield talking
    store.close()


@pytest.fixture(scope="session")
def made_stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of an empty store and of one with pass 1, 2 and 3 of AM-0007: copied, not made anew for each test."""
    folders = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("three")
    for folder, passes in zip(folders, ((), (1, 2, 3)), strict=True):
        with closing(Store.open(folder / "station.db", clock=fixed_clock)) as made:
            assert [save_in(made, frames_of(number)) for number in passes] == list(passes)
    return folders


@pytest.fixture
def store(tmp_path: Path, made_stores: tuple[Path, Path], request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store: empty, or with `three_passes` where a test asks for them."""
    shutil.copytree(made_stores["three_passes" in request.fixturenames], tmp_path / "data")
    opened = Store.open(tmp_path / "data" / "station.db", clock=fixed_clock)
    yield opened
    opened.close()


@pytest.fixture
def save(store: Store) -> Callable[[Frames], int]:
    """Stores an inspection of a capture, as the line would."""
    return partial(save_in, store)


@pytest.fixture
def three_passes(store: Store) -> tuple[int, int, int]:
    """Ids of the inspections after pass 1, 2 and 3 of AM-0007."""
    return 1, 2, 3


@pytest.fixture
def line(store: Store) -> Line:
    """A line over the store."""
    return Line(store, clock=fixed_clock, software="0.1.0")


@pytest.fixture
def app(store: Store, line: Line) -> FastAPI:
    """The web application."""
    return build_app(store, line)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Talks to the application; a fault inside is answered, as a real client would see it."""
    with TestClient(app, raise_server_exceptions=False, base_url="http://localhost:8000") as talking:
        yield talking


@pytest.fixture(scope="session")
def line_rig() -> Rig:
    """Calibration of the simulated station that takes pictures."""
    return calibrate([render_reference(STATION, seed=0, captured_at=NOW.isoformat())])


@pytest.fixture
def table() -> Table:
    """What lies before that station's camera."""
    return Table(sample_panel())


@pytest.fixture
def at_line(store: Store, line: Line, line_rig: Rig, table: Table) -> Iterator[TestClient]:
    """Talks to a simulated station that takes its own pictures."""
    store.put_rig(line_rig)
    store.put_recipe(plain_recipe())
    settings = sample_rig(STATION, screen_px=SCREEN_PX)
    around = Surroundings(Simulation(STATION, lambda: table.placed, gamma=settings.screen.gamma))
    runner = Runner(line, store, settings, around, Exposures.empty(), clock=fixed_clock)
    app = build_app(store, line, runner=runner)
    with runner, TestClient(app, raise_server_exceptions=False, base_url="http://localhost:8000") as talking:
        yield talking


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated station: `ref`, `pass5` and `pass1` of one panel, and the station's `rig`."""
    return write_world(tmp_path_factory.mktemp("world"))
