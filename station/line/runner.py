"""One thread owns camera, screen and lamps: it takes one command at a time and says all the while how it stands."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any, Final

from inspection.ahead import Ahead
from inspection.frames import Frame, Frames
from inspection.plan import View
from inspection.refused import Refused
from station.capture.exposures import Exposures
from station.capture.hardware import Hardware
from station.capture.rig_settings import RigSettings
from station.capture.shoot import Progress, shoot
from station.capture.surroundings import Surroundings
from station.capture.taking import Subject, capture_set_of, unsealed
from station.events import Clock
from station.faults import CaptureStopped, FrameFault, StationFault
from station.line.errands import Errands
from station.line.holding import Holding
from station.line.jobs import Job, Start, job_of, refuse_uncalibrated
from station.line.meanwhile import Meanwhile
from station.line.measuring import Line
from station.line.state import Snapshot, State, said_of
from station.line.views import measured_in_views
from station.log import LOG
from station.store.db import Store

#: A step of the hardware, and a measurement, take no longer than this, or something hangs.
HARDWARE_S: Final = 60.0
MEASURING_S: Final = 600.0
#: A person who switches lamps by hand is waited for.
HAND_S: Final = 300.0
#: Of a part that is larger than the field a person lays the next view.
VIEW_S: Final = 1800.0
#: How often it is looked whether something hangs.
LOOK_EVERY_S: Final = 1.0


class Runner(Errands):
    """Runs the line. Start it with `with`; at the end it lets go of the hardware.

    Parameters
    ----------
    line : Line
        Measures and stores.
    store : Store
    rig : RigSettings
        Camera, screen, lamps and where they stand.
    around : Surroundings
        What their drivers need beside.
    exposures : Exposures
        What served last.
    clock : callable
    hardware_s, look_every_s : float
        See `HARDWARE_S` and `LOOK_EVERY_S`.
    """

    def __init__(
        self, line: Line, store: Store, rig: RigSettings, around: Surroundings, exposures: Exposures, *, clock: Clock,
        hardware_s: float = HARDWARE_S, look_every_s: float = LOOK_EVERY_S,
    ) -> None:  # fmt: skip
        super().__init__(clock, rig, Holding(rig, replace(around, ask=self._ask)), exposures, hardware_s)
        self._line, self._store, self._look_every_s = line, store, look_every_s
        self._closing = False
        self._owner = threading.Thread(target=self._work, name="line", daemon=True)
        self._watchdog = threading.Thread(target=self._watch, name="line watchdog", daemon=True)

    def __enter__(self) -> Runner:
        """Begin to take commands."""
        self._owner.start()
        self._watchdog.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop a capture that goes on, finish a measurement, and give the hardware back."""
        with self._changed:
            self._closing = self._stop_capture = True
            self._changed.notify_all()
        self._owner.join(MEASURING_S)
        self._watchdog.join()

    @property
    def alive(self) -> bool:
        """Whether its threads run and nothing hangs: else only a start of the program anew helps."""
        with self._changed:
            hung = self._job is not None and self._snapshot.state is State.FAULTED
        return not hung and self._owner.is_alive() and self._watchdog.is_alive()

    def start(self, asked: Start) -> Snapshot:
        """Capture and measure a panel; returns as soon as the command is taken.

        Raises
        ------
        Busy
            A command is under way, or another program's capture set is being measured.
        Asks
            It is not certain which pass is due.
        Refused
            The panel has no recipe, or this station cannot measure it now: nothing was captured.
        NoRoom
            The disk could not hold it.
        """
        self._refuse_while_working()
        with self._store.reader() as reader:
            job = job_of(asked, reader, self._rig)
            refuse_uncalibrated(self._store, reader, self._rig.station, self._clock())
        with self._changed:
            self._refuse_while_working()
            self._job, self._stop_capture = job, False
            self._set(
                State.PREPARING, panel=job.subject.panel, recipe=job.recipe.name, coat_number=job.subject.coat_number,
                pass_number=job.subject.pass_number, frames_done=0, frames_total=len(job.shots), **said_of(None),
                inspection=None, verdict=None, view=None, view_number=0,
                views_total=0 if job.plan is None else len(job.plan.views), asks_view=False,
            )  # fmt: skip
            self._changed.notify_all()
            return self._snapshot

    def abort(self) -> Snapshot:
        """Stop the capture that goes on; what is being measured already is finished. Without one nothing happens."""
        with self._changed:
            self._stop_capture = True
            self._changed.notify_all()
            return self._snapshot

    # The thread that owns the hardware.

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._job is not None or self._errand is not None or self._closing)
                job, errand = self._job, self._errand
            if job is not None:
                self._run(job)
            elif errand is not None:
                self._do(errand)
            else:
                break
        self._held.let_go()

    def _run(self, job: Job) -> None:
        try:
            with self._line.claimed():
                self._inspect(job)
        except CaptureStopped as stopped:
            self._end(State.IDLE, **said_of(stopped))
        except (Refused, StationFault) as fault:
            self._held.let_go()
            self._end(State.FAULTED, **said_of(fault))
        except Exception:
            # Nobody waits for this thread: what the person at the line sees is the state, and the log says why.
            LOG.exception("the line failed")
            self._held.let_go()
            self._end(
                State.FAULTED,
                **said_of(StationFault("the line failed for a reason that its log tells: start again", "unforeseen")),
            )

    def _inspect(self, job: Job) -> None:
        hardware = self._held.ready()
        sensor = hardware.camera.sensor
        bytes_per_px = sensor.bit_depth // 8
        size = sum(3 if shot.in_colour and hardware.camera.colour else 1 for shot in job.shots)
        pictures = sensor.width_px * sensor.height_px * (1 if job.plan is None else len(job.plan.views))
        self._store.require_room(size * bytes_per_px * pictures, pictures)
        if job.plan is None:
            taken, ahead = self._capture(job, hardware, job.subject)
            self._say(State.MEASURING)
            inspection = self._line.measure_claimed(taken, job.recipe, ahead=ahead)
        else:
            plan = job.plan
            inspection = measured_in_views(
                self._line, job.subject, plan.views, lambda first: self._line.begin_part(first, plan, job.recipe),
                ask=self._ask_view, capture=lambda subject: self._capture(job, hardware, subject)[0],
                measuring=lambda: self._say(State.MEASURING),
            )  # fmt: skip
        with self._store.reader() as reader:
            row = reader.inspection(inspection)
        self._end(State.DONE, inspection=inspection, verdict=None if row is None else row["verdict"])

    def _capture(self, job: Job, hardware: Hardware, subject: Subject) -> tuple[Frames, Ahead | None]:
        settle_ms = self._held.settled_ms(hardware)
        about = (subject, self._rig, hardware.camera.sensor)
        captured_at = self._clock().isoformat()
        self._say(State.CAPTURING, frames_done=0)

        def begin(frames: tuple[Frame, ...]) -> Ahead:
            return self._line.begin(unsealed(frames, *about, captured_at=captured_at), job.recipe)

        def came(progress: Progress) -> None:
            self.seen.keep(progress.frame)
            meanwhile.came(progress.frame)
            self._say(State.CAPTURING, frames_done=progress.done, frames_total=progress.total)

        # The views of a part are measured in their shares: what is built ahead is of the whole picture.
        with Meanwhile(job.shots if job.plan is None else (), begin) as meanwhile:
            frames = shoot(
                job.shots, hardware, exposure=self._rig.exposure, exposures=self._exposures, recipe=job.recipe.name,
                settle_ms=settle_ms, on_frame=came, stopped=lambda: self._stop_capture,
            )  # fmt: skip
            taken = capture_set_of(frames, *about, captured_at=captured_at)
            return taken, meanwhile.ahead()

    def _ask(self, lamp: str | None) -> None:
        """Wait until a person has switched on a lamp."""
        if not self._waited(HAND_S, self._snapshot.state, {"hand": lamp or ""}, {"hand": None}):
            raise CaptureStopped("the capture was stopped: nobody said that the lamp was switched", "lamp_not_switched")

    def _ask_view(self, number: int, view: View, why: Refused | FrameFault | None) -> None:
        """Wait until the part lies for a view; the first one was laid before the start."""
        told = {"view": view.name, "view_number": number}
        asked = told | said_of(why) | {"asks_view": True, "frames_done": 0}
        if number > 1 or why is not None:
            if not self._waited(VIEW_S, State.PREPARING, asked, said_of(None) | {"asks_view": False}):
                raise CaptureStopped(
                    f"stopped before view {number}: the part was not inspected, nothing of it was stored",
                    "view_not_laid", number=number,
                )  # fmt: skip
        else:
            self._say(State.PREPARING, **told)

    # What is said of it.

    def _end(self, state: State, **values: Any) -> None:
        """Say how the command ended. Who hears it may give the next one at once."""
        self.seen.keep(None)
        with self._changed:
            self._job = None
            self._say(state, **values)

    def _watch(self) -> None:
        """Say so where something hangs: a driver that never returns cannot be stopped from outside."""
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._closing, self._look_every_s):
                    return
                still = time.monotonic() - self._moved
                now = self._snapshot
                longest = MEASURING_S if now.state is State.MEASURING else self._hardware_s
                if now.state.working and now.hand is None and not now.asks_view and still > longest:
                    self._stop_capture = True
                    hung = StationFault(
                        f"nothing has moved for {longest:g} s while {now.state}: look at camera, screen and lamps; "
                        "where it stays so, start the station again",
                        "hung", seconds=longest,
                    )  # fmt: skip
                    self._set(State.FAULTED, **said_of(hung))
