"""Simulated stations for the tests of capturing: small pictures, a coarse screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import zxingcpp

from inspection.recipe import Recipe, parse_recipe
from samples.label import Label
from samples.live import Tile, black_glass
from samples.paintwork import Panel
from samples.panels import amethyst_story
from samples.stations import NAMED, Station
from station.capture.hardware import Hardware, open_hardware
from station.capture.rig_settings import RigSettings
from station.capture.sample_rig import sample_rig
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings

SCREEN_PX = (960, 540)
#: Small, and with fringes that a coarse screen can show.
STATION = replace(NAMED["B"].sized(64), periods_mm=(48.0, 12.0))
RECIPE = """format = "paint-recipe/1"
name = "plain"
title = { zh = "素", en = "Plain" }
passes = 2
n_clear = 1.5
[[checks]]
measure = "gloss_of_ceiling_pct"
low = 50.0
"""


def plain_recipe(extra: str = "") -> Recipe:
    """A recipe that asks for gloss, and for what `extra` adds."""
    return parse_recipe(RECIPE + extra, "plain.toml")


@dataclass
class Table:
    """What lies in front of the camera now."""

    placed: Panel | Tile


@dataclass(frozen=True)
class Bench:
    """A simulated station that is ready."""

    station: Station
    rig: RigSettings
    table: Table
    simulation: Simulation
    hardware: Hardware


@contextmanager
def bench(station: Station = STATION, placed: Panel | Tile | None = None) -> Iterator[Bench]:
    """A simulated station; black glass lies in it where nothing else is said."""
    rig = sample_rig(station, screen_px=SCREEN_PX)
    table = Table(black_glass(station) if placed is None else placed)
    simulation = Simulation(station, lambda: table.placed, gamma=rig.screen.gamma)
    with open_hardware(rig, Surroundings(simulation)) as hardware:
        yield Bench(station, rig, table, simulation, hardware)


def sample_panel() -> Panel:
    """A panel with nibs, orange peel and colour."""
    return amethyst_story(0)


def printed(text: str, kind: str, module_mm: float, **place: float) -> Label:
    """A label with a code (a name of `zxingcpp.BarcodeFormat`) and a blank rim of four modules."""
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    print_of_it = np.pad(np.array(code.to_image(scale=1)), 4, constant_values=255) < 128
    return Label(tuple(tuple(bool(ink) for ink in row) for row in print_of_it), module_mm, **place)
