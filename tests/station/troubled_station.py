"""Run by a test as a process: a simulated station to which happens what stands in the file `trouble` of its folder.

Camera, screen page and lamps play their parts in a simulated world; line, store and pages are the station's own.
The clock runs as a shift does: every panel takes some minutes of it.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import threading
import time
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import uvicorn
from capture.sample_stations import SCREEN_PX, STATION, plain_recipe, sample_panel
from numpy.typing import NDArray

import station.store.blobs
from calibration import calibrate
from samples.scene import render_reference
from station.app import build_app
from station.capture.camera import Picture
from station.capture.cameras import simulated
from station.capture.exposures import Exposures
from station.capture.sample_rig import sample_rig
from station.capture.screen_link import HEADER, PageSize, ScreenLink
from station.capture.screens.browser import BrowserForm
from station.capture.simulation import Simulation
from station.capture.surroundings import Surroundings
from station.faults import CameraFault, LampFault
from station.line import Line
from station.line.runner import Runner
from station.log import start_log
from station.store import space
from station.store.db import Store

#: A shift of the drill begins here; its rig was calibrated an hour before.
BEGUN = datetime.fromisoformat("2026-11-22T08:00:00+08:00")
#: A driver that says nothing for so long hangs, s.
HANGS_S = 4.0


class Trouble:
    """What is to happen: a name, and before which picture of the capture; and how far the shift has come."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "trouble"
        self.pictures = 0

    def now(self) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return told

    def strikes(self, name: str) -> bool:
        """Whether it happens now: once in a capture, before its picture."""
        told = self.now()
        return told.get("name") == name and told.get("before") == self.pictures

    def lasts(self, name: str) -> bool:
        """Whether it is so, until somebody sees to it."""
        return self.now().get("name") == name

    def clock(self) -> datetime:
        return BEGUN + timedelta(minutes=float(self.now().get("minute", 0.0)))


class World(Simulation):
    """The simulated station, with what may happen to its light."""

    trouble: Trouble

    def light(self, lamp: str | None) -> None:
        if lamp is not None and self.trouble.lasts("lamp_fails"):
            raise LampFault("the lamp controller plays dead", "lamps_silent", controller="192.0.2.9")
        super().light(lamp)

    def picture(self, exposure_ms: float) -> NDArray[Any]:
        bright = 6.0 if self.trouble.lasts("other_light") and self.trouble.pictures > 1 else 1.0
        return super().picture(bright * exposure_ms)


class Page:
    """What the browser's page does: shows a picture and says so."""

    def __init__(self, link: ScreenLink, world: World, trouble: Trouble) -> None:
        self._link, self._world, self._trouble = link, world, trouble
        self.open()

    def open(self) -> None:
        self._page = self._link.attach(self._show)
        self._tell(True)

    def _tell(self, visible: bool) -> None:
        self._link.told(self._page, PageSize(*SCREEN_PX, 1.0, visible))

    def look_after(self) -> None:
        """A person opens a page that was closed, or brings it to the front, when the trouble is over."""
        while True:
            time.sleep(0.05)
            fault = self._link.fault()
            if fault is not None and not self._trouble.lasts("page_closed") and not self._trouble.lasts("page_hidden"):
                self.open()

    def _show(self, content: bytes) -> None:
        if not content:
            return
        trouble = self._trouble
        number, columns, rows = HEADER.unpack_from(content)
        if trouble.strikes("page_closed"):
            self._link.detach(self._page)
            return
        if trouble.strikes("page_hidden"):
            self._tell(False)
            return
        if not trouble.strikes("late_picture"):
            self._world.show(np.frombuffer(content, np.uint8, offset=HEADER.size).reshape(rows, columns))
        if not trouble.strikes("late_acknowledgement"):
            self._link.acknowledged(self._page, number)


class Camera(simulated.SimulatedCamera):
    """The simulated camera, with what may happen to it."""

    trouble: Trouble
    _last: Picture | None = None

    def ready(self) -> None:
        self.trouble.pictures = 0
        if self.trouble.lasts("camera_gone"):
            raise self._gone()

    def grab(self) -> Picture:
        trouble = self.trouble
        trouble.pictures += 1
        if trouble.lasts("camera_gone") and trouble.pictures >= trouble.now()["before"]:
            raise self._gone()
        if trouble.strikes("hangs"):
            time.sleep(HANGS_S + 2)
        if trouble.strikes("unforeseen"):
            raise ZeroDivisionError("nobody foresaw this")
        picture = super().grab()
        before, self._last = self._last, picture
        if before is not None and trouble.strikes("doubled"):
            return before
        if trouble.strikes("lost_picture"):
            self._taken += 1
            return replace(picture, number=picture.number + 1)
        if before is not None and trouble.strikes("torn"):
            rows = picture.pixels.shape[0] // 2
            return replace(picture, pixels=np.concatenate((before.pixels[:rows], picture.pixels[rows:])))
        return picture

    @staticmethod
    def _gone() -> CameraFault:
        return CameraFault("the camera 192.0.2.7 sent no picture", "camera_silent", camera="192.0.2.7")


def fill_the_disk(trouble: Trouble) -> None:
    """The disk is full before a capture, or in the middle of storing one."""
    free, fsync = space.free_bytes, os.fsync

    def left(folder: Path) -> int:
        return 0 if trouble.lasts("no_room") else free(folder)

    def synced(handle: int) -> None:
        if trouble.lasts("disk_full"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    space.free_bytes = left
    station.store.blobs.os.fsync = synced  # type: ignore[attr-defined]


def main(folder: Path, port: int) -> None:
    """Serve until the process is killed."""
    trouble = Trouble(folder)
    Camera.trouble = World.trouble = trouble
    simulated.SimulatedCamera = Camera  # type: ignore[misc]
    fill_the_disk(trouble)
    start_log()
    with closing(Store.open(folder / "data" / "station.db", clock=trouble.clock)) as store:
        print(json.dumps(asdict(store.tidy())), flush=True)
        calibrated = (BEGUN - timedelta(hours=1)).isoformat()
        store.put_rig(calibrate([render_reference(STATION, seed=0, captured_at=calibrated)]))
        store.put_recipe(plain_recipe())
        rig = sample_rig(STATION, screen_px=SCREEN_PX)
        browser = BrowserForm(
            width_px=SCREEN_PX[0], height_px=SCREEN_PX[1], gamma=rig.screen.gamma, acknowledge_ms=500, appear_s=0.5
        )
        rig = rig.model_copy(update={"screen": browser})
        world, link = World(STATION, sample_panel, gamma=rig.screen.gamma), ScreenLink(*SCREEN_PX)
        page = Page(link, world, trouble)
        threading.Thread(target=page.look_after, daemon=True).start()
        line = Line(store, clock=trouble.clock, software="0.1.0")
        exposures = Exposures.read(folder / "data" / "exposures.json")
        around = Surroundings(world, link)
        with Runner(
            line, store, rig, around, exposures, clock=trouble.clock, hardware_s=HANGS_S, look_every_s=0.1
        ) as runner, socket.create_server(("127.0.0.1", port)) as listener:  # fmt: skip
            app = build_app(store, line, runner=runner, screen=link, aligner=runner)
            uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
