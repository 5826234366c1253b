"""A simulated station in which lies what a technician was asked to lay there."""

from __future__ import annotations

from dataclasses import replace

from samples.live import Tile, black_glass
from samples.paintwork import Panel
from samples.panels import amethyst_story
from samples.stations import NAMED
from station.capture.sample_rig import sample_rig
from station.line.state import Lies, Snapshot

#: Small, with fringes that a coarse screen can show, and one small lamp.
LIT = replace(NAMED["B"].sized(64), periods_mm=(48.0, 12.0), spot_azimuths_deg=(0.0,))
RIG = sample_rig(LIT, screen_px=(960, 540))
CHECK_PANEL = Panel("CP-1", lab=(30.0, 0.0, 0.0))


class Stand:
    """Lays there what the technician is asked for."""

    def __init__(self) -> None:
        self.lies: dict[Lies | None, Panel | Tile] = {
            None: amethyst_story(0), Lies.BLACK_GLASS: black_glass(LIT), Lies.WHITE_TILE: Tile(LIT.tile_reflectance),
            Lies.CHECK_PANEL: CHECK_PANEL,
        }  # fmt: skip
        self.now: Lies | None = None

    def hear(self, line: Snapshot) -> None:
        self.now = line.lies

    def placed(self) -> Panel | Tile:
        return self.lies[self.now]
